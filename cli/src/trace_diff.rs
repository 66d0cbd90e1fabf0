//! `limpid trace-diff`: finds the first step at which two traces part, and shows what both had
//! before. The operand stacks are reconstructed from the records; memory is needed for the frames
//! alone.

use super::outcome::{FAILED, Failure};
use super::results::Results;
use super::trace_file::{Line, Record, Trace, are_equal};
use super::trace_sink::shown;
use clap::Args;
use std::collections::VecDeque;
use std::path::PathBuf;

/// How many records before the difference are shown.
const BEFORE: usize = 3;

/// How many frames and operands are shown.
const SHOWN: usize = 16;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid trace --format jsonl -o a.jsonl prog.wasm 1   keep a trace\n\
\x20 limpid trace --format jsonl -o b.jsonl prog.wasm 2   and another one\n\
\x20 limpid trace-diff a.jsonl b.jsonl                    see where they part\n\
\n\
Exit codes: 0 when the traces are the same, 1 when they part or one is no whole trace.";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TraceDiff {
    /// A trace in JSON Lines
    a: PathBuf,
    /// Another one
    b: PathBuf,
}

impl TraceDiff {
    /// Compares.
    ///
    /// # Errors
    /// When the traces part, and when one is no whole trace.
    pub fn carry_out(&self) -> Result<(), Failure> {
        let (mut a, mut b) = (Trace::open(&self.a)?, Trace::open(&self.b)?);
        let headers = (a.header()?, b.header()?);
        let mut out = Results::of_test();
        let mut shadow = Shadow::default();
        let mut records: u64 = 0;
        loop {
            match (a.advance()?, b.advance()?) {
                (false, false) => break,
                // A whole trace ends with a line that no other trace has in its middle.
                (more_a, more_b) if more_a != more_b => unreachable!("the last lines were equal"),
                _ => {} // Both have another line.
            }
            let line = a.parse()?;
            if a.line() != b.line() {
                let other = b.parse()?;
                if !are_equal(a.line(), b.line()) {
                    if headers.0 != headers.1 {
                        out.line("the traces are not of the same modules, features and call");
                    }
                    shadow.show(&mut out, [(&a, &line), (&b, &other)]);
                    return Err(Failure::silent(FAILED));
                }
            }
            if let Line::Record(record) = &line {
                shadow.step(record, a.line());
                records += 1;
            }
        }
        out.line(format_args!("the traces are the same, {records} records"));
        Ok(())
    }
}

/// What is known of a run after some of its records.
#[derive(Clone, Default)]
struct Shadow {
    frames: Vec<Frame>,
    /// How the last record has left them.
    after: After,
    last: VecDeque<String>,
}

/// A frame. What the records do not say is `?`.
#[derive(Clone, Default)]
struct Frame {
    inst: u32,
    func: u32,
    stack: Vec<String>,
}

/// What comes after a record.
#[derive(Clone, Default)]
enum After {
    /// The same frame with these values on top, or one that some frames around it.
    Left(usize, Vec<String>),
    /// A new frame.
    #[default]
    Called,
    /// A new frame in place of the last one.
    Replaced,
}

impl Frame {
    fn resize(&mut self, len: usize) {
        self.stack.resize(len, "?".to_owned());
    }
}

impl Shadow {
    /// Brings the frames to where a record finds them.
    fn arrive(&mut self, record: &Record<'_>) {
        match std::mem::take(&mut self.after) {
            After::Called => self.frames.push(Frame::default()),
            After::Replaced => {
                if let Some(frame) = self.frames.last_mut() {
                    *frame = Frame::default();
                }
            }
            After::Left(frames, values) => {
                let left = self.frames.len().saturating_sub(frames);
                self.frames.truncate(left);
                if let Some(frame) = self.frames.last_mut() {
                    frame.resize(record.stack.saturating_sub(values.len()));
                    frame.stack.extend(values);
                }
            }
        }
        let (inst, func) = (record.inst, record.func);
        let is_new = |frame: &Frame| frame.stack.is_empty() && (frame.inst, frame.func) == (0, 0);
        match self.frames.last_mut() {
            Some(frame) if (frame.inst, frame.func) == (inst, func) || is_new(frame) => {
                (frame.inst, frame.func) = (inst, func);
            }
            // Records were left out, or the host has called the guest.
            Some(_) | None => {
                let stack = Vec::new();
                self.frames = vec![Frame { inst, func, stack }];
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.resize(record.stack);
        }
    }

    /// Follows a record.
    fn step(&mut self, record: &Record<'_>, line: &str) {
        self.arrive(record);
        if let Some(frame) = self.frames.last_mut() {
            let left = frame.stack.len().saturating_sub(record.pop.len());
            frame.stack.truncate(left);
        }
        let own = |values: &[std::borrow::Cow<'_, str>]| {
            values
                .iter()
                .map(|value| value.clone().into_owned())
                .collect()
        };
        let is_last = record.op.starts_with("return_call");
        self.after = match (&record.passed, &record.exn, &record.host) {
            (Some(values), _, _) => After::Left(1, own(values)),
            (_, Some(exn), _) if exn.caught => After::Left(exn.frames, Vec::new()),
            (_, Some(_), _) => After::Left(usize::MAX, Vec::new()),
            _ if record.trap.is_some() => After::Left(usize::MAX, Vec::new()),
            (_, _, Some(_)) if is_last => After::Left(1, Vec::new()),
            (_, _, Some(_)) => After::Left(0, own(&record.push)),
            _ if is_last => After::Replaced,
            _ if record.op.starts_with("call") => After::Called,
            _ => After::Left(0, own(&record.push)), // Every other instruction stays in its frame.
        };
        if self.last.len() == BEFORE {
            self.last.pop_front();
        }
        self.last.push_back(line.to_owned());
    }

    /// Shows where two traces part.
    fn show(&self, out: &mut Results, sides: [(&Trace, &Line<'_>); 2]) {
        let time = |line: &Line<'_>| match line {
            Line::Record(record) => match (record.t, record.init) {
                (Some(time), _) => format!("t={time}"),
                (None, time) => format!("init={}", time.unwrap_or_default()),
            },
            Line::End => "its end".to_owned(),
        };
        let [a, b] = sides.map(|(_, line)| time(line));
        match a == b {
            true => out.line(format_args!("the traces part at {a}")),
            false => out.line(format_args!("the traces part: {a}, {b}")),
        }
        if !self.last.is_empty() {
            out.line("  both, before:");
        }
        for line in &self.last {
            out.line(format_args!("    {}", shown(line)));
        }
        for (trace, line) in sides {
            out.line(format_args!("  {}:{}:", trace.shown(), trace.number()));
            if let Line::Record(record) = line {
                let mut shadow = self.clone();
                shadow.arrive(record);
                shadow.show_state(out);
            }
            out.line(format_args!("    {}", shown(trace.line())));
        }
    }

    /// Shows the frames and the operands of the innermost one.
    fn show_state(&self, out: &mut Results) {
        let some = |mut texts: Vec<String>| {
            let left_out = texts.len().saturating_sub(SHOWN);
            texts.drain(..left_out);
            match left_out {
                0 => texts.join(" "),
                left_out => format!("({left_out} more) {}", texts.join(" ")),
            }
        };
        let frames = self.frames.iter();
        let frames = frames.map(|frame| format!("{}:{}", frame.inst, frame.func));
        out.line(format_args!(
            "    frames (inst:func): {}",
            some(frames.collect())
        ));
        let stack = self.frames.last().map_or(&[][..], |frame| &frame.stack);
        let texts = stack.iter().map(|value| shown(value));
        let text = match stack {
            [] => "empty".to_owned(),
            _ => some(texts.collect()), // There is something.
        };
        out.line(format_args!("    stack before: {text}"));
    }
}
