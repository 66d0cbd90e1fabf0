//! Requests of the editor, and their answers.

use super::super::outcome::Failure;
use super::super::record::Recording;
use super::super::run::RunFlags;
use super::super::settings::LayeredSettings;
use super::super::step::maker::Maker;
use super::super::step::session::{Motion, Session};
use super::super::step::source_files::SourceDir;
use super::super::step::{model, places};
use super::inbox::Inbox;
use super::{look, wire};
use clap::Parser;
use limpid::observe::Place;
use limpid::observe::machine::{Cause, Ended, HISTORY_BYTES, MAIN, Stopped, Target};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The words of a run.
#[derive(Parser, Debug)]
#[command(no_binary_name = true)]
struct Words {
    #[command(flatten)]
    flags: RunFlags,
}

/// One side of the conversation.
pub struct Server<'a> {
    given: &'a LayeredSettings,
    inbox: Inbox,
    output: Box<dyn Write>,
    sent: u64,
    session: Option<Session>,
    program: PathBuf,
    stop_on_entry: bool,
    /// Breakpoints of lines, of functions and of instructions.
    breakpoints: [Vec<Place>; 3],
    /// Places to go to, by number.
    targets: Vec<Place>,
    /// Variables that can be watched, by number.
    watchable: Vec<(Target, String)>,
    /// Bytes of the guest's output that the editor has.
    shown: usize,
}

type Answer = Result<Value, String>;

impl<'a> Server<'a> {
    /// A server before the first request.
    pub fn new(given: &'a LayeredSettings, inbox: Inbox, output: Box<dyn Write>) -> Server<'a> {
        Server {
            given,
            inbox,
            output,
            sent: 0,
            session: None,
            program: PathBuf::new(),
            stop_on_entry: true,
            breakpoints: Default::default(),
            targets: Vec::new(),
            watchable: Vec::new(),
            shown: 0,
        }
    }

    fn send(&mut self, mut message: Value) -> io::Result<()> {
        self.sent += 1;
        message["seq"] = json!(self.sent);
        wire::write(&mut self.output, &message)
    }

    fn event(&mut self, event: &str, body: Value) -> io::Result<()> {
        self.send(json!({ "type": "event", "event": event, "body": body }))
    }

    /// Answers a message; returns whether the conversation goes on.
    ///
    /// # Errors
    /// When nobody reads the answer.
    pub fn message(&mut self, message: &Value) -> io::Result<bool> {
        if message["type"] != "request" {
            return Ok(true);
        }
        let command = message["command"].as_str().unwrap_or_default();
        let answer = self.answer(command, &message["arguments"]);
        let mut response = json!({
            "type": "response",
            "request_seq": message["seq"],
            "command": command,
            "success": answer.is_ok(),
        });
        match answer {
            Ok(Value::Null) => {}
            Ok(body) => response["body"] = body,
            Err(text) => {
                response["message"] = json!(text);
                response["body"] = json!({ "error": {
                    "id": 1, "format": "{text}", "variables": { "text": text }, "showUser": true,
                } });
            }
        }
        let success = response["success"] == true;
        self.send(response)?;
        if success {
            self.after(command, &message["arguments"])?;
        }
        Ok(!matches!(command, "disconnect" | "terminate"))
    }

    /// What follows the answer: events, and motions, whose end is an event.
    fn after(&mut self, command: &str, args: &Value) -> io::Result<()> {
        let by_instruction = args["granularity"] == "instruction";
        let motion = match command {
            "launch" => return self.event("initialized", json!({})),
            "configurationDone" if self.stop_on_entry => return self.stopped("entry", None),
            "configurationDone" | "continue" => Motion::Resume,
            "reverseContinue" => Motion::ReverseResume,
            "next" if by_instruction => Motion::Step,
            "next" => Motion::Over,
            "stepIn" => Motion::Step,
            "stepOut" => Motion::Out,
            "stepBack" if by_instruction => Motion::Back,
            "stepBack" => Motion::OverBack,
            "goto" => match self.target(args) {
                Some(place) => return self.go_to(place),
                None => return Ok(()),
            },
            "pause" => return self.stopped("pause", None),
            "restart" => Motion::Goto(0),
            "disconnect" | "terminate" => return self.event("terminated", json!({})),
            _ => return Ok(()), // Every other request is done with its answer.
        };
        self.moved(command, motion)
    }

    /// Moves, and says where the run has stopped.
    fn moved(&mut self, command: &str, motion: Motion) -> io::Result<()> {
        self.set_conditions();
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let (reason, text) = match session.go(motion) {
            Err(failure) => ("exception", Some(failure.text().to_owned())),
            Ok(Stopped::Ended) => {
                let ended = session.end().map(|(_, ended)| ended);
                let reason = match ended {
                    Some(Ended::Failed(_)) => "exception",
                    Some(Ended::Returned(_)) | None => "end",
                };
                (reason, Some(model::end(session)))
            }
            Ok(Stopped::Hit(hit)) => match hit.cause {
                Cause::Breakpoint(_) => ("breakpoint", None),
                Cause::Watchpoint(number) => {
                    let watched = session.watched.get(number);
                    let text = watched.map(|what| format!("step {} writes {what}", hit.time));
                    ("data breakpoint", text)
                }
                Cause::Frame => ("step", None),
            },
            Ok(Stopped::Beginning) => ("entry", Some("the beginning of the run".to_owned())),
            // The request that has ended the motion comes next, and says where the run is.
            Ok(Stopped::Cancelled) => return self.output(),
            Ok(Stopped::Done) => match command {
                "restart" => ("entry", None),
                _ => ("step", None), // Every other motion is a step.
            },
        };
        self.output()?;
        self.stopped(reason, text)
    }

    fn stopped(&mut self, reason: &str, text: Option<String>) -> io::Result<()> {
        let session = self.session.as_mut();
        let thread = session.map_or(MAIN, |session| session.machine().thread());
        let mut body = json!({
            "reason": reason, "threadId": look::thread_id(thread), "allThreadsStopped": true,
        });
        if let Some(text) = text {
            body["text"] = json!(text);
            body["description"] = json!(text);
        }
        self.event("stopped", body)
    }

    /// Passes on what the guest has written since the editor was told.
    fn output(&mut self) -> io::Result<()> {
        let Some(session) = &self.session else {
            return Ok(());
        };
        let all = session.output();
        let Some(new) = all.get(self.shown..).filter(|new| !new.is_empty()) else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(new).into_owned();
        self.shown = all.len();
        self.event("output", json!({ "category": "stdout", "output": text }))
    }

    fn set_conditions(&mut self) {
        let places = self.breakpoints.concat();
        if let Some(session) = &mut self.session {
            *session.machine().breakpoints() = places;
        }
    }

    fn session(&mut self) -> Result<&mut Session, String> {
        self.session
            .as_mut()
            .ok_or_else(|| "no program is launched".to_owned())
    }

    fn answer(&mut self, command: &str, args: &Value) -> Answer {
        let number = |name: &str| args[name].as_u64().and_then(|n| usize::try_from(n).ok());
        match command {
            "initialize" => Ok(capabilities()),
            "launch" => self.launch(args).map(|()| Value::Null),
            "setBreakpoints" => self.line_breakpoints(args),
            "setFunctionBreakpoints" => {
                let words = |wanted: &Value| wanted["name"].as_str().map(str::to_owned);
                self.named_breakpoints(1, args, words)
            }
            "setInstructionBreakpoints" => self.instruction_breakpoints(args),
            "setExceptionBreakpoints" => Ok(json!({ "breakpoints": [] })),
            "threads" => Ok(json!({ "threads": look::threads(self.session.as_mut()) })),
            "stackTrace" => {
                let program = self.program.clone();
                let start = number("startFrame").unwrap_or_default();
                let levels = number("levels").filter(|levels| *levels > 0).unwrap_or(100);
                let thread = number("threadId").unwrap_or_default();
                let session = self.session()?;
                Ok(look::stack_trace(
                    session,
                    &program,
                    thread,
                    start..start.saturating_add(levels),
                ))
            }
            "scopes" => Ok(look::scopes(number("frameId").unwrap_or_default())),
            "variables" => {
                let list = number("variablesReference").unwrap_or_default();
                Ok(json!({ "variables": variables(self.session()?, list) }))
            }
            "evaluate" => self.evaluate(args),
            "disassemble" => {
                let place = look::instruction(self.session()?, args, "memoryReference");
                let place = place.ok_or("no instruction has that reference")?;
                let offset = args["instructionOffset"].as_i64().unwrap_or_default();
                let count = number("instructionCount").unwrap_or_default();
                Ok(look::disassemble(self.session()?, place, offset, count))
            }
            "readMemory" => {
                let memory = args["memoryReference"]
                    .as_str()
                    .and_then(|text| text.parse().ok());
                let memory = memory.ok_or("a memory's reference is its number, 0 for most")?;
                let at = args["offset"].as_i64().unwrap_or_default();
                let count = number("count").unwrap_or_default();
                Ok(look::memory(self.session()?, memory, at, count))
            }
            "gotoTargets" => self.goto_targets(args),
            "goto" => match self.target(args) {
                Some(_) => Ok(Value::Null),
                None => Err("no such target".to_owned()),
            },
            "dataBreakpointInfo" => self.data_breakpoint_info(args),
            "setDataBreakpoints" => self.data_breakpoints(args),
            "continue" => Ok(json!({ "allThreadsContinued": true })),
            "configurationDone" | "next" | "stepIn" | "stepOut" | "stepBack"
            | "reverseContinue" | "restart" | "pause" => self.session().map(|_| Value::Null),
            "disconnect" | "terminate" => Ok(Value::Null),
            other => Err(format!("`{other}` is not supported")),
        }
    }

    /// Makes the run, up to its first instruction.
    fn launch(&mut self, args: &Value) -> Result<(), String> {
        let text = |name: &str| args[name].as_str();
        let texts = |name: &str| -> Vec<String> {
            let list = args[name].as_array().into_iter().flatten();
            list.filter_map(|word| word.as_str().map(str::to_owned))
                .collect()
        };
        let program = text("program").ok_or("`launch` needs `program`, a file")?;
        let mut words = texts("limpidArgs");
        if let Some(invoke) = text("invoke") {
            words.extend(["--invoke".to_owned(), invoke.to_owned()]);
        }
        words.push(program.to_owned());
        words.extend(texts("args"));
        let failed = |failure: Failure| match failure.lines_below() {
            "" => failure.text().to_owned(),
            below => format!("{}\n{below}", failure.text()),
        };
        let flags = match Recording::is_one(Path::new(program)) {
            true => {
                Recording::open(Path::new(program), None, self.given)
                    .map_err(failed)?
                    .flags
            }
            false => {
                let words = Words::try_parse_from(words);
                words.map_err(|error| error.to_string())?.flags
            }
        };
        let sources = text("sourceDir").map(|path| SourceDir::new(Path::new(path)));
        let sources = sources.transpose().map_err(|error| error.to_string())?;
        self.program = absolute(flags.module_path());
        let maker = Maker {
            flags: &flags,
            given: self.given,
            history: HISTORY_BYTES,
            sources,
        };
        let mut session = maker.make().map_err(failed)?;
        let inbox = self.inbox.clone();
        session
            .machine()
            .watch_progress(move |_| !inbox.ends_motion());
        self.session = Some(session);
        self.stop_on_entry = args["stopOnEntry"].as_bool().unwrap_or(true);
        Ok(())
    }

    fn line_breakpoints(&mut self, args: &Value) -> Answer {
        let path = args["source"]["path"].as_str().unwrap_or_default();
        if absolute(Path::new(path)) != self.program {
            let wanted = args["breakpoints"].as_array().map_or(0, Vec::len);
            let refused = json!({
                "verified": false,
                "message": "breakpoints are set in the text of the module that runs",
            });
            return Ok(json!({ "breakpoints": vec![refused; wanted] }));
        }
        let words = |wanted: &Value| wanted["line"].as_u64().map(|line| line.to_string());
        self.named_breakpoints(0, args, words)
    }

    /// Sets the breakpoints of a kind at the places that words name.
    fn named_breakpoints(
        &mut self,
        kind: usize,
        args: &Value,
        words: impl Fn(&Value) -> Option<String>,
    ) -> Answer {
        let session = self.session()?;
        let mut set = Vec::new();
        let mut answers = Vec::new();
        for wanted in args["breakpoints"].as_array().into_iter().flatten() {
            let words = words(wanted).unwrap_or_default();
            answers.push(match places::place(session, &words) {
                Ok(place) => {
                    set.push(place);
                    let code = session.code(place).filter(|code| code.is_text());
                    let line = code.and_then(|code| code.line_of(place.offset));
                    json!({ "verified": true, "line": line.map(|line| line + 1) })
                }
                Err(why) => json!({ "verified": false, "message": why }),
            });
        }
        self.breakpoints[kind] = set;
        Ok(json!({ "breakpoints": answers }))
    }

    fn instruction_breakpoints(&mut self, args: &Value) -> Answer {
        let mut answers = Vec::new();
        let mut set = Vec::new();
        let session = self.session()?;
        for wanted in args["breakpoints"].as_array().into_iter().flatten() {
            let place = look::instruction(session, wanted, "instructionReference");
            set.extend(place);
            answers.push(match place {
                Some(_) => json!({ "verified": true }),
                None => json!({ "verified": false, "message": "no instruction begins there" }),
            });
        }
        self.breakpoints[2] = set;
        Ok(json!({ "breakpoints": answers }))
    }

    /// The value of a local or a global.
    fn evaluate(&mut self, args: &Value) -> Answer {
        let name = args["expression"]
            .as_str()
            .unwrap_or_default()
            .trim()
            .to_owned();
        let frame = args["frameId"].as_u64().unwrap_or_default() as usize;
        let session = self.session()?;
        let lists = look::scopes(frame);
        let lists = lists["scopes"].as_array().into_iter().flatten();
        let lists: Vec<usize> = lists
            .filter_map(|scope| Some(scope["variablesReference"].as_u64()? as usize))
            .collect();
        let bare = name.strip_prefix('$').unwrap_or(&name);
        for list in lists {
            let mut found = look::variables(session, list).into_iter();
            // An index, and a name where there is one.
            let same = |known: &str| {
                let mut words = known.split_whitespace();
                words.any(|word| word.strip_prefix('$').unwrap_or(word) == bare)
            };
            if let Some(variable) = found.find(|variable| same(&variable.name)) {
                return Ok(json!({ "result": variable.value, "variablesReference": 0 }));
            }
        }
        Err(format!("no local, operand or global is called `{name}`"))
    }

    fn goto_targets(&mut self, args: &Value) -> Answer {
        let line = args["line"].as_u64().unwrap_or_default();
        let place = places::place(self.session()?, &line.to_string())?;
        self.targets.push(place);
        let id = self.targets.len();
        Ok(json!({ "targets": [{ "id": id, "label": format!("line {line}"), "line": line }] }))
    }

    fn target(&self, args: &Value) -> Option<Place> {
        let id = args["targetId"].as_u64()?;
        let at = usize::try_from(id).ok()?.checked_sub(1)?;
        self.targets.get(at).copied()
    }

    /// Goes to where control comes to a place next, or else where it came to it last.
    fn go_to(&mut self, place: Place) -> io::Result<()> {
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let before = session.time();
        let kept = std::mem::replace(session.machine().breakpoints(), vec![place]);
        let mut gone = session.go(Motion::Resume);
        if !matches!(gone, Ok(Stopped::Hit(_))) {
            let back = session.go(Motion::Goto(before));
            gone = back.and_then(|_| session.go(Motion::ReverseResume));
        }
        let reached = matches!(gone, Ok(Stopped::Hit(_)));
        if !reached {
            // Control never comes there: the run stays where it was.
            let _ = session.go(Motion::Goto(before));
        }
        *session.machine().breakpoints() = kept;
        let text = (!reached).then(|| "control never comes there".to_owned());
        self.output()?;
        self.stopped("goto", text)
    }

    fn data_breakpoint_info(&mut self, args: &Value) -> Answer {
        let name = args["name"].as_str().unwrap_or_default();
        let list = args["variablesReference"].as_u64().unwrap_or_default() as usize;
        let mut variables = look::variables(self.session()?, list).into_iter();
        let found = variables.find(|variable| variable.name == name);
        let target = found.and_then(|variable| variable.target);
        Ok(match target {
            Some(target) => {
                self.watchable.push((target, name.to_owned()));
                json!({
                    "dataId": self.watchable.len().to_string(),
                    "description": name,
                    "accessTypes": ["write"],
                })
            }
            None => json!({ "dataId": null, "description": "this cannot be watched" }),
        })
    }

    fn data_breakpoints(&mut self, args: &Value) -> Answer {
        let (mut targets, mut names, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        for wanted in args["breakpoints"].as_array().into_iter().flatten() {
            let id = wanted["dataId"]
                .as_str()
                .and_then(|id| id.parse::<usize>().ok());
            let known = id.and_then(|id| self.watchable.get(id.checked_sub(1)?));
            answers.push(json!({ "verified": known.is_some() }));
            if let Some((target, name)) = known {
                targets.push(*target);
                names.push(name.clone());
            }
        }
        let session = self.session()?;
        *session.machine().watchpoints() = targets;
        session.watched = names;
        Ok(json!({ "breakpoints": answers }))
    }
}

fn variables(session: &mut Session, list: usize) -> Vec<Value> {
    let shown = |variable: look::Variable| {
        let list = 0; // It has no parts.
        let look::Variable { name, value, .. } = variable;
        let mut shown = json!({ "name": name, "value": value, "variablesReference": list });
        if let Some(memory) = variable.memory {
            shown["memoryReference"] = json!(memory.to_string());
        }
        shown
    };
    look::variables(session, list)
        .into_iter()
        .map(shown)
        .collect()
}

/// What the server can do.
fn capabilities() -> Value {
    json!({
        "supportsConfigurationDoneRequest": true,
        "supportsFunctionBreakpoints": true,
        "supportsInstructionBreakpoints": true,
        "supportsDataBreakpoints": true,
        "supportsStepBack": true,
        "supportsSteppingGranularity": true,
        "supportsGotoTargetsRequest": true,
        "supportsRestartRequest": true,
        "supportsDisassembleRequest": true,
        "supportsReadMemoryRequest": true,
        "supportsEvaluateForHovers": true,
        "supportsTerminateRequest": true,
    })
}

/// The path from the root, where the file is there.
fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
