//! Recordings are read as they were written, and damaged ones are refused.

use super::*;
use std::io::Cursor;

/// A file in memory.
#[derive(Clone, Default)]
struct File(Arc<Mutex<Vec<u8>>>);

impl io::Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        locked(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn entry(function: &str) -> Entry {
    Entry {
        function: function.into(),
        args: vec![1, u64::MAX, 300],
        given: Given::Errno(0),
        writes: vec![(70_000, vec![1, 2, 3]), (4, Vec::new())],
        output: vec![(1, b"hello".to_vec()), (2, vec![0xFF])],
    }
}

fn recorded(entries: &[Entry]) -> Vec<u8> {
    let file = File::default();
    let header = [("name".to_owned(), b"value".to_vec())];
    let mut writer = Writer::new(Box::new(file.clone()), &header).expect("a vector");
    for entry in entries {
        writer.entry(entry).expect("a vector");
    }
    writer.end("exit 0").expect("a vector");
    locked(&file.0).clone()
}

fn read(bytes: Vec<u8>) -> Result<Vec<Next>, Damaged> {
    let mut reader = Reader::new(Box::new(Cursor::new(bytes)))?;
    let mut all = Vec::new();
    loop {
        let next = reader.next()?;
        let ends = matches!(next, Next::End(_));
        all.push(next);
        if ends {
            return Ok(all);
        }
    }
}

#[test]
fn what_is_written_is_read() {
    let exit = Entry {
        given: Given::Exit(-1),
        ..entry("proc_exit")
    };
    let failed = Entry {
        given: Given::Failed("why".into()),
        ..entry("fd_read")
    };
    let entries = [entry("fd_write"), exit, failed];
    let mut expected: Vec<Next> = entries.iter().cloned().map(Next::Entry).collect();
    expected.push(Next::End("exit 0".into()));
    assert_eq!(read(recorded(&entries)).expect("whole"), expected);
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    let whole = recorded(&[entry("fd_write"), entry("fd_read")]);
    for len in 0..whole.len() {
        let cut = read(whole[..len].to_vec());
        assert!(
            matches!(cut, Err(Damaged::Cut | Damaged::NotARecording)),
            "{len}: {cut:?}"
        );
    }
}

#[test]
fn a_file_with_a_changed_bit_is_refused() {
    let whole = recorded(&[entry("fd_write"), entry("fd_read")]);
    for bit in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(read(changed).is_err(), "bit {bit}");
    }
    let longer = [&whole[..], &[0]].concat();
    assert!(read(longer).is_err());
}

fn player(entries: &[Entry]) -> Player {
    let reader = Reader::new(Box::new(Cursor::new(recorded(entries)))).expect("whole");
    assert_eq!(reader.header("name"), Some(&b"value"[..]));
    assert_eq!(reader.header("other"), None);
    Player::new(reader)
}

#[test]
fn calls_are_answered_in_their_order() {
    let entries = [entry("fd_write"), entry("fd_read")];
    let player = player(&entries);
    let args = &entries[0].args;
    assert_eq!(
        player.answer("fd_write", args).expect("recorded"),
        entries[0]
    );
    let early = player.end().expect_err("a call is left").to_string();
    assert!(early.contains("call 1 is the end of the run"), "{early}");
}

#[test]
fn another_course_is_an_error() {
    let entries = [entry("fd_write")];
    let other = |function: &str, args: &[u64]| {
        let error = player(&entries)
            .answer(function, args)
            .expect_err("differs");
        error.to_string()
    };
    let told = other("fd_read", &entries[0].args);
    assert!(told.contains("call 0 is fd_read(1, "), "{told}");
    assert!(told.contains("recorded is fd_write(1, "), "{told}");
    other("fd_write", &[1]);
    let player = player(&entries);
    player
        .answer("fd_write", &entries[0].args)
        .expect("recorded");
    let told = player.answer("fd_write", &entries[0].args);
    let told = told.expect_err("over").to_string();
    assert!(told.contains("recorded is nothing more"), "{told}");
    assert_eq!(player.end().expect("all were made"), "exit 0");
}

fn redacted(redacted: Redacted, function: &str, writes: &[&[u8]], stdin: bool) -> Vec<String> {
    let mut entry = Entry {
        writes: writes.iter().map(|bytes| (0, bytes.to_vec())).collect(),
        ..entry(function)
    };
    redacted.apply(&mut entry, stdin);
    let texts = entry.writes.iter();
    texts
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
        .collect()
}

#[test]
fn secrets_are_overwritten() {
    let all = Redacted {
        env: true,
        args: true,
        stdin: true,
    };
    let env: [&[u8]; 4] = [b"ptr1", b"KEY=secret\0", b"ptr2", b"EMPTY=\0"];
    let told = redacted(all, "environ_get", &env, false);
    assert_eq!(told, ["ptr1", "KEY=xxxxxx\0", "ptr2", "EMPTY=\0"]);
    let args: [&[u8]; 4] = [b"ptr1", b"prog\0", b"ptr2", b"secret\0"];
    let told = redacted(all, "args_get", &args, false);
    assert_eq!(told, ["ptr1", "prog\0", "ptr2", "xxxxxx\0"]);
    let input: [&[u8]; 2] = [b"secret", b"size"];
    assert_eq!(redacted(all, "fd_read", &input, true), ["xxxxxx", "size"]);
    assert_eq!(redacted(all, "fd_read", &input, false), ["secret", "size"]);
    let told = redacted(Redacted::default(), "environ_get", &env, false);
    assert_eq!(told[1], "KEY=secret\0");
}
