//! `cargo xtask ci [--list] [STEP...]`: everything that must hold before a change lands, on a clean
//! clone, in under 40 minutes on two cores. A step whose tool or target is not there says so in a
//! line; a step that fails ends the run. `.ci/run` calls it.

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// A step: its name, and the command or why it is left out.
struct Step {
    name: String,
    command: Result<Command, String>,
}

/// The suite under further configurations of the engine.
const CONFIGS: [&str; 7] = [
    "eager",
    "fuel",
    "gc-stress",
    "small-stack",
    "reverse",
    "faithful,stepped,eager,fuel",
    "trace",
];

/// Targets without an operating system, or with other words, on which the engine is checked.
const TARGETS: [&str; 3] = [
    "thumbv7em-none-eabihf",
    "wasm32-unknown-unknown",
    "i686-unknown-linux-gnu",
];

/// Runs the steps, or those whose names contain one of the arguments.
pub fn main(args: &[String]) -> ExitCode {
    let mut steps = steps();
    if args.iter().any(|arg| arg == "--help") {
        println!("usage: cargo xtask ci [--list] [STEP...]; a part of a name is enough");
        return ExitCode::SUCCESS;
    }
    if args.first().is_some_and(|arg| arg == "--list") {
        steps.iter().for_each(|step| println!("{}", step.name));
        return ExitCode::SUCCESS;
    }
    if !args.is_empty() {
        steps.retain(|step| args.iter().any(|arg| step.name.contains(arg.as_str())));
        if steps.is_empty() {
            eprintln!("no step has such a name; `cargo xtask ci --list` shows them");
            return ExitCode::from(2);
        }
    }
    let (begin, mut summary) = (Instant::now(), Vec::new());
    for step in &mut steps {
        match &mut step.command {
            Ok(command) => {
                println!("\n== {}", step.name);
                let begin = Instant::now();
                let done = command.status().is_ok_and(|status| status.success());
                let seconds = begin.elapsed().as_secs();
                if !done {
                    println!("\nFAILED: {} (after {seconds} s)", step.name);
                    return ExitCode::FAILURE;
                }
                summary.push(format!("{seconds:5} s  {}", step.name));
            }
            Err(why) => {
                println!("\n== {}: left out, {why}", step.name);
                summary.push(format!("      -  {}: left out, {why}", step.name));
            }
        }
    }
    println!("\n== summary\n{}", summary.join("\n"));
    println!("{:5} s  in all\n", begin.elapsed().as_secs());
    // The last lines are the test runner's own.
    let last = cargo(&["test", "--quiet", "-p", "xtask", "--test", "tidy"]).status();
    match last {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) | Err(_) => ExitCode::FAILURE,
    }
}

/// All steps, the short ones first.
fn steps() -> Vec<Step> {
    let mut steps = vec![
        step("format", cargo(&["fmt", "--all", "--check"])),
        step("tidy", cargo(&["xtask", "tidy"])),
        step("clippy", clippy()),
        step("documentation", documentation()),
        book(),
        // What dependencies may be, and whether the interface breaks.
        with_tool("dependencies", "deny", || {
            cargo(&["deny", "--offline", "check", "bans", "licenses", "sources"])
        }),
        interface(),
        step("tests", cargo(&["test"])),
        step("first command", first_command()),
        step("no features, host", check(&["--no-default-features"])),
    ];
    steps.extend(TARGETS.map(without_features));
    // The library as embedders build it, with one feature and with another; tests have them all.
    steps.extend(["default", "wasi", "dwarf", "wast", "log"].map(|feature| {
        step(
            &format!("library, {feature}"),
            check(&["--features", feature]),
        )
    }));
    // The dispatch in the builds that embedders make.
    steps.push(step("embeddings", cargo(&["xtask", "embeddings"])));
    steps.extend(CONFIGS.map(|config| {
        let mut command = cargo(&["test", "--test", "spec"]);
        command.env("LIMPID_SPEC_CONFIG", config);
        step(&format!("suite, {config}"), command)
    }));
    // Whether each rule of the formal spec is used, and none that cannot be.
    steps.push(step("rules", cargo(&["xtask", "rules", "--check"])));
    steps.extend(oracles());
    steps.extend(pages());
    steps
}

fn step(name: &str, command: Command) -> Step {
    let (name, command) = (name.to_string(), Ok(command));
    Step { name, command }
}

fn left_out(name: &str, why: &str) -> Step {
    let (name, command) = (name.to_string(), Err(why.to_string()));
    Step { name, command }
}

/// The compiler's driver in the project's root.
fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(crate::root());
    command
        .env("CARGO_TERM_COLOR", "never")
        .env("RUST_BACKTRACE", "1");
    command
}

fn clippy() -> Command {
    let args = ["clippy", "--workspace", "--all-targets", "--quiet"];
    let mut command = cargo(&args);
    command.args(["--", "-D", "warnings"]);
    command
}

fn documentation() -> Command {
    let mut command = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

/// The book, where the tool that builds it is installed. What is in it is tested in any case.
fn book() -> Step {
    match crate::book::find() {
        Some(_) => step("book", cargo(&["xtask", "book"])),
        None => left_out("book", "mdbook is not installed"),
    }
}

/// The pages that a browser shows. The command line that makes them is the release build of the
/// first command.
fn pages() -> [Step; 2] {
    let playground = match crate::playground::compiler() {
        Ok(_) => step("playground", cargo(&["xtask", "playground"])),
        Err(missing) => left_out("playground", &missing),
    };
    let viewer = match crate::viewer_test::browser() {
        Ok(_) => step("viewer", cargo(&["xtask", "viewer-test"])),
        Err(missing) => left_out("viewer", &missing),
    };
    [playground, viewer]
}

/// The first command of the README.
fn first_command() -> Command {
    let program = "demos/scheme/scheme.wasm";
    cargo(&[
        "run",
        "--release",
        "--quiet",
        "--",
        "run",
        program,
        "demo",
        "queens",
    ])
}

fn check(args: &[&str]) -> Command {
    let mut command = cargo(&["check", "--quiet", "-p", "limpid"]);
    command.args(args);
    command
}

/// A step that needs a subcommand of cargo's, where it is installed.
fn with_tool(name: &str, tool: &str, command: impl FnOnce() -> Command) -> Step {
    let there = output(cargo(&[tool, "--version"])).is_some();
    match there {
        true => step(name, command()),
        false => left_out(name, &format!("cargo-{tool} is not installed")),
    }
}

/// Whether the interface is compatible with that of the last tag.
fn interface() -> Step {
    let mut git = Command::new("git");
    git.args(["describe", "--tags", "--abbrev=0"])
        .current_dir(crate::root());
    match output(git) {
        None => left_out("interface", "there is no tag to compare with"),
        Some(tag) => with_tool("interface", "semver-checks", || {
            let args = ["semver-checks", "--package", "limpid", "--baseline-rev"];
            let mut command = cargo(&args);
            command.arg(tag.trim());
            command
        }),
    }
}

/// The engine without features on a target, where its standard library is installed.
fn without_features(target: &str) -> Step {
    let name = format!("no features, {target}");
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]);
    let there = output(rustc).is_some_and(|path| std::path::Path::new(path.trim()).is_dir());
    match there {
        true => step(&name, check(&["--no-default-features", "--target", target])),
        false => left_out(&name, "its standard library is not installed"),
    }
}

/// Independent oracles, and what the first of these steps has built to compare generated modules.
fn oracles() -> [Step; 3] {
    let features = "limpid-oracles/wasmtime,compat/wasmtime";
    let mut tests = cargo(&["test", "-p", "limpid-oracles", "-p", "compat"]);
    tests.args(["--features", features]);
    let target = std::env::var_os("CARGO_TARGET_DIR").map(std::path::PathBuf::from);
    let built = target
        .unwrap_or_else(|| crate::root().join("target"))
        .join("debug");
    let generated = |program: &str, args: &[&str]| {
        let mut command = Command::new(built.join(program));
        command.args(args).current_dir(crate::root());
        command
    };
    [
        step("oracles and compat, wasmtime", tests),
        step("generated modules", generated("smoke", &["3000"])),
        step("generated programs", generated("programs", &["2500", "1"])),
    ]
}

/// What a command prints, if it succeeds.
fn output(mut command: Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_a_name_of_its_own() {
        let mut names: Vec<String> = steps().into_iter().map(|step| step.name).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(names.iter().any(|name| name == "tests"));
    }
}
