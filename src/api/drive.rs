//! Running: legs of the machine, and host calls between them. Thin, because it is compiled for
//! each type of embedder's data.

use super::caller::Caller;
use super::error::{Error, Fault, Result};
use super::events;
use super::host::Begun;
use super::inner::StoreCore;
use super::store::{Hosts, Inner, OnEpoch, ThrownException, UpdateDeadline};
use crate::exec::Stop;
use crate::exec::fault::memory_fault;
use crate::exec::run::HostCall;
use crate::runtime::{FuncAddr, FuncKind, InstAddr, Wanted};
use crate::trap::Trap;
use alloc::boxed::Box;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;

/// What stands between two legs.
enum Between {
    /// The run ended with its results in place.
    Done,
    /// A host function is called.
    Host(HostCall),
    /// Let others run, then go on.
    Yield,
    /// Wait for a future, then go on.
    Wait(Pin<Box<dyn Future<Output = ()> + Send>>),
}

/// How far a run came that may stop half way.
pub(crate) enum Paused {
    /// It ended with its results in place.
    Done,
    /// A host function failed.
    Host(Error, HostCall),
    /// Fuel does not pay for what comes next.
    OutOfFuel,
    /// The epoch deadline was reached.
    Epoch,
}

/// The active runs down to which an entry goes back, however it ends.
pub(crate) struct Entered<'a, T: 'static> {
    pub inner: &'a mut Inner<T>,
    depth: usize,
    /// The scoped roots at the start; none once the call has returned, for its results stay.
    scope: Option<usize>,
}

impl<'a, T> Entered<'a, T> {
    /// Begins an entry whose run was just pushed.
    pub(crate) fn new(inner: &'a mut Inner<T>) -> Entered<'a, T> {
        let depth = inner.core.active.len() - 1;
        let scope = Some(inner.core.state.roots.scoped.len());
        Entered {
            inner,
            depth,
            scope,
        }
    }

    /// The call has returned: what it leaves in the innermost scope are its results.
    pub(crate) fn returned(&mut self) -> &mut StoreCore {
        self.scope = None;
        &mut self.inner.core
    }
}

impl<T> Drop for Entered<'_, T> {
    /// Takes the entry's runs away: one after a call, more when a future is dropped while a
    /// host function waits in it, none when the run was kept.
    fn drop(&mut self) {
        let core = &mut self.inner.core;
        while core.active.len() > self.depth {
            core.pop_run();
        }
        if let Some(scope) = self.scope {
            core.close_scope(scope);
        }
    }
}

/// Poisons the store unless forgotten: a host function that panics leaves a run half done.
struct Panicking<'a, T: 'static>(&'a mut Inner<T>);

impl<T> Drop for Panicking<'_, T> {
    fn drop(&mut self) {
        self.0.core.poisoned = true;
    }
}

impl<T> Inner<T> {
    /// Runs the function whose arguments stand in the innermost run, to its end.
    pub(crate) fn run(&mut self, func: FuncAddr) -> Result<()> {
        let hosts = self.hosts.clone();
        if let Some(call) = self.enter(func)? {
            return self.host_sync(&hosts, call);
        }
        self.go_on(&hosts)
    }

    /// Legs and host calls until the innermost run ends.
    pub(crate) fn go_on(&mut self, hosts: &Hosts<T>) -> Result<()> {
        loop {
            match self.leg()? {
                Between::Done => return Ok(()),
                Between::Host(call) => {
                    let answer = self.host_sync(hosts, call);
                    if call.last {
                        return answer;
                    }
                    self.answer(answer)?;
                }
                Between::Yield | Between::Wait(_) => return Err(Fault::AsyncRequired.into()),
            }
        }
    }

    /// Runs a function as far as it goes without the embedder.
    pub(crate) fn run_paused(&mut self, func: FuncAddr) -> Result<Paused> {
        let hosts = self.hosts.clone();
        match self.enter(func)? {
            Some(call) => Ok(match self.host_sync(&hosts, call) {
                Ok(()) => Paused::Done,
                Err(error) => Paused::Host(error, call),
            }),
            None => self.go_on_paused(),
        }
    }

    /// Goes on with the innermost run as far as it goes without the embedder.
    pub(crate) fn go_on_paused(&mut self) -> Result<Paused> {
        let hosts = self.hosts.clone();
        loop {
            match self.leg() {
                Ok(Between::Done) => return Ok(Paused::Done),
                Ok(Between::Host(call)) => match self.host_sync(&hosts, call) {
                    Ok(()) if call.last => return Ok(Paused::Done),
                    Err(error) if call.last || !error.is::<ThrownException>() => {
                        return Ok(Paused::Host(error, call));
                    }
                    answer => self.answer(answer)?,
                },
                Ok(Between::Yield | Between::Wait(_)) => return Ok(Paused::Epoch),
                Err(error) if error.downcast_ref() == Some(&Trap::OutOfFuel) => {
                    return Ok(Paused::OutOfFuel);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The same, waiting where a host function waits.
    pub(crate) async fn run_async(&mut self, func: FuncAddr) -> Result<()>
    where
        T: Send,
    {
        let hosts = self.hosts.clone();
        if let Some(call) = self.enter(func)? {
            return self.host_async(&hosts, call).await;
        }
        loop {
            match self.leg()? {
                Between::Done => return Ok(()),
                Between::Host(call) => {
                    let answer = self.host_async(&hosts, call).await;
                    if call.last {
                        return answer;
                    }
                    self.answer(answer)?;
                }
                Between::Yield => yield_now().await,
                Between::Wait(future) => future.await,
            }
        }
    }

    /// Puts the innermost run at the start of a function. A host function is to be called by the
    /// embedder's own call, without a run around it.
    pub(crate) fn enter(&mut self, func: FuncAddr) -> Result<Option<HostCall>> {
        match self.core.state.func(func).kind {
            FuncKind::Wasm { inst, func } => {
                self.core.enter(inst, func);
                Ok(None)
            }
            FuncKind::Host(host) => Ok(Some(HostCall {
                host,
                func,
                caller: NOBODY,
                base: 0,
                cells: 0,
                last: true,
            })),
        }
    }

    /// Legs until one ends in something that is not settled here. A loop: a guest decides how
    /// often it grows or meets a deadline.
    fn leg(&mut self) -> Result<Between> {
        loop {
            if let Some(between) = self.one_leg()? {
                return Ok(between);
            }
        }
    }

    /// One leg, and what its end means; `None` to go on.
    fn one_leg(&mut self) -> Result<Option<Between>> {
        let between = match self.core.leg() {
            Stop::Finished => Between::Done,
            Stop::Host => Between::Host(self.core.called()),
            Stop::Growth => return self.grow().map(|()| None),
            Stop::Trap(trap) => return Err(self.core.trapped(self.core.fault(trap))),
            Stop::Exception(exception) => {
                self.core.state.roots.exception = Some(exception);
                return Err(self.core.trapped(ThrownException.into()));
            }
            Stop::OutOfFuel if self.core.refuel() => Between::Yield,
            Stop::OutOfFuel => return Err(self.core.trapped(Trap::OutOfFuel.into())),
            Stop::Epoch => return self.epoch(),
            Stop::Collect => unreachable!("a leg collects and goes on"),
            Stop::Stepped => unreachable!("only stepping asks for single steps"),
        };
        Ok(Some(between))
    }

    /// A memory or table wants to grow, and the limiter must be asked.
    #[cold]
    fn grow(&mut self) -> Result<()> {
        let Some(wanted) = self.core.state.growth.wanted.take() else {
            unreachable!("a run that stops to grow says what");
        };
        let grown = match wanted {
            Wanted::Memory { addr, delta } => self.try_grow_memory(addr, delta),
            Wanted::Table { addr, delta, init } => self.try_grow_table(addr, delta, init),
        };
        self.core.state.growth.answer = Some(grown.map_err(|error| self.core.trapped(error))?);
        Ok(())
    }

    /// The epoch deadline was reached.
    #[cold]
    fn epoch(&mut self) -> Result<Option<Between>> {
        match &mut self.on_epoch {
            OnEpoch::Trap => Err(self.core.trapped(Trap::Interrupt.into())),
            OnEpoch::Yield(delta) => {
                self.core.set_deadline(*delta);
                Ok(Some(Between::Yield))
            }
            OnEpoch::Call(_) => self.ask_epoch(),
        }
    }

    /// Asks the embedder what to do at the deadline.
    #[inline(never)]
    fn ask_epoch(&mut self) -> Result<Option<Between>> {
        let OnEpoch::Call(mut callback) = core::mem::replace(&mut self.on_epoch, OnEpoch::Trap)
        else {
            unreachable!("asked only where there is a callback");
        };
        let guard = Panicking(self);
        let update = callback(super::context::StoreContextMut(guard.0));
        core::mem::forget(guard);
        if let OnEpoch::Trap = self.on_epoch {
            self.on_epoch = OnEpoch::Call(callback);
        }
        let (delta, between) = match update.map_err(|error| self.core.trapped(error))? {
            UpdateDeadline::Interrupt => {
                return Err(self.core.trapped(Trap::Interrupt.into()));
            }
            UpdateDeadline::Continue(delta) => (delta, None),
            UpdateDeadline::Yield(delta) => (delta, Some(Between::Yield)),
            UpdateDeadline::YieldCustom(delta, future) => (delta, Some(Between::Wait(future))),
        };
        self.core.set_deadline(delta);
        Ok(between)
    }

    /// Calls a host function to its end.
    pub(crate) fn host_sync(&mut self, hosts: &Hosts<T>, call: HostCall) -> Result<()> {
        let Some(host) = hosts.get(call.host.index()) else {
            unreachable!("a host address is of its store");
        };
        let guard = Panicking(self);
        let caller = Caller::new(&mut *guard.0, caller_of(call));
        let answer = host.call(caller, call);
        core::mem::forget(guard);
        answer
    }

    /// Calls a host function, waiting where it waits.
    async fn host_async(&mut self, hosts: &Hosts<T>, call: HostCall) -> Result<()>
    where
        T: Send,
    {
        let Some(host) = hosts.get(call.host.index()) else {
            unreachable!("a host address is of its store");
        };
        let depth = self.core.active.len();
        let mut guard = PanickingOrDropped(self, depth, false);
        let answer = match host.begin(Caller::new(&mut *guard.0, caller_of(call)), call) {
            Begun::Sync(caller) => host.call(caller, call),
            Begun::Async(future) => future.await,
        };
        guard.2 = true;
        answer
    }

    /// What the answer of a host function means for the run: an exception unwinds the guest, any
    /// other error ends it.
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
}

/// The caller named when the embedder calls a host function itself.
const NOBODY: InstAddr = InstAddr(u32::MAX);

fn caller_of(call: HostCall) -> Option<InstAddr> {
    (call.caller != NOBODY).then_some(call.caller)
}

/// Guards an asynchronous host call: a panic poisons the store, a dropped future only takes away
/// the runs that were started in it.
struct PanickingOrDropped<'a, T: 'static>(&'a mut Inner<T>, usize, bool);

impl<T> Drop for PanickingOrDropped<'_, T> {
    fn drop(&mut self) {
        let core = &mut self.0.core;
        if !self.2 && panicking() {
            core.poisoned = true;
        }
        while core.active.len() > self.1 {
            core.pop_run();
        }
    }
}

#[cfg(feature = "std")]
fn panicking() -> bool {
    std::thread::panicking()
}

/// Without `std` a panic does not unwind.
#[cfg(not(feature = "std"))]
fn panicking() -> bool {
    false
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

impl StoreCore {
    /// A trap of the innermost run, with the access that it stands at.
    #[cold]
    fn fault(&self, trap: Trap) -> Error {
        let error = Error::from(trap);
        match self.active.last() {
            Some(run) if trap == Trap::MemoryOutOfBounds => {
                error.with_fault(memory_fault(&self.fixed, &self.state, run))
            }
            Some(_) | None => error,
        }
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
        error.with_backtrace(self.backtrace())
    }
}
