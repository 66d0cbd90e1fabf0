//! The report as one page: first the grid of suites by configuration, each cell leading to its
//! files, and each file to a page with its directives; then what was executed. Needs no script and
//! nothing from elsewhere.

use crate::results::{Results, Run, Sums};
use crate::wasi::Wasi;
use limpid::wast::Kind;
use limpid_spec_tests::{Configuration, File, suite};
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");

/// The whole page.
pub fn page(results: &Results, wasi: &Wasi) -> String {
    let mut out = String::new();
    head(&mut out, "conformance");
    let _ = write!(
        out,
        "<h1>The official suite on Limpid</h1>\n{}<p>{}. {}</p>\n\
         <p class=\"hint\">Proposals that are not run: {}. A cell counts directives, and leads to \
         its files.</p>\n<p><a href=\"wasi.html\">{}</a></p>\n",
        headline(results),
        escape(results.origin.describe()),
        escape(results.origin.left_out().unwrap_or_default()),
        suite::NOT_RUN.join(", "),
        escape(&wasi.summary()),
    );
    grid(&mut out, results);
    for (row, group) in rows(results).into_iter().enumerate() {
        for column in 0..results.configurations.len() {
            cell_files(&mut out, results, group, row, column);
        }
    }
    executed(&mut out, results);
    out.push_str("</body></html>\n");
    out
}

/// The start of a page.
pub fn head(out: &mut String, title: &str) {
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Limpid: {}</title>\n<style>\n{STYLE}</style></head><body>\n",
        escape(title),
    );
}

/// The outcome in a line.
fn headline(results: &Results) -> String {
    let all = (0..results.configurations.len())
        .map(|column| results.sums(column, 0..results.files.len()));
    let (directives, problems) = all.fold((0, 0), |(directives, problems), sums| {
        (
            directives.max(sums.executed.total()),
            problems + sums.problems,
        )
    });
    let configurations = count(results.configurations.len(), "configuration");
    let verdict = match problems {
        0 => "all as the suite asks".to_string(),
        problems => format!("<em>{} wrong</em>", grouped(problems as u32)),
    };
    format!(
        "<p class=\"headline\">{} directives in {configurations}: {verdict}.</p>\n",
        grouped(directives),
    )
}

/// The groups in the order of the grid.
fn rows(results: &Results) -> Vec<&str> {
    let groups = results.groups();
    groups.into_iter().flat_map(|(_, groups)| groups).collect()
}

/// A configuration in a narrow column.
fn column_head(configuration: &Configuration) -> String {
    escape(&configuration.to_string()).replace('+', "<br>+ ")
}

/// Suites by configurations, in colours.
fn grid(out: &mut String, results: &Results) {
    let columns = results.configurations.len();
    out.push_str("<table class=\"grid\" id=\"grid\"><tr><td></td>");
    for configuration in &results.configurations {
        let _ = write!(out, "<th scope=\"col\">{}</th>", column_head(configuration));
    }
    out.push_str("</tr>\n");
    let mut row = 0;
    for (heading, groups) in results.groups() {
        let span = columns + 1;
        let _ = writeln!(
            out,
            "<tr><th class=\"part\" colspan=\"{span}\">{heading}</th></tr>"
        );
        for group in groups {
            let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(group));
            for column in 0..columns {
                cell(
                    out,
                    &results.sums(column, results.members(group)),
                    row,
                    column,
                );
            }
            out.push_str("</tr>\n");
            row += 1;
        }
    }
    out.push_str("<tr><th class=\"part\" scope=\"row\">In all</th>");
    for column in 0..columns {
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
    let problems = match sums.problems {
        0 => String::new(),
        problems => format!("<em>{problems} wrong</em>"),
    };
    format!(
        "<b>{}</b><small>{}</small>{problems}",
        grouped(sums.executed.total()),
        count(sums.files, "file"),
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
        "<section id=\"r{row}c{column}\"><h2>{} in {} <a href=\"#grid\">back to the grid</a></h2>",
        escape(group),
        escape(&configuration),
    );
    for at in results.members(group) {
        file(out, &results.files[at], &results.runs[column][at]);
    }
    out.push_str("</section>\n");
}

/// Where the page of a file stands, from the report.
pub fn file_page(file: &File) -> String {
    format!("files/{}.html", file.name.replace('/', "-"))
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
        "<details><summary class=\"{colour}\"><i></i>{} <small>{}, {} ms</small></summary>\
         <p><a href=\"{}\">each directive</a></p><ul>",
        escape(&file.name),
        count(report.executed.total() as usize, "directive"),
        run.time.as_millis(),
        escape(&file_page(file)),
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

/// The page of a file: its directives by configuration.
pub fn directives(results: &Results, at: usize) -> String {
    let file = &results.files[at];
    let mut out = String::new();
    head(&mut out, &file.name);
    let _ = write!(
        out,
        "<p><a href=\"../index.html\">All suites</a></p>\n<h1>{}</h1>\n\
         <table class=\"kinds directives\"><tr><td></td><th scope=\"col\">directive</th>\
         <th scope=\"col\">source</th>",
        escape(&file.name)
    );
    for configuration in &results.configurations {
        let _ = write!(out, "<th scope=\"col\">{}</th>", column_head(configuration));
    }
    out.push_str("</tr>\n");
    let directives = match file.script() {
        Ok(script) => &script.directives[..],
        // Said among the problems of each run.
        Err(_) => &[],
    };
    for directive in directives {
        let (line, column) = (directive.line, directive.column);
        let source: String = file.line(line).trim().chars().take(100).collect();
        let _ = write!(
            out,
            "<tr id=\"L{line}\"><td>{line}</td><td class=\"name\">{}</td><td><code>{}</code></td>",
            directive.command.kind().name(),
            escape(&source),
        );
        for runs in &results.runs {
            let problems = runs[at].verdict.problems.iter();
            // A problem without a column is the whole line's.
            let own = problems.filter(|problem| {
                problem.line == line && (problem.column == column || problem.column == 0)
            });
            let messages: Vec<String> = own.map(|problem| escape(&problem.message)).collect();
            let _ = match messages.is_empty() {
                true => write!(out, "<td class=\"good\">passed</td>"),
                false => write!(out, "<td class=\"bad\">{}</td>", messages.join("<br>")),
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n</body></html>\n");
    out
}

/// Directives that were executed, by kind and configuration.
fn executed(out: &mut String, results: &Results) {
    let all = results.configurations.iter().enumerate();
    let sums: Vec<Sums> = all
        .map(|(at, _)| results.sums(at, 0..results.files.len()))
        .collect();
    out.push_str("<h2>Directives executed</h2>\n<table class=\"kinds\"><tr><td></td>");
    for configuration in &results.configurations {
        let _ = write!(out, "<th scope=\"col\">{}</th>", column_head(configuration));
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
        "rejected by the `wast` parser, not by the engine",
        &|sums| sums.refused_as_text,
    );
    row("seconds", &|sums| sums.time.as_secs() as u32);
    out.push_str("</table>\n");
}

/// A number of things.
pub fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number as u32))
}

/// A number with its thousands apart.
pub fn grouped(number: u32) -> String {
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

/// Escapes text for a page.
pub fn escape(plain: &str) -> String {
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
