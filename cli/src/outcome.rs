//! How a verb ends: exit codes, what is printed when something fails, and what programs receive.
//! Only data: `screen` shows it, `report` writes it, and `exit` ends the process.

use serde::Serialize;
use std::fmt::Display;

/// The module cannot be loaded, is not valid or cannot be linked, or something else is wrong.
pub const FAILED: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// A trap, or the end of fuel or time.
pub const TRAPPED: u8 = if cfg!(windows) { 3 } else { 134 };
/// A signal ended it: this and the signal's number, as shells have it.
#[cfg(unix)]
pub const SIGNALLED: u8 = 128;

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It returned.
    Ok,
    /// The guest ended itself with a status.
    Exit,
    /// A trap that is none of the following.
    Trap,
    /// An exception that nothing caught.
    Exception,
    /// The fuel was used up.
    Fuel,
    /// The time was up.
    Timeout,
    /// The user stopped it, or whoever else may send it a signal.
    Interrupted,
    /// As many instructions were shown as were asked for.
    Stopped,
    /// Nobody read any more what was shown of it. A guest whose own output nobody reads goes on.
    PipeClosed,
    /// It did not begin: the command line, the module or its imports are wrong.
    Error,
}

impl Status {
    /// The word for it, as reports have it.
    pub fn word(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Exit => "exit",
            Status::Trap => "trap",
            Status::Exception => "exception",
            Status::Fuel => "fuel",
            Status::Timeout => "timeout",
            Status::Interrupted => "interrupted",
            Status::Stopped => "stopped",
            Status::PipeClosed => "pipe-closed",
            Status::Error => "error",
        }
    }
}

/// Why a verb ends without success. Its texts have passed the escaping door.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    /// The message; nothing is printed when it is empty.
    text: String,
    /// Lines below, as they are.
    details: String,
    hint: Option<String>,
    /// What programs are told.
    cause: Option<Box<Cause>>,
}

impl Failure {
    /// With an exit code.
    pub fn new(code: u8, text: impl Display) -> Failure {
        Failure {
            code,
            text: text.to_string(),
            details: String::new(),
            hint: None,
            cause: None,
        }
    }

    /// Something is wrong with a file.
    pub fn failed(text: impl Display) -> Failure {
        Failure::new(FAILED, text)
    }

    /// Something is wrong with the command line.
    pub fn usage(text: impl Display) -> Failure {
        Failure::new(USAGE, text)
    }

    /// Everything has been printed already.
    pub fn silent(code: u8) -> Failure {
        Failure::new(code, "")
    }

    /// Says where what is wrong stands.
    pub fn at(mut self, place: impl Display) -> Failure {
        self.text = format!("{place}: {}", self.text);
        self
    }

    /// Adds lines below.
    pub fn details(mut self, details: impl Display) -> Failure {
        self.details = details.to_string();
        self
    }

    /// Adds what may help.
    pub fn hint(mut self, hint: impl Display) -> Failure {
        self.hint = Some(hint.to_string());
        self
    }

    /// Adds what programs are told.
    pub fn because(mut self, cause: Cause) -> Failure {
        self.cause = Some(Box::new(cause));
        self
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// What is wrong.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The lines below.
    pub fn lines_below(&self) -> &str {
        &self.details
    }

    /// What may help.
    pub fn help(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// What programs are told.
    pub fn cause(&self) -> Option<&Cause> {
        self.cause.as_deref()
    }
}

/// Why a run failed, beside the message to the user.
#[derive(Clone, Debug)]
pub struct Cause {
    pub status: Status,
    pub code: &'static str,
    pub guest_exit: Option<i32>,
    pub trap: Option<TrapReport>,
}

impl Cause {
    /// A run that could not begin.
    pub fn new(code: &'static str) -> Cause {
        Cause {
            status: Status::Error,
            code,
            guest_exit: None,
            trap: None,
        }
    }
}

/// A trap, or an exception that nothing caught.
#[derive(Clone, Serialize, Debug)]
pub struct TrapReport {
    pub code: &'static str,
    pub message: String,
    /// The rule of the spec that traps: its page, and the instruction.
    pub rule: Option<String>,
    pub memory: Option<MemoryReport>,
    pub backtrace: Vec<FrameReport>,
}

/// The access that was out of bounds.
#[derive(Clone, Serialize, Debug)]
pub struct MemoryReport {
    pub index: u32,
    pub size: u64,
    /// More than 64 bits, where an address and an offset add up to that.
    pub address: String,
    pub bytes: u64,
}

/// A frame of the backtrace.
#[derive(Clone, Serialize, Debug)]
pub struct FrameReport {
    pub module: Option<String>,
    pub index: u32,
    pub name: String,
    pub offset: Option<usize>,
    pub source: Vec<SourceReport>,
}

/// A place in a source.
#[derive(Clone, Serialize, Debug)]
pub struct SourceReport {
    pub name: Option<String>,
    pub file: Option<String>,
    pub line: Option<u32>,
    pub column: Option<u32>,
}
