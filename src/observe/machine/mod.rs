//! A run that can be stepped, forwards and backwards.
//!
//! A [`Machine`] takes a store and the calls to make in it. It keeps what came from the host, and
//! moments of the run at which it can begin again; so it can go to any step, and a host function
//! is called once however often its step is passed.
//!
//! Reading order: this file (going forth), `threads` (whose turn it is), `back` (going back and
//! searching), `history` (the moments), `view` (what there is to see when the run is paused).

mod back;
mod history;
mod threads;
mod view;

pub use crate::exec::probe::{Cause, Hit, Target};
pub use threads::{MAIN, Schedule, ThreadView};
pub use view::{FrameView, LabelView, OperandView};

use crate::api::{AsContextMut, Error, Fault, Func, Result, Store, Val};
use crate::exec::Run;
use crate::exec::probe::{Conditions, Detail, Event, Journal, Outwards, Place, Probe};
use alloc::boxed::Box;
use alloc::vec::Vec;
use history::{History, Kept};
use threads::{Thread, Threads};

/// Bytes that a machine may use for moments of the past, unless told otherwise.
pub const HISTORY_BYTES: usize = 256 << 20;

/// Most steps between two looks at the progress of a motion.
const SLICE: u64 = 1 << 20;

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// The last call returned these values.
    Returned(Vec<Val>),
    /// A call failed, with a trap, an exception or an error of the host.
    Failed(Error),
}

/// Why a machine stands where it does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// It has done what was asked.
    Done,
    /// A breakpoint, a watchpoint or a frame was reached.
    Hit(Hit),
    /// The run has ended.
    Ended,
    /// The run cannot go further back.
    Beginning,
    /// Whoever watches the progress has ended the motion: see [`Machine::watch_progress`]. The
    /// machine is somewhere between where it was and where it was to go.
    Cancelled,
}

/// Is given the time that a motion has come to; returns whether it goes on.
type Progress = Box<dyn FnMut(u64) -> bool + Send>;

/// A run that can be stepped, forwards and backwards.
///
/// ```
/// use limpid::observe::Machine;
/// use limpid::{Config, Engine, Instance, Module, Store, Translation, Val};
/// # #[cfg(feature = "wat")] {
/// let engine = Engine::new(Config::new().translation(Translation::Faithful))?;
/// let text = r#"(module (func (export "double") (param i32) (result i32)
///     (i32.add (local.get 0) (local.get 0))))"#;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[])?;
/// let double = instance.get_func(&mut store, "double").expect("it is exported");
/// let mut machine = Machine::new(store, vec![(double, vec![Val::I32(21)])])?;
/// machine.goto(2)?;
/// assert_eq!(machine.frames()[0].operands.len(), 2);
/// machine.step()?;
/// assert_eq!(machine.frames()[0].operands[0].value.cells[0], 42);
/// machine.step_back()?;
/// assert_eq!(machine.time(), 2);
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
pub struct Machine<T: 'static> {
    store: Store<T>,
    threads: Threads,
    schedule: Schedule,
    /// How many of the threads that were spawned have begun.
    admitted: usize,
    /// Whether nothing is left to run.
    is_at_end: bool,
    /// Where a run that failed was.
    last: Option<Box<Run>>,
    /// The end of the whole, once it was reached.
    end: Option<(u64, Ended)>,
    history: History,
    /// The time at which it pauses in any case.
    limit: u64,
    /// Places at which the run pauses.
    breakpoints: Vec<Place>,
    /// What pauses the run when it is written.
    watchpoints: Vec<Target>,
    /// Instructions executed, those that were executed again included.
    executed: u64,
    /// Who is shown how far a motion has come.
    progress: Option<Progress>,
}

impl<T> core::fmt::Debug for Machine<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut fields = f.debug_struct("Machine");
        fields.field("time", &self.time()).field("end", &self.end);
        fields.finish_non_exhaustive()
    }
}

/// A probe that passes everything on.
struct Shown<F>(F);

impl<F: FnMut(&Event<'_>) + Send> Probe for Shown<F> {
    fn step(&mut self, event: &Event<'_>) {
        (self.0)(event);
    }
}

impl<T> Machine<T> {
    /// Takes a store, and the calls to make in it one after another. The machine stands before the
    /// first instruction.
    ///
    /// # Errors
    /// Returns [`Fault::NotConfigured`] when the translation is not
    /// [`Translation::Faithful`](crate::Translation::Faithful), and an error for arguments that do
    /// not fit their function.
    pub fn new(store: Store<T>, calls: Vec<(Func, Vec<Val>)>) -> Result<Machine<T>> {
        Machine::with_history(store, calls, HISTORY_BYTES)
    }

    /// Does the same, with at most that many bytes for moments of the past. What came from the
    /// host is kept beside them, whatever it takes.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::new`].
    pub fn with_history(
        mut store: Store<T>,
        calls: Vec<(Func, Vec<Val>)>,
        bytes: usize,
    ) -> Result<Machine<T>> {
        store.set_probe(Box::new(Shown(|_: &Event<'_>| {})))?;
        let watch = store.as_context_mut().0.core.stepping();
        watch.journal = Some(Journal::default());
        watch.set_detail(Detail::Count);
        Machine::of(store, calls, History::new(bytes))
    }

    /// Takes a store whose probe sees each instruction, as it does without a machine, and the calls
    /// to make in it. Nothing of the past is kept, whatever the length of the run: this is for runs
    /// whose threads take turns, and the machine cannot go back.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::new`], and
    /// [`Fault::NotConfigured`] when the store has no probe.
    pub fn without_history(store: Store<T>, calls: Vec<(Func, Vec<Val>)>) -> Result<Machine<T>> {
        match store.is_watched() {
            true => Machine::of(store, calls, History::none()),
            false => Err(Fault::NotConfigured.because("the store has no probe")),
        }
    }

    fn of(
        mut store: Store<T>,
        calls: Vec<(Func, Vec<Val>)>,
        history: History,
    ) -> Result<Machine<T>> {
        store.as_context_mut().0.core.state.turns.thread = Some(MAIN);
        let mut machine = Machine {
            store,
            threads: Threads::new(Thread::new(MAIN, calls.into())),
            schedule: Schedule::default(),
            admitted: 0,
            is_at_end: false,
            last: None,
            end: None,
            history,
            limit: u64::MAX,
            breakpoints: Vec::new(),
            watchpoints: Vec::new(),
            executed: 0,
            progress: None,
        };
        machine.core().stepping().conditions = Conditions::until(0);
        machine.begin()?;
        if machine.history.wants(0) {
            machine.keep()?;
        }
        Ok(machine)
    }

    /// Gives the store back.
    pub fn into_store(self) -> Store<T> {
        self.store
    }

    /// Returns how the run ended, if it has, and gives it away.
    pub fn take_end(&mut self) -> Option<Ended> {
        self.end.take().map(|(_, ended)| ended)
    }

    /// Returns the number of instructions executed before the one to come.
    pub fn time(&self) -> u64 {
        self.store.watched_time()
    }

    /// Returns the number of instructions executed so far, those that were executed again on the
    /// way to a step included.
    pub fn executed(&self) -> u64 {
        self.executed
    }

    /// Returns the store.
    pub fn store(&self) -> &Store<T> {
        &self.store
    }

    /// Returns whether the machine is at the end of the run.
    pub fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Returns how the run ended and at which time, once that is known.
    pub fn end(&self) -> Option<(u64, &Ended)> {
        self.end.as_ref().map(|(time, ended)| (*time, ended))
    }

    /// Returns the bytes that the past of the run takes, about.
    pub fn history_bytes(&mut self) -> usize {
        let watch = self.core().stepping();
        let journal = watch.journal.as_ref().map_or(0, Journal::bytes);
        journal + self.history.bytes()
    }

    /// Sets a time at which the machine pauses whatever it is asked for, so that a run without end
    /// does not take all of somebody's time.
    pub fn set_limit(&mut self, time: u64) {
        self.limit = time;
    }

    /// Returns the places at which the run pauses, for adding and removing.
    pub fn breakpoints(&mut self) -> &mut Vec<Place> {
        &mut self.breakpoints
    }

    /// Returns what pauses the run when it is written, for adding and removing.
    pub fn watchpoints(&mut self) -> &mut Vec<Target> {
        &mut self.watchpoints
    }

    /// Has `progress` called now and then while the machine moves, with the time that it has come
    /// to; the motion ends when it returns `false`.
    pub fn watch_progress(&mut self, progress: impl FnMut(u64) -> bool + Send + 'static) {
        self.progress = Some(Box::new(progress));
    }

    /// Executes one instruction.
    ///
    /// # Errors
    /// Returns an error when the host has no room for the past of the run.
    pub fn step(&mut self) -> Result<Stopped> {
        self.goto(self.time().saturating_add(1))
    }

    /// Executes one instruction and shows it.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::step`].
    pub fn step_shown(&mut self, show: impl FnMut(&Event<'_>) + Send + 'static) -> Result<Stopped> {
        self.run_shown(self.time().saturating_add(1), show)
    }

    /// Goes forward to a time and shows each instruction.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::step`].
    pub fn run_shown(
        &mut self,
        time: u64,
        show: impl FnMut(&Event<'_>) + Send + 'static,
    ) -> Result<Stopped> {
        self.shown(Conditions::until(time), show)
    }

    /// Does the same, but pauses as well after an instruction whose event does not describe all its
    /// effects: when the host was called, an exception was caught, the next call begins, or another
    /// thread has its turn. Whoever follows the state of the run by its events looks at it then.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::step`].
    pub fn run_followed(
        &mut self,
        time: u64,
        show: impl FnMut(&Event<'_>) + Send + 'static,
    ) -> Result<Stopped> {
        let conditions = Conditions {
            follows: true,
            ..Conditions::until(time)
        };
        self.shown(conditions, show)
    }

    fn shown(
        &mut self,
        conditions: Conditions,
        show: impl FnMut(&Event<'_>) + Send + 'static,
    ) -> Result<Stopped> {
        let watch = self.core().stepping();
        watch.set_probe(Box::new(Shown(show)));
        watch.set_detail(Detail::Everything);
        let stopped = self.forward(conditions);
        let watch = self.core().stepping();
        watch.set_probe(Box::new(Shown(|_: &Event<'_>| {})));
        watch.set_detail(Detail::Count);
        stopped
    }

    /// Executes instructions until the next one of the same frame, or of one further out.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::step`].
    pub fn over(&mut self) -> Result<Stopped> {
        let Some(base) = self.base() else {
            return Ok(Stopped::Ended);
        };
        self.until_frame(base)
    }

    /// Executes instructions until the frame has returned.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::step`].
    pub fn out(&mut self) -> Result<Stopped> {
        match self.base() {
            None => Ok(Stopped::Ended),
            // Nothing is further out: another call begins at the same cell.
            Some(0) => self.until_returned(),
            Some(base) => self.until_frame(base - 1),
        }
    }

    fn until_frame(&mut self, base: u32) -> Result<Stopped> {
        let conditions = Conditions {
            from: self.time().saturating_add(1),
            frame: Some(self.outwards(base)),
            ..self.conditions()
        };
        self.forward(conditions)
    }

    /// A frame of the current thread to wait for.
    fn outwards(&self, base: u32) -> Outwards {
        let thread = self.thread();
        Outwards { thread, base }
    }

    /// Executes instructions until a breakpoint or a watchpoint is reached, or the end.
    ///
    /// # Errors
    /// Returns the same errors as [`Machine::step`].
    pub fn resume(&mut self) -> Result<Stopped> {
        let conditions = Conditions {
            from: self.time().saturating_add(1),
            ..self.conditions()
        };
        self.forward(conditions)
    }

    /// The breakpoints and watchpoints.
    fn conditions(&self) -> Conditions {
        Conditions {
            places: self.breakpoints.clone(),
            targets: self.watchpoints.clone(),
            ..Conditions::default()
        }
    }

    /// Goes forward until a condition holds or the run ends.
    fn forward(&mut self, conditions: Conditions) -> Result<Stopped> {
        self.forward_while(conditions, |_| true)
    }

    /// The same; or until `goes_on` does not hold for its threads.
    fn forward_while(
        &mut self,
        conditions: Conditions,
        goes_on: impl Fn(&Threads) -> bool,
    ) -> Result<Stopped> {
        let (until, follows) = (conditions.until.min(self.limit), conditions.follows);
        self.core().stepping().conditions = conditions;
        loop {
            if self.is_at_end {
                return Ok(Stopped::Ended);
            }
            let time = self.time();
            if time >= until {
                return Ok(Stopped::Done);
            }
            if !goes_on(&self.threads) {
                return Ok(Stopped::Done);
            }
            let pause = self.history.next_after(time).min(until);
            let pause = pause.min(time.saturating_add(SLICE));
            let pause = pause.min(self.threads.turn_ends()).min(self.next_spawn());
            let thread = self.thread();
            self.core().stepping().conditions.until = pause;
            self.go_on()?;
            self.executed += self.time() - time;
            self.take_turns()?;
            if !self.is_at_end && self.history.wants(self.time()) {
                self.keep()?;
            }
            let is_same = self.thread() == thread;
            let conditions = &mut self.core().stepping().conditions;
            if follows && !(conditions.follows && is_same) {
                return Ok(Stopped::Done);
            }
            if let Some(hit) = conditions.hit.take_if(|_| conditions.pauses) {
                return Ok(Stopped::Hit(hit));
            }
            let time = self.time();
            if time < until && !self.goes_on() {
                return Ok(Stopped::Cancelled);
            }
        }
    }

    /// Whether whoever watches the progress lets the motion go on.
    fn goes_on(&mut self) -> bool {
        let time = self.time();
        self.progress.as_mut().is_none_or(|watch| watch(time))
    }

    /// Whether the run paused where a host function has failed before, which is not called again.
    fn has_failed_before(&self) -> bool {
        let end = self.end.as_ref();
        end.is_some_and(|(time, ended)| *time == self.time() && matches!(ended, Ended::Failed(_)))
    }

    /// The whole has ended; the first time, how is kept.
    fn ended(&mut self, ended: Ended) {
        self.is_at_end = true;
        let time = self.time();
        self.end.get_or_insert((time, ended));
    }

    /// Keeps this moment.
    fn keep(&mut self) -> Result<()> {
        if let Some(kept) = self.moment()? {
            self.history.add(kept);
        }
        Ok(())
    }

    /// This moment.
    fn moment(&mut self) -> Result<Option<Kept>> {
        let list = self.threads.list.iter();
        let waiting: Option<Vec<_>> = list.map(|thread| thread.waiting.clone()).collect();
        let Some(waiting) = waiting.filter(|_| !self.is_at_end) else {
            return Ok(None);
        };
        let moment = self.core().moment(&waiting)?;
        Ok(Some(Kept::new(self.threads.clone(), moment)))
    }

    /// The first cell of the innermost frame.
    fn base(&mut self) -> Option<u32> {
        let waiting = self.threads.current().waiting.clone()?;
        let run = waiting.run(self.core())?;
        Some(run.regs.at.base)
    }

    fn core(&mut self) -> &mut crate::api::stepping::Core {
        &mut self.store.as_context_mut().0.core
    }
}
