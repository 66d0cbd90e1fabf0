//! The file of a recorded run: a header, then what came from the host in the order of the calls,
//! then an end with a checksum. Numbers are unsigned LEB128, texts and bytes have their length
//! before them.

use core::fmt;
use std::io::{self, Read, Write};

/// How a file begins.
const MAGIC: &[u8; 8] = b"lmpdrec\x01";

/// Most bytes of one text or one write: more than any guest's memory has.
const MOST: u64 = 1 << 33;

/// What a call of WASI gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Given {
    /// An error number, 0 for success.
    Errno(u16),
    /// The guest left with this code.
    Exit(i32),
    /// The run ended with this error.
    Failed(String),
}

/// One call of WASI.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The name of the function.
    pub function: String,
    /// Its arguments.
    pub args: Vec<u64>,
    /// What it gave.
    pub given: Given,
    /// The bytes that it wrote to the guest's memory, and where.
    pub writes: Vec<(u32, Vec<u8>)>,
    /// What it wrote to standard output (1) and standard error (2).
    pub output: Vec<(u8, Vec<u8>)>,
}

/// Why a file cannot be read.
#[derive(Debug)]
pub enum Damaged {
    /// It does not begin as a recorded run does.
    NotARecording,
    /// It ends before its end.
    Cut,
    /// Its contents are not what was written.
    Changed,
    /// The system could not read it.
    Io(io::Error),
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damaged::NotARecording => f.write_str("this is no recorded run"),
            Damaged::Cut => f.write_str("the recorded run is cut: its end is missing"),
            Damaged::Changed => f.write_str("the recorded run is damaged"),
            Damaged::Io(error) => write!(f, "the recorded run cannot be read: {error}"),
        }
    }
}

impl std::error::Error for Damaged {}

impl From<io::Error> for Damaged {
    fn from(error: io::Error) -> Damaged {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Damaged::Cut,
            _ => Damaged::Io(error), // The system's own reasons.
        }
    }
}

/// Writes a file.
pub struct Writer {
    to: Box<dyn Write + Send>,
    sum: u64,
    buffer: Vec<u8>,
    entries: u64,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}

/// The start of a checksum (FNV-1a).
const SUM: u64 = 0xCBF2_9CE4_8422_2325;

fn summed(sum: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(sum, |sum, &byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

fn put(buffer: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        buffer.push(number as u8 | 0x80);
        number >>= 7;
    }
    buffer.push(number as u8);
}

fn put_bytes(buffer: &mut Vec<u8>, bytes: &[u8]) {
    put(buffer, bytes.len() as u64);
    buffer.extend_from_slice(bytes);
}

impl Writer {
    /// Begins a file with a header of names and values.
    ///
    /// # Errors
    /// Returns the error of the sink.
    pub fn new(to: Box<dyn Write + Send>, header: &[(String, Vec<u8>)]) -> io::Result<Writer> {
        let mut writer = Writer {
            to,
            sum: SUM,
            buffer: MAGIC.to_vec(),
            entries: 0,
        };
        put(&mut writer.buffer, header.len() as u64);
        for (name, value) in header {
            put_bytes(&mut writer.buffer, name.as_bytes());
            put_bytes(&mut writer.buffer, value);
        }
        writer.pass_on()?;
        Ok(writer)
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.sum = summed(self.sum, &self.buffer);
        self.to.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Adds a call.
    ///
    /// # Errors
    /// Returns the error of the sink.
    pub fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        self.entries += 1;
        let to = &mut self.buffer;
        to.push(1);
        put_bytes(to, entry.function.as_bytes());
        put(to, entry.args.len() as u64);
        entry.args.iter().for_each(|&arg| put(to, arg));
        match &entry.given {
            Given::Errno(errno) => {
                to.push(0);
                put(to, (*errno).into());
            }
            Given::Exit(code) => {
                to.push(1);
                put(to, u64::from(*code as u32));
            }
            Given::Failed(text) => {
                to.push(2);
                put_bytes(to, text.as_bytes());
            }
        }
        put(to, entry.writes.len() as u64);
        for (at, bytes) in &entry.writes {
            put(to, (*at).into());
            put_bytes(to, bytes);
        }
        put(to, entry.output.len() as u64);
        for (stream, bytes) in &entry.output {
            to.push(*stream);
            put_bytes(to, bytes);
        }
        self.pass_on()
    }

    /// Ends the file; `end` says how the run ended.
    ///
    /// # Errors
    /// Returns the error of the sink.
    pub fn end(&mut self, end: &str) -> io::Result<()> {
        self.buffer.push(0);
        put(&mut self.buffer, self.entries);
        put_bytes(&mut self.buffer, end.as_bytes());
        self.pass_on()?;
        let sum = self.sum.to_le_bytes();
        self.to.write_all(&sum)?;
        self.to.flush()
    }
}

/// Reads a file.
pub struct Reader {
    from: Box<dyn Read + Send>,
    sum: u64,
    entries: u64,
    header: Vec<(String, Vec<u8>)>,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}

/// What comes next in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// A call.
    Entry(Entry),
    /// The end, with the text that says how the run ended.
    End(String),
}

impl Reader {
    /// Reads the header.
    ///
    /// # Errors
    /// Returns why the file is no recorded run, or cannot be read.
    pub fn new(from: Box<dyn Read + Send>) -> Result<Reader, Damaged> {
        let mut reader = Reader {
            from,
            sum: SUM,
            entries: 0,
            header: Vec::new(),
        };
        let mut magic = [0; MAGIC.len()];
        match reader.exactly(&mut magic) {
            Ok(()) if magic == *MAGIC => {}
            Ok(()) | Err(Damaged::Cut) => return Err(Damaged::NotARecording),
            Err(error) => return Err(error),
        }
        for _ in 0..reader.number()? {
            let name = reader.text()?;
            let value = reader.bytes()?;
            reader.header.push((name, value));
        }
        Ok(reader)
    }

    /// Returns the value that the header gives a name.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let mut found = self.header.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| &value[..])
    }

    fn exactly(&mut self, bytes: &mut [u8]) -> Result<(), Damaged> {
        self.from.read_exact(bytes)?;
        self.sum = summed(self.sum, bytes);
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, Damaged> {
        let mut byte = [0];
        self.exactly(&mut byte)?;
        Ok(byte[0])
    }

    fn number(&mut self) -> Result<u64, Damaged> {
        let (mut number, mut shift) = (0u64, 0);
        loop {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7F);
            number |= part.checked_shl(shift).ok_or(Damaged::Changed)?;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
            shift += 7;
        }
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Damaged> {
        let len = self.number()?;
        if len > MOST {
            return Err(Damaged::Changed);
        }
        // A length that is damaged must not allocate more than there is.
        let (mut bytes, mut left) = (Vec::new(), len as usize);
        while left > 0 {
            let part = left.min(1 << 16);
            let at = bytes.len();
            bytes.resize(at + part, 0);
            self.exactly(&mut bytes[at..])?;
            left -= part;
        }
        Ok(bytes)
    }

    fn text(&mut self) -> Result<String, Damaged> {
        String::from_utf8(self.bytes()?).map_err(|_| Damaged::Changed)
    }

    /// Reads the next call, or the end.
    ///
    /// # Errors
    /// Returns what is wrong with the file.
    pub fn next(&mut self) -> Result<Next, Damaged> {
        match self.byte()? {
            0 => self.end(),
            1 => self.entry().map(Next::Entry),
            _ => Err(Damaged::Changed), // No other record exists.
        }
    }

    fn end(&mut self) -> Result<Next, Damaged> {
        let entries = self.number()?;
        let text = self.text()?;
        let expected = self.sum;
        let mut sum = [0; 8];
        self.from.read_exact(&mut sum)?;
        let mut more = [0];
        let ends = matches!(self.from.read(&mut more), Ok(0));
        match entries == self.entries && u64::from_le_bytes(sum) == expected && ends {
            true => Ok(Next::End(text)),
            false => Err(Damaged::Changed),
        }
    }

    fn entry(&mut self) -> Result<Entry, Damaged> {
        self.entries += 1;
        let function = self.text()?;
        let args = (0..self.number()?.min(64)).map(|_| self.number());
        let args = args.collect::<Result<_, _>>()?;
        let given = match self.byte()? {
            0 => Given::Errno(self.number()? as u16),
            1 => Given::Exit(self.number()? as u32 as i32),
            2 => Given::Failed(self.text()?),
            _ => return Err(Damaged::Changed), // A call gives nothing else.
        };
        let mut writes = Vec::new();
        for _ in 0..self.number()? {
            let at = u32::try_from(self.number()?).map_err(|_| Damaged::Changed)?;
            writes.push((at, self.bytes()?));
        }
        let mut output = Vec::new();
        for _ in 0..self.number()? {
            output.push((self.byte()?, self.bytes()?));
        }
        Ok(Entry {
            function,
            args,
            given,
            writes,
            output,
        })
    }
}
