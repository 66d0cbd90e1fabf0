//! Bug classes that engines like this one have had, each with at least one test of our own;
//! `README.md` here says which test stands for which. Expected values are worked out from the
//! specification, not taken from a run.
//!
//! Most tests are scripts. They run under every translation and dispatch: lazily, and eagerly
//! with fuel.

mod alone;
mod bytes;
mod compare;
mod decoding;
mod embedding;
mod execution;
mod exhaustion;
mod frames;
mod fusions;
mod heap;
mod letter;
mod limits;
mod many;
mod ours;
mod places;
mod rules;
mod table;
mod translation;

use limpid::*;

/// A way to run code.
#[derive(Clone, Debug)]
struct Way {
    config: Config,
    dispatch: Dispatch,
    name: String,
}

impl Way {
    fn new(translation: Translation, dispatch: Dispatch, busy: bool) -> Way {
        let mut config = Config::new();
        config.translation(translation).dispatch(dispatch);
        config.eager(busy).consume_fuel(busy);
        let name = format!("{translation:?}, {dispatch:?}, eager and with fuel: {busy}");
        Way {
            config,
            dispatch,
            name,
        }
    }

    /// Every way.
    fn all() -> Vec<Way> {
        let mut ways = Vec::new();
        for translation in [Translation::Fused, Translation::Faithful] {
            for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
                ways.extend([false, true].map(|busy| Way::new(translation, dispatch, busy)));
            }
        }
        ways
    }

    /// An engine that dispatches as asked: threading must not have been replaced silently.
    fn engine(&self) -> Engine {
        let engine = Engine::new(&self.config).expect("the settings are fine");
        assert_eq!(engine.dispatch(), self.dispatch, "under {}", self.name);
        engine
    }
}

/// Runs a check in a new store, for each way to run code. The settings can be changed first.
fn each_with(change: impl Fn(&mut Config), check: impl Fn(&mut Store<()>)) {
    for mut way in Way::all() {
        change(&mut way.config);
        let mut store = fueled(&way.engine());
        let checked = std::panic::AssertUnwindSafe(|| check(&mut store));
        let checked = std::panic::catch_unwind(checked);
        assert!(checked.is_ok(), "failed under {}", way.name);
    }
}

/// Runs a check in a new store, for each way to run code.
fn each(check: impl Fn(&mut Store<()>)) {
    each_with(|_| {}, check);
}

/// A store with all the fuel there is, where fuel is charged.
fn fueled(engine: &Engine) -> Store<()> {
    let mut store = Store::new(engine, ());
    let _ = store.set_fuel(u64::MAX);
    store
}

/// An instance of a module with these imports.
fn instance(store: &mut Store<()>, text: &str, imports: &[Extern]) -> Instance {
    let module = Module::new(store.engine(), text).expect("the module is valid");
    Instance::new(store, &module, imports).expect("the module can be instantiated")
}

/// Calls an export.
fn call<P: WasmParams, R: WasmResults>(
    store: &mut Store<()>,
    instance: Instance,
    name: &str,
    params: P,
) -> Result<R> {
    let func = instance
        .get_typed_func::<P, R>(&mut *store, name)
        .unwrap_or_else(|error| panic!("{name}: {error:#}"));
    func.call(store, params)
}

/// Runs a script under every way to run code. All its directives must get what they ask, in the
/// words that they ask for.
fn script(text: &str) {
    script_with(text, |_| {});
}

/// The same under changed settings.
fn script_with(text: &str, change: impl Fn(&mut Config)) {
    let script = wast::read(text).unwrap_or_else(|error| panic!("{error}"));
    for mut way in Way::all() {
        change(&mut way.config);
        let setting = wast::Setting::new(&way.config).expect("the settings are fine");
        assert_eq!(setting.engine().dispatch(), way.dispatch);
        let report = wast::run(&script, &setting);
        let failed = report.failures.iter().map(|failure| failure.to_string());
        let worded = report.texts.iter().map(|mismatch| mismatch.to_string());
        let wrong: Vec<String> = failed.chain(worded).collect();
        assert!(wrong.is_empty(), "{}:\n{}", way.name, wrong.join("\n"));
        assert!(report.executed.total() > 1, "the script asks something");
    }
}

/// What a call traps with.
fn trap<R: std::fmt::Debug>(result: Result<R>) -> Trap {
    let error = result.expect_err("it traps");
    match error.downcast_ref() {
        Some(&trap) => trap,
        None => panic!("no trap: {error:#}"),
    }
}
