//! The screen as a picture for the pages about it, `docs/pictures/step.svg`: made of the cells of a
//! real run, and compared with one on each test. `cargo xtask pictures` makes it again.

use super::tests::{FAC, drawn};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The picture, from the folder of this package.
const PATH: &str = "../docs/pictures/step.svg";

/// The size of the screen in cells, and of a cell.
const SIZE: (u16, u16) = (112, 34);
const CELL: (u32, u32) = (9, 19);

/// Room around the cells, and for the bar above them.
const MARGIN: u32 = 14;
const BAR: u32 = 36;

/// What is pressed: a breakpoint at the recursive function, then on to its third call and into it.
const KEYS: &str = "b f a c enter c c right right right right right right";

/// Colours, for light and for dark surroundings. The classes are those that `class` gives.
const STYLE: &str = "\
text{font:15px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;\
white-space:pre;fill:#1f2328}\
.w{fill:#fff;stroke:#d0d7de}.t{fill:#59636e}.l{stroke:#a5afba;fill:none}.v{fill:#1f2328}\
.b{font-weight:700}.d{fill:#59636e}.c{fill:#0a5fa8;font-weight:600}.y{fill:#955100;font-weight:600}\
.r{fill:#b3261e;font-weight:700}.i{fill:#fff;font-weight:600}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}\
.w{fill:#0d1117;stroke:#30363d}.t,.d{fill:#9198a1}.l{stroke:#4a525c}.v{fill:#e6edf3}\
.c{fill:#79c0ff}.y{fill:#f2b45c}.r{fill:#ff8a80}.i{fill:#0d1117}}";

/// The class of a cell's letters.
fn class(style: Style) -> &'static str {
    if style.add_modifier.contains(Modifier::REVERSED) {
        return "i";
    }
    match style.fg {
        Some(Color::Yellow) => "y",
        Some(Color::Cyan) => "c",
        Some(Color::Red) => "r",
        _ if style.add_modifier.contains(Modifier::BOLD) => "b",
        _ if style.add_modifier.contains(Modifier::DIM) => "d",
        _ => "", // The screen uses no other colours.
    }
}

/// The strokes of a line between panes, from the middle of its cell: left, right, up, down.
fn strokes(symbol: &str) -> Option<[bool; 4]> {
    Some(match symbol {
        "─" => [true, true, false, false],
        "│" => [false, false, true, true],
        "┌" => [false, true, false, true],
        "┐" => [true, false, false, true],
        "└" => [false, true, true, false],
        "┘" => [true, false, true, false],
        _ => return None,
    })
}

/// Where a cell begins.
fn corner(x: usize, y: usize) -> (u32, u32) {
    let (width, height) = CELL;
    (MARGIN + x as u32 * width, BAR + y as u32 * height)
}

/// The lines between panes as a path.
fn lines(buffer: &Buffer) -> String {
    let mut path = String::new();
    for (at, cell) in buffer.content().iter().enumerate() {
        let Some([left, right, up, down]) = strokes(cell.symbol()) else {
            continue;
        };
        let (x, y) = corner(at % usize::from(SIZE.0), at / usize::from(SIZE.0));
        let (width, height) = CELL;
        let (middle, centre) = (
            f64::from(x) + f64::from(width) / 2.0,
            f64::from(y) + f64::from(height) / 2.0,
        );
        if left || right {
            let from = if left { f64::from(x) } else { middle };
            let to = if right { f64::from(x + width) } else { middle };
            let _ = write!(path, "M{from} {centre}H{to}");
        }
        if up || down {
            let from = if up { f64::from(y) } else { centre };
            let to = if down { f64::from(y + height) } else { centre };
            let _ = write!(path, "M{middle} {from}V{to}");
        }
    }
    path
}

/// Parts of a row whose cells have one look: where each begins, its class, and its letters.
fn parts(row: &[Cell]) -> BTreeMap<usize, (&'static str, String)> {
    let mut parts: BTreeMap<usize, (&str, String)> = BTreeMap::new();
    let mut open: Option<(usize, &str)> = None;
    for (x, cell) in row.iter().enumerate() {
        let class = class(cell.style());
        let is_blank = strokes(cell.symbol()).is_some();
        if is_blank || open.is_some_and(|(_, own)| own != class) {
            open = None;
        }
        if !is_blank {
            let (from, class) = *open.get_or_insert((x, class));
            let part = parts.entry(from).or_insert((class, String::new()));
            part.1.push_str(cell.symbol());
        }
    }
    parts
}

/// The picture of a screen.
fn svg(buffer: &Buffer, title: &str) -> String {
    let (columns, rows) = (u32::from(SIZE.0), u32::from(SIZE.1));
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + BAR + MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"The screen of {title}\">\n<style>{STYLE}</style>\n\
         <rect class=\"w\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n\
         <text class=\"t\" x=\"{}\" y=\"23\" text-anchor=\"middle\">{title}</text>\n\
         <path class=\"l\" d=\"{}\"/>\n",
        width - 1,
        height - 1,
        width / 2,
        lines(buffer)
    );
    let cells: Vec<&[Cell]> = buffer.content().chunks(SIZE.0.into()).collect();
    for (y, row) in cells.iter().enumerate() {
        for (from, (class, letters)) in parts(row) {
            let (x, top) = corner(from, y);
            let len = letters.chars().count() as u32 * CELL.0;
            if class == "i" {
                let height = CELL.1;
                let _ = writeln!(
                    svg,
                    "<rect class=\"v\" x=\"{x}\" y=\"{top}\" width=\"{len}\" height=\"{height}\"/>"
                );
            }
            write_letters(&mut svg, (x, top), class, &letters);
        }
    }
    svg + "</svg>\n"
}

/// Appends letters, without the blanks around them, as wide as their cells.
fn write_letters(svg: &mut String, (x, top): (u32, u32), class: &str, letters: &str) {
    let shown = letters.trim();
    if shown.is_empty() {
        return;
    }
    let blanks = letters.chars().take_while(|letter| *letter == ' ').count() as u32;
    let (x, y) = (x + blanks * CELL.0, top + 14);
    let len = shown.chars().count() as u32 * CELL.0;
    let class = match class {
        "" => String::new(),
        class => format!(" class=\"{class}\""),
    };
    let shown = shown
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let _ = writeln!(
        svg,
        "<text{class} x=\"{x}\" y=\"{y}\" textLength=\"{len}\">{shown}</text>"
    );
}

#[test]
fn the_picture_shows_what_a_run_shows() {
    let terminal = drawn(&FAC, SIZE, KEYS);
    let picture = svg(
        terminal.backend().buffer(),
        "limpid step --invoke fac fac.wat 3",
    );
    assert!(picture.len() < 200_000, "{} bytes", picture.len());
    if std::env::var_os("LIMPID_BLESS").is_some() {
        std::fs::write(PATH, &picture).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(PATH).expect("the picture is kept");
    let is_same = kept.lines().eq(picture.lines());
    assert!(
        is_same,
        "the screen is another one; `cargo xtask pictures` makes the picture of it"
    );
}
