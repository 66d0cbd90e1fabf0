//! Running: resumptions of the machine, and host calls between them. Thin, because it is compiled
//! for each type of embedder's data.

use crate::api::error::{Error, Fault, Result, ThrownException};
use crate::api::events;
use crate::api::store::core::Core;
use crate::api::store::growth::at_once;
use crate::api::store::hook::{CallHook, Passed};
use crate::api::store::host_fn::{Begun, Caller, HostFn};
use crate::api::store::{EpochCallback, Hosts, Inner, OnEpoch, UpdateDeadline};
use crate::exec::driver::{self, Embedder, Parts};
use crate::exec::memory_fault::memory_fault;
use crate::exec::run::HostCall;
use crate::exec::{Instances, Stop};
use crate::runtime::{FuncAddr, FuncKind, HostAddr, InstAddr, Wanted};
use crate::trap::Trap;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;

/// What happens between two resumptions.
enum Between {
    /// The run ended with its results in place.
    Done,
    /// A host function is to be called.
    Host(HostCall),
    /// A host function has failed.
    Failed(HostCall, Error),
    /// A memory or table wants to grow, and the limiter must be asked.
    Grow(Wanted),
    /// Let others run, then go on with what is granted.
    Yield(Grant),
    /// Wait for a future, then go on with what is granted.
    Wait(Grant, Pin<Box<dyn Future<Output = ()> + Send>>),
    /// The store's watch has paused the run.
    Stepped,
    /// The thread gives its turn away.
    Waits,
}

/// What a run that yields may use when it goes on. A call that cannot yield is not granted it.
#[derive(Clone, Copy)]
enum Grant {
    /// Fuel for another interval.
    Fuel,
    /// This many epochs from now to the next deadline.
    Epochs(u64),
}

/// How far a run came that may stop half way.
pub(crate) enum Paused {
    /// The run ended with its results in place.
    Done,
    /// A host function failed.
    Host(Error, HostCall),
    /// Fuel does not pay for what comes next.
    OutOfFuel,
    /// The epoch deadline was reached.
    Epoch,
    /// The store's watch paused it.
    Stepped,
    /// Its thread gives its turn away.
    Waits,
}

impl<T> Inner<T> {
    /// Runs the function whose arguments stand in the innermost run, to its end. The caller is the
    /// instance whose start function it is, and nobody where the embedder calls.
    pub(crate) fn run(&mut self, func: FuncAddr, caller: Option<InstAddr>) -> Result<()> {
        let passed = Passed { func, base: 0 };
        self.hooked(CallHook::CallingWasm, Some(passed))?;
        let ended = self.run_to_end(func, caller);
        let results = ended.is_ok().then_some(passed);
        self.hooked(CallHook::ReturningFromWasm, results)?;
        ended
    }

    fn run_to_end(&mut self, func: FuncAddr, caller: Option<InstAddr>) -> Result<()> {
        let callees = self.callees();
        if let Some(call) = self.enter(func, caller)? {
            return self.host_sync(&callees, call);
        }
        self.go_on(&callees)
    }

    /// Resumes until the innermost run ends.
    fn go_on(&mut self, callees: &Callees<T>) -> Result<()> {
        loop {
            match self.advance(callees, Waits::No)? {
                Between::Done => return Ok(()),
                Between::Host(call) => {
                    let answer = self.host_sync(callees, call);
                    if call.last {
                        return answer.map_err(|error| self.core.trapped(error));
                    }
                    self.answer(answer)?;
                }
                Between::Failed(call, error) => self.failed(call, error)?,
                Between::Grow(wanted) => at_once(self.grow(wanted))?,
                Between::Yield(grant) | Between::Wait(grant, _) => {
                    return Err(self.core.trapped(grant.refused()));
                }
                Between::Waits => return Err(self.core.trapped(waits_inside())),
                Between::Stepped => unreachable!("only a stepped call is paused by its watch"),
            }
        }
    }

    /// Runs a function as far as it goes without the embedder.
    pub(crate) fn run_paused(&mut self, func: FuncAddr) -> Result<Paused> {
        let passed = Passed { func, base: 0 };
        self.hooked(CallHook::CallingWasm, Some(passed))?;
        let paused = self.run_until_paused(func);
        let done = matches!(paused, Ok(Paused::Done));
        self.hooked(CallHook::ReturningFromWasm, done.then_some(passed))?;
        paused
    }

    fn run_until_paused(&mut self, func: FuncAddr) -> Result<Paused> {
        let callees = self.callees();
        match self.enter(func, None)? {
            Some(call) => match self.host_sync(&callees, call) {
                Ok(()) => Ok(Paused::Done),
                Err(error) if self.core.poisoned => Err(error),
                Err(error) if error.is::<ThrownException>() => Err(self.core.trapped(error)),
                Err(error) => Ok(Paused::Host(error, call)),
            },
            None => self.go_on_until_paused(),
        }
    }

    /// Goes on with the innermost run as far as it goes without the embedder.
    pub(crate) fn go_on_paused(&mut self, func: FuncAddr) -> Result<Paused> {
        // What the run waits for, or has been given, is kept by the run.
        self.hooked(CallHook::CallingWasm, None)?;
        let paused = self.go_on_until_paused();
        let done = matches!(paused, Ok(Paused::Done));
        let passed = Passed { func, base: 0 };
        self.hooked(CallHook::ReturningFromWasm, done.then_some(passed))?;
        paused
    }

    fn go_on_until_paused(&mut self) -> Result<Paused> {
        let callees = self.callees();
        loop {
            let (call, answer) = match self.advance(&callees, Waits::No) {
                Ok(Between::Done) => return Ok(Paused::Done),
                Ok(Between::Host(call)) => (call, self.host_sync(&callees, call)),
                Ok(Between::Failed(call, error)) => (call, Err(error)),
                Ok(Between::Grow(wanted)) => {
                    at_once(self.grow(wanted))?;
                    continue;
                }
                Ok(Between::Yield(grant) | Between::Wait(grant, _)) => {
                    self.core.grant(grant);
                    return Ok(Paused::Epoch);
                }
                Ok(Between::Stepped) => return Ok(Paused::Stepped),
                Ok(Between::Waits) => return Ok(Paused::Waits),
                Err(error) if error.downcast_ref() == Some(&Trap::OutOfFuel) => {
                    return Ok(Paused::OutOfFuel);
                }
                Err(error) => return Err(error),
            };
            match answer {
                Ok(()) if call.last => return Ok(Paused::Done),
                Err(error) if self.core.poisoned => return Err(error),
                Err(error) if !error.is::<ThrownException>() => {
                    return Ok(Paused::Host(error, call));
                }
                Err(error) if call.last => return Err(self.core.trapped(error)),
                answer => self.answer(answer)?,
            }
        }
    }

    /// The same as [`Inner::run`], waiting where a host function waits.
    pub(crate) async fn run_async(&mut self, func: FuncAddr, caller: Option<InstAddr>) -> Result<()>
    where
        T: Send,
    {
        let passed = Passed { func, base: 0 };
        self.hooked(CallHook::CallingWasm, Some(passed))?;
        let ended = self.run_to_end_async(func, caller).await;
        let results = ended.is_ok().then_some(passed);
        self.hooked(CallHook::ReturningFromWasm, results)?;
        ended
    }

    async fn run_to_end_async(&mut self, func: FuncAddr, caller: Option<InstAddr>) -> Result<()>
    where
        T: Send,
    {
        let callees = self.callees();
        if let Some(call) = self.enter(func, caller)? {
            return self.host_async(&callees, call).await;
        }
        loop {
            match self.advance(&callees, Waits::Yes)? {
                Between::Done => return Ok(()),
                Between::Host(call) => {
                    let answer = self.host_async(&callees, call).await;
                    if call.last {
                        return answer.map_err(|error| self.core.trapped(error));
                    }
                    self.answer(answer)?;
                }
                Between::Failed(call, error) => self.failed(call, error)?,
                Between::Grow(wanted) => self.grow(wanted).await?,
                Between::Yield(grant) => {
                    self.core.grant(grant);
                    yield_now().await;
                }
                Between::Wait(grant, future) => {
                    self.core.grant(grant);
                    future.await;
                }
                Between::Waits => return Err(self.core.trapped(waits_inside())),
                Between::Stepped => unreachable!("only a stepped call is paused by its watch"),
            }
        }
    }

    /// Puts the innermost run at the start of a function. A host function is to be called by the
    /// embedder's own call, without a run around it.
    ///
    /// # Errors
    /// Returns the same errors as [`Core::enter`].
    fn enter(&mut self, func: FuncAddr, caller: Option<InstAddr>) -> Result<Option<HostCall>> {
        Ok(match self.core.state.func(func).kind {
            FuncKind::Wasm { inst, func } => {
                self.core.enter(inst, func)?;
                None
            }
            FuncKind::Host(host) => Some(HostCall {
                host,
                func,
                caller: caller.unwrap_or(NOBODY),
                base: 0,
                cells: 0,
                last: true,
            }),
        })
    }

    /// Resumes until something is left to the caller. A loop: a guest decides how often it grows
    /// or reaches a deadline.
    fn advance(&mut self, callees: &Callees<T>, waits: Waits) -> Result<Between> {
        loop {
            if let Some(between) = self.advance_once(callees, waits)? {
                return Ok(between);
            }
        }
    }

    /// Resumes once; `None` to continue.
    fn advance_once(&mut self, callees: &Callees<T>, waits: Waits) -> Result<Option<Between>> {
        let mut failed = None;
        let stop = match self.core.resume_watched() {
            Some(stop) => stop,
            None => {
                let mode = self.core.mode;
                let mut in_place = InPlace {
                    inner: self,
                    callees,
                    waits,
                    last: None,
                    failed: &mut failed,
                };
                driver::resume(&callees.instances, &mut in_place, mode)
            }
        };
        let between = match stop {
            Stop::Finished => Between::Done,
            Stop::Host(call) => match failed {
                Some(error) => Between::Failed(call, error),
                None => Between::Host(call),
            },
            Stop::Growth => Between::Grow(self.core.wanted()),
            Stop::Trap(trap) => return Err(self.core.trapped(self.core.fault(trap))),
            Stop::Exception(exception) => {
                self.core.state.roots.exception = Some(exception);
                return Err(self.core.trapped(ThrownException.into()));
            }
            Stop::OutOfFuel if self.core.can_refuel() => Between::Yield(Grant::Fuel),
            Stop::OutOfFuel => return Err(self.core.trapped(Trap::OutOfFuel.into())),
            Stop::Epoch => return self.epoch(),
            Stop::Collect => {
                self.core.collect();
                return Ok(None);
            }
            Stop::Stepped => Between::Stepped,
            Stop::Waits => Between::Waits,
        };
        Ok(Some(between))
    }

    /// Asks the limiter about what wants to grow, and grows it.
    async fn grow(&mut self, wanted: Wanted) -> Result<()> {
        let grown = match wanted {
            Wanted::Memory { addr, delta } => self.try_grow_memory(addr, delta).await,
            Wanted::Table { addr, delta, init } => self.try_grow_table(addr, delta, init).await,
        };
        let answer = grown.map_err(|error| self.core.trapped(error))?;
        self.core.grown(answer);
        Ok(())
    }

    /// The epoch deadline was reached.
    #[cold]
    fn epoch(&mut self) -> Result<Option<Between>> {
        match &mut self.on_epoch {
            // While the callback runs, nobody else can be asked.
            OnEpoch::Trap | OnEpoch::Asking => Err(self.core.interrupted()),
            OnEpoch::Yield(delta) => Ok(Some(Between::Yield(Grant::Epochs(*delta)))),
            OnEpoch::Call(_) => self.ask_epoch(),
        }
    }

    /// Asks the embedder what to do at the deadline.
    #[inline(never)]
    fn ask_epoch(&mut self) -> Result<Option<Between>> {
        let core = &self.core;
        let (depth, scope) = (core.active.len(), core.state.roots.scoped.len());
        let mut asking = Asking::new(self);
        let update = asking.ask();
        drop(asking);
        self.core.back_from_host(depth)?;
        self.core.close_scope(scope);
        Ok(match update.map_err(|error| self.core.trapped(error))? {
            UpdateDeadline::Interrupt => return Err(self.core.interrupted()),
            UpdateDeadline::Continue(delta) => {
                self.core.set_deadline(delta);
                None
            }
            UpdateDeadline::Yield(delta) => Some(Between::Yield(Grant::Epochs(delta))),
            UpdateDeadline::YieldCustom(delta, future) => {
                Some(Between::Wait(Grant::Epochs(delta), future))
            }
        })
    }

    /// Returns the functions that guests of the store may call.
    fn callees(&self) -> Callees<T> {
        Callees {
            instances: self.core.instances.clone(),
            hosts: self.hosts.clone(),
        }
    }

    /// Calls a host function to its end.
    fn host_sync(&mut self, callees: &Callees<T>, call: HostCall) -> Result<()> {
        self.call_host(callees.host(call.host), call, caller_of(call))
    }

    #[inline(always)]
    fn call_host(
        &mut self,
        host: &dyn HostFn<T>,
        call: HostCall,
        caller: Option<InstAddr>,
    ) -> Result<()> {
        self.enter_host(call)?;
        let depth = self.core.active.len();
        let answer = host.call(Caller::new(self, caller), Passed::of(call));
        self.leave_host(depth, call, answer)
    }

    /// Calls a host function, waiting where it waits.
    async fn host_async(&mut self, callees: &Callees<T>, call: HostCall) -> Result<()>
    where
        T: Send,
    {
        let host = callees.host(call.host);
        self.enter_host(call)?;
        let depth = self.core.active.len();
        let answer = match host.begin(Caller::new(self, caller_of(call)), Passed::of(call)) {
            Begun::Sync(caller) => host.call(caller, Passed::of(call)),
            Begun::Async(future) => future.await,
        };
        self.leave_host(depth, call, answer)
    }

    /// Before a host function.
    #[inline]
    fn enter_host(&mut self, call: HostCall) -> Result<()> {
        match self.hook.is_there() {
            true => self.hooked(CallHook::CallingHost, Some(Passed::of(call))),
            false => Ok(()),
        }
    }

    /// After a host function, called at a depth.
    #[inline]
    fn leave_host(&mut self, depth: usize, call: HostCall, answer: Result<()>) -> Result<()> {
        self.core.back_from_host(depth)?;
        if self.core.is_watched() {
            self.core.host_returned(call, &answer);
        }
        if self.hook.is_there() {
            let results = answer.is_ok().then_some(Passed::of(call));
            self.hooked(CallHook::ReturningFromHost, results)?;
        }
        answer
    }

    /// Applies the answer of a host function to the run: an exception unwinds the guest, any other
    /// error ends it.
    fn answer(&mut self, answer: Result<()>) -> Result<()> {
        let Err(error) = answer else {
            return Ok(());
        };
        if error.is::<ThrownException>()
            && let Some(exception) = self.core.state.roots.exception
            && self.core.throw(exception)
        {
            self.core.state.roots.exception = None;
            return Ok(());
        }
        Err(self.core.trapped(error))
    }

    /// The same for a host function that failed.
    fn failed(&mut self, call: HostCall, error: Error) -> Result<()> {
        match call.last {
            true => Err(self.core.trapped(error)),
            false => self.answer(Err(error)),
        }
    }
}

/// What guests of a store may call, kept apart from it: while they run, host functions may add to
/// both lists.
struct Callees<T: 'static> {
    instances: Arc<Instances>,
    hosts: Arc<Hosts<T>>,
}

impl<T> Callees<T> {
    #[inline]
    fn host(&self, addr: HostAddr) -> &dyn HostFn<T> {
        match self.hosts.get(addr.index()) {
            Some(host) => &**host,
            None => unreachable!("a host address is of its store"),
        }
    }
}

/// Whether the caller can wait for a host function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// It calls all of them to their ends.
    No,
    /// It calls those that wait itself.
    Yes,
}

/// A store whose guest runs, and calls host functions meanwhile.
struct InPlace<'a, T: 'static> {
    inner: &'a mut Inner<T>,
    callees: &'a Callees<T>,
    waits: Waits,
    /// The host function called last: most loops call one.
    last: Option<(HostAddr, &'a dyn HostFn<T>)>,
    /// Why the host function called last did not succeed.
    failed: &'a mut Option<Error>,
}

impl<T> Embedder for InPlace<'_, T> {
    #[inline]
    fn parts(&mut self) -> Parts<'_> {
        self.inner.core.parts()
    }

    #[inline]
    fn call(&mut self, call: HostCall) -> bool {
        let host = match self.last {
            Some((last, host)) if last == call.host => host,
            Some(_) | None => {
                let host = self.callees.host(call.host);
                self.last = Some((call.host, host));
                host
            }
        };
        if self.waits == Waits::Yes && host.waits() {
            return false;
        }
        match self.inner.call_host(host, call, Some(call.caller)) {
            Ok(()) => true,
            Err(error) => {
                *self.failed = Some(error);
                false
            }
        }
    }
}

/// An epoch callback at work. It is put back afterwards, also when it panics, unless it has said
/// that something else is to happen at the deadline.
struct Asking<'a, T: 'static> {
    inner: &'a mut Inner<T>,
    callback: Option<EpochCallback<T>>,
}

impl<'a, T> Asking<'a, T> {
    /// Takes the callback out of its store.
    fn new(inner: &'a mut Inner<T>) -> Asking<'a, T> {
        let callback = match core::mem::replace(&mut inner.on_epoch, OnEpoch::Asking) {
            OnEpoch::Call(callback) => Some(callback),
            OnEpoch::Trap | OnEpoch::Yield(_) | OnEpoch::Asking => None,
        };
        Asking { inner, callback }
    }

    /// Calls the callback.
    fn ask(&mut self) -> Result<UpdateDeadline> {
        match &mut self.callback {
            Some(callback) => callback(crate::api::store::context::StoreContextMut(
                &mut *self.inner,
            )),
            None => unreachable!("asked only where there is a callback"),
        }
    }
}

impl<T> Drop for Asking<'_, T> {
    fn drop(&mut self) {
        if let OnEpoch::Asking = self.inner.on_epoch
            && let Some(callback) = self.callback.take()
        {
            self.inner.on_epoch = OnEpoch::Call(callback);
        }
    }
}

impl Grant {
    /// The error of a call that cannot yield.
    fn refused(self) -> Error {
        Error::from(Fault::AsyncRequired).context(match self {
            Grant::Fuel => {
                "the fuel of an interval is used up, and a synchronous call cannot yield"
            }
            Grant::Epochs(_) => {
                "the epoch deadline asks the call to yield, and a synchronous call cannot"
            }
        })
    }
}

/// The error of a guest that waits where it cannot give its turn away.
fn waits_inside() -> Error {
    let text = "a guest that a host function has called waits, and threads that take turns cannot \
                wait there";
    Fault::Deadlock.because(text)
}

/// The caller named when the embedder calls a host function itself.
const NOBODY: InstAddr = InstAddr(u32::MAX);

fn caller_of(call: HostCall) -> Option<InstAddr> {
    (call.caller != NOBODY).then_some(call.caller)
}

/// Lets the executor run others once.
fn yield_now() -> impl Future<Output = ()> + Send {
    let mut yielded = false;
    poll_fn(move |context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

impl Core {
    /// Returns what the innermost run, which stopped for it, wants to grow.
    fn wanted(&mut self) -> Wanted {
        match self.state.growth.wanted.take() {
            Some(wanted) => wanted,
            None => unreachable!("a run that stops to grow says what"),
        }
    }

    /// Grants a run that yields what it goes on with.
    fn grant(&mut self, grant: Grant) {
        match grant {
            Grant::Fuel => self.refuel(),
            Grant::Epochs(delta) => self.set_deadline(delta),
        }
    }

    /// A trap of the innermost run, with the access that it stands at.
    #[cold]
    fn fault(&self, trap: Trap) -> Error {
        let error = Error::from(trap);
        match self.active.last() {
            Some(run) if trap == Trap::MemoryOutOfBounds => {
                error.with_fault(memory_fault(&self.instances, &self.state, run))
            }
            Some(_) | None => error,
        }
    }

    /// The error of a run that ends at the epoch deadline.
    #[cold]
    fn interrupted(&mut self) -> Error {
        if let Some(run) = self.active.last_mut() {
            driver::back_to_epoch(&self.instances, run);
        }
        self.trapped(Trap::Interrupt.into())
    }

    /// An error that ends the innermost run, with the guest's stack unless a deeper run gave one.
    #[cold]
    pub(crate) fn trapped(&self, mut error: Error) -> Error {
        if error.is::<ThrownException>() {
            error = error.with_exception(|| self.uncaught());
        }
        if error.has_backtrace() {
            return error;
        }
        events::ended(&error);
        if self.engine.config().backtrace_frames == 0 {
            return error;
        }
        match self.backtrace() {
            // No guest runs: the only one called the host function as its last act.
            backtrace if backtrace.frames().is_empty() => error,
            backtrace => error.with_backtrace(backtrace),
        }
    }
}
