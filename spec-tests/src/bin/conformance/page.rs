//! The report as one page: first the grid of suites by configuration, each cell leading to its
//! files and their directives; then what was executed. Needs no script and nothing from elsewhere.

use crate::results::{Results, Run, Sums};
use limpid::wast::Kind;
use limpid_spec_tests::{File, suite};
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");

/// The whole page.
pub fn page(results: &Results) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Limpid: conformance</title>\n<style>\n{STYLE}</style></head><body>\n\
         <h1>The official suite on Limpid</h1>\n<p>{}. {}</p>\n\
         <p class=\"hint\">Proposals that are not run: {}.</p>\n",
        escape(results.origin.describe()),
        escape(results.origin.left_out().unwrap_or_default()),
        suite::NOT_RUN.join(", "),
    );
    grid(&mut out, results);
    out.push_str("<p class=\"hint\">A cell leads to its files, below the grid.</p>\n");
    for (row, group) in results.groups().into_iter().enumerate() {
        for column in 0..results.configurations.len() {
            cell_files(&mut out, results, group, row, column);
        }
    }
    executed(&mut out, results);
    out.push_str("</body></html>\n");
    out
}

/// Suites by configurations, in colours.
fn grid(out: &mut String, results: &Results) {
    out.push_str("<table class=\"grid\"><tr><td></td>");
    for configuration in &results.configurations {
        let words = escape(&configuration.to_string()).replace('+', "<br>+ ");
        let _ = write!(out, "<th scope=\"col\">{words}</th>");
    }
    out.push_str("</tr>\n");
    for (row, group) in results.groups().into_iter().enumerate() {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(group));
        for column in 0..results.configurations.len() {
            cell(
                out,
                &results.sums(column, results.members(group)),
                row,
                column,
            );
        }
        out.push_str("</tr>\n");
    }
    out.push_str("<tr><th scope=\"row\">all</th>");
    for column in 0..results.configurations.len() {
        let sums = results.sums(column, 0..results.files.len());
        let _ = write!(
            out,
            "<td class=\"{} sum\">{}</td>",
            colour(&sums),
            inside(&sums)
        );
    }
    out.push_str("</tr></table>\n");
}

fn cell(out: &mut String, sums: &Sums, row: usize, column: usize) {
    let (colour, inside) = (colour(sums), inside(sums));
    let _ = write!(
        out,
        "<td class=\"{colour}\"><a href=\"#r{row}c{column}\">{inside}</a></td>"
    );
}

fn inside(sums: &Sums) -> String {
    let directives = sums.executed.total() + sums.in_threads.total();
    let problems = match sums.problems {
        0 => String::new(),
        problems => format!("<em>{problems} wrong</em>"),
    };
    format!(
        "<b>{}</b><small>{} files</small>{problems}",
        grouped(directives),
        sums.files
    )
}

/// Green, yellow where at most one file in ten has problems, else red.
fn colour(sums: &Sums) -> &'static str {
    match sums.failing {
        0 => "good",
        failing if failing * 10 <= sums.files => "near",
        _ => "bad",
    }
}

/// The files of a cell.
fn cell_files(out: &mut String, results: &Results, group: &str, row: usize, column: usize) {
    let configuration = results.configurations[column].to_string();
    let _ = writeln!(
        out,
        "<section id=\"r{row}c{column}\"><h2>{} in {}</h2>",
        escape(group),
        escape(&configuration),
    );
    for at in results.members(group) {
        file(out, &results.files[at], &results.runs[column][at]);
    }
    out.push_str("</section>\n");
}

fn file(out: &mut String, file: &File, run: &Run) {
    let (verdict, report) = (&run.verdict, &run.verdict.report);
    let colour = if verdict.problems.is_empty() {
        "good"
    } else {
        "bad"
    };
    let _ = write!(
        out,
        "<details><summary class=\"{colour}\"><i></i>{} <small>{} directives, {} ms</small>\
         </summary><ul>",
        escape(&file.name),
        grouped(report.executed.total()),
        run.time.as_millis(),
    );
    for (kind, count) in report.executed.iter() {
        let _ = write!(out, "<li>{} {}</li>", grouped(count), kind.name());
    }
    for problem in &verdict.problems {
        let source = match problem.line {
            0 => "",
            line => file.line(line).trim(),
        };
        let _ = write!(
            out,
            "<li class=\"problem\">{}:{} <code>{}</code><br>{}</li>",
            problem.line,
            problem.column,
            escape(source),
            escape(&problem.message),
        );
    }
    out.push_str("</ul></details>\n");
}

/// Directives that were executed, by kind and configuration.
fn executed(out: &mut String, results: &Results) {
    let all = results.configurations.iter().enumerate();
    let sums: Vec<Sums> = all
        .map(|(at, _)| results.sums(at, 0..results.files.len()))
        .collect();
    out.push_str("<h2>Directives executed</h2>\n<table class=\"kinds\"><tr><td></td>");
    for configuration in &results.configurations {
        let _ = write!(out, "<th>{}</th>", escape(&configuration.to_string()));
    }
    out.push_str("</tr>\n");
    let mut row = |name: &str, of: &dyn Fn(&Sums) -> u32| {
        let _ = write!(out, "<tr><th scope=\"row\">{name}</th>");
        for sums in &sums {
            let _ = write!(out, "<td>{}</td>", grouped(of(sums)));
        }
        out.push_str("</tr>\n");
    };
    for &kind in Kind::ALL {
        row(kind.name(), &|sums| sums.executed.get(kind));
    }
    row("all", &|sums| sums.executed.total());
    row("inside of threads, besides", &|sums| {
        sums.in_threads.total()
    });
    row(
        "refused by the reader of the text format, not by the engine",
        &|sums| sums.refused_as_text,
    );
    row("seconds", &|sums| sums.time.as_secs() as u32);
    out.push_str("</table>\n");
}

/// A number with its thousands apart.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn escape(plain: &str) -> String {
    let mut out = String::new();
    for char in plain.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escape, grouped};

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(65_294), "65,294");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            escape("<a href=\"x\">&"),
            "&lt;a href=&quot;x&quot;&gt;&amp;"
        );
    }
}
