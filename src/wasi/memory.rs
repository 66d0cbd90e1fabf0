//! The one way from WASI to the memory of a guest, be it shared or not. Every pointer and length a
//! guest gives is checked here, before anything is allocated for it.

use crate::api::{AsContextMut, Caller, Extern, Lent, SharedMemory};
use core::fmt;

/// The error of a pointer or length that leaves the guest's memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfBounds;

impl fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of bounds memory access")
    }
}

impl core::error::Error for OutOfBounds {}

/// The error of a call of WASI whose caller exports no memory as `memory`; it names the function
/// called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MissingMemory(pub &'static str);

impl fmt::Display for MissingMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let function = self.0;
        write!(
            f,
            "the module exports no memory named `memory`, which `{function}` needs"
        )
    }
}

impl core::error::Error for MissingMemory {}

type Result<T, E = OutOfBounds> = core::result::Result<T, E>;

/// The memory that an instance exports as `memory`.
///
/// ```
/// use limpid::wasi::GuestMemory;
/// use limpid::{Caller, Engine, Linker, Module, Store};
/// # #[cfg(feature = "wat")] {
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "log", |mut caller: Caller<'_, Vec<u8>>, at: u32, len: u32| {
///     let (memory, log) = GuestMemory::of(&mut caller);
///     memory.append(at, len, log)?;
///     limpid::Result::Ok(())
/// })?;
/// let text = r#"(module (import "host" "log" (func (param i32 i32)))
///     (memory (export "memory") 1) (data (i32.const 8) "limpid")
///     (func (export "run") (call 0 (i32.const 8) (i32.const 6))))"#;
/// let mut store = Store::new(&engine, Vec::new());
/// let instance = linker.instantiate(&mut store, &Module::new(&engine, text)?)?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// assert_eq!(store.data(), b"limpid");
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Debug)]
pub struct GuestMemory<'a> {
    part: Part<'a>,
    /// The ranges written through this, where a recorder asks.
    log: Option<Vec<(u32, u32)>>,
}

/// Where the bytes are.
#[derive(Debug)]
enum Part<'a> {
    /// In a memory of one thread.
    Own(Lent<'a>),
    /// In a memory that other threads may write at any time: reading it twice may give different
    /// bytes.
    Shared(SharedMemory),
    /// The caller exports no memory.
    Absent,
}

impl<'a> GuestMemory<'a> {
    /// Returns the caller's memory and the embedder's data.
    pub fn of<T: 'static>(caller: &'a mut Caller<'_, T>) -> (GuestMemory<'a>, &'a mut T) {
        let (part, data) = match caller.memory() {
            Some(Extern::Memory(memory)) => {
                let (lent, data) = memory.lend(caller.as_context_mut());
                (Part::Own(lent), data)
            }
            Some(Extern::SharedMemory(memory)) => (Part::Shared(memory), caller.data_mut()),
            // An export of another kind, or none.
            _ => (Part::Absent, caller.data_mut()),
        };
        (GuestMemory { part, log: None }, data)
    }

    /// Bytes as a memory, for tests.
    #[cfg(test)]
    pub(super) fn own(bytes: &'a mut [u8]) -> GuestMemory<'a> {
        let written = None;
        GuestMemory {
            part: Part::Own(Lent { bytes, written }),
            log: None,
        }
    }

    /// Returns whether the caller exports no memory.
    pub fn is_absent(&self) -> bool {
        matches!(self.part, Part::Absent)
    }

    /// Returns whether other threads may write the memory.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.part, Part::Shared(_))
    }

    /// Keeps a list of the ranges written from now on.
    pub(super) fn keep_log(&mut self) {
        self.log = Some(Vec::new());
    }

    /// Takes the list of the ranges written.
    pub(super) fn take_log(&mut self) -> Vec<(u32, u32)> {
        self.log.take().unwrap_or_default()
    }

    /// A range is written.
    fn note(&mut self, at: u32, len: usize) {
        if let Part::Own(lent) = &mut self.part
            && let Some(written) = &mut lent.written
        {
            written.push((at.into(), len as u64));
        }
        if let Some(log) = &mut self.log {
            log.push((at, len as u32));
        }
    }

    /// Returns the size in bytes.
    pub fn size(&self) -> usize {
        match &self.part {
            Part::Own(lent) => lent.bytes.len(),
            Part::Shared(memory) => memory.data_size(),
            Part::Absent => 0,
        }
    }

    /// Checks that the `len` bytes from `at` on are inside the memory.
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when they are not.
    pub fn check(&self, at: u32, len: u64) -> Result<()> {
        let end = u64::from(at).checked_add(len).ok_or(OutOfBounds)?;
        if end > self.size() as u64 {
            return Err(OutOfBounds);
        }
        Ok(())
    }

    /// Copies bytes from the memory to `buffer`.
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when the range is not inside the memory.
    pub fn read(&self, at: u32, buffer: &mut [u8]) -> Result<()> {
        self.check(at, buffer.len() as u64)?;
        let at = at as usize;
        match &self.part {
            Part::Own(lent) => buffer.copy_from_slice(&lent.bytes[at..at + buffer.len()]),
            Part::Shared(memory) => memory.read(at, buffer).map_err(|_| OutOfBounds)?,
            Part::Absent => {}
        }
        Ok(())
    }

    /// Returns the bytes in place; `None` where other threads may write them.
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when the range is not inside the memory.
    pub fn borrowed(&self, at: u32, len: u32) -> Result<Option<&[u8]>> {
        self.check(at, len.into())?;
        Ok(match &self.part {
            Part::Own(lent) => Some(&lent.bytes[at as usize..][..len as usize]),
            Part::Shared(_) | Part::Absent => None,
        })
    }

    /// Copies bytes from the memory to the end of a buffer.
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when the range is not inside the memory.
    pub fn append(&self, at: u32, len: u32, buffer: &mut Vec<u8>) -> Result<()> {
        if let Some(bytes) = self.borrowed(at, len)? {
            buffer.extend_from_slice(bytes);
            return Ok(());
        }
        let start = buffer.len();
        buffer.resize(start + len as usize, 0);
        self.read(at, &mut buffer[start..])
    }

    /// Copies bytes to the memory.
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when the range is not inside the memory.
    pub fn write(&mut self, at: u32, bytes: &[u8]) -> Result<()> {
        self.check(at, bytes.len() as u64)?;
        self.note(at, bytes.len());
        let at = at as usize;
        match &mut self.part {
            Part::Own(lent) => lent.bytes[at..at + bytes.len()].copy_from_slice(bytes),
            Part::Shared(memory) => memory.write(at, bytes).map_err(|_| OutOfBounds)?,
            Part::Absent => {}
        }
        Ok(())
    }

    /// Lets `make` write bytes in place and report how many: directly, or through a buffer where
    /// other threads may look. The inner result is that of `make`.
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when the range is not inside the memory.
    pub fn fill<E>(
        &mut self,
        at: u32,
        len: u32,
        make: &mut dyn FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<Result<u32, E>> {
        self.check(at, len.into())?;
        if let Part::Own(lent) = &mut self.part {
            let made = make(&mut lent.bytes[at as usize..][..len as usize]);
            // Whoever makes fewer may have written the rest, too.
            self.note(at, len as usize);
            return Ok(made.map(|made| made.min(len as usize) as u32));
        }
        let mut buffer = vec![0; len as usize];
        let made = match make(&mut buffer) {
            Ok(made) => made.min(len as usize),
            Err(error) => return Ok(Err(error)),
        };
        self.write(at, &buffer[..made])?;
        Ok(Ok(made as u32))
    }

    /// Returns a fixed number of bytes.
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when the range is not inside the memory.
    pub fn array<const N: usize>(&self, at: u32) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read(at, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads a little-endian number.
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when the range is not inside the memory.
    pub fn read_u32(&self, at: u32) -> Result<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    /// Writes a little-endian number of 32 bits.
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when the range is not inside the memory.
    pub fn write_u32(&mut self, at: u32, value: u32) -> Result<()> {
        self.write(at, &value.to_le_bytes())
    }

    /// Writes a little-endian number of 64 bits.
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when the range is not inside the memory.
    pub fn write_u64(&mut self, at: u32, value: u64) -> Result<()> {
        self.write(at, &value.to_le_bytes())
    }

    /// Returns the address and length of the `index`-th buffer of a list of buffers (pointer and
    /// length, four bytes each).
    ///
    /// # Errors
    /// Returns [`OutOfBounds`] when the entry or the buffer is not inside the memory.
    pub fn buffer(&self, list: u32, index: u32) -> Result<(u32, u32)> {
        let entry = u64::from(list) + u64::from(index) * 8;
        let entry = u32::try_from(entry).map_err(|_| OutOfBounds)?;
        let [p0, p1, p2, p3, l0, l1, l2, l3] = self.array::<8>(entry)?;
        let at = u32::from_le_bytes([p0, p1, p2, p3]);
        let len = u32::from_le_bytes([l0, l1, l2, l3]);
        self.check(at, len.into())?;
        Ok((at, len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(at: u32, len: u64, inside: bool) {
        let mut bytes = [0u8; 16];
        let memory = GuestMemory::own(&mut bytes);
        assert_eq!(memory.check(at, len).is_ok(), inside, "{at} {len}");
    }

    #[test]
    fn bounds() {
        check(0, 16, true);
        check(16, 0, true);
        check(17, 0, false);
        check(15, 2, false);
        check(u32::MAX, u64::from(u32::MAX), false);
        check(1, u64::MAX, false);
    }

    #[test]
    fn a_list_of_buffers_is_checked_entry_by_entry() {
        let mut bytes = [0u8; 16];
        bytes[0] = 8;
        bytes[4] = 8;
        bytes[8] = 9;
        bytes[12] = 8;
        let memory = GuestMemory::own(&mut bytes);
        assert_eq!(memory.buffer(0, 0), Ok((8, 8)));
        assert_eq!(memory.buffer(0, 1), Err(OutOfBounds));
        assert_eq!(memory.buffer(0, u32::MAX), Err(OutOfBounds));
    }
}
