//! Sockets that were handed in: accepting, receiving, sending, shutting down, waiting.

use super::fails;
use super::fixture::{ROOT, each};
use super::guest::*;
use limpid::wasi::WasiCtxBuilder;
use limpid::wasi::p1::Errno;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// The descriptor of the first grant, a socket here.
const LISTENER: u32 = 3;
const PEEK: u64 = 1;
const WAITALL: u64 = 2;

fn guest() -> (Guest, SocketAddr) {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let address = socket.local_addr().expect("an address");
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_socket(socket).expect("a grant");
    (Guest::new(builder.build_p1()), address)
}

fn accept(guest: &mut Guest, flags: u64) -> Result<u32, Errno> {
    guest.call("sock_accept", &[LISTENER.into(), flags, 0x8000])?;
    Ok(guest.u32(0x8000))
}

fn receive(guest: &mut Guest, fd: u32, len: usize, flags: u64) -> Result<Vec<u8>, Errno> {
    guest.list(len);
    guest.call("sock_recv", &[fd.into(), 0, 1, flags, 0x8000, 0x8010])?;
    Ok(guest.get(0x1_0000, guest.u32(0x8000) as usize))
}

fn send(guest: &mut Guest, fd: u32, bytes: &[u8]) -> Result<u32, Errno> {
    guest.put(0x1_0000, bytes);
    guest.list(bytes.len());
    guest.call("sock_send", &[fd.into(), 0, 1, 0, 0x8000])?;
    Ok(guest.u32(0x8000))
}

#[test]
fn a_connection_from_start_to_end() {
    let (mut guest, address) = guest();
    let client = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(b"hello").expect("sent");
        thread::sleep(Duration::from_millis(50));
        stream.write_all(b", guest").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    });
    // Waits for the connection, then for the bytes.
    let fd = accept(&mut guest, 0).expect("a connection");
    assert_eq!(receive(&mut guest, fd, 3, PEEK), Ok(b"hel".to_vec()));
    assert_eq!(
        receive(&mut guest, fd, 12, WAITALL),
        Ok(b"hello, guest".to_vec())
    );
    assert_eq!(send(&mut guest, fd, b"hello, "), Ok(7));
    assert_eq!(guest.write(fd, b"host"), Ok(4));
    assert_eq!(guest.call("sock_shutdown", &[fd.into(), 2]), Ok(()));
    fails(send(&mut guest, fd, b"x"), &[Errno::Pipe], "after the end");
    assert_eq!(client.join().expect("no panic"), "hello, host");
    assert_eq!(receive(&mut guest, fd, 10, 0), Ok(Vec::new()));
    assert_eq!(guest.read(fd, 10), Ok(Vec::new()));
    assert_eq!(guest.close(fd), Ok(()));
}

#[test]
fn nothing_waits_that_is_not_to() {
    let (mut guest, address) = guest();
    assert_eq!(
        guest.call("fd_fdstat_set_flags", &[LISTENER.into(), 4]),
        Ok(())
    );
    fails(accept(&mut guest, 0), &[Errno::Again], "no connection");
    let mut client = TcpStream::connect(address).expect("a connection");
    let fd = accept(&mut guest, 4).expect("a connection");
    fails(receive(&mut guest, fd, 1, 0), &[Errno::Again], "no bytes");
    fails(guest.read(fd, 1), &[Errno::Again], "no bytes");
    // Polled until there are some.
    client.write_all(b"abc").expect("sent");
    guest.put(0x2000, &[0; 48]);
    guest.put(0x2008, &[1]);
    guest.put(0x2010, &fd.to_le_bytes());
    assert_eq!(
        guest.call("poll_oneoff", &[0x2000, 0x3000, 1, 0x4000]),
        Ok(())
    );
    assert_eq!((guest.u32(0x4000), guest.u64(0x3010)), (1, 3));
    assert_eq!(receive(&mut guest, fd, 10, 0), Ok(b"abc".to_vec()));
}

/// Waits for something to read of a descriptor; the number and the error of the event.
fn poll(guest: &mut Guest, fd: u32) -> (u32, Vec<u8>) {
    guest.put(0x2000, &[0; 48]);
    guest.put(0x2008, &[1]);
    guest.put(0x2010, &fd.to_le_bytes());
    let polled = guest.call("poll_oneoff", &[0x2000, 0x3000, 1, 0x4000]);
    assert_eq!(polled, Ok(()));
    (guest.u32(0x4000), guest.get(0x3008, 2))
}

#[test]
fn a_listener_is_waited_for() {
    let (mut guest, address) = guest();
    let begun = std::time::Instant::now();
    let client = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        TcpStream::connect(address).expect("a connection")
    });
    assert_eq!(poll(&mut guest, LISTENER), (1, vec![0, 0]));
    assert!(begun.elapsed() >= Duration::from_millis(290));
    // Its connection is still there, and then no longer.
    assert_eq!(poll(&mut guest, LISTENER), (1, vec![0, 0]));
    assert!(accept(&mut guest, 0).is_ok());
    guest
        .call("fd_fdstat_set_flags", &[LISTENER.into(), 4])
        .expect("set");
    fails(accept(&mut guest, 0), &[Errno::Again], "no connection");
    drop(client.join().expect("no panic"));
    // Without the right it is not.
    let args = [LISTENER.into(), 1 << 27, 0];
    assert_eq!(guest.call("fd_fdstat_set_rights", &args), Ok(()));
    let lacking = Errno::NotCapable as u8;
    assert_eq!(poll(&mut guest, LISTENER), (1, vec![lacking, 0]));
}

#[test]
fn a_listener_stays_as_it_was() {
    use rustix::fs::{OFlags, fcntl_getfl};
    let socket = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let (same, address) = (socket.try_clone(), socket.local_addr());
    let (same, address) = (same.expect("a socket"), address.expect("an address"));
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_socket(socket).expect("a grant");
    let mut guest = Guest::new(builder.build_p1());
    let waits = || {
        !fcntl_getfl(&same)
            .expect("flags")
            .contains(OFlags::NONBLOCK)
    };
    assert!(waits(), "granted");
    let client = TcpStream::connect(address).expect("a connection");
    assert!(accept(&mut guest, 0).is_ok());
    guest
        .call("fd_fdstat_set_flags", &[LISTENER.into(), 4])
        .expect("set");
    fails(accept(&mut guest, 0), &[Errno::Again], "no connection");
    assert!(waits(), "accepted from");
    drop((guest, client));
    assert!(waits(), "closed by the guest");
}

#[test]
fn what_is_no_socket_and_what_is() {
    let (mut guest, address) = guest();
    let client = TcpStream::connect(address).expect("a connection");
    let fd = accept(&mut guest, 0).expect("a connection");
    for other in [0, 1, 2, LISTENER] {
        fails(
            receive(&mut guest, other, 1, 0),
            &[Errno::NotSock],
            "receive",
        );
        fails(send(&mut guest, other, b"x"), &[Errno::NotSock], "send");
        let shut = guest.call("sock_shutdown", &[other.into(), 1]);
        fails(shut, &[Errno::NotSock], "shutdown");
    }
    fails(
        guest.call("sock_accept", &[fd.into(), 0, 0x8000]),
        &[Errno::NotSock],
        "accept",
    );
    fails(
        guest.call("sock_accept", &[99, 0, 0x8000]),
        &[Errno::BadF],
        "accept",
    );
    fails(
        accept(&mut guest, 1),
        &[Errno::Inval],
        "accept with a flag that cannot be",
    );
    fails(
        receive(&mut guest, fd, 1, 4),
        &[Errno::Inval],
        "receive with a flag",
    );
    for how in [0, 4, 255] {
        fails(
            guest.call("sock_shutdown", &[fd.into(), how]),
            &[Errno::Inval],
            "shutdown",
        );
    }
    fails(
        guest.call("fd_seek", &[fd.into(), 0, 0, 0x8000]),
        &[Errno::SPipe],
        "seek",
    );
    fails(guest.open(fd, "f"), &[Errno::NotDir], "open");
    // Without the right nothing is accepted.
    let args = [LISTENER.into(), 0, 0];
    assert_eq!(guest.call("fd_fdstat_set_rights", &args), Ok(()));
    fails(accept(&mut guest, 4), &[Errno::NotCapable], "accept");
    drop(client);
}

#[test]
fn directories_come_before_sockets() {
    each(|fixture| {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let mut guest = fixture.guest_with(|builder| {
            builder.preopened_socket(socket).expect("a grant");
        });
        assert_eq!(guest.read_file(ROOT, "f"), Ok(b"inside".to_vec()));
        assert_eq!(guest.call("fd_prestat_get", &[3, 0x8000]), Ok(()));
        fails(
            guest.call("fd_prestat_get", &[4, 0x8000]),
            &[Errno::BadF],
            "prestat",
        );
        assert_eq!(guest.call("fd_fdstat_get", &[4, 0x8000]), Ok(()));
        assert_eq!(guest.get(0x8000, 1), [6]);
    });
}
