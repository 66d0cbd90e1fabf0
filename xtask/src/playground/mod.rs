//! `cargo xtask playground`: compiles Limpid for `wasm32-unknown-unknown` and writes the page that
//! runs it, one file that needs no server: `target/playground/limpid.html`.

// The two files of the library that put a page together. They know nothing of the rest of it, and
// the pages of traces are the library's alone.
#[allow(dead_code)]
#[path = "../../../src/observe/html/inline.rs"]
mod inline;
#[path = "../../../src/observe/html/text.rs"]
mod text;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

const TARGET: &str = "wasm32-unknown-unknown";

/// Most bytes of the page.
const MOST: usize = 3 << 20;

/// Bytes of the stack inside of the page: the readers of texts recurse.
const STACK: &str = "-C link-arg=-zstack-size=4194304";

/// Builds the page and says how large it is.
pub fn main() -> ExitCode {
    match build() {
        Ok((path, size)) => {
            println!("{}: {size} bytes, at most {MOST}", path.display());
            ExitCode::from(u8::from(size > MOST))
        }
        Err(message) => {
            println!("the playground was not built: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the page; returns where it is, and its size.
///
/// # Errors
/// Says what is missing, or which step has failed.
pub fn build() -> Result<(PathBuf, usize), String> {
    let root = crate::root();
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let out = target.join("playground");
    let module = module(&root, &out)?;
    let module = fs::read(&module).map_err(|error| format!("{}: {error}", module.display()))?;
    let examples = examples(&root.join("playground/examples"))?;
    let examples: Vec<(&str, &str)> = examples
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let packed = miniz_oxide::deflate::compress_to_vec(&module, 9);
    let page = inline::playground(&packed, &examples);
    let path = out.join("limpid.html");
    fs::write(&path, &page).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((path, page.len()))
}

/// Returns the compiler: that of this cargo, or the one that `WASM_RUSTC` names.
///
/// # Errors
/// Says what is missing where it cannot compile for the target.
pub fn compiler() -> Result<String, String> {
    let rustc = env::var("WASM_RUSTC").unwrap_or_else(|_| "rustc".into());
    let library = printed(&rustc, &["--print", "target-libdir", "--target", TARGET])?;
    match Path::new(&library).is_dir() {
        true => Ok(rustc),
        false => Err(format!(
            "`{rustc}` has no standard library for {TARGET}; `rustup target add {TARGET}` installs \
             it, or WASM_RUSTC names another compiler"
        )),
    }
}

/// Compiles the module.
fn module(root: &Path, out: &Path) -> Result<PathBuf, String> {
    let rustc = compiler()?;
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(root.join("playground"))
        .args(["build", "--release", "--locked", "--target", TARGET])
        .env("CARGO_TARGET_DIR", out)
        .env("RUSTC", &rustc)
        .env("RUSTFLAGS", STACK);
    if let Some(linker) = linker() {
        let name = format!(
            "CARGO_TARGET_{}_LINKER",
            TARGET.to_uppercase().replace('-', "_")
        );
        cargo.env(name, linker);
    }
    match cargo.status() {
        Ok(status) if status.success() => {
            let file = format!("{TARGET}/release/limpid-playground.wasm");
            Ok(out.join(file))
        }
        Ok(status) => Err(format!("cargo ended with {status}")),
        Err(error) => Err(format!("cargo cannot be run: {error}")),
    }
}

/// The linker beside the compiler of this cargo, which another compiler may lack.
fn linker() -> Option<PathBuf> {
    env::var_os("WASM_RUSTC")?;
    let root = printed("rustc", &["--print", "sysroot"]).ok()?;
    let host = printed("rustc", &["--print", "host-tuple"]).ok()?;
    let linker = Path::new(&root).join(format!("lib/rustlib/{host}/bin/rust-lld"));
    linker.is_file().then_some(linker)
}

fn printed(program: &str, args: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(args).output();
    let output = output.map_err(|error| format!("`{program}` cannot be run: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
}

/// The examples by their names, in the order of the first being the simplest.
fn examples(folder: &Path) -> Result<Vec<(String, String)>, String> {
    const ORDER: [&str; 4] = ["factorial", "sieve", "trap", "exception"];
    let example = |name: &&str| {
        let path = folder.join(format!("{name}.wat"));
        let text = fs::read_to_string(&path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok((name.to_string(), text))
    };
    ORDER.iter().map(example).collect()
}
