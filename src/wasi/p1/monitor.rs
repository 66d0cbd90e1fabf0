//! Calls of this version's functions as text, as tools show those of a system:
//! `path_open(3, "etc/passwd", ..., rights=0x2, ...) = ENOTCAPABLE`. What the guest has in its
//! memory is escaped and cut.

use super::{Call, Errno, Stop};
use crate::wasi::memory::GuestMemory;
use core::fmt::Write;

/// Bytes of a string or buffer that are shown.
const SHOWN: u32 = 32;

/// Buffers of a list that are shown.
const BUFFERS: u32 = 4;

/// A call: the function, the names of its parameters and the arguments.
pub(super) struct Named {
    pub function: &'static str,
    pub params: &'static [&'static str],
    pub args: Vec<u64>,
}

/// What one argument, or two together, mean.
#[derive(Clone, Copy)]
enum Kind {
    /// A descriptor.
    Fd,
    /// A number without a sign.
    Number,
    /// A number with one.
    Signed,
    /// Bits without names.
    Bits,
    /// Bits with names, from the lowest on.
    Flags(&'static [&'static str]),
    /// One of these.
    Choice(&'static [&'static str]),
    /// Where something larger is, or is put.
    Pointer,
    /// Where a result of 32 bits is put.
    Out32,
    /// Where a result of 64 bits is put.
    Out64,
    /// A string: pointer and length.
    Text,
    /// Where a string is put: pointer and room.
    OutText,
    /// A list of buffers to write: pointer and count.
    Write,
    /// A list of buffers to read into.
    Read,
}

impl Kind {
    /// Arguments that it takes.
    fn width(self) -> usize {
        match self {
            Kind::Text | Kind::OutText | Kind::Write | Kind::Read => 2,
            Kind::Fd
            | Kind::Number
            | Kind::Signed
            | Kind::Bits
            | Kind::Flags(_)
            | Kind::Choice(_)
            | Kind::Pointer
            | Kind::Out32
            | Kind::Out64 => 1,
        }
    }
}

const LOOKUP: Kind = Kind::Flags(&["SYMLINK_FOLLOW"]);
const OFLAGS: Kind = Kind::Flags(&["CREAT", "DIRECTORY", "EXCL", "TRUNC"]);
const FDFLAGS: Kind = Kind::Flags(&["APPEND", "DSYNC", "NONBLOCK", "RSYNC", "SYNC"]);
const TIMES: Kind = Kind::Flags(&["ATIM", "ATIM_NOW", "MTIM", "MTIM_NOW"]);
const CLOCK: Kind = Kind::Choice(&["REALTIME", "MONOTONIC", "PROCESS_CPUTIME", "THREAD_CPUTIME"]);
const WHENCE: Kind = Kind::Choice(&["SET", "CUR", "END"]);
const ADVICE: Kind = Kind::Choice(&[
    "NORMAL",
    "SEQUENTIAL",
    "RANDOM",
    "WILLNEED",
    "DONTNEED",
    "NOREUSE",
]);
const SHUTDOWN: Kind = Kind::Flags(&["RD", "WR"]);

/// Returns the kinds of the arguments of each function.
fn kinds(function: &str) -> &'static [Kind] {
    use Kind::{Bits, Fd, Number, Out32, Out64, OutText, Pointer, Read, Signed, Text, Write};
    match function {
        "args_get" | "environ_get" => &[Pointer, Pointer],
        "args_sizes_get" | "environ_sizes_get" => &[Out32, Out32],
        "clock_res_get" => &[CLOCK, Out64],
        "clock_time_get" => &[CLOCK, Number, Out64],
        "fd_advise" => &[Fd, Number, Number, ADVICE],
        "fd_allocate" => &[Fd, Number, Number],
        "fd_close" | "fd_datasync" | "fd_sync" => &[Fd],
        "fd_fdstat_get" | "fd_filestat_get" | "fd_prestat_get" => &[Fd, Pointer],
        "fd_fdstat_set_flags" => &[Fd, FDFLAGS],
        "fd_fdstat_set_rights" => &[Fd, Bits, Bits],
        "fd_filestat_set_size" => &[Fd, Number],
        "fd_filestat_set_times" => &[Fd, Number, Number, TIMES],
        "fd_pread" => &[Fd, Read, Number, Out32],
        "fd_prestat_dir_name" => &[Fd, OutText],
        "fd_pwrite" => &[Fd, Write, Number, Out32],
        "fd_read" => &[Fd, Read, Out32],
        "fd_readdir" => &[Fd, Pointer, Number, Number, Out32],
        "fd_renumber" => &[Fd, Fd],
        "fd_seek" => &[Fd, Signed, WHENCE, Out64],
        "fd_tell" => &[Fd, Out64],
        "fd_write" => &[Fd, Write, Out32],
        "path_create_directory" | "path_remove_directory" | "path_unlink_file" => &[Fd, Text],
        "path_filestat_get" => &[Fd, LOOKUP, Text, Pointer],
        "path_filestat_set_times" => &[Fd, LOOKUP, Text, Number, Number, TIMES],
        "path_link" => &[Fd, LOOKUP, Text, Fd, Text],
        "path_open" => &[Fd, LOOKUP, Text, OFLAGS, Bits, Bits, FDFLAGS, Out32],
        "path_readlink" => &[Fd, Text, OutText, Out32],
        "path_rename" => &[Fd, Text, Fd, Text],
        "path_symlink" => &[Text, Fd, Text],
        "poll_oneoff" => &[Pointer, Pointer, Number, Out32],
        "proc_exit" | "proc_raise" => &[Number],
        "random_get" => &[Pointer, Number],
        "sock_accept" => &[Fd, FDFLAGS, Out32],
        "sock_recv" => &[Fd, Read, Bits, Out32, Pointer],
        "sock_send" => &[Fd, Write, Bits, Out32],
        "sock_shutdown" => &[Fd, SHUTDOWN],
        // `sched_yield` has no parameters.
        _ => &[],
    }
}

impl Named {
    /// Arguments with what they mean: the name of the first, what they are, and they.
    fn parts(&self) -> impl Iterator<Item = (&'static str, Kind, &[u64])> {
        let mut at = 0;
        kinds(self.function).iter().filter_map(move |&kind| {
            let args = self.args.get(at..at + kind.width())?;
            let name = self.params.get(at)?;
            at += kind.width();
            Some((*name, kind, args))
        })
    }

    /// The first path among the arguments.
    pub fn path(&self, memory: &GuestMemory<'_>) -> Option<String> {
        let mut parts = self.parts();
        let (_, _, args) = parts.find(|(_, kind, _)| matches!(kind, Kind::Text))?;
        let (at, len) = (args[0] as u32, args[1] as u32);
        let mut bytes = vec![0; len.min(256) as usize];
        memory.read(at, &mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Returns the values that the guest passes, as they are before the call: one text for each
    /// part.
    pub fn given(&self, memory: &GuestMemory<'_>) -> Vec<Option<String>> {
        let parts = self.parts();
        let given = |(name, kind, args): (&str, Kind, &[u64])| match kind {
            Kind::Fd => Some((args[0] as i32).to_string()),
            Kind::Number => Some(format!("{name}={}", args[0])),
            Kind::Signed => Some(format!("{name}={}", args[0] as i64)),
            Kind::Bits | Kind::Pointer => Some(format!("{name}={:#x}", args[0])),
            Kind::Flags(names) => Some(flags(name, names, args[0])),
            Kind::Choice(names) => Some(match names.get(args[0] as usize) {
                Some(choice) => (*choice).to_owned(),
                None => args[0].to_string(),
            }),
            Kind::Text => Some(string(memory, args[0] as u32, args[1] as u32)),
            Kind::Write => Some(list(memory, args, u32::MAX)),
            Kind::Out32 | Kind::Out64 | Kind::OutText | Kind::Read => None,
        };
        parts.map(given).collect()
    }

    /// The whole line, after the call.
    pub fn line(
        &self,
        given: Vec<Option<String>>,
        call: &Call<'_>,
        answer: &Result<(), Stop>,
    ) -> String {
        let memory = &call.memory;
        let (mut shown, mut results) = (Vec::new(), Vec::new());
        for ((name, kind, args), given) in self.parts().zip(given) {
            let at = args[0] as u32;
            match (kind, given) {
                (_, Some(given)) => shown.push(given),
                // Nothing was put there.
                (Kind::OutText | Kind::Read, None) if answer.is_err() => {
                    shown.push(format!("{name}={at:#x}"));
                }
                (Kind::Out32, None) => results.push(memory.read_u32(at).map(u64::from)),
                (Kind::Out64, None) => results.push(memory.array(at).map(u64::from_le_bytes)),
                (Kind::OutText, None) => shown.push(string(memory, at, self.put(memory, args))),
                (_, None) => shown.push(list(memory, args, self.put(memory, args))),
            }
        }
        let result = match answer {
            Ok(()) => {
                let results = results.iter().flatten().map(u64::to_string);
                let results: Vec<String> = results.collect();
                match results.is_empty() {
                    true => "0".to_owned(),
                    false => results.join(", "),
                }
            }
            Err(Stop::Errno(errno)) => errno.symbol(),
            Err(Stop::Interrupted) => Errno::Intr.symbol(),
            Err(Stop::Trap(_)) => "?".to_owned(),
        };
        format!("{}({}) = {result}", self.function, shown.join(", "))
    }

    /// Bytes that the call has put into buffers: what it says first, or all there is room for.
    fn put(&self, memory: &GuestMemory<'_>, args: &[u64]) -> u32 {
        let mut parts = self.parts();
        let out = parts.find(|(_, kind, _)| matches!(kind, Kind::Out32));
        let put = out.and_then(|(_, _, out)| memory.read_u32(out[0] as u32).ok());
        put.unwrap_or(args[1] as u32)
    }
}

/// Names of the bits that are set, and what remains as a number.
fn flags(name: &str, names: &[&str], bits: u64) -> String {
    let known = names.iter().enumerate();
    let known = known.filter(|(place, _)| bits >> place & 1 != 0);
    let mut shown: Vec<String> = known.map(|(_, name)| (*name).to_owned()).collect();
    let rest = bits >> names.len() << names.len();
    if rest != 0 || shown.is_empty() {
        shown.push(format!("{rest:#x}"));
    }
    match bits {
        0 => format!("{name}=0"),
        _ => shown.join("|"),
    }
}

/// A string in the guest's memory, in quotes.
fn string(memory: &GuestMemory<'_>, at: u32, len: u32) -> String {
    let mut bytes = vec![0; len.min(SHOWN) as usize];
    if memory.read(at, &mut bytes).is_err() {
        return format!("{at:#x}, {len}");
    }
    let mut shown = "\"".to_owned();
    for byte in bytes {
        let _ = match byte {
            b'\n' => shown.write_str("\\n"),
            b'\r' => shown.write_str("\\r"),
            b'\t' => shown.write_str("\\t"),
            b'"' | b'\\' => write!(shown, "\\{}", byte as char),
            b' '..=b'~' => shown.write_char(byte as char),
            _ => write!(shown, "\\x{byte:02x}"),
        };
    }
    shown.push_str(if len > SHOWN { "\"..." } else { "\"" });
    shown
}

/// A list of buffers with their lengths, and what `put` bytes of them have.
fn list(memory: &GuestMemory<'_>, args: &[u64], put: u32) -> String {
    let (list, count) = (args[0] as u32, args[1] as u32);
    let mut shown = Vec::new();
    let mut left = put;
    for index in 0..count.min(BUFFERS) {
        let Ok((at, len)) = memory.buffer(list, index) else {
            return format!("{list:#x}, {count}");
        };
        let here = len.min(left);
        left -= here;
        shown.push(format!("{{{}, {len}}}", string(memory, at, here)));
    }
    if count > BUFFERS {
        shown.push("...".to_owned());
    }
    format!("[{}]", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::linker::FUNCTIONS;
    use super::*;

    #[test]
    fn every_argument_of_every_function_has_a_meaning() {
        for (function, params) in FUNCTIONS {
            let width: usize = kinds(function).iter().map(|kind| kind.width()).sum();
            assert_eq!(width, params.len(), "{function}");
        }
    }

    fn check(len: u32, count: u32, bytes: &[u8], expected: &str) {
        let mut memory = [0u8; 256];
        memory[..4].copy_from_slice(&16u32.to_le_bytes());
        memory[4..8].copy_from_slice(&len.to_le_bytes());
        memory[16..16 + bytes.len()].copy_from_slice(bytes);
        let memory = GuestMemory::own(&mut memory);
        assert_eq!(list(&memory, &[0, count.into()], u32::MAX), expected);
    }

    #[test]
    fn buffers() {
        check(3, 1, b"hi\n", r#"[{"hi\n", 3}]"#);
        check(4, 1, b"\x1b[0\"", r#"[{"\x1b[0\"", 4}]"#);
        check(2, 1, "é".as_bytes(), r#"[{"\xc3\xa9", 2}]"#);
        let long = [b'x'; 33];
        check(
            33,
            1,
            &long,
            &format!(r#"[{{"{}"..., 33}}]"#, "x".repeat(32)),
        );
        check(300, 1, b"", "0x0, 1");
        check(0, 0, b"", "[]");
        check(
            0,
            u32::MAX,
            b"",
            r#"[{"", 0}, {"", 0}, {"", 0}, {"", 0}, ...]"#,
        );
    }

    #[test]
    fn flags_by_name() {
        assert_eq!(flags("how", &["A", "B"], 3), "A|B");
        assert_eq!(flags("how", &["A", "B"], 6), "B|0x4");
        assert_eq!(flags("how", &["A", "B"], 0), "how=0");
    }
}
