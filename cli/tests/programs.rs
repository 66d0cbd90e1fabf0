//! Real programs through the command line: the demos of the small Scheme, and programs that other
//! compilers made, which are outside of the project and left out where they are absent.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The root of the project, which the paths below begin at.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Runs `limpid` with these arguments, and these bytes as standard input.
fn limpid(args: &[&str], input: &str) -> Output {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_limpid"))
        .args(args)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("limpid starts");
    let mut stdin = child.stdin.take().expect("it was asked for");
    // A program that does not read its input closes it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("limpid ends")
}

/// Both outputs, one after the other, as text.
fn text(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(both).expect("text")
}

const SCHEME: &str = "demos/scheme/scheme.wasm";

#[test]
fn scheme_demos() {
    let demos = std::fs::read_dir(root().join("demos/scheme/scripts")).expect("scripts");
    let mut count = 0;
    for demo in demos {
        let path = demo.expect("a script").path();
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a name");
        let expected = root().join(format!("demos/scheme/expected/{name}.txt"));
        let expected = std::fs::read_to_string(expected).expect("what it prints");
        let output = limpid(&[SCHEME, "demo", name], "");
        assert_eq!(text(&output), expected, "demo {name}");
        assert!(output.status.success(), "demo {name}");
        let source = std::fs::read_to_string(&path).expect("a script");
        assert_eq!(
            text(&limpid(&[SCHEME, "show", name], "")),
            source,
            "show {name}"
        );
        count += 1;
    }
    assert_eq!(count, 9);
}

#[test]
fn scheme_cases() {
    let cases = root().join("demos/scheme/expected/cases.txt");
    let cases = std::fs::read_to_string(cases).expect("cases");
    let mut count = 0;
    for case in cases.lines().filter(|line| !line.is_empty()) {
        let (expression, expected) = case.split_once(" ;=> ").expect("a case");
        let output = text(&limpid(&[SCHEME, "-e", expression], ""));
        assert_eq!(
            output.trim_end().replace('\n', " | "),
            expected,
            "{expression}"
        );
        count += 1;
    }
    assert!(count > 30, "{count}");
}

#[test]
fn scheme_talks() {
    let talk = limpid(&[SCHEME], "(define x 4)\n(car x)\n(* x\n x)");
    assert_eq!(String::from_utf8_lossy(&talk.stdout), "16\n");
    assert_eq!(
        String::from_utf8_lossy(&talk.stderr),
        "error: car: expected a pair, got 4\n"
    );
    let program = limpid(&[SCHEME, "-"], "(+ 1 2) (display 5)");
    assert_eq!(program.stdout, b"5");
    assert_eq!(
        limpid(&[SCHEME, "-"], "(car 1) (display 5)").status.code(),
        Some(1)
    );
    assert_eq!(
        limpid(&[SCHEME, "-e", "(exit 7)"], "").status.code(),
        Some(7)
    );
}

/// Where the other programs are.
fn programs() -> Option<PathBuf> {
    let shared = match std::env::var_os("LIMPID_SHARED") {
        Some(shared) => PathBuf::from(shared),
        None => root().join("../shared"),
    };
    let programs = shared.join("programs");
    if !programs.is_dir() {
        println!("left out: no programs of other compilers at hand");
        return None;
    }
    Some(programs)
}

/// Runs a program of another compiler, and compares output, error output and exit code.
fn check(file: &str, args: &[&str], stdout: &str, stderr: &str, code: i32) {
    let Some(programs) = programs() else {
        return;
    };
    let path = programs.join(file);
    let (flags, rest) = args.split_at(args.iter().position(|arg| *arg == "FILE").unwrap_or(0));
    let rest = rest.strip_prefix(&["FILE"]).unwrap_or(rest);
    let path = path.to_str().expect("a path of text");
    let all: Vec<&str> = flags.iter().chain([&path]).chain(rest).copied().collect();
    let output = limpid(&all, "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), stdout, "{file}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), stderr, "{file}");
    assert_eq!(output.status.code(), Some(code), "{file}");
}

#[test]
fn c_without_a_directory() {
    let rest = "fopen: Capabilities insufficient\n";
    let stdout = format!("hello from C, argc=1\nargv[0]=h.wasm\n{rest}");
    check("h.wasm", &[], &stdout, "", 0);
    let stdout = format!("hello from C, argc=1\nargv[0]=other\n{rest}");
    check("h.wasm", &["--argv0", "other", "FILE"], &stdout, "", 0);
}

/// A directory of this test's own, removed at its end.
fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

#[test]
fn c_with_a_directory() {
    let dir = directory();
    std::fs::write(dir.path().join("h.wasm"), "").expect("a file");
    let Some(programs) = programs() else {
        return;
    };
    std::fs::copy(programs.join("h.wasm"), dir.path().join("h.wasm")).expect("a program");
    let grant = format!("{}::.", dir.path().display());
    let stdout = "hello from C, argc=1\nargv[0]=h.wasm\nread: line 42\n3.142\n";
    check("h.wasm", &["--dir", &grant, "FILE"], stdout, "", 7);
}

#[test]
fn rust_with_a_directory() {
    let dir = directory();
    let grant = format!("{}::.", dir.path().display());
    let stdout = "Hello from Rust! args=3 t=3\nread back: Ok(\"written by wasm\\n\")\nOk(2)\n";
    let args = ["--dir", &grant, "FILE", "x", "y"];
    check("rust-hello-p1.wasm", &args, stdout, "", 0);
    if programs().is_some() {
        assert!(dir.path().join("out.txt").is_file());
    }
}

#[test]
fn threads() {
    check(
        "wasi-threads.wasm",
        &["-S", "threads", "FILE"],
        "n=0400000\n",
        "",
        0,
    );
}

/// What the official suite's runner does: it asks for the version, and starts programs with
/// `--env` and `--dir` before the file.
#[test]
fn the_contract_of_the_suites_runner() {
    let version = text(&limpid(&["--version"], ""));
    assert_eq!(
        version.split_whitespace().nth(1),
        Some(env!("CARGO_PKG_VERSION"))
    );
    let dir = directory();
    std::fs::write(dir.path().join("dir"), "").expect("a file");
    let grant = format!("{}::/", dir.path().display());
    let flags = ["--env", "A=b c", "--env", "B=\"", "--dir", &grant];
    let args = [
        "cli/tests/cli/grants.wat",
        "first",
        "the \"second\" arg",
        "3",
    ];
    let output = limpid(&[&flags[..], &args[..]].concat(), "");
    assert_eq!(text(&output), "04 02\n/ 20\n");
    assert_eq!(output.status.code(), Some(0));
}

/// The official suite by the command line, as the suite's runner starts its programs; those that
/// start threads are granted them.
#[test]
fn the_official_suite_by_the_command_line() {
    use limpid_wasi_testsuite::{PARTS, Program, suite};
    use std::sync::Mutex;
    let Some(suite) = suite() else {
        println!("left out: the WASI suite is not here (LIMPID_SHARED says where it is)");
        return;
    };
    let programs = PARTS
        .iter()
        .flat_map(|part| part.programs(&suite).expect("readable"));
    let programs: Vec<Program> = programs.collect();
    assert_eq!(programs.len(), 87);
    let (ahead, failures) = (Mutex::new(programs.into_iter()), Mutex::new(Vec::new()));
    let work = || {
        let next = || ahead.lock().expect("no thread panics").next();
        while let Some(program) = next() {
            let mut command = Command::new(env!("CARGO_BIN_EXE_limpid"));
            if program.part.threads {
                command.args(["-S", "threads"]);
            }
            let done = program.run_by(command).expect("limpid starts");
            if let Some(problem) = done.problem(&program.expected) {
                let failure = format!("{}: {problem}\n{}", program.name, done.told());
                failures.lock().expect("no thread panics").push(failure);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |cores| cores.get()) {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().expect("no thread panics");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A `run` may have 1024 descriptors open, what it was granted among them.
#[test]
fn open_files_have_a_limit() {
    let dir = directory();
    let grant = format!("{}::/", dir.path().display());
    let output = limpid(&["--dir", &grant, "cli/tests/cli/opens.wat"], "");
    // Three streams and the grant among them; then 41, which says so.
    assert_eq!(text(&output), "");
    assert_eq!(output.status.code(), Some(0));
}

/// A program that sockets were opened for, as those that start it do: the first is descriptor 3 of
/// the process, and of the guest.
#[cfg(unix)]
#[test]
fn sockets_are_handed_in() {
    use std::io::Read;
    use std::net::{TcpListener, TcpStream};
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let address = listener.local_addr().expect("an address");
    let limpid = env!("CARGO_BIN_EXE_limpid");
    let flags = "-S listenfd,inherit-stdin=n --timeout 20s";
    let shell = format!(
        "export LISTEN_PID=$$ LISTEN_FDS=1; exec '{limpid}' {flags} cli/tests/cli/accepts.wat 3<&0"
    );
    let mut child = Command::new("sh")
        .args(["-c", &shell])
        .current_dir(root())
        .stdin(std::os::fd::OwnedFd::from(listener))
        .spawn()
        .expect("a shell");
    let mut text = String::new();
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.read_to_string(&mut text).expect("text");
    assert_eq!(text, "hi\n");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

/// A program that would answer an interrupted read by a good end is ended by the time limit all the
/// same.
#[cfg(unix)]
#[test]
fn an_interrupted_read_is_a_trap() {
    let limpid = env!("CARGO_BIN_EXE_limpid");
    let shell = format!(
        "sleep 5 2>/dev/null | '{limpid}' --timeout 100ms cli/tests/cli/reads.wat; echo $?"
    );
    let output = Command::new("sh")
        .args(["-c", &shell])
        .current_dir(root())
        .output();
    assert_eq!(text(&output.expect("a shell")).lines().next(), Some("134"));
}

/// Standard input is this process's unless it is closed.
#[test]
fn input_is_inherited_or_not() {
    let echo = ["-e", "print(io.read('l'))"];
    check("lua.wasm", &["FILE", echo[0], echo[1]], "nil\n", "", 0);
    let Some(programs) = programs() else {
        return;
    };
    let lua = programs.join("lua.wasm");
    let lua = lua.to_str().expect("a path of text");
    assert_eq!(text(&limpid(&[lua, echo[0], echo[1]], "line\n")), "line\n");
    let closed = ["-S", "inherit-stdin=n", lua, echo[0], echo[1]];
    assert_eq!(text(&limpid(&closed, "line\n")), "nil\n");
}

/// Input comes through whole: from a file, and from pipes that are filled at once and in parts.
#[cfg(unix)]
#[test]
fn input_comes_through() {
    let dir = directory();
    let bytes: Vec<u8> = (0..1_500_000u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(dir.path().join("input"), &bytes).expect("a file");
    let limpid = env!("CARGO_BIN_EXE_limpid");
    let copy = root().join("cli/tests/cli/copies.wat");
    let copy = format!("'{limpid}' '{}'", copy.display());
    for shell in [
        format!("{copy} < input"),
        format!("cat input | {copy}"),
        format!("(head -c 5 input; sleep 0.2; tail -c +6 input) | {copy} | cat"),
    ] {
        let output = Command::new("sh")
            .args(["-c", &shell])
            .current_dir(dir.path())
            .output();
        let output = output.expect("a shell");
        assert!(output.stdout == bytes, "{shell}: {}", output.stdout.len());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell}");
    }
}

#[test]
fn environment() {
    let script = "print(os.getenv('A'), os.getenv('HOME'))";
    let args = ["--env", "A=b=c", "FILE", "-e", script];
    check("lua.wasm", &args, "b=c\tnil\n", "", 0);
}

#[test]
fn input_from_a_file() {
    let output = limpid(
        &["--stdin", "demos/scheme/scripts/fib.scm", SCHEME, "-"],
        "",
    );
    let expected = limpid(&[SCHEME, "demo", "fib"], "");
    assert!(!expected.stdout.is_empty());
    assert_eq!(text(&output), text(&expected));
}

#[test]
fn cpp_streams() {
    check("hx.wasm", &[], "1 2 3 1.5\n", "err\n", 0);
}

#[test]
fn lua() {
    let script = "local function f(n) if n<2 then return n end return f(n-1)+f(n-2) end \
        print(_VERSION, f(27), pcall(error,\"boom\"))";
    check(
        "lua.wasm",
        &["FILE", "-e", script],
        "Lua 5.4\t196418\tfalse\tboom\n",
        "",
        0,
    );
}

#[test]
fn exceptions() {
    check(
        "d-exc-exnref.wasm",
        &[],
        "0\n1\n2\ncaught big\ncaught big\n",
        "",
        0,
    );
}

#[test]
fn jumps() {
    check("y-sjlj-exnref.wasm", &[], "r=0\nr=1\nr=2\nr=3\n", "", 0);
}

#[test]
fn vectors_and_tail_calls() {
    check("d-simd.wasm", &[], "1 4 9 16\n", "", 0);
    check("d-tail.wasm", &[], "even=1\n", "", 0);
}

#[test]
fn garbage_collection() {
    check("gc.wasm", &["--invoke", "run", "FILE", "10"], "55\n", "", 0);
}

/// The reader of a pipe goes away: the guest hears of it, and ends with the code it has for that.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_quiet() {
    let shell = format!(
        "('{}' {SCHEME} demo all; echo \"code $?\" >&2) | head -1",
        env!("CARGO_BIN_EXE_limpid")
    );
    let output = Command::new("sh")
        .args(["-c", &shell])
        .current_dir(root())
        .output();
    let output = output.expect("a shell");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "code 74\n");
    assert!(output.stdout.starts_with(b"=="));
}

/// What waits for input is ended by the time limit, and by a signal. (A shell has what it runs in
/// the background ignore the user's own.)
#[cfg(unix)]
#[test]
fn waiting_has_an_end() {
    let waits = |flags: &str, then: &str| {
        let limpid = env!("CARGO_BIN_EXE_limpid");
        let shell = format!(
            "sleep 5 2>/dev/null | '{limpid}' {flags} {SCHEME} - & {then} wait $!; echo $?"
        );
        let output = Command::new("sh")
            .args(["-c", &shell])
            .current_dir(root())
            .output();
        String::from_utf8_lossy(&output.expect("a shell").stdout).into_owned()
    };
    assert_eq!(waits("--timeout 100ms", ""), "134\n");
    let then = "sleep 0.5; kill -INT $!; sleep 0.1; kill -TERM $!;";
    assert_eq!(waits("", then), "143\n");
}

/// A page holds all steps of a run, or says which it holds; what the guest writes is in the page
/// and not on the screen.
#[test]
fn pages_of_runs() {
    let dir = directory();
    let page = dir.path().join("run.html");
    let check = |args: &[&str], said: &str| {
        let mut all = vec!["trace", "--html", page.to_str().expect("text")];
        all.extend(args);
        let output = limpid(&all, "");
        assert!(output.status.success(), "{}", text(&output));
        assert!(text(&output).contains(said), "{}", text(&output));
        assert!(output.stdout.is_empty());
        let page = std::fs::read_to_string(&page).expect("it was written");
        assert!(page.contains("default-src 'none'"));
        page.len()
    };
    check(&["cli/tests/cli/hello.wat"], "run.html: the run, ");
    check(
        &[
            "--max-steps",
            "3",
            "--invoke",
            "spin",
            "cli/tests/cli/demo.wat",
        ],
        "run.html: steps 0 to 3 of a longer run",
    );
    // Those of the compressed trace come to less than ten bytes each.
    let small = check(
        &["--max-steps", "1000", SCHEME, "demo", "queens"],
        "longer run",
    );
    let large = check(
        &["--max-steps", "60000", SCHEME, "demo", "queens"],
        "longer run",
    );
    assert!(large - small < 590_000, "{}", large - small);
}
