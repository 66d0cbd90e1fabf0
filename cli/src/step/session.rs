//! A run that somebody steps through, however it is shown: the motions, the instruction executed
//! last, breakpoints, watchpoints, bookmarks. Knows of no terminal.

use super::super::outcome::Failure;
use super::super::run::{Host, Input, Output, Prepared};
use super::super::wording::told;
use super::code::Code;
use super::last::Last;
use super::show::Known;
use super::source_files::SourceDir;
use limpid::internals::binary::InstrReader;
use limpid::internals::code::disassemble::disassemble;
use limpid::internals::exec::Program;
use limpid::internals::runtime::{InstAddr, MemAddr};
use limpid::internals::translate;
use limpid::observe::machine::{FrameView, Stopped, Target};
use limpid::observe::{Machine, Place};
use limpid::wasi::WasiThreads;
use limpid::{Error, Module};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a memory that are shown at a time.
pub const WINDOW: usize = 1024;

/// Bytes of a memory that count as one place of its heat.
pub const HEAT_PAGE: u64 = 4096;

/// Frames whose code is read to say where they are.
const SPOTS: usize = 50;

/// Most times that are remembered for the timeline.
const MARKS: usize = 100_000;

/// The operations of a function, each with the offset of its instruction.
type Operations = Vec<(Option<u32>, String)>;

/// How to move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Motion {
    Step,
    Back,
    Over,
    OverBack,
    Out,
    OutBack,
    Resume,
    ReverseResume,
    Goto(u64),
    /// To the instruction that wrote something last.
    ToWrite(Target),
}

/// What the timeline shows at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// A function was entered.
    Call,
    /// A function returned.
    Return,
    /// A host function was called.
    Host,
    /// The run ended there, or an exception was thrown.
    Trap,
}

/// A run that somebody steps through.
pub struct Session {
    machine: Machine<Host>,
    /// What spawns threads.
    _threads: Option<WasiThreads<Host>>,
    modules: Vec<Module>,
    output: Output,
    input: Input,
    sources: Option<SourceDir>,
    last: Option<Last>,
    frames: Vec<FrameView>,
    codes: HashMap<(u32, u32), Rc<Code>>,
    registers: HashMap<(u32, u32), Rc<Operations>>,
    /// What is known of times that were shown.
    pub marks: BTreeMap<u64, Mark>,
    /// Times that the user has marked.
    pub bookmarks: BTreeSet<u64>,
    /// What each watchpoint watches, in words.
    pub watched: Vec<String>,
    /// How often the steps that were shown have written each page of each memory.
    pub heat: HashMap<(u32, u64), u32>,
    /// The memory that is shown, and its first byte.
    pub window: (MemAddr, u64),
    /// The bytes of the window before the instruction executed last.
    before: Vec<u8>,
    /// The latest time that the run has reached.
    reached: u64,
}

impl Session {
    /// A run before its first instruction, and where source files may be read.
    pub fn new(prepared: Prepared, sources: Option<SourceDir>) -> Session {
        let mut session = Session {
            machine: prepared.machine,
            _threads: prepared.threads,
            modules: prepared.modules,
            output: prepared.output,
            input: prepared.input,
            sources,
            last: None,
            frames: Vec::new(),
            codes: HashMap::new(),
            registers: HashMap::new(),
            marks: BTreeMap::new(),
            bookmarks: BTreeSet::new(),
            watched: Vec::new(),
            heat: HashMap::new(),
            window: (MemAddr(0), 0),
            before: Vec::new(),
            reached: 0,
        };
        session.frames = session.machine.frames();
        session
    }

    /// The number of instructions executed.
    pub fn time(&self) -> u64 {
        self.machine.time()
    }

    /// The latest time that the run has reached.
    pub fn reached(&self) -> u64 {
        self.reached
    }

    /// The run.
    pub fn machine(&mut self) -> &mut Machine<Host> {
        &mut self.machine
    }

    /// How the run ended and when, once that is known.
    pub fn end(&self) -> Option<(u64, &limpid::observe::machine::Ended)> {
        self.machine.end()
    }

    /// Whether the run is at its end.
    pub fn is_at_end(&self) -> bool {
        self.machine.is_at_end()
    }

    /// The instruction executed last.
    pub fn last(&self) -> Option<&Last> {
        self.last.as_ref()
    }

    /// The frames, innermost first.
    pub fn frames(&self) -> &[FrameView] {
        &self.frames
    }

    /// The instruction that comes next; at the end of a run that failed, the one that it failed in.
    pub fn place(&self) -> Option<Place> {
        self.frames.first().map(|frame| frame.place)
    }

    /// What the guest has written so far.
    pub fn output(&self) -> Vec<u8> {
        self.output.before(self.time())
    }

    /// What the guest reads.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// Calls a function with what names are looked up in.
    pub fn known<R>(&mut self, look: impl FnOnce(Known<'_>, &View<'_>) -> R) -> R {
        let places = self.frames.iter().take(SPOTS).map(|frame| frame.place);
        let last = self.last.as_ref().map(|last| last.place);
        for place in places.chain(last).collect::<Vec<Place>>() {
            self.code(place);
        }
        let Session {
            machine,
            last,
            frames,
            codes,
            ..
        } = self;
        let (state, instances) = machine.state();
        let known = Known {
            state,
            instances: &instances,
        };
        let view = View {
            last: last.as_ref(),
            frames,
            codes,
        };
        look(known, &view)
    }

    /// The module of an instance.
    pub fn module(&mut self, inst: InstAddr) -> Option<Module> {
        let (_, instances) = self.machine.state();
        let program = &instances.instance(inst).program;
        let mut modules = self.modules.iter();
        modules
            .find(|module| Arc::ptr_eq(module.program(), program))
            .cloned()
    }

    /// The code of the function at a place.
    pub fn code(&mut self, place: Place) -> Option<Rc<Code>> {
        let key = (place.inst.0, place.func.0);
        if let Some(code) = self.codes.get(&key) {
            return Some(code.clone());
        }
        let module = self.module(place.inst)?;
        let code = Rc::new(Code::of(&module, place.func.0, self.sources.as_ref()));
        self.codes.insert(key, code.clone());
        Some(code)
    }

    /// A place in words: the function, and the line or the offset.
    pub fn spot(&mut self, place: Place) -> String {
        self.code(place);
        self.known(|known, view| {
            let func = known.func_of(place.inst, place.func);
            format!("{func}, {}", view.spot(place))
        })
    }

    /// The offsets of the first instructions of the function at a place.
    pub fn first_offsets(&mut self, place: Place, most: usize) -> Vec<u32> {
        let (_, instances) = self.machine.state();
        let program = &instances.instance(place.inst).program;
        let syntax = program.module();
        let defined = place.func.0.checked_sub(syntax.imported_funcs());
        let Some(body) = defined.and_then(|defined| syntax.code.get(defined as usize)) else {
            return Vec::new();
        };
        let mut reader = InstrReader::for_body(syntax, body, &program.context().features);
        let offsets = std::iter::from_fn(|| match reader.at_end() {
            true => None,
            false => reader.read().ok().map(|(offset, _)| offset),
        });
        offsets.take(most).collect()
    }

    /// The operations that the function at a place became, each with the offset of its
    /// instruction.
    pub fn registers(&mut self, place: Place) -> Rc<Operations> {
        let key = (place.inst.0, place.func.0);
        if let Some(lines) = self.registers.get(&key) {
            return lines.clone();
        }
        let (_, instances) = self.machine.state();
        let program = &instances.instance(place.inst).program;
        let lines = match program.is_defined(place.func) {
            true => operations(program, place),
            false => Vec::new(),
        };
        let lines = Rc::new(lines);
        self.registers.insert(key, lines.clone());
        lines
    }

    /// Moves, and looks at the instruction executed last. A motion that somebody ends leaves the
    /// run where it has come to.
    ///
    /// # Errors
    /// When the host has no room for the past of the run.
    pub fn go(&mut self, motion: Motion) -> Result<Stopped, Failure> {
        let before = self.time();
        let stopped = match motion {
            Motion::Step => return self.step(),
            Motion::Back => self.machine.step_back(),
            Motion::Over => self.machine.over(),
            Motion::OverBack => self.machine.over_back(),
            Motion::Out => self.machine.out(),
            Motion::OutBack => self.machine.out_back(),
            Motion::Resume => self.machine.resume(),
            Motion::ReverseResume => self.machine.reverse_resume(),
            Motion::Goto(time) => self.machine.goto(time),
            Motion::ToWrite(target) => self.machine.back_to_write(target),
        };
        let stopped = stopped.map_err(failed)?;
        let is_search = matches!(
            motion,
            Motion::OverBack | Motion::OutBack | Motion::ReverseResume | Motion::ToWrite(_)
        );
        if is_search && stopped == Stopped::Cancelled {
            // The search was somewhere in the past.
            self.machine.goto(before).map_err(failed)?;
        }
        self.look_back()?;
        Ok(stopped)
    }

    /// Executes one instruction.
    fn step(&mut self) -> Result<Stopped, Failure> {
        if self.machine.is_at_end() {
            return Ok(Stopped::Ended);
        }
        self.shown_step()
    }

    /// Executes one instruction and keeps what it did.
    fn shown_step(&mut self) -> Result<Stopped, Failure> {
        self.before = self.window_bytes();
        let kept: Arc<Mutex<Option<Last>>> = Arc::default();
        let sink = kept.clone();
        let stopped = self.machine.step_shown(move |event| {
            let mut kept = sink.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = Some(Last::of(event));
        });
        let stopped = stopped.map_err(failed)?;
        let last = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.keep(last);
        Ok(stopped)
    }

    /// Executes the instruction before this time again, to see what it did.
    fn look_back(&mut self) -> Result<(), Failure> {
        let time = self.machine.time();
        let Some(before) = time.checked_sub(1) else {
            self.before = self.window_bytes();
            self.keep(None);
            return Ok(());
        };
        self.machine.goto(before).map_err(failed)?;
        self.shown_step()?;
        Ok(())
    }

    fn keep(&mut self, last: Option<Last>) {
        self.frames = self.machine.frames();
        self.reached = self.reached.max(self.machine.time());
        if let Some(last) = &last {
            self.mark(last);
        }
        self.last = last;
    }

    /// Notes a step for the timeline and the heat of memories.
    fn mark(&mut self, last: &Last) {
        use limpid::observe::Outcome;
        let mark = match last.outcome {
            Outcome::Called | Outcome::TailCalled => Some(Mark::Call),
            Outcome::Returned => Some(Mark::Return),
            Outcome::Host => Some(Mark::Host),
            Outcome::Caught { .. }
            | Outcome::HostFailed
            | Outcome::Uncaught
            | Outcome::Trapped(_) => Some(Mark::Trap),
            Outcome::Next | Outcome::Branched => None,
        };
        if let Some(mark) = mark
            && self.marks.len() < MARKS
        {
            self.marks.insert(last.time, mark);
        }
        if let Some(write) = &last.write
            && write.len > 0
        {
            let pages = write.at / HEAT_PAGE..=(write.at + (write.len - 1)) / HEAT_PAGE;
            for page in pages.take(WINDOW) {
                let heat = self.heat.entry((write.addr.0, page)).or_default();
                *heat = heat.saturating_add(1);
            }
        }
    }

    /// The bytes of the memory that is shown.
    pub fn window_bytes(&mut self) -> Vec<u8> {
        let (addr, at) = self.window;
        let (state, _) = self.machine.state();
        let Some(memory) = state.memories.get(addr.index()) else {
            return Vec::new();
        };
        let len = memory.byte_len().saturating_sub(at).min(WINDOW as u64);
        let mut bytes = vec![0; len as usize];
        match memory.read_bytes(at, &mut bytes) {
            Ok(()) => bytes,
            Err(_) => Vec::new(),
        }
    }

    /// The bytes of the window before the instruction executed last.
    pub fn window_before(&self) -> &[u8] {
        &self.before
    }

    /// Shows the memory at another address.
    pub fn look_at(&mut self, memory: MemAddr, at: u64) {
        self.window = (memory, at);
        self.before = self.window_bytes();
    }

    /// Runs from here and shows each instruction, until a time.
    ///
    /// # Errors
    /// When the host has no room for the past of the run.
    pub fn run_shown(
        &mut self,
        time: u64,
        show: impl FnMut(&limpid::observe::Event<'_>) + Send + 'static,
    ) -> Result<Stopped, Failure> {
        self.machine.run_shown(time, show).map_err(failed)
    }

    /// Goes to a time without looking at the instruction before it.
    ///
    /// # Errors
    /// When the host has no room for the past of the run.
    pub fn pass_to(&mut self, time: u64) -> Result<Stopped, Failure> {
        self.machine.goto(time).map_err(failed)
    }
}

fn operations(program: &Program, place: Place) -> Operations {
    let (validated, settings) = (program.validated(), program.settings());
    let unit = translate::unit(validated, settings, &[place.func], 0, &|_| false);
    let map = translate::offsets(validated, settings, place.func);
    let body = unit.bodies.iter().find(|body| body.func == place.func);
    let Some(code) = body.map(|body| body.code.clone()) else {
        return Vec::new();
    };
    let range = code.start as usize..code.end as usize;
    let lines = disassemble(&unit.ops[range], code.start);
    let with_offset = |line: limpid::internals::code::disassemble::Line| {
        let text = format!("@{:<5} {}", line.at, line.text);
        (map.offset(line.at - code.start), text)
    };
    lines.into_iter().map(with_offset).collect()
}

/// What panes are made of, beside the names.
pub struct View<'s> {
    /// The instruction executed last.
    pub last: Option<&'s Last>,
    /// The frames, innermost first.
    pub frames: &'s [FrameView],
    /// The code of the functions of the innermost frames.
    codes: &'s HashMap<(u32, u32), Rc<Code>>,
}

impl View<'_> {
    /// Where an instruction is: its line, where its module was read from a text, or its offset.
    pub fn spot(&self, place: Place) -> String {
        let code = self.codes.get(&(place.inst.0, place.func.0));
        let line = code.filter(|code| code.is_text());
        match line.and_then(|code| code.line_of(place.offset)) {
            Some(line) => format!("line {}", line + 1),
            None => format!("{:#x}", place.offset),
        }
    }
}

fn failed(error: Error) -> Failure {
    Failure::failed(told(&error))
}
