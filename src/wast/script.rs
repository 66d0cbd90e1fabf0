//! A script as data: directives whose modules are encoded already. Owns everything in it, so that
//! directives can cross threads and tests can change what one expects.

use super::report::Kind;
use super::values::{Arg, Expected};

/// The directives of a script, in order.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The directives.
    pub directives: Vec<Directive>,
}

/// A directive and its place in the text.
#[derive(Clone, Debug)]
pub struct Directive {
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1.
    pub column: u32,
    /// What the directive asks for.
    pub command: Command,
}

/// What a directive asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Loads a module and instantiates it.
    Module(Option<String>, Source),
    /// Loads a module only.
    Definition(Option<String>, Source),
    /// Instantiates a module that was loaded before.
    Instance {
        /// The name given to the instance.
        instance: Option<String>,
        /// The name of the module; the latest when there is none.
        module: Option<String>,
    },
    /// Lets later modules import from an instance.
    Register {
        /// The name they import from.
        name: String,
        /// The instance; the latest when there is none.
        instance: Option<String>,
    },
    /// Performs an action, which may do anything but trap or throw.
    Invoke(Action),
    /// Expects the action to return these results.
    AssertReturn(Action, Vec<Expected>),
    /// Expects the action to trap with this message.
    AssertTrap(Action, String),
    /// Expects the action to exhaust the call stack.
    AssertExhaustion(Action, String),
    /// Expects the action to throw an exception that nothing catches.
    AssertException(Action),
    /// Expects the action to suspend with nothing to handle it.
    AssertSuspension(Action, String),
    /// Expects that the module cannot be decoded.
    AssertMalformed(Source, String),
    /// Expects that the module decodes and is not valid.
    AssertInvalid(Source, String),
    /// Expects that the module is valid and does not fit its imports.
    AssertUnlinkable(Source, String),
    /// Expects that a custom section of the module, or its annotation in the text, is malformed.
    AssertMalformedCustom(Source, String),
    /// Expects that a custom section of the module contradicts it.
    AssertInvalidCustom(Source, String),
    /// Runs directives on another thread.
    Thread {
        /// The name to wait for.
        name: String,
        /// The instance whose shared memories the thread sees under the same name.
        shared: Option<String>,
        /// The directives.
        body: Vec<Directive>,
    },
    /// Fails: the directive cannot be read.
    Unreadable {
        /// The word that it begins with; empty where there is none.
        keyword: String,
        /// The reason why it cannot be read.
        message: String,
    },
    /// Waits for a thread to end.
    Wait(String),
}

/// An action of a script, which runs code or reads a global.
#[derive(Clone, Debug)]
pub enum Action {
    /// Calls an exported function.
    Invoke {
        /// The instance; the latest when there is none.
        instance: Option<String>,
        /// The name of the export.
        name: String,
        /// The arguments.
        args: Vec<Arg>,
    },
    /// Reads an exported global.
    Get {
        /// The instance; the latest when there is none.
        instance: Option<String>,
        /// The name of the export.
        name: String,
    },
    /// Instantiates a module.
    Instantiate(Source),
}

/// A module of a script.
#[derive(Clone, Debug)]
pub struct Source {
    /// Whether the script quotes it, so that its text may be wrong.
    pub quoted: bool,
    /// Its binary form, or why the reader of the text format refused it.
    pub binary: Result<Vec<u8>, String>,
}

impl Command {
    /// Returns the kind of the directive.
    pub fn kind(&self) -> Kind {
        match self {
            Command::Module(..) => Kind::Module,
            Command::Definition(..) => Kind::Definition,
            Command::Instance { .. } => Kind::Instance,
            Command::Register { .. } => Kind::Register,
            Command::Invoke(_) => Kind::Invoke,
            Command::AssertReturn(..) => Kind::AssertReturn,
            Command::AssertTrap(..) => Kind::AssertTrap,
            Command::AssertExhaustion(..) => Kind::AssertExhaustion,
            Command::AssertException(_) => Kind::AssertException,
            Command::AssertSuspension(..) => Kind::AssertSuspension,
            Command::AssertMalformed(..) => Kind::AssertMalformed,
            Command::AssertInvalid(..) => Kind::AssertInvalid,
            Command::AssertUnlinkable(..) => Kind::AssertUnlinkable,
            Command::AssertMalformedCustom(..) => Kind::AssertMalformedCustom,
            Command::AssertInvalidCustom(..) => Kind::AssertInvalidCustom,
            Command::Thread { .. } => Kind::Thread,
            Command::Wait(_) => Kind::Wait,
            Command::Unreadable { .. } => Kind::Unreadable,
        }
    }
}
