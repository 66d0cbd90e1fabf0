//! What the run of a script says: how many directives of each kind were executed, and which did
//! not get what they ask.

use core::fmt;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $text:literal)*) => {
        /// A kind of directive.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Kind { $($(#[$doc])* $name),* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Kind] = &[$(Kind::$name),*];

            /// Its keyword.
            pub const fn name(self) -> &'static str {
                match self { $(Kind::$name => $text),* }
            }
        }
    };
}

kinds! {
    /// A module to instantiate.
    Module "module"
    /// A module to load only.
    Definition "module definition"
    /// An instance of a loaded module.
    Instance "module instance"
    /// A name to import from.
    Register "register"
    /// An action.
    Invoke "invoke"
    /// An action that returns.
    AssertReturn "assert_return"
    /// An action that traps.
    AssertTrap "assert_trap"
    /// An action that exhausts the call stack.
    AssertExhaustion "assert_exhaustion"
    /// An action that throws.
    AssertException "assert_exception"
    /// An action that suspends.
    AssertSuspension "assert_suspension"
    /// A module that is malformed.
    AssertMalformed "assert_malformed"
    /// A module that is invalid.
    AssertInvalid "assert_invalid"
    /// A module that does not link.
    AssertUnlinkable "assert_unlinkable"
    /// A module with a malformed custom section.
    AssertMalformedCustom "assert_malformed_custom"
    /// A module with a custom section that contradicts it.
    AssertInvalidCustom "assert_invalid_custom"
    /// A thread.
    Thread "thread"
    /// A wait for a thread.
    Wait "wait"
    /// A directive that the reader of scripts cannot read.
    Unreadable "unreadable"
}

/// How many directives of each kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals([u32; Kind::ALL.len()]);

impl Totals {
    /// Of one kind.
    pub fn get(&self, kind: Kind) -> u32 {
        self.0[kind as usize]
    }

    /// Of all kinds.
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    /// The kinds with directives, and how many.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u32)> + '_ {
        let all = Kind::ALL.iter().map(|&kind| (kind, self.get(kind)));
        all.filter(|&(_, count)| count > 0)
    }

    /// One more of a kind.
    pub(super) fn count(&mut self, kind: Kind) {
        self.0[kind as usize] += 1;
    }

    /// Adds others.
    pub fn add(&mut self, other: &Totals) {
        for (sum, count) in self.0.iter_mut().zip(other.0) {
            *sum += count;
        }
    }
}

/// A directive that did not get what it asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1.
    pub column: u32,
    /// Its kind.
    pub kind: Kind,
    /// What happened instead.
    pub message: String,
}

/// A refusal of the right kind, in other words than the script's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The directive's line, from 1.
    pub line: u32,
    /// The directive's column, from 1.
    pub column: u32,
    /// The script's words.
    pub expected: String,
    /// Ours, which do not begin with them.
    pub actual: String,
}

/// What a run says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Directives of the script that were executed.
    pub executed: Totals,
    /// Directives inside of threads that were executed.
    pub in_threads: Totals,
    /// Quoted modules that the reader of the text format refused, as they ask: they measure it,
    /// not the engine.
    pub refused_as_text: u32,
    /// What failed.
    pub failures: Vec<Failure>,
    /// Refusals in other words.
    pub texts: Vec<Mismatch>,
}

impl Report {
    /// Whether every directive got what it asks, wording apart.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// Adds the report of a thread.
    pub(super) fn add_thread(&mut self, thread: Report) {
        self.in_threads.add(&thread.executed);
        self.in_threads.add(&thread.in_threads);
        self.refused_as_text += thread.refused_as_text;
        self.failures.extend(thread.failures);
        self.texts.extend(thread.texts);
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure {
            line,
            column,
            kind,
            message,
        } = self;
        write!(f, "{line}:{column}: {kind}: {message}")
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch {
            line,
            column,
            expected,
            actual,
        } = self;
        write!(
            f,
            "{line}:{column}: expected the words `{expected}`, got `{actual}`"
        )
    }
}
