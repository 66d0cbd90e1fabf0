//! A run that is made ready to be stepped through: everything but its first instruction is done.

use super::super::listing;
use super::super::outcome::Failure;
use super::super::settings::LayeredSettings;
use super::super::wording::told;
use super::flags::{RunFlags, Streams};
use super::guest::Guest;
use super::host::Host;
use super::input::Input;
use super::output::Output;
use limpid::observe::Machine;
use limpid::wasi::WasiThreads;
use limpid::{CallHook, Module};

/// A run that stands before its first instruction.
pub struct Prepared {
    /// The run.
    pub machine: Machine<Host>,
    /// What spawns threads as long as it is there.
    pub threads: Option<WasiThreads<Host>>,
    /// The module that runs, then those that were instantiated before it.
    pub modules: Vec<Module>,
    /// What the guest writes.
    pub output: Output,
    /// What it reads.
    pub input: Input,
}

impl RunFlags {
    /// Instantiates the module and lists the calls of the run, without making them: the start
    /// function, `_initialize`, then `_start` or the function that `--invoke` names. What the guest
    /// writes is kept.
    ///
    /// # Errors
    /// When the module cannot be loaded or linked, or there is nothing to call.
    pub fn prepare(&self, given: &LayeredSettings, history: usize) -> Result<Prepared, Failure> {
        self.check_stepped()?;
        let (output, input) = (Output::default(), Input::default());
        let mut made = self.make(given, true, &Streams::Kept(output.clone(), input.clone()))?;
        let preloads = self.load_preloads(given, &made.engine)?;
        made.link(preloads)?;
        let guest = &mut made.guest;
        let clock = output.clone();
        guest.store.call_hook(move |store, hook| {
            if hook == CallHook::CallingHost {
                clock.set_time(store.watched_time());
            }
            Ok(())
        });
        let (instance, start) = guest.instantiate_unstarted(&made.module)?;
        let calls = guest.calls(&made.module, (instance, start), self.invoked(), self.args())?;
        if calls.is_empty() {
            let text = "there is nothing to step through: the module has no `_start`";
            return Err(Failure::failed(text)
                .details(listing::exported_functions(&made.module))
                .hint("--invoke NAME calls a function"));
        }
        let preloaded = made.guest.preloaded.iter();
        let preloaded = preloaded.map(|given| given.module.clone());
        let modules = std::iter::once(made.module).chain(preloaded).collect();
        let Guest { store, threads, .. } = made.guest;
        let machine = Machine::with_history(store, calls, history);
        let mut machine = machine.map_err(|error| Failure::failed(told(&error)))?;
        machine.set_schedule(self.schedule());
        Ok(Prepared {
            machine,
            threads,
            modules,
            output,
            input,
        })
    }
}
