//! Clocks: of the system, or virtual, where waiting is what makes time pass.

use super::os;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

/// A clock that tells the time of day.
pub trait HostWallClock: Send + Sync {
    /// Returns the smallest step of the clock.
    fn resolution(&self) -> Duration;

    /// Returns the time since 1970-01-01T00:00Z.
    fn now(&self) -> Duration;
}

/// A clock that never goes backwards.
///
/// ```
/// use limpid::wasi::{HostMonotonicClock, WasiCtxBuilder};
///
/// /// A clock that passes a millisecond each time it is read.
/// #[derive(Default)]
/// struct Steps(std::sync::atomic::AtomicU64);
///
/// impl HostMonotonicClock for Steps {
///     fn resolution(&self) -> u64 {
///         1_000_000
///     }
///
///     fn now(&self) -> u64 {
///         self.0.fetch_add(1_000_000, std::sync::atomic::Ordering::Relaxed)
///     }
/// }
///
/// let ctx = WasiCtxBuilder::new().monotonic_clock(Steps::default()).build_p1();
/// # let _ = ctx;
/// ```
pub trait HostMonotonicClock: Send + Sync {
    /// Returns the smallest step of the clock, in nanoseconds.
    fn resolution(&self) -> u64;

    /// Returns the nanoseconds since some fixed point.
    fn now(&self) -> u64;

    /// Lets that much time pass, or less.
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    /// Returns the time that the processor spent on this process so far; `None` where it is not
    /// known.
    fn process_cpu_time(&self) -> Option<Duration> {
        os::cpu_time(false)
    }

    /// Returns the time that the processor spent on the calling thread so far; `None` where it is
    /// not known.
    fn thread_cpu_time(&self) -> Option<Duration> {
        os::cpu_time(true)
    }

    /// Returns whether time passes only in `sleep`, so that a wait can be as short as it likes.
    fn is_virtual(&self) -> bool {
        false
    }
}

/// The two clocks of the system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemClock;

/// The resolution of the system's clocks: the systems in use promise nothing finer.
const SYSTEM_RESOLUTION: Duration = Duration::from_nanos(1);

impl HostWallClock for SystemClock {
    fn resolution(&self) -> Duration {
        SYSTEM_RESOLUTION
    }

    fn now(&self) -> Duration {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap_or(Duration::ZERO)
    }
}

impl HostMonotonicClock for SystemClock {
    fn resolution(&self) -> u64 {
        SYSTEM_RESOLUTION.as_nanos() as u64
    }

    fn now(&self) -> u64 {
        static START: OnceLock<Instant> = OnceLock::new();
        let since = START.get_or_init(Instant::now).elapsed();
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// A clock rounded down to multiples of some nanoseconds.
pub(crate) struct Coarse<C: ?Sized> {
    step: u64,
    clock: Box<C>,
}

impl<C: ?Sized> Coarse<C> {
    pub(crate) fn new(clock: Box<C>, step: u64) -> Coarse<C> {
        Coarse {
            step: step.max(1),
            clock,
        }
    }

    /// Rounds a time down to a multiple of the step.
    fn floor(&self, time: Duration) -> Duration {
        let over = time.as_nanos() % u128::from(self.step);
        time.saturating_sub(Duration::from_nanos(over as u64))
    }
}

impl HostWallClock for Coarse<dyn HostWallClock> {
    fn resolution(&self) -> Duration {
        self.clock.resolution().max(Duration::from_nanos(self.step))
    }

    fn now(&self) -> Duration {
        self.floor(self.clock.now())
    }
}

impl HostMonotonicClock for Coarse<dyn HostMonotonicClock> {
    fn resolution(&self) -> u64 {
        self.clock.resolution().max(self.step)
    }

    fn now(&self) -> u64 {
        let now = self.clock.now();
        now - now % self.step
    }

    fn process_cpu_time(&self) -> Option<Duration> {
        self.clock.process_cpu_time().map(|time| self.floor(time))
    }

    fn thread_cpu_time(&self) -> Option<Duration> {
        self.clock.thread_cpu_time().map(|time| self.floor(time))
    }

    fn sleep(&self, duration: Duration) {
        // Up to the step at which the time shows.
        let rest = self.step - self.clock.now() % self.step;
        self.clock.sleep(duration.max(Duration::from_nanos(rest)));
    }

    fn is_virtual(&self) -> bool {
        self.clock.is_virtual()
    }
}

/// A clock that stands still until somebody waits: a run that uses it takes no time and is the
/// same every time. Each reading passes one nanosecond, so that no two are equal.
///
/// Clones are the same clock.
///
/// ```
/// use limpid::wasi::{HostMonotonicClock, HostWallClock, VirtualClock};
/// use std::time::Duration;
/// let clock = VirtualClock::new(Duration::from_secs(1_000_000_000));
/// clock.sleep(Duration::from_secs(3600));
/// assert!(HostWallClock::now(&clock) >= Duration::from_secs(1_000_003_600));
/// ```
#[derive(Clone, Debug)]
pub struct VirtualClock {
    /// The time of day when the clock was made.
    start: Duration,
    passed: Arc<AtomicU64>,
}

impl VirtualClock {
    /// Makes a clock that shows this time since 1970.
    pub fn new(start: Duration) -> VirtualClock {
        VirtualClock {
            start,
            passed: Arc::default(),
        }
    }

    fn pass(&self, nanos: u64) -> u64 {
        let add = |passed: u64| Some(passed.saturating_add(nanos));
        let before = self
            .passed
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        before.unwrap_or_else(|passed| passed)
    }
}

impl HostWallClock for VirtualClock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        self.start
            .saturating_add(Duration::from_nanos(self.pass(1)))
    }
}

impl HostMonotonicClock for VirtualClock {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        self.pass(1)
    }

    /// The processor works on the guest all the time that passes.
    fn process_cpu_time(&self) -> Option<Duration> {
        Some(Duration::from_nanos(self.pass(1)))
    }

    fn thread_cpu_time(&self) -> Option<Duration> {
        Some(Duration::from_nanos(self.pass(1)))
    }

    fn sleep(&self, duration: Duration) {
        self.pass(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }

    fn is_virtual(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_passes_only_when_waited_for() {
        let clock = VirtualClock::new(Duration::from_secs(5));
        let same = clock.clone();
        let before = HostMonotonicClock::now(&clock);
        same.sleep(Duration::from_nanos(100));
        assert_eq!(HostMonotonicClock::now(&clock), before + 101);
        same.sleep(Duration::MAX);
        assert_eq!(HostMonotonicClock::now(&clock), u64::MAX);
        assert_eq!(HostMonotonicClock::now(&clock), u64::MAX);
    }

    #[test]
    fn a_coarse_clock_steps() {
        let clock = VirtualClock::new(Duration::from_nanos(12_345));
        let wall: Coarse<dyn HostWallClock> = Coarse::new(Box::new(clock.clone()), 1000);
        let coarse: Coarse<dyn HostMonotonicClock> = Coarse::new(Box::new(clock), 1000);
        assert_eq!(HostWallClock::now(&wall), Duration::from_nanos(12_000));
        assert_eq!(HostMonotonicClock::resolution(&coarse), 1000);
        assert_eq!(HostMonotonicClock::now(&coarse), 0);
        coarse.sleep(Duration::from_nanos(1));
        assert_eq!(HostMonotonicClock::now(&coarse), 1000);
    }

    #[test]
    fn processor_time_comes_from_the_clock_in_use() {
        let clock = VirtualClock::new(Duration::ZERO);
        clock.sleep(Duration::from_nanos(12_345));
        assert_eq!(clock.process_cpu_time(), Some(Duration::from_nanos(12_345)));
        assert_eq!(clock.thread_cpu_time(), Some(Duration::from_nanos(12_346)));
        let coarse: Coarse<dyn HostMonotonicClock> = Coarse::new(Box::new(clock), 1000);
        assert_eq!(
            coarse.process_cpu_time(),
            Some(Duration::from_nanos(12_000))
        );
        assert_eq!(coarse.thread_cpu_time(), Some(Duration::from_nanos(12_000)));
    }

    #[test]
    fn the_system_clock_never_goes_back() {
        let first = HostMonotonicClock::now(&SystemClock);
        assert!(HostMonotonicClock::now(&SystemClock) >= first);
        assert!(HostWallClock::now(&SystemClock) > Duration::from_secs(1_600_000_000));
    }
}
