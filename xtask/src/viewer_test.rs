//! `cargo xtask viewer-test`: opens a trace and the playground in a headless browser and tries
//! them. It says what is missing where there is no node, no browser, or no playground.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// Packages that the test needs, from npm.
const PACKAGES: [&str; 2] = ["playwright-core@1", "axe-core@4"];

/// Names under which the browser is known.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Runs the tests of the viewer.
pub fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(missing) => {
            println!("the viewer was not tested: {missing}");
            ExitCode::SUCCESS
        }
    }
}

/// Whether the tests pass, or what is missing.
fn run() -> Result<bool, String> {
    let root = crate::root();
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = target.join("viewer-test");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let browser = browser()?;
    install(&folder)?;
    let limpid = built(&root, &target)?;
    let shared = env::var_os("LIMPID_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let mut pages = Vec::new();
    for (name, module, flags, args) in PROGRAMS {
        let module = match module.strip_prefix("shared/") {
            Some(module) => shared.join(module),
            None => root.join(module),
        };
        if !module.is_file() {
            println!("left out: {name}, for {} is not there", module.display());
            continue;
        }
        let page = folder.join(name);
        let mut trace = Command::new(&limpid);
        trace.args(["trace", "--html"]).arg(&page).args(flags);
        trace.arg(module).args(args);
        match trace.status() {
            Ok(status) if status.success() => pages.push(page),
            Ok(status) => return Err(format!("the trace ended with {status}")),
            Err(error) => return Err(format!("{}: {error}", limpid.display())),
        }
    }
    let playground = target.join("playground/limpid.html");
    if !playground.is_file() {
        println!("left out: the playground, which `cargo xtask playground` builds");
    }
    let mut node = Command::new("node");
    node.arg(root.join("viewer/tests/browser.mjs"))
        .args(pages)
        .env("MODULES", folder.join("node_modules"))
        .env("SHOTS", folder.join("screenshots"))
        .env("BROWSER", browser);
    node.env("SUITE", shared.join("suites/spec/core"));
    if playground.is_file() {
        node.env("PLAYGROUND", playground);
    }
    let done = node.status().map_err(|error| format!("node: {error}"))?;
    Ok(done.success())
}

/// A program to trace: the name of the page, the module, flags, arguments.
type Program = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// What is traced. The last one is a real program, which is not part of this repository.
const PROGRAMS: [Program; 3] = [
    (
        "small.html",
        "playground/examples/factorial.wat",
        &["--invoke", "fac"],
        &["5"],
    ),
    (
        "large.html",
        "viewer/tests/loop.wat",
        &["--invoke", "run"],
        &[],
    ),
    ("lua.html", "shared/programs/lua.wasm", &[], &["-e", LUA]),
];

/// A script that takes more than a million steps.
const LUA: &str = "local function f(n) if n < 2 then return n end return f(n - 1) + f(n - 2) end \
                   print(_VERSION, f(27), pcall(error, 'boom'))";

/// Returns the browser that the tests use.
///
/// # Errors
/// Says what is missing where they cannot be run.
pub fn browser() -> Result<String, String> {
    let runs = |name: &str| {
        let output = Command::new(name).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    };
    if !runs("node") || !runs("npm") {
        return Err("there is no `node`, or no `npm`".into());
    }
    let given = env::var("BROWSER").ok();
    let known = BROWSERS.iter().map(ToString::to_string);
    let mut browsers = given.into_iter().chain(known);
    browsers
        .find(|name| runs(name))
        .ok_or_else(|| format!("there is none of {}", BROWSERS.join(", ")))
}

/// Installs the packages, unless they are there.
pub(crate) fn install(folder: &Path) -> Result<(), String> {
    if folder.join("node_modules/playwright-core").is_dir() {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--prefix"])
        .arg(folder)
        .args(PACKAGES);
    match npm.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) | Err(_) => Err(format!("npm cannot install {}", PACKAGES.join(" and "))),
    }
}

/// The command line, in the release build that `cargo run --release` makes, too.
pub(crate) fn built(root: &Path, target: &Path) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(root)
        .args(["build", "--release", "--bin", "limpid"]);
    match cargo.status() {
        Ok(status) if status.success() => Ok(target.join("release/limpid")),
        Ok(_) | Err(_) => Err("the command line does not build".into()),
    }
}
