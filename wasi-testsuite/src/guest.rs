//! The process in which one program runs: everything it needs comes as arguments, and it exits
//! as the program does.

use crate::Configuration;
use limpid::wasi::p1::{self, WasiP1Ctx};
use limpid::wasi::{DirPerms, FilePerms, I32Exit, WasiCtxBuilder, WasiThreads};
use limpid::{Linker, Module, Result, Store};
use std::path::Path;
use std::process::Command;

/// The exit code of a program that traps, as shells see it.
const TRAPPED: i32 = 134;

/// The exit code where there was no run.
const NOT_RUN: i32 = 99;

/// The word that makes a program such a process.
pub const GUEST: &str = "--guest";

/// Is such a process, where the arguments of this one say so; gives what it exits with.
pub fn asked() -> Option<i32> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (GUEST, rest) = args
        .split_first()
        .map(|(word, rest)| (word.as_str(), rest))?
    else {
        return None;
    };
    Some(run(rest).unwrap_or_else(|error| {
        eprintln!("{error:#}");
        NOT_RUN
    }))
}

/// The command that has this program be such a process.
///
/// # Errors
/// When the system does not say what this program is.
pub fn command(configuration: &Configuration) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([GUEST, configuration.name]);
    Ok(command)
}

/// Runs a program: `CONFIGURATION [--env NAME=VALUE]... [--dir ROOT::/] FILE [ARGUMENT]...`. Gives
/// its exit code.
///
/// # Errors
/// When the arguments are wrong, or the program cannot be loaded or linked.
pub fn run(args: &[String]) -> Result<i32> {
    let mut args = args.iter();
    let mut next = || args.next().map(String::as_str);
    let named = next().and_then(Configuration::named);
    let configuration = named.ok_or_else(|| limpid::Error::msg("no such configuration"))?;
    let mut builder = WasiCtxBuilder::new();
    builder
        .inherit_stdio()
        .path_resolver(configuration.resolver);
    let file = loop {
        match next() {
            Some("--dir") => {
                let grant = next().unwrap_or_default();
                let root = grant.strip_suffix("::/").unwrap_or(grant);
                builder.preopened_dir(root, "/", DirPerms::all(), FilePerms::all())?;
            }
            Some("--env") => {
                let (name, value) = next()
                    .and_then(|env| env.split_once('='))
                    .unwrap_or_default();
                builder.env(name, value);
            }
            Some(file) => break Path::new(file),
            None => return Err(limpid::Error::msg("no file")),
        }
    };
    builder.arg(file.file_name().unwrap_or_default().to_string_lossy());
    for arg in args {
        builder.arg(arg);
    }
    start(&configuration, file, builder.build_p1())
}

fn start(configuration: &Configuration, file: &Path, ctx: WasiP1Ctx) -> Result<i32> {
    let engine = configuration.engine()?;
    let module = Module::from_file(&engine, file)?;
    let mut linker = Linker::new(&engine);
    p1::add_to_linker(&mut linker, |ctx: &mut WasiP1Ctx| ctx)?;
    let mut store = Store::new(&engine, ctx);
    store.set_epoch_deadline(1);
    let threads = WasiThreads::add_to_linker(&mut linker, &store, &module)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
    let result = start.call(&mut store, ());
    Ok(code(threads.finish(result)))
}

fn code(result: Result<()>) -> i32 {
    let Err(error) = result else {
        return 0;
    };
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return exit.0;
    }
    eprintln!("{error:#}");
    TRAPPED
}
