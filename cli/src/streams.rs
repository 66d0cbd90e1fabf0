//! The streams and sockets that a guest is given.

use super::outcome::Failure;
use super::paths;
use limpid::wasi::{InputFile, WasiCtxBuilder};
#[cfg(unix)]
use std::io;
use std::path::Path;

/// Opens a file as the guest's input.
///
/// # Errors
/// When it cannot be opened.
pub fn input(path: &Path) -> Result<InputFile, Failure> {
    paths::not_empty("--stdin", path)?;
    let failed = |error| Failure::failed(format!("{}: {error}", paths::shown(path)));
    InputFile::open(path).map_err(failed)
}

/// Grants the sockets that whoever started this process opened for it.
///
/// # Errors
/// One that does not listen for streams.
#[cfg(unix)]
pub fn grant_sockets(builder: &mut WasiCtxBuilder) -> Result<(), Failure> {
    let mut sockets = listenfd::ListenFd::from_env();
    let failed = |error: io::Error| Failure::failed(format!("-S listenfd: {error}"));
    for place in 0..sockets.len() {
        // What listens at an address of the network or at a path of the host.
        let tcp = sockets.take_tcp_listener(place);
        let granted = match tcp {
            Ok(Some(socket)) => builder.preopened_socket(socket).map(drop),
            Ok(None) => Ok(()),
            Err(_) => match sockets.take_unix_listener(place).map_err(failed)? {
                Some(socket) => builder.preopened_socket(socket).map(drop),
                None => Ok(()),
            },
        };
        granted.map_err(failed)?;
    }
    Ok(())
}

/// There are none.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn grant_sockets(_: &mut WasiCtxBuilder) -> Result<(), Failure> {
    Err(Failure::usage("-S listenfd: not supported on this system"))
}
