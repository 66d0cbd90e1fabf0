//! The options of WASI, `-S`.

use super::options::{Options, Row, Set, row};

/// What the options of WASI say.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools)] // Each is a flag of its own.
pub struct WasiOptions {
    pub inherit_env: bool,
    pub inherit_stdin: bool,
    pub threads: bool,
    pub listenfd: bool,
}

impl Default for WasiOptions {
    fn default() -> WasiOptions {
        WasiOptions {
            inherit_env: false,
            inherit_stdin: true,
            threads: false,
            listenfd: false,
        }
    }
}

/// The options of `-S`.
const WASI_OPTIONS: &[Row<WasiOptions>] = &[
    row(
        "inherit-env",
        Set::Switch(|to, on| to.inherit_env = on),
        "give the guest all variables of this process; default n",
    ),
    row(
        "inherit-stdin",
        Set::Switch(|to, on| to.inherit_stdin = on),
        "give the guest the standard input of this process; default y",
    ),
    row(
        "listenfd",
        Set::Switch(|to, on| to.listenfd = on),
        "give the guest the listening sockets that this process was given; default n",
    ),
    row(
        "threads",
        Set::Switch(|to, on| to.threads = on),
        "let the guest spawn threads (wasi-threads); default n",
    ),
    row("cli", Set::Nothing, "all interfaces of commands"),
    row("common", Set::Nothing, "the older name of cli"),
    row("preview0", Set::Nothing, "the first version of WASI"),
    row("preview2", Set::Nothing, "WASI 0.1 on top of WASI 0.2"),
    row(
        "inherit-stdout",
        Set::AlwaysOn,
        "the standard output of this process",
    ),
    row(
        "inherit-stderr",
        Set::AlwaysOn,
        "the standard error of this process",
    ),
    row("allow-ip-name-lookup", Set::Later, "names of hosts"),
    row("config", Set::Later, "configuration"),
    row("http", Set::Later, "requests over HTTP"),
    row("inherit-network", Set::Later, "the network"),
    row("keyvalue", Set::Later, "stores of keys and values"),
    row("nn", Set::Later, "neural networks"),
    row("p3", Set::Later, "WASI 0.3"),
    row("tcp", Set::Later, "TCP sockets of WASI 0.2"),
    row("tls", Set::Later, "encrypted connections"),
    row("udp", Set::Later, "UDP sockets of WASI 0.2"),
];

impl Options for WasiOptions {
    const FLAG: &'static str = "-S";

    fn rows() -> Vec<Row<WasiOptions>> {
        WASI_OPTIONS.to_vec()
    }
}
