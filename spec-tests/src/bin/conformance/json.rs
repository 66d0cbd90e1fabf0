//! The report as JSON.

use crate::results::{Results, Run};
use crate::wasi::Wasi;
use limpid_wasi_testsuite::ALL;
use std::fmt::Write;

/// The whole report.
pub fn json(results: &Results, wasi: &Wasi) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "{{\n  \"suite\": {},\n  \"configurations\": [",
        text(results.origin.describe())
    );
    for (at, configuration) in results.configurations.iter().enumerate() {
        let sums = results.sums(at, 0..results.files.len());
        let _ = write!(
            out,
            "{}\n    {{\"name\": {}, \"files\": {}, \"executed\": {}, \"in_threads\": {}, \
             \"refused_as_text\": {}, \"problems\": {}, \"seconds\": {:.3},\n     \"kinds\": {{",
            comma(at),
            text(&configuration.to_string()),
            sums.files,
            sums.executed.total(),
            sums.in_threads.total(),
            sums.refused_as_text,
            sums.problems,
            sums.time.as_secs_f64(),
        );
        for (at, (kind, count)) in sums.executed.iter().enumerate() {
            let _ = write!(out, "{}{}: {count}", comma(at), text(kind.name()));
        }
        out.push_str("},\n     \"runs\": [");
        for (at, (file, run)) in results.files.iter().zip(&results.runs[at]).enumerate() {
            let _ = write!(out, "{}\n      {}", comma(at), one(&file.name, run));
        }
        out.push_str("]}");
    }
    out.push_str("\n  ],\n  \"wasi\": [");
    // Nothing where the suite was left out.
    let all = ALL.iter().zip(&wasi.runs).enumerate();
    for (at, (configuration, runs)) in all.filter(|_| !wasi.programs.is_empty()) {
        let name = text(configuration.name);
        let _ = write!(out, "{}\n    {{\"name\": {name}, \"runs\": [", comma(at));
        for (at, (program, run)) in wasi.programs.iter().zip(runs).enumerate() {
            let name = text(&format!("{}/{}", program.part.name, program.name));
            let problem = run.problem.as_deref().map_or("null".into(), text);
            let _ = write!(
                out,
                "{}\n      {{\"program\": {name}, \"seconds\": {:.3}, \"problem\": {problem}}}",
                comma(at),
                run.done.time.as_secs_f64(),
            );
        }
        out.push_str("]}");
    }
    out.push_str("\n  ]\n}\n");
    out
}

fn one(name: &str, run: &Run) -> String {
    let mut problems = String::new();
    for (at, problem) in run.verdict.problems.iter().enumerate() {
        let _ = write!(
            problems,
            "{}{{\"line\": {}, \"column\": {}, \"message\": {}}}",
            comma(at),
            problem.line,
            problem.column,
            text(&problem.message),
        );
    }
    format!(
        "{{\"file\": {}, \"executed\": {}, \"seconds\": {:.3}, \"problems\": [{problems}]}}",
        text(name),
        run.verdict.report.executed.total(),
        run.time.as_secs_f64(),
    )
}

fn comma(at: usize) -> &'static str {
    if at == 0 { "" } else { ", " }
}

/// A JSON string.
fn text(plain: &str) -> String {
    let mut out = String::from("\"");
    for char in plain.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\u{20}'.. => out.push(char),
            control => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn quotes_and_controls_are_escaped() {
        assert_eq!(text("a\"b\\c\nd\u{7f}"), "\"a\\\"b\\\\c\\u000ad\u{7f}\"");
    }
}
