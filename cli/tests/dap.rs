//! The Debug Adapter Protocol as an editor speaks it: launch, breakpoints, steps in both
//! directions, variables, memory.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const TEXT: &str = r#"(module
  (memory 1)
  (global $calls (mut i32) (i32.const 0))
  (func $fac (param $n i64) (result i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (result i64) (i64.eqz (local.get $n))
      (then (i64.const 1))
      (else
        (i64.mul
          (local.get $n)
          (call $fac (i64.sub (local.get $n) (i64.const 1)))))))
  (func (export "main") (param i64) (result i64)
    (i64.store (i32.const 8) (local.get 0))
    (call $fac (local.get 0)))
  (func (export "forever") (loop $again (br $again)))
  (func (export "wrong") unreachable))
"#;

struct Editor {
    adapter: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    seq: u64,
    /// Events that were not waited for yet.
    events: Vec<Value>,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Editor {
    fn new() -> Editor {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("fac.wat");
        std::fs::write(&path, TEXT).expect("written");
        let mut adapter = Command::new(env!("CARGO_BIN_EXE_limpid"))
            .arg("dap")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("limpid runs");
        Editor {
            input: adapter.stdin.take().expect("piped"),
            output: BufReader::new(adapter.stdout.take().expect("piped")),
            adapter,
            seq: 0,
            events: Vec::new(),
            path,
            _folder: folder,
        }
    }

    fn read(&mut self) -> Value {
        let mut len = 0;
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("a header");
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", number)) => len = number.parse().expect("a number"),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; len];
        self.output.read_exact(&mut body).expect("a body");
        serde_json::from_slice(&body).expect("JSON")
    }

    /// The response to a request.
    fn ask(&mut self, command: &str, arguments: Value) -> Value {
        self.seq += 1;
        let request = json!({
            "seq": self.seq, "type": "request", "command": command, "arguments": arguments,
        });
        let body = request.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("read");
        self.input.flush().expect("read");
        loop {
            let message = self.read();
            if message["type"] == "event" {
                self.events.push(message);
                continue;
            }
            assert_eq!(message["request_seq"], self.seq, "{message}");
            assert_eq!(message["command"], command, "{message}");
            return message;
        }
    }

    fn good(&mut self, command: &str, arguments: Value) -> Value {
        let response = self.ask(command, arguments);
        assert_eq!(response["success"], true, "{response}");
        response["body"].clone()
    }

    fn event(&mut self, name: &str) -> Value {
        if let Some(at) = self.events.iter().position(|event| event["event"] == name) {
            return self.events.remove(at)["body"].clone();
        }
        loop {
            let message = self.read();
            if message["event"] == name {
                return message["body"].clone();
            }
            self.events.push(message);
        }
    }

    /// Launches `main 3`.
    fn launch(&mut self) {
        self.launch_with(json!({ "invoke": "main", "args": ["3"] }));
    }

    fn launch_with(&mut self, mut arguments: Value) {
        let can = self.good("initialize", json!({ "adapterID": "limpid" }));
        assert_eq!(can["supportsStepBack"], true);
        arguments["program"] = json!(self.path);
        self.good("launch", arguments);
        self.event("initialized");
    }

    /// A motion, and why it ended.
    fn go(&mut self, command: &str) -> String {
        self.good(command, json!({ "threadId": 1 }));
        let stopped = self.event("stopped");
        stopped["reason"].as_str().expect("a reason").to_owned()
    }

    fn frames(&mut self) -> Vec<(String, u64)> {
        let trace = self.good("stackTrace", json!({ "threadId": 1 }));
        let frames = trace["stackFrames"].as_array().expect("a list").iter();
        let frame = |frame: &Value| {
            let name = frame["name"].as_str().expect("a name").to_owned();
            (name, frame["line"].as_u64().expect("a line"))
        };
        frames.map(frame).collect()
    }

    fn variables(&mut self, scope: usize) -> Vec<(String, String)> {
        let scopes = self.good("scopes", json!({ "frameId": 0 }));
        let list = scopes["scopes"][scope]["variablesReference"].clone();
        let variables = self.good("variables", json!({ "variablesReference": list }));
        let variables = variables["variables"].as_array().expect("a list").clone();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let pair = |variable: &Value| (text(&variable["name"]), text(&variable["value"]));
        variables.iter().map(pair).collect()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.adapter.kill();
        let _ = self.adapter.wait();
    }
}

#[test]
fn a_session_forwards_and_backwards() {
    let mut editor = Editor::new();
    editor.launch();
    let path = editor.path.clone();
    let set = editor.good(
        "setBreakpoints",
        json!({ "source": { "path": path }, "breakpoints": [{ "line": 7 }, { "line": 900 }] }),
    );
    assert_eq!(set["breakpoints"][0]["verified"], true, "{set}");
    assert_eq!(set["breakpoints"][1]["verified"], false, "{set}");
    editor.good("configurationDone", json!({}));
    assert_eq!(editor.event("stopped")["reason"], "entry");
    assert_eq!(editor.go("continue"), "breakpoint");
    let frames = editor.frames();
    assert_eq!(frames.len(), 5, "{frames:?}");
    assert_eq!(frames[0].1, 7, "{frames:?}");
    assert!(frames[0].0.contains("fac"), "{frames:?}");
    let locals = editor.variables(0);
    assert!(
        locals[0].0.contains('n') && locals[0].1.contains('0'),
        "{locals:?}"
    );
    let globals = editor.variables(2);
    assert!(globals[0].1.contains('4'), "{globals:?}");
    // Out of the innermost call, and back into it.
    assert_eq!(editor.go("stepOut"), "step");
    assert_eq!(editor.frames().len(), 4);
    assert_eq!(editor.go("stepBack"), "step");
    assert_eq!(editor.go("reverseContinue"), "entry");
    assert_eq!(editor.frames().len(), 1);
    assert_eq!(editor.go("continue"), "breakpoint");
    assert_eq!(editor.go("continue"), "end");
    assert_eq!(editor.frames().len(), 0);
    editor.good("disconnect", json!({}));
    assert!(editor.adapter.wait().expect("it ends").success());
}

#[test]
fn memory_instructions_values() {
    let mut editor = Editor::new();
    editor.launch();
    editor.good("configurationDone", json!({}));
    editor.event("stopped");
    for _ in 0..3 {
        editor.go("stepIn");
    }
    let memory = json!({ "memoryReference": "0", "offset": 8, "count": 3 });
    let read = editor.good("readMemory", memory);
    assert_eq!(
        (&read["address"], &read["data"]),
        (&json!("0x8"), &json!("AwAA"))
    );
    let trace = editor.good("stackTrace", json!({ "threadId": 1 }));
    let here = trace["stackFrames"][0]["instructionPointerReference"].clone();
    let wanted = json!({ "memoryReference": here, "instructionOffset": -1, "instructionCount": 9 });
    let code = editor.good("disassemble", wanted);
    let texts = code["instructions"].as_array().expect("a list");
    let texts: Vec<&str> = texts
        .iter()
        .filter_map(|line| line["instruction"].as_str())
        .collect();
    assert_eq!(texts.len(), 9, "{texts:?}");
    assert!(
        texts[0].contains("i64.store") && texts[1].contains("local.get"),
        "{texts:?}"
    );
    assert_eq!(texts[8], "", "past the end there is nothing: {texts:?}");
    let value = editor.good("evaluate", json!({ "expression": "$calls", "frameId": 0 }));
    assert!(
        value["result"]
            .as_str()
            .is_some_and(|text| text.contains('0')),
        "{value}"
    );
    let unknown = editor.ask("evaluate", json!({ "expression": "nothing", "frameId": 0 }));
    assert_eq!(unknown["success"], false);
    assert!(
        unknown["message"]
            .as_str()
            .is_some_and(|text| text.contains("`nothing`"))
    );
}

/// The references that an editor is given lead to what they stand for.
#[test]
fn references_to_memories_and_instructions() {
    let mut editor = Editor::new();
    editor.launch();
    editor.good("configurationDone", json!({}));
    editor.event("stopped");
    let scopes = editor.good("scopes", json!({ "frameId": 0 }));
    let list = scopes["scopes"][3]["variablesReference"].clone();
    let memories = editor.good("variables", json!({ "variablesReference": list }));
    assert_eq!(memories["variables"][0]["value"], "65536 bytes");
    let memory = memories["variables"][0]["memoryReference"].clone();
    let wanted = json!({ "memoryReference": memory, "offset": 65534, "count": 4 });
    let read = editor.good("readMemory", wanted);
    assert_eq!(
        (&read["data"], &read["unreadableBytes"]),
        (&json!("AAA="), &json!(2))
    );
    // An instruction may be named by its distance from another one.
    let trace = editor.good("stackTrace", json!({ "threadId": 1 }));
    let first = trace["stackFrames"][0]["instructionPointerReference"].clone();
    let near = |offset: i64| json!({ "instructionReference": first, "offset": offset });
    let wanted = json!({ "breakpoints": [near(2), near(1), near(1 << 40)] });
    let set = editor.good("setInstructionBreakpoints", wanted);
    let verified = |at: usize| set["breakpoints"][at]["verified"].clone();
    assert_eq!(
        [verified(0), verified(1), verified(2)],
        [true, false, false]
    );
    assert_eq!(editor.go("continue"), "breakpoint");
    let wanted = json!({ "memoryReference": first, "offset": 2, "instructionCount": 1 });
    let code = editor.good("disassemble", wanted);
    assert_eq!(code["instructions"][0]["instruction"], "local.get 0");
}

/// Instructions that share a line are told apart by their columns.
#[test]
fn frames_have_columns() {
    let mut editor = Editor::new();
    editor.launch();
    editor.good("configurationDone", json!({}));
    editor.event("stopped");
    let mut columns = Vec::new();
    for _ in 0..3 {
        let trace = editor.good("stackTrace", json!({ "threadId": 1 }));
        let frame = &trace["stackFrames"][0];
        columns.push((frame["line"].clone(), frame["column"].clone()));
        editor.go("stepIn");
    }
    let expected = [(13, 17), (13, 31), (13, 6)];
    assert_eq!(
        columns,
        expected.map(|(line, column)| (json!(line), json!(column)))
    );
}

#[test]
fn a_run_without_an_end_is_paused_and_left() {
    let mut editor = Editor::new();
    editor.launch_with(json!({ "invoke": "forever", "stopOnEntry": false }));
    editor.good("configurationDone", json!({}));
    assert_eq!(editor.go("pause"), "pause");
    assert_eq!(editor.frames().len(), 1);
    editor.good("continue", json!({ "threadId": 1 }));
    editor.good("disconnect", json!({}));
    assert!(editor.adapter.wait().expect("it ends").success());
}

#[test]
fn a_trap_is_an_exception() {
    let mut editor = Editor::new();
    editor.launch_with(json!({ "invoke": "wrong" }));
    editor.good("configurationDone", json!({}));
    editor.event("stopped");
    assert_eq!(editor.go("continue"), "exception");
    assert_eq!(editor.go("stepBack"), "step");
    assert_eq!(editor.frames()[0].1, 16);
}

#[test]
fn what_is_watched_stops_the_run() {
    let mut editor = Editor::new();
    editor.launch();
    editor.good("configurationDone", json!({}));
    editor.event("stopped");
    let scopes = editor.good("scopes", json!({ "frameId": 0 }));
    let globals = scopes["scopes"][2]["variablesReference"].clone();
    let name = editor.variables(2)[0].0.clone();
    let wanted = json!({ "variablesReference": globals, "name": name });
    let info = editor.good("dataBreakpointInfo", wanted);
    let id = info["dataId"].clone();
    let set = editor.good(
        "setDataBreakpoints",
        json!({ "breakpoints": [{ "dataId": id }] }),
    );
    assert_eq!(set["breakpoints"][0]["verified"], true);
    for _ in 0..4 {
        assert_eq!(editor.go("continue"), "data breakpoint");
    }
    assert_eq!(editor.go("continue"), "end");
    assert_eq!(editor.go("reverseContinue"), "data breakpoint");
}

#[test]
fn what_goes_wrong_is_told() {
    let mut editor = Editor::new();
    let early = editor.ask("next", json!({}));
    assert_eq!(early["message"], "no program is launched");
    let absent = editor.ask("launch", json!({ "program": "absent.wat" }));
    assert!(
        absent["message"]
            .as_str()
            .is_some_and(|text| text.contains("absent.wat"))
    );
    let bad = editor.ask("launch", json!({}));
    assert_eq!(bad["success"], false);
    let unknown = editor.ask("fly", json!({}));
    assert_eq!(unknown["message"], "`fly` is not supported");
}
