//! The options of WebAssembly, `-W`: limits, and language features.

use super::options::{Options, Row, Set, clamped, row};
use super::outcome::Failure;
use super::wording::told;
use limpid::{Config, Engine, Features, StoreLimits, StoreLimitsBuilder};
use std::time::Duration;

/// What the options say.
#[derive(Debug)]
pub struct EngineOptions {
    pub config: Config,
    pub limits: StoreLimitsBuilder,
    pub fuel: Option<u64>,
    pub timeout: Option<Duration>,
    pub max_threads: usize,
    /// Functions that nothing defines trap when they are called.
    pub unknown_imports_trap: bool,
    /// What nothing defines is zero, null or empty.
    pub unknown_imports_default: bool,
    /// Of a memory, in bytes: what `limits` says of those that stores have for themselves.
    pub max_memory_size: Option<u64>,
    /// Whether a preloaded command may export more than functions.
    pub unknown_exports: bool,
}

impl Default for EngineOptions {
    fn default() -> EngineOptions {
        EngineOptions {
            config: Config::new(),
            limits: StoreLimitsBuilder::new(),
            fuel: None,
            timeout: None,
            max_threads: THREADS,
            unknown_imports_trap: false,
            unknown_imports_default: false,
            max_memory_size: None,
            unknown_exports: false,
        }
    }
}

/// Threads of a guest beside its main one.
const THREADS: usize = 64;

/// The options of `-W` that are not features.
const OPTIONS: &[Row<EngineOptions>] = &[
    row(
        "fuel",
        Set::Number(|to, fuel| to.fuel = Some(fuel)),
        "stop after this many units of fuel",
    ),
    row(
        "timeout",
        Set::Time(|to, time| to.timeout = Some(time)),
        "stop after this much time: 2s, 500ms, 1m",
    ),
    row(
        "max-memory-size",
        Set::Size(|to, bytes| {
            to.limit(|limits| limits.memory_size(clamped(bytes)));
            to.max_memory_size = Some(bytes);
        }),
        "refuse memories larger than this: 64K, 16M, 2G",
    ),
    row(
        "max-table-elements",
        Set::Number(|to, n| to.limit(|limits| limits.table_elements(clamped(n)))),
        "refuse tables larger than this",
    ),
    row(
        "max-instances",
        Set::Number(|to, n| to.limit(|limits| limits.instances(clamped(n)))),
        "refuse more instances than this",
    ),
    row(
        "max-memories",
        Set::Number(|to, n| to.limit(|limits| limits.memories(clamped(n)))),
        "refuse more memories than this",
    ),
    row(
        "max-tables",
        Set::Number(|to, n| to.limit(|limits| limits.tables(clamped(n)))),
        "refuse more tables than this",
    ),
    row(
        "max-threads",
        Set::Number(|to, n| to.max_threads = clamped(n)),
        "threads the guest may run beside its main one; default 64",
    ),
    row(
        "max-wasm-stack",
        Set::Size(|to, bytes| {
            to.config.max_wasm_stack(clamped(bytes));
        }),
        "stack for the frames of a run",
    ),
    row(
        "trap-on-grow-failure",
        Set::Switch(|to, on| to.limit(|limits| limits.trap_on_grow_failure(on))),
        "trap where growing is refused, instead of giving -1",
    ),
    row(
        "shared-memory",
        Set::Switch(|to, on| {
            to.config.shared_memory(on);
        }),
        "allow shared memories to be made; default y",
    ),
    row(
        "unknown-exports-allow",
        Set::Switch(|to, on| to.unknown_exports = on),
        "allow preloaded commands to export more than functions",
    ),
    row(
        "unknown-imports-trap",
        Set::Switch(|to, on| to.unknown_imports_trap = on),
        "give functions that nothing defines a body that traps",
    ),
    row(
        "unknown-imports-default",
        Set::Switch(|to, on| to.unknown_imports_default = on),
        "give imports that nothing defines zeros, nulls, empty memories",
    ),
    row(
        "all-proposals",
        Set::Switch(|to, on| {
            let features = if on { Features::ALL } else { Features::MVP };
            to.config.set_features(features);
        }),
        "every language feature below",
    ),
    row(
        "async-stack-size",
        Set::NothingOfSize,
        "stacks of host futures",
    ),
    row(
        "async-stack-zeroing",
        Set::Nothing,
        "zeroing of these stacks",
    ),
    row(
        "concurrency-support",
        Set::Nothing,
        "support for asynchronous calls",
    ),
    row("epoch-interruption", Set::Nothing, "epochs"),
    row("gc-support", Set::Nothing, "the garbage collector"),
    row("nan-canonicalization", Set::Nothing, "canonical NaNs"),
    row(
        "relaxed-simd-deterministic",
        Set::Nothing,
        "one result for relaxed vector instructions",
    ),
    row("component-model", Set::Later, "components"),
    row(
        "component-model-async",
        Set::Later,
        "asynchronous calls of components",
    ),
    row(
        "shared-everything-threads",
        Set::Later,
        "shared tables, globals and functions",
    ),
    row("stack-switching", Set::Later, "continuations"),
    row("wmemcheck", Set::Later, "checks of allocations"),
];

impl Options for EngineOptions {
    const FLAG: &'static str = "-W";

    fn rows() -> Vec<Row<EngineOptions>> {
        let defaults = Features::default();
        let features = Features::NAMES.iter().map(|name| {
            let on = defaults.get(name).unwrap_or_default();
            let help = Features::describe(name).unwrap_or_default();
            row(name, Set::Feature(set_feature, on), help)
        });
        OPTIONS.iter().copied().chain(features).collect()
    }
}

fn set_feature(to: &mut EngineOptions, name: &str, on: bool) {
    if to.config.wasm_feature(name, on).is_err() {
        unreachable!("the rows of features have the names of features");
    }
}

impl EngineOptions {
    /// The engine.
    ///
    /// # Errors
    /// When the engine refuses the settings.
    pub fn engine(&self) -> Result<Engine, Failure> {
        Engine::new(&self.config).map_err(|error| Failure::usage(told(&error)))
    }

    /// The limits of a store.
    pub fn limits(&self) -> StoreLimits {
        self.limits.clone().build()
    }

    fn limit(&mut self, change: impl FnOnce(StoreLimitsBuilder) -> StoreLimitsBuilder) {
        self.limits = change(self.limits.clone());
    }
}
