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

            /// Returns the keyword of the directive.
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

/// The number of directives of each kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals([u32; Kind::ALL.len()]);

impl Totals {
    /// Returns the number of directives of one kind.
    pub fn get(&self, kind: Kind) -> u32 {
        self.0[kind as usize]
    }

    /// Returns the number of directives of all kinds.
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    /// Returns the kinds that occurred, each with its number of directives.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u32)> + '_ {
        let all = Kind::ALL.iter().map(|&kind| (kind, self.get(kind)));
        all.filter(|&(_, count)| count > 0)
    }

    /// One more of a kind.
    pub(super) fn count(&mut self, kind: Kind) {
        self.0[kind as usize] += 1;
    }

    /// Adds the numbers of `other`.
    pub fn add(&mut self, other: &Totals) {
        for (sum, count) in self.0.iter_mut().zip(other.0) {
            *sum += count;
        }
    }
}

/// A directive whose expectation was not met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The line of the directive, counted from 1.
    pub line: u32,
    /// The column of the directive, counted from 1.
    pub column: u32,
    /// The kind of the directive.
    pub kind: Kind,
    /// A description of what happened instead.
    pub message: String,
}

/// A refusal of the right kind whose message differs from the script's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The directive's line, from 1.
    pub line: u32,
    /// The directive's column, from 1.
    pub column: u32,
    /// The message that the script expects.
    pub expected: String,
    /// The message of Limpid, which does not begin with the expected one.
    pub actual: String,
}

/// The outcome of running a script.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// The directives of the script that were executed.
    pub executed: Totals,
    /// The directives that were executed inside of threads.
    pub in_threads: Totals,
    /// The number of quoted modules that the reader of the text format refused, as expected: they
    /// test that reader and not the engine.
    pub refused_as_text: u32,
    /// The directives that failed.
    pub failures: Vec<Failure>,
    /// The refusals whose message differs.
    pub texts: Vec<Mismatch>,
}

impl Report {
    /// Returns whether every expectation was met, wording apart.
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
