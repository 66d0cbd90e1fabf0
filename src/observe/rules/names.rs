//! Every rule as a value: its name in the formal spec, one line on what it does in our own words,
//! and where the spec shows it. Knows nothing of instructions.

use super::own::own_rows;
use super::steps::step_rows;
use super::typings::typing_rows;

/// What a rule is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuleKind {
    /// It reduces an instruction: a step is made of such rules.
    Step,
    /// It lets other rules apply in a place, and is not listed in a step.
    Structural,
    /// It types an instruction.
    Typing {
        /// How many premises it has in the formal spec.
        premises: u8,
    },
    /// It is a rule of our own, for what the formal spec lacks.
    Own,
}

macro_rules! kind {
    (step) => {
        RuleKind::Step
    };
    (structural) => {
        RuleKind::Structural
    };
    (own) => {
        RuleKind::Own
    };
    ((typing $premises:literal)) => {
        RuleKind::Typing {
            premises: $premises,
        }
    };
}

macro_rules! link {
    (exec $anchor:literal) => {
        link!(page concat!("exec/instructions.html#exec-", $anchor))
    };
    (valid $anchor:literal) => {
        link!(page concat!("valid/instructions.html#valid-", $anchor))
    };
    (page $page:expr) => {
        concat!("https://webassembly.github.io/spec/core/", $page)
    };
    (overview $proposal:literal) => {
        concat!(
            "https://github.com/WebAssembly/",
            $proposal,
            "/blob/main/proposals/",
            $proposal,
            "/Overview.md"
        )
    };
}

macro_rules! define {
    ($($variant:ident $kind:tt $name:literal ($($link:tt)+) $paraphrase:literal;)*) => {
        /// A rule of the formal spec, or one of our own for what that lacks.
        ///
        /// ```
        /// use limpid::observe::rules::Rule;
        /// let rule = Rule::from_name("Step_pure/br-label-zero").expect("a rule of the spec");
        /// assert!(rule.paraphrase().starts_with("The branch has reached its label"));
        /// assert!(rule.link().ends_with("exec/instructions.html#exec-br"));
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u16)]
        #[allow(missing_docs)] // The name and the paraphrase are the documentation.
        pub enum Rule { $($variant),* }

        impl Rule {
            /// Every rule: those of steps, those of types, then our own, each in the order of the
            /// formal spec.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant),*];

            /// Returns the name of the rule in the formal spec, or ours with a prefix of our own.
            pub const fn name(self) -> &'static str {
                match self { $(Rule::$variant => $name),* }
            }

            /// Returns what the rule does, in one line of plain English.
            pub const fn paraphrase(self) -> &'static str {
                match self { $(Rule::$variant => $paraphrase),* }
            }

            /// Returns the address of the page that shows the rule.
            pub const fn link(self) -> &'static str {
                match self { $(Rule::$variant => link!($($link)+)),* }
            }

            /// Returns what the rule is for.
            pub const fn kind(self) -> RuleKind {
                match self { $(Rule::$variant => kind!($kind)),* }
            }

            /// Returns the rule with that name.
            pub fn from_name(name: &str) -> Option<Rule> {
                match name {
                    $($name => Some(Rule::$variant),)*
                    _ => None,
                }
            }
        }
    };
}
step_rows! { typing_rows own_rows define }

impl Rule {
    /// Returns whether the formal spec has the rule.
    pub const fn is_of_spec(self) -> bool {
        (self as u16) < Rule::HostCall as u16
    }
}

impl core::fmt::Display for Rule {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}
