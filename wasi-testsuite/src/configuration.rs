//! The configurations every program runs in: how the engine translates and dispatches, and how
//! paths are resolved.

use limpid::wasi::PathResolver;
use limpid::{Config, Dispatch, Engine, Translation};

/// How a program is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Configuration {
    /// What it is called in the names of tests.
    pub name: &'static str,
    translation: Translation,
    dispatch: Dispatch,
    /// How paths are resolved.
    pub resolver: PathResolver,
}

/// All configurations.
pub const ALL: &[Configuration] = &[
    Configuration {
        name: "fused-threaded-best",
        translation: Translation::Fused,
        dispatch: Dispatch::Threaded,
        resolver: PathResolver::Best,
    },
    Configuration {
        name: "fused-threaded-walk",
        translation: Translation::Fused,
        dispatch: Dispatch::Threaded,
        resolver: PathResolver::Walk,
    },
    Configuration {
        name: "faithful-stepped-best",
        translation: Translation::Faithful,
        dispatch: Dispatch::Stepped,
        resolver: PathResolver::Best,
    },
    Configuration {
        name: "faithful-stepped-walk",
        translation: Translation::Faithful,
        dispatch: Dispatch::Stepped,
        resolver: PathResolver::Walk,
    },
];

impl Configuration {
    /// The one of that name.
    pub fn named(name: &str) -> Option<Configuration> {
        ALL.iter().copied().find(|known| known.name == name)
    }

    /// An engine of this kind, that can be interrupted.
    ///
    /// # Errors
    /// When this build cannot dispatch as asked.
    pub fn engine(&self) -> limpid::Result<Engine> {
        let mut config = Config::new();
        config
            .translation(self.translation)
            .dispatch(self.dispatch)
            .epoch_interruption(true);
        let engine = Engine::new(&config)?;
        if engine.dispatch() != self.dispatch {
            return Err(limpid::Error::msg("this build does not dispatch as asked"));
        }
        Ok(engine)
    }
}
