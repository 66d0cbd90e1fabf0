//! Clocks, and waiting for clocks and streams (`poll_oneoff`).

use super::errno::Errno;
use super::table::{Descriptor, Object};
use super::types::{EVENT, SUBSCRIPTION, clockid, event, eventtype, nanos, rights};
use super::{Answer, Call, Stop};
use crate::wasi::host::poll::{Event, Waited};
use std::sync::Arc;
use std::time::Duration;

/// Most subscriptions of one call: more than any program has descriptors.
const SUBSCRIPTIONS: u32 = 1 << 12;

/// The flag of a subscription to a point in time rather than to a span of it.
const ABSTIME: u16 = 1;

impl Call<'_> {
    pub(super) fn clock_res_get(&mut self, id: u32, resolution: u32) -> Answer {
        let wasi = &self.ctx.wasi;
        let nanos = match id {
            clockid::REALTIME => nanos(wasi.wall_clock.resolution())?,
            // Processor time is seen through the steps of the clock that it is asked of.
            clockid::MONOTONIC | clockid::PROCESS_CPUTIME | clockid::THREAD_CPUTIME => {
                wasi.monotonic_clock.resolution()
            }
            // Numbers that are no clock.
            _ => return Err(Errno::Inval.into()),
        };
        Ok(self.memory.write_u64(resolution, nanos)?)
    }

    pub(super) fn clock_time_get(&mut self, id: u32, _precision: u64, time: u32) -> Answer {
        let wasi = &self.ctx.wasi;
        let nanos = match id {
            clockid::REALTIME => nanos(wasi.wall_clock.now())?,
            clockid::MONOTONIC => wasi.monotonic_clock.now(),
            clockid::PROCESS_CPUTIME => spent(wasi.monotonic_clock.process_cpu_time())?,
            clockid::THREAD_CPUTIME => spent(wasi.monotonic_clock.thread_cpu_time())?,
            // Numbers that are no clock.
            _ => return Err(Errno::Inval.into()),
        };
        Ok(self.memory.write_u64(time, nanos)?)
    }

    pub(super) fn poll_oneoff(&mut self, input: u32, output: u32, n: u32, count: u32) -> Answer {
        self.poll(input, output, n, count, |bytes| *bytes)
    }

    /// Waits for subscriptions of `SIZE` bytes each, which `read` lays out as this version does.
    pub(super) fn poll<const SIZE: usize>(
        &mut self,
        input: u32,
        output: u32,
        n: u32,
        count: u32,
        read: fn(&[u8; SIZE]) -> [u8; SUBSCRIPTION as usize],
    ) -> Answer {
        if n == 0 || n > SUBSCRIPTIONS {
            return Err(Errno::Inval.into());
        }
        self.memory.check(input, u64::from(n) * SIZE as u64)?;
        self.memory.check(output, u64::from(n) * EVENT)?;
        self.memory.check(count, 4)?;
        // Read once: another thread may rewrite them.
        let mut subscriptions = Vec::with_capacity(n as usize);
        for index in 0..n {
            let bytes = self.memory.array(input + index * SIZE as u32)?;
            subscriptions.push(self.subscription(&read(&bytes))?);
        }
        let events: Vec<Event<'_>> = subscriptions.iter().map(Subscription::event).collect();
        let Waited::Ready(ready) = self.ctx.wasi.wait(&events, self.interrupt) else {
            return Err(Stop::Interrupted);
        };
        let came = subscriptions.iter().zip(ready).filter(|(_, ready)| *ready);
        let mut number = 0;
        for (subscription, _) in came {
            let (errno, available) = match &subscription.what {
                Ok(Awaited::Stream(descriptor, write)) => {
                    (Errno::Success, available(descriptor, *write))
                }
                Ok(Awaited::Monotonic(_) | Awaited::Wall(_)) => (Errno::Success, 0),
                Err(errno) => (*errno, 0),
            };
            let bytes = event(
                subscription.userdata,
                errno as u16,
                subscription.kind,
                available,
            );
            self.memory.write(output + number * EVENT as u32, &bytes)?;
            number += 1;
        }
        Ok(self.memory.write_u32(count, number)?)
    }

    /// Reads a subscription. An error of a single one is reported in its event.
    fn subscription(&self, bytes: &[u8; SUBSCRIPTION as usize]) -> Answer<Subscription> {
        let kind = bytes[8];
        let found = match kind {
            eventtype::CLOCK => self.clock(bytes),
            eventtype::FD_READ | eventtype::FD_WRITE => self.stream(u32_at(bytes, 16), kind),
            // There is no other kind.
            _ => return Err(Errno::Inval.into()),
        };
        Ok(Subscription {
            userdata: u64_at(bytes, 0),
            kind,
            what: found,
        })
    }

    fn clock(&self, bytes: &[u8; SUBSCRIPTION as usize]) -> Result<Awaited, Errno> {
        let (id, timeout) = (u32_at(bytes, 16), u64_at(bytes, 24));
        let flags = u16::from_le_bytes([bytes[40], bytes[41]]);
        let wasi = &self.ctx.wasi;
        match (id, flags) {
            (clockid::REALTIME, ABSTIME) => Ok(Awaited::Wall(Duration::from_nanos(timeout))),
            (clockid::MONOTONIC, ABSTIME) => Ok(Awaited::Monotonic(timeout)),
            // A span is waited for with the clock that cannot be set back.
            (clockid::REALTIME | clockid::MONOTONIC, 0) => {
                let now = wasi.monotonic_clock.now();
                Ok(Awaited::Monotonic(now.saturating_add(timeout)))
            }
            // Processor time does not pass for who waits; there are no other clocks and flags.
            _ => Err(Errno::Inval),
        }
    }

    fn stream(&self, fd: u32, kind: u8) -> Result<Awaited, Errno> {
        let descriptor = self.ctx.table.get(fd)?;
        let way = match kind {
            // What there is to read of a socket that listens are connections.
            eventtype::FD_READ => match &descriptor.object {
                Object::Listener(_) => rights::SOCK_ACCEPT,
                Object::Stdin | Object::Stdout | Object::Stderr => rights::FD_READ,
                Object::File(_) | Object::Dir(_) | Object::Connection(_) => rights::FD_READ,
            },
            // The other kind that comes here is writing.
            _ => rights::FD_WRITE,
        };
        descriptor.need(way)?;
        descriptor.need(rights::POLL_FD_READWRITE)?;
        Ok(Awaited::Stream(descriptor, kind == eventtype::FD_WRITE))
    }
}

/// Processor time, where the system tells it.
fn spent(time: Option<Duration>) -> Result<u64, Errno> {
    nanos(time.ok_or(Errno::NotSup)?)
}

/// One thing a guest waits for.
struct Subscription {
    userdata: u64,
    kind: u8,
    /// The event to wait for, or why it cannot be waited for.
    what: Result<Awaited, Errno>,
}

enum Awaited {
    Monotonic(u64),
    Wall(Duration),
    /// A descriptor, held until the wait is over, and whether it is to be written.
    Stream(Arc<Descriptor>, bool),
}

impl Subscription {
    fn event(&self) -> Event<'_> {
        match &self.what {
            Ok(Awaited::Monotonic(at)) => Event::Monotonic(*at),
            Ok(Awaited::Wall(at)) => Event::Wall(*at),
            Ok(Awaited::Stream(descriptor, write)) => {
                descriptor.event(*write).unwrap_or(Event::Now)
            }
            Err(_) => Event::Now,
        }
    }
}

/// Bytes that can be read or written without waiting, as far as that is known; some at least.
fn available(descriptor: &Descriptor, write: bool) -> u64 {
    match &descriptor.object {
        Object::File(file) if !write => file.available(),
        Object::Connection(connection) if !write => connection.available(),
        Object::File(_) | Object::Connection(_) | Object::Dir(_) => 1,
        Object::Stdin | Object::Stdout | Object::Stderr | Object::Listener(_) => 1,
    }
}

fn u32_at(bytes: &[u8; SUBSCRIPTION as usize], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8; SUBSCRIPTION as usize], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
