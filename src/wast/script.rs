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
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1.
    pub column: u32,
    /// What it asks.
    pub command: Command,
}

/// What a directive asks.
#[derive(Clone, Debug)]
pub enum Command {
    /// Load a module and instantiate it.
    Module(Option<String>, Source),
    /// Load a module only.
    Definition(Option<String>, Source),
    /// Instantiate a module loaded before.
    Instance {
        /// The name given to the instance.
        instance: Option<String>,
        /// The name of the module; the latest when there is none.
        module: Option<String>,
    },
    /// Let later modules import from an instance.
    Register {
        /// The name they import from.
        name: String,
        /// The instance; the latest when there is none.
        instance: Option<String>,
    },
    /// Do something, whatever comes of it but a trap or an exception.
    Invoke(Action),
    /// The action gives these results.
    AssertReturn(Action, Vec<Expected>),
    /// The action traps, for this reason.
    AssertTrap(Action, String),
    /// The action exhausts the call stack.
    AssertExhaustion(Action, String),
    /// The action throws an exception that nothing catches.
    AssertException(Action),
    /// The action suspends with nothing to handle it.
    AssertSuspension(Action, String),
    /// The module cannot be decoded.
    AssertMalformed(Source, String),
    /// The module decodes and is not valid.
    AssertInvalid(Source, String),
    /// The module is valid and does not fit its imports.
    AssertUnlinkable(Source, String),
    /// A custom section of the module, or its annotation in the text, is malformed.
    AssertMalformedCustom(Source, String),
    /// A custom section of the module contradicts it.
    AssertInvalidCustom(Source, String),
    /// Run directives on another thread.
    Thread {
        /// The name to wait for.
        name: String,
        /// The instance whose shared memories the thread sees under the same name.
        shared: Option<String>,
        /// The directives.
        body: Vec<Directive>,
    },
    /// Fail: the directive cannot be read, for this reason.
    Unreadable {
        /// The word it begins with; empty where there is none.
        keyword: String,
        /// What is wrong with it.
        message: String,
    },
    /// Wait for a thread to end.
    Wait(String),
}

/// Something that runs.
#[derive(Clone, Debug)]
pub enum Action {
    /// Call an exported function.
    Invoke {
        /// The instance; the latest when there is none.
        instance: Option<String>,
        /// The export.
        name: String,
        /// The arguments.
        args: Vec<Arg>,
    },
    /// Read an exported global.
    Get {
        /// The instance; the latest when there is none.
        instance: Option<String>,
        /// The export.
        name: String,
    },
    /// Instantiate a module.
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
    /// The kind of directive.
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
