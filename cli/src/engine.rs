//! Flags that say how code is translated and run, for verbs that let one choose.

use super::outcome::Failure;
use clap::{Args, ValueEnum};
use limpid::{Config, Dispatch, Engine, Translation};

/// Where the flags are in the help.
const HEADING: &str = "Engine";

/// Flags of the engine.
#[derive(Args, Clone, Copy, Debug)]
pub struct EngineFlags {
    /// How code is translated: fused, or faithful, one operation for each instruction
    #[arg(
        long,
        value_name = "KIND",
        default_value = "fused",
        hide_possible_values = true,
        help_heading = HEADING
    )]
    translation: Kind,
    /// How operations are dispatched: threaded, or stepped, in a loop
    #[arg(
        long,
        value_name = "KIND",
        hide_possible_values = true,
        help_heading = HEADING
    )]
    dispatch: Option<Steps>,
    /// Translate all functions when a module is loaded
    #[arg(long, help_heading = HEADING)]
    eager: bool,
}

/// A translation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Kind {
    /// Few operations: what runs
    Fused,
    /// One operation or marker for each instruction: what is stepped through
    Faithful,
}

/// A dispatch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Steps {
    /// Each operation jumps to the next
    Threaded,
    /// A loop executes one operation after the other
    Stepped,
}

impl Kind {
    /// The engine's word for it.
    pub fn translation(self) -> Translation {
        match self {
            Kind::Fused => Translation::Fused,
            Kind::Faithful => Translation::Faithful,
        }
    }
}

impl Steps {
    fn dispatch(self) -> Dispatch {
        match self {
            Steps::Threaded => Dispatch::Threaded,
            Steps::Stepped => Dispatch::Stepped,
        }
    }
}

impl EngineFlags {
    /// Sets what they say.
    pub fn apply(&self, config: &mut Config) {
        config
            .translation(self.translation.translation())
            .eager(self.eager);
        if let Some(steps) = self.dispatch {
            config.dispatch(steps.dispatch());
        }
    }

    /// Checks that an engine dispatches as it was asked to.
    ///
    /// # Errors
    /// When this build cannot.
    pub fn check(&self, engine: &Engine) -> Result<(), Failure> {
        match self.dispatch {
            Some(steps) if steps.dispatch() != engine.dispatch() => {
                let text = "threaded dispatch is unavailable in this build";
                Err(Failure::failed(text).hint("`limpid --version -v` shows the dispatch"))
            }
            Some(_) | None => Ok(()),
        }
    }
}
