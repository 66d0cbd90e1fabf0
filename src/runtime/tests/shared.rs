//! Shared memories under real threads: no byte, no count and no wake-up is lost.

use super::memory_type;
use crate::runtime::{Limited, OutOfMemory, SharedMemory, WaitResult};
use crate::syntax::AddrType::{I32, I64};
use crate::syntax::MemoryType;
use crate::trap::Trap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use std::vec::Vec;

const NEVER: &dyn Fn() -> bool = &|| false;
const FOREVER: i64 = -1;

fn shared(min: u64, max: u64) -> SharedMemory {
    SharedMemory::new(MemoryType {
        shared: true,
        ..memory_type(I32, min, Some(max))
    })
    .unwrap()
}

/// Returns once that many threads wait at an address.
fn until_waiting(memory: &SharedMemory, ea: u64, count: usize) {
    while memory.waiters(ea) != count {
        thread::yield_now();
    }
}

#[test]
fn neighbouring_bytes_are_not_lost() {
    // All at once and long enough that each meets the others in the middle of a store.
    let (memory, start) = (&shared(1, 1), &Barrier::new(8));
    thread::scope(|scope| {
        for byte in 0..8u64 {
            scope.spawn(move || {
                start.wait();
                for round in 0..300_000u32 {
                    let value = [(round % 251) as u8];
                    memory.write(byte, value).unwrap();
                    assert_eq!(memory.read(byte), Ok(value), "byte {byte}");
                }
                memory.write(byte, [byte as u8 + 1]).unwrap();
            });
        }
    });
    assert_eq!(memory.read(0), Ok([1, 2, 3, 4, 5, 6, 7, 8]));
}

#[test]
fn neighbours_of_any_width_and_alignment() {
    let (memory, start) = (&shared(1, 1), &Barrier::new(4));
    // Four pieces without a gap: no thread may disturb another's.
    fn hammer<const N: usize>(memory: &SharedMemory, start: &Barrier, ea: u64) {
        start.wait();
        for round in 0..100_000u32 {
            let value = core::array::from_fn(|k| (round as usize + k) as u8);
            memory.write::<N>(ea, value).unwrap();
            assert_eq!(memory.read::<N>(ea), Ok(value), "{N} bytes at {ea}");
            memory.fill(ea, round as u8, N as u64).unwrap();
            assert_eq!(memory.read::<N>(ea), Ok([round as u8; N]));
        }
    }
    thread::scope(|scope| {
        scope.spawn(|| hammer::<2>(memory, start, 65536 - 31));
        scope.spawn(|| hammer::<4>(memory, start, 65536 - 29));
        scope.spawn(|| hammer::<8>(memory, start, 65536 - 25));
        scope.spawn(|| hammer::<16>(memory, start, 65536 - 17));
    });
}

#[test]
fn counts_of_each_width_are_exact() {
    const ROUNDS: u64 = 20_000;
    fn count<const N: usize>(memory: &SharedMemory, ea: u64) {
        for _ in 0..ROUNDS {
            memory.update::<N>(ea, |old| Some(old + 1)).unwrap();
        }
    }
    let memory = &shared(1, 1);
    thread::scope(|scope| {
        for _ in 0..2 {
            // All in two words, side by side.
            scope.spawn(|| count::<1>(memory, 0));
            scope.spawn(|| count::<2>(memory, 2));
            scope.spawn(|| count::<4>(memory, 4));
            scope.spawn(|| count::<8>(memory, 8));
        }
    });
    let total = 2 * ROUNDS;
    assert_eq!(memory.atomic_load::<1>(0), Ok(total & 0xFF));
    assert_eq!(
        memory.atomic_load::<1>(1),
        Ok(0),
        "no carry into a neighbour"
    );
    assert_eq!(memory.atomic_load::<2>(2), Ok(total & 0xFFFF));
    assert_eq!(memory.atomic_load::<4>(4), Ok(total));
    assert_eq!(memory.atomic_load::<8>(8), Ok(total));
}

#[test]
fn threads_grow_one_after_another() {
    let memory = &shared(1, 1001);
    let mut olds: Vec<u64> = thread::scope(|scope| {
        let grow = || {
            (0..250)
                .map(|_| memory.grow(1, u64::MAX).unwrap())
                .collect()
        };
        let threads = [(); 4].map(|()| scope.spawn(grow));
        threads
            .into_iter()
            .flat_map(|thread| -> Vec<u64> { thread.join().unwrap() })
            .collect()
    });
    olds.sort_unstable();
    assert!(olds.into_iter().eq(1..1001), "each size once");
    assert_eq!(memory.grow(1, u64::MAX), None);
    assert_eq!((memory.pages(), memory.grow(0, 0)), (1001, Some(1001)));
}

#[test]
fn chunks_are_made_when_written() {
    let memory = shared(3, 65536);
    // Never written, across chunks, the last bytes.
    for ea in [0, 65536 - 8, 2 * 65536 - 5, 3 * 65536 - 16] {
        assert_eq!(memory.read::<16>(ea), Ok([0; 16]));
        memory.write(ea, [7; 16]).unwrap();
        assert_eq!(memory.read::<16>(ea), Ok([7; 16]));
    }
    assert_eq!(memory.grow(65533, u64::MAX), Some(3));
    let last = (1 << 32) - 8;
    assert_eq!(memory.atomic_load::<8>(last), Ok(0));
    assert_eq!(memory.update::<8>(last, |_| Some(5)), Ok(0));
    assert_eq!(memory.atomic_load::<8>(last), Ok(5));
    assert_eq!(memory.read::<1>(1 << 32), Err(Trap::MemoryOutOfBounds));
}

#[test]
fn sizes_in_64_bits() {
    let new = |min, max| {
        SharedMemory::new(MemoryType {
            shared: true,
            ..memory_type(I64, min, Some(max))
        })
    };
    let memory = new(1, 1 << 48).unwrap();
    for delta in [1 << 32, (1 << 48) - 1, 1 << 48, u64::MAX] {
        assert_eq!(memory.grow(delta, u64::MAX), None, "{delta}");
        assert_eq!(memory.pages(), 1);
    }
    // What nobody writes takes no room, however much it is.
    assert_eq!(new(1 << 20, 1 << 48).unwrap().pages(), 1 << 20);
    assert_eq!(new(1 << 40, 1 << 48).err(), Some(OutOfMemory::Host));
    assert_eq!(
        new(1 << 48, 1 << 48).err(),
        Some(OutOfMemory::over(Limited::Memory, 1_u128 << 64, u64::MAX))
    );
}

#[test]
fn waits_that_end_by_themselves() {
    let memory = shared(1, 1);
    memory.write(8, 0x1_0000_0005u64.to_le_bytes()).unwrap();
    let cases = [
        (memory.wait::<4>(8, 6, FOREVER, NEVER), WaitResult::NotEqual),
        (memory.wait::<4>(8, 5, 0, NEVER), WaitResult::TimedOut),
        (memory.wait::<8>(8, 5, FOREVER, NEVER), WaitResult::NotEqual),
        (
            memory.wait::<8>(8, 0x1_0000_0005, 1000, NEVER),
            WaitResult::TimedOut,
        ),
        (
            memory.wait::<8>(8, 0x1_0000_0005, 25_000_000, NEVER),
            WaitResult::TimedOut,
        ),
        (
            memory.wait::<4>(8, 5, FOREVER, &|| true),
            WaitResult::Interrupted(-1),
        ),
    ];
    for (result, expected) in cases {
        assert_eq!(result, Ok(expected));
    }
    let second = 1_000_000_000;
    match memory.wait::<4>(8, 5, second, &|| true) {
        Ok(WaitResult::Interrupted(left)) => assert!(0 < left && left < second, "{left}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(memory.wait::<4>(2, 0, 0, NEVER), Err(Trap::UnalignedAtomic));
    assert_eq!(
        memory.wait::<8>(65536, 0, 0, NEVER),
        Err(Trap::MemoryOutOfBounds)
    );
    assert_eq!(memory.waiters(8), 0, "who gives up leaves the queue");
    assert_eq!(memory.notify(8, u32::MAX), 0);
}

#[test]
fn a_wait_is_interrupted_from_outside() {
    let (memory, stop) = (&shared(1, 1), &AtomicBool::new(false));
    thread::scope(|scope| {
        let interrupted = || stop.load(Ordering::SeqCst);
        let waiter = scope.spawn(move || memory.wait::<4>(0, 0, FOREVER, &interrupted));
        until_waiting(memory, 0, 1);
        let start = Instant::now();
        stop.store(true, Ordering::SeqCst);
        assert_eq!(waiter.join().unwrap(), Ok(WaitResult::Interrupted(-1)));
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "it looks often enough"
        );
    });
}

#[test]
fn first_come_first_served() {
    let memory = &shared(1, 1);
    let (sender, woken) = mpsc::channel();
    thread::scope(|scope| {
        for number in 0..5 {
            let sender = sender.clone();
            scope.spawn(move || {
                let result = memory.wait::<4>(16, 0, FOREVER, NEVER);
                sender.send((number, result)).unwrap();
            });
            until_waiting(memory, 16, number + 1);
        }
        assert_eq!(memory.notify(16, 0), 0);
        assert_eq!(memory.notify(20, 9), 0, "another address");
        for number in 0..3 {
            assert_eq!(memory.notify(16, 1), 1);
            assert_eq!(woken.recv(), Ok((number, Ok(WaitResult::Ok))));
        }
        assert_eq!(memory.notify(16, u32::MAX), 2);
        assert_eq!(memory.notify(16, 1), 0);
        // The last two wake up in any order; the channel lives until both have told.
        let mut last: Vec<usize> = (0..2).map(|_| woken.recv().unwrap().0).collect();
        last.sort_unstable();
        assert_eq!(last, [3, 4]);
    });
}

#[test]
fn no_wake_up_is_lost() {
    // Two threads hand a turn to each other; without one notification both would sleep on.
    const TURNS: u64 = 5_000;
    let memory = &shared(1, 1);
    let play = |me: u64| {
        for turn in (me..TURNS).step_by(2) {
            loop {
                let now = memory.atomic_load::<8>(0).unwrap();
                if now == turn {
                    break;
                }
                memory.wait::<8>(0, now, FOREVER, NEVER).unwrap();
            }
            memory.update::<8>(0, |_| Some(turn + 1)).unwrap();
            memory.notify(0, 1);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| play(0));
        scope.spawn(|| play(1));
    });
    assert_eq!(memory.atomic_load::<8>(0), Ok(TURNS));
}
