//! The instructions of the functions that run, made when a function is first seen and kept within
//! bounds.

use crate::exec::instance::Instances;
use crate::exec::program::Program;
use crate::runtime::InstAddr;
use crate::syntax::FuncIdx;
use crate::translate::{self, Steps};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;

/// Most bytes that are kept.
const MOST: usize = 64 << 20;

/// The instructions of functions, by program and function.
#[derive(Debug, Default)]
pub struct Maps {
    known: BTreeMap<(usize, FuncIdx), Arc<Steps>>,
    bytes: usize,
}

impl Maps {
    /// The instructions of a function of an instance, or of a constant expression.
    pub fn of(&mut self, instances: &Instances, inst: InstAddr, func: FuncIdx) -> Arc<Steps> {
        // Instances keep their programs, so that an address names one program as long as the store
        // lives.
        let program = &instances.instance(inst).program;
        let key = (Arc::as_ptr(program) as usize, func);
        if let Some(steps) = self.known.get(&key) {
            return steps.clone();
        }
        let steps = Arc::new(made(program, func));
        if self.bytes > MOST {
            self.known.clear();
            self.bytes = 0;
        }
        self.bytes += steps.bytes();
        self.known.insert(key, steps.clone());
        steps
    }
}

fn made(program: &Program, func: FuncIdx) -> Steps {
    translate::steps(program.validated(), program.settings(), func)
}
