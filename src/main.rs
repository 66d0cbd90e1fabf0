//! The `limpid` command: a face of the library with one file for each verb, in `cli`.

#![forbid(unsafe_code)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
