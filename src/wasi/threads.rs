//! Threads of the host for guests (the proposal wasi-threads): the module is instantiated anew for
//! each thread that it spawns, over the same shared memory. Knows no version of WASI: what threads
//! share besides the memory is the embedder's data, cloned.
//!
//! In a store that is stepped through, threads take turns instead: each is an instance and calls of
//! that store, and nothing runs at once.
//!
//! The first thread that traps or exits ends all, and so does the end of the main one. All of them
//! notice at their next function or loop, or when they wait; the engine has to look at epochs for
//! that.

use crate::api::{
    AsContext, AsContextMut, Caller, Engine, Error, ExternType, Instance, InstancePre, Linker,
    Module, Result, SharedMemory, Store, Trap, UpdateDeadline, ValType,
};
use crate::room;
use core::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Threads of a guest unless another limit is set, the main one not counted.
const THREADS: usize = 64;

/// The largest number a thread may have.
const LAST: u32 = (1 << 29) - 1;

/// How long the end waits for threads that something in the host holds up.
const PATIENCE: Duration = Duration::from_secs(2);

/// The reasons why a module cannot have threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ThreadsError {
    /// The module imports no shared memory, so that its threads would have nothing in common.
    NoSharedMemory,
    /// The module exports no `wasi_thread_start` that takes two numbers.
    NoThreadStart,
    /// The engine has no epoch interruption, so that nothing could end a thread.
    NoEpochs,
}

impl fmt::Display for ThreadsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ThreadsError::NoSharedMemory => {
                "the module imports `wasi::thread-spawn`, but no shared memory"
            }
            ThreadsError::NoThreadStart => {
                "the module imports `wasi::thread-spawn`, but exports no function \
                 `wasi_thread_start` that takes two i32"
            }
            ThreadsError::NoEpochs => "threads need an engine with epoch interruption",
        })
    }
}

impl core::error::Error for ThreadsError {}

/// The threads of one guest, as wasi-threads defines them.
///
/// ```
/// use limpid::wasi::WasiThreads;
/// use limpid::{Config, Engine, Linker, Module, Store};
/// # #[cfg(feature = "wat")] {
/// let engine = Engine::new(Config::new().epoch_interruption(true))?;
/// let module = Module::new(&engine, r#"(module
///     (import "env" "memory" (memory 1 1 shared))
///     (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
///     (func (export "wasi_thread_start") (param $thread i32) (param $value i32)
///         (i32.atomic.store (i32.const 0) (local.get $value))
///         (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
///     (func (export "_start")
///         (drop (call $spawn (i32.const 7)))
///         (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))"#)?;
/// let mut linker: Linker<()> = Linker::new(&engine);
/// let mut store = Store::new(&engine, ());
/// store.set_epoch_deadline(1);
/// let threads = WasiThreads::add_to_linker(&mut linker, &store, &module)?;
/// let instance = linker.instantiate(&mut store, &module)?;
/// let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
/// let result = start.call(&mut store, ());
/// threads.finish(result)?;
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
pub struct WasiThreads<T: 'static> {
    shared: Arc<Shared<T>>,
}

/// Readies the store of a new thread.
type OnStore<T> = Box<dyn Fn(&mut Store<T>) -> Result<()> + Send + Sync>;

/// The hook for the thread that ends all others.
type OnEnd<T> = Box<dyn Fn(&Store<T>, &Error) + Send + Sync>;

struct Shared<T: 'static> {
    engine: Engine,
    /// The module, its imports found: threads are instances of it.
    module: OnceLock<InstancePre<T>>,
    on_store: OnceLock<OnStore<T>>,
    on_end: OnceLock<OnEnd<T>>,
    limit: OnceLock<usize>,
    state: Mutex<State>,
    /// A thread has ended.
    ended: Condvar,
}

#[derive(Default)]
struct State {
    running: usize,
    /// The number given last.
    last: u32,
    /// Whether all are to end.
    over: bool,
    /// Why, where a thread that was spawned is the reason.
    reason: Option<Error>,
}

impl<T: Clone + Send + 'static> WasiThreads<T> {
    /// Defines what a module with threads imports: its shared memories, made here unless they are
    /// defined already, and `wasi::thread-spawn`, if it is imported. Call this last, when
    /// everything else that the module imports is defined. Other threads can end the main one only
    /// at its store's epoch deadline: set that to one tick.
    ///
    /// # Errors
    /// Returns [`ThreadsError`] for a module that cannot have threads, and fails when a memory
    /// cannot be made or an import is not defined.
    pub fn add_to_linker(
        linker: &mut Linker<T>,
        store: &Store<T>,
        module: &Module,
    ) -> Result<WasiThreads<T>> {
        let engine = store.engine();
        let shared = Arc::new(Shared {
            engine: engine.clone(),
            module: OnceLock::new(),
            on_store: OnceLock::new(),
            on_end: OnceLock::new(),
            limit: OnceLock::new(),
            state: Mutex::default(),
            ended: Condvar::new(),
        });
        let any = define_memories(linker, store, module)?;
        let mut imports = module.imports();
        if imports.any(|import| (import.module(), import.name()) == ("wasi", "thread-spawn")) {
            if !any {
                return Err(ThreadsError::NoSharedMemory.into());
            }
            check_start(module)?;
            if store.as_context().interruption().is_none() {
                return Err(ThreadsError::NoEpochs.into());
            }
            // The other way round the two would hold each other for ever.
            let weak = Arc::downgrade(&shared);
            linker.func_wrap(
                "wasi",
                "thread-spawn",
                move |mut caller: Caller<'_, T>, arg: i32| {
                    let spawned = match caller.as_context_mut().takes_turns() {
                        true => spawn_in_turn(&weak, &mut caller, arg),
                        false => spawn(&weak, caller.data(), arg),
                    };
                    spawned.unwrap_or(-1)
                },
            )?;
            let found = shared.module.set(linker.instantiate_pre(module)?);
            found.unwrap_or_else(|_| unreachable!("set once"));
        }
        Ok(WasiThreads { shared })
    }

    /// Sets how many threads may run at a time, the main one not counted. The default is 64.
    pub fn max_threads(self, limit: usize) -> Self {
        // The first limit holds.
        let _ = self.shared.limit.set(limit);
        self
    }

    /// Calls `ready` with the store of each new thread before it runs: limits and fuel are its own.
    pub fn on_store(
        self,
        ready: impl Fn(&mut Store<T>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        // The first one holds.
        let _ = self.shared.on_store.set(Box::new(ready));
        self
    }

    /// Calls `told` with the store of the thread that ended the guest by a trap or exit, unless it
    /// is the main one, and with the reason. The store still has the thread's remaining fuel, for
    /// instance.
    pub fn on_end(self, told: impl Fn(&Store<T>, &Error) + Send + Sync + 'static) -> Self {
        // The first one holds.
        let _ = self.shared.on_end.set(Box::new(told));
        self
    }

    /// Ends all threads after the main one has ended, and returns what ended the guest: the first
    /// thread that trapped or exited, or else the main one's own result.
    ///
    /// # Errors
    /// Returns the trap or exit of the first thread that had one.
    pub fn finish(self, main: Result<()>) -> Result<()> {
        self.shared.end(None);
        let until = Instant::now() + PATIENCE;
        let mut state = self.shared.lock();
        while state.running > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.shared.ended.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        match state.reason.take() {
            Some(reason) => Err(reason),
            None => main,
        }
    }
}

impl<T> fmt::Debug for WasiThreads<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let running = self.shared.lock().running;
        f.debug_struct("WasiThreads")
            .field("running", &running)
            .finish_non_exhaustive()
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all threads; the first reason is kept.
    fn end(&self, reason: Option<Error>) {
        let mut state = self.lock();
        if !state.over {
            state.over = true;
            state.reason = reason;
        }
        drop(state);
        self.engine.increment_epoch();
    }

    /// Ends all threads because a spawned one has ended; the hook of `on_end` is called for the
    /// first.
    fn end_by(&self, reason: Error, store: &Store<T>) {
        let first = !std::mem::replace(&mut self.lock().over, true);
        if first {
            if let Some(told) = self.on_end.get() {
                told(store, &reason);
            }
            // The main thread looks for it when this one has ended.
            self.lock().reason = Some(reason);
        }
        self.engine.increment_epoch();
    }

    /// A number for a new thread, if there may be one.
    fn begin(&self) -> Option<u32> {
        let mut state = self.lock();
        let limit = self.limit.get().copied().unwrap_or(THREADS);
        if state.over || state.running >= limit || state.last >= LAST {
            return None;
        }
        state.running += 1;
        state.last += 1;
        Some(state.last)
    }
}

/// Makes the shared memories that a module imports and nothing defines; says whether it imports
/// any.
fn define_memories<T: 'static>(
    linker: &mut Linker<T>,
    store: &Store<T>,
    module: &Module,
) -> Result<bool> {
    let mut any = false;
    for import in module.imports() {
        let ExternType::Memory(ty) = import.ty() else {
            continue;
        };
        any |= ty.is_shared();
        if ty.is_shared() && !linker.has(import.module(), import.name()) {
            let memory = SharedMemory::new(store.engine(), ty)?;
            linker.define(store, import.module(), import.name(), memory)?;
        }
    }
    Ok(any)
}

fn check_start(module: &Module) -> Result<()> {
    let Some(ExternType::Func(ty)) = module.get_export("wasi_thread_start") else {
        return Err(ThreadsError::NoThreadStart.into());
    };
    let numbers = |ty: ValType| matches!(ty, ValType::I32);
    match ty.params().len() == 2 && ty.params().all(numbers) && ty.results().len() == 0 {
        true => Ok(()),
        false => Err(ThreadsError::NoThreadStart.into()),
    }
}

/// Starts a thread and gives its number; nothing when there can be no more.
fn spawn<T: Clone + Send + 'static>(shared: &Weak<Shared<T>>, data: &T, arg: i32) -> Option<i32> {
    let shared = shared.upgrade()?;
    let thread = shared.begin()?;
    let running = Running(shared);
    let mut store = Store::new(&running.0.engine, data.clone());
    // A thread that could not run would end all of them; here it is not there, which the guest
    // hears of.
    store.reserve_stack().ok()?;
    let builder = std::thread::Builder::new().name(format!("guest-{thread}"));
    room::thread(|starting| {
        builder.spawn(move || {
            starting.begun();
            if let Err(reason) = run(&running.0, &mut store, thread, arg) {
                running.0.end_by(reason, &store);
            }
        })
    })?;
    Some(thread as i32)
}

/// Does the same in a store whose threads take turns.
fn spawn_in_turn<T: Clone + Send + 'static>(
    shared: &Weak<Shared<T>>,
    caller: &mut Caller<'_, T>,
    arg: i32,
) -> Option<i32> {
    let shared = shared.upgrade()?;
    let (alive, thread) = caller.as_context_mut().spawned();
    let limit = shared.limit.get().copied().unwrap_or(THREADS);
    if alive >= limit || thread > LAST {
        return None;
    }
    let module = shared.module.get()?;
    let (instance, start) = module.instantiate_unstarted(&mut *caller).ok()?;
    let main = instance.get_func(&mut *caller, "wasi_thread_start")?;
    let mut calls: Vec<_> = start.map(|start| (start, Vec::new())).into_iter().collect();
    calls.push((main, [thread as i32, arg].into()));
    caller.as_context_mut().spawn_in_turn(calls);
    Some(thread as i32)
}

/// Counts a thread as running until this is dropped.
struct Running<T: 'static>(Arc<Shared<T>>);

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0
                .end(Some(Error::msg("a thread of the guest panicked")));
        }
        self.0.lock().running -= 1;
        self.0.ended.notify_all();
    }
}

/// Runs a thread to its end.
fn run<T: Clone + Send + 'static>(
    shared: &Arc<Shared<T>>,
    store: &mut Store<T>,
    thread: u32,
    arg: i32,
) -> Result<()> {
    let others = Arc::downgrade(shared);
    store.epoch_deadline_callback(move |_| {
        let over = others.upgrade().is_none_or(|shared| shared.lock().over);
        match over {
            true => Err(Trap::Interrupt.into()),
            // Somebody else's tick.
            false => Ok(UpdateDeadline::Continue(1)),
        }
    });
    store.set_epoch_deadline(1);
    if shared.lock().over {
        return Ok(());
    }
    if let Some(ready) = shared.on_store.get() {
        ready(store)?;
    }
    let module = shared.module.get();
    let module = module.unwrap_or_else(|| unreachable!("what spawns was linked"));
    let instance: Instance = module.instantiate(&mut *store)?;
    let start = instance.get_typed_func::<(i32, i32), ()>(&mut *store, "wasi_thread_start")?;
    start.call(store, (thread as i32, arg))
}
