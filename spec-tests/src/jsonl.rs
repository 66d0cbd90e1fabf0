//! A script's traces as JSON Lines, of which only a hash is kept, so that two runs can be compared.

use limpid::observe::{JsonTrace, Probe};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// The traces of a run, one of each store.
#[derive(Clone, Debug, Default)]
pub struct Traces(Arc<Mutex<Vec<Arc<Mutex<Trace>>>>>);

/// What is kept of a trace.
#[derive(Clone, Debug, Default)]
struct Trace {
    lines: u64,
    hash: DefaultHasher,
}

impl Traces {
    /// Returns the probe of another store.
    pub fn probe(&self) -> Box<dyn Probe> {
        let trace = Arc::new(Mutex::new(Trace::default()));
        let mut traces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        traces.push(trace.clone());
        Box::new(JsonTrace::new(move |line: &str| {
            let mut trace = trace.lock().unwrap_or_else(PoisonError::into_inner);
            trace.lines += 1;
            line.hash(&mut trace.hash);
        }))
    }

    /// Returns the number of records of each trace, with a hash of them.
    pub fn hashes(&self) -> Vec<(u64, u64)> {
        let traces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = |trace: &Arc<Mutex<Trace>>| {
            let trace = trace.lock().unwrap_or_else(PoisonError::into_inner);
            (trace.lines, trace.hash.finish())
        };
        traces.iter().map(hash).collect()
    }
}

/// Says how the traces of two runs differ, if they do.
pub fn difference(first: &Traces, second: &Traces) -> Option<String> {
    let (first, second) = (first.hashes(), second.hashes());
    if first.len() != second.len() {
        return Some(format!("{} stores, then {}", first.len(), second.len()));
    }
    let mut pairs = first.iter().zip(&second).enumerate();
    let (store, (a, b)) = pairs.find(|(_, (a, b))| a != b)?;
    Some(format!(
        "the trace of store {store} is another one when run again: {} records, then {}",
        a.0, b.0
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use limpid::{Config, Dispatch, Engine, Instance, Module, Store, Translation};

    /// The traces of a function that adds a constant.
    fn traces(constant: i32) -> Traces {
        let mut config = Config::new();
        config
            .translation(Translation::Faithful)
            .dispatch(Dispatch::Stepped);
        let engine = Engine::new(&config).expect("the settings are fine");
        let text = format!(
            "(module (func $f (drop (i32.add (i32.const 1) (i32.const {constant})))) (start $f))"
        );
        let module = Module::new(&engine, text).expect("valid");
        let traces = Traces::default();
        let mut store = Store::new(&engine, ());
        store.set_probe(traces.probe()).expect("faithful");
        Instance::new(&mut store, &module, &[]).expect("instantiates");
        traces
    }

    #[test]
    fn another_run_is_seen() {
        assert_eq!(traces(2).hashes()[0].0, 5);
        assert_eq!(difference(&traces(2), &traces(2)), None);
        let difference = difference(&traces(2), &traces(3)).expect("another operand");
        assert!(difference.ends_with("5 records, then 5"), "{difference}");
    }
}
