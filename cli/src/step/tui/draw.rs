//! The screen as text: panes of the items of `model`, for 80 columns and 24 rows or more. What has
//! changed carries a mark as well as a colour.

use super::super::super::terminal::widgets::{
    BACK, CHANGED, FAULT, HERE, TITLE, WORD, footer, help, inside, words,
};
use super::super::code::{self, Code};
use super::super::model::{self, Item};
use super::super::session::{Mark, Session};
use super::super::verbs;
use super::app::{App, Corner};
use limpid::observe::Place;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use std::rc::Rc;

/// From this size on, more panes are shown.
const LARGE: (u16, u16) = (110, 34);

/// The most important keys.
const KEYS: &str = " \u{2190}\u{2192} step  n over  o out  c run on  b break  g goto  \
    p predict  Tab pane  ? help";

/// What the list of keys ends with.
const NOTES: [&str; 2] = [
    "Up and Down select an operand for y; PageUp and PageDown scroll the pane.",
    "* marks what the last step has changed, > where the run is, o a breakpoint.",
];

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, app: &mut App<'_>) {
    let [head, body, told, time, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(8),
        Constraint::Length(3),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    header(frame, head, app);
    match body.width >= LARGE.0 && frame.area().height >= LARGE.1 {
        true => large(frame, body, app),
        false => small(frame, body, app),
    }
    last(frame, told, app);
    timeline(frame, time, &mut app.session);
    footer(frame, foot, app.prompt.as_ref(), KEYS);
    if app.is_help {
        help(frame, verbs::keys().into_iter(), 15, &NOTES);
    }
}

fn small(frame: &mut Frame<'_>, body: Rect, app: &mut App<'_>) {
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(58), Constraint::Percentage(42)]).areas(body);
    let [code, corner] =
        Layout::vertical([Constraint::Percentage(58), Constraint::Percentage(42)]).areas(left);
    let [stack, locals, frames] = Layout::vertical([
        Constraint::Percentage(42),
        Constraint::Percentage(33),
        Constraint::Percentage(25),
    ])
    .areas(right);
    code_pane(frame, code, app);
    corner_pane(frame, corner, app, app.corner);
    stack_pane(frame, stack, app);
    let items = model::locals(&mut app.session);
    pane(frame, locals, "locals", &items, 0);
    let items = model::frames(&mut app.session);
    pane(frame, frames, "frames", &items, 0);
}

fn large(frame: &mut Frame<'_>, body: Rect, app: &mut App<'_>) {
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(52), Constraint::Percentage(48)]).areas(body);
    let [code, memory, corner] = Layout::vertical([
        Constraint::Percentage(50),
        Constraint::Percentage(25),
        Constraint::Percentage(25),
    ])
    .areas(left);
    let [stack, locals, globals, labels, frames] = Layout::vertical([
        Constraint::Percentage(30),
        Constraint::Percentage(20),
        Constraint::Percentage(15),
        Constraint::Percentage(15),
        Constraint::Percentage(20),
    ])
    .areas(right);
    code_pane(frame, code, app);
    corner_pane(frame, memory, app, Corner::Memory);
    let shown_already = [
        Corner::Memory,
        Corner::Globals,
        Corner::Labels,
        Corner::Frames,
    ];
    let chosen = match shown_already.contains(&app.corner) {
        true => Corner::Output,
        false => app.corner,
    };
    corner_pane(frame, corner, app, chosen);
    stack_pane(frame, stack, app);
    let items = model::locals(&mut app.session);
    pane(frame, locals, "locals", &items, 0);
    corner_pane(frame, globals, app, Corner::Globals);
    corner_pane(frame, labels, app, Corner::Labels);
    let items = model::frames(&mut app.session);
    pane(frame, frames, "frames", &items, 0);
}

/// Items, a line each.
fn pane(frame: &mut Frame<'_>, area: Rect, title: &str, items: &[Item], scroll: usize) {
    let count = match items.len() {
        0 => format!("{title}: none"),
        _ => title.to_owned(),
    };
    let inner = inside(frame, area, &count);
    let names = items.iter().map(|item| item.name.chars().count());
    let width = names.max().unwrap_or(0).min(16);
    let scroll = scroll.min(items.len().saturating_sub(1));
    let shown = items.iter().skip(scroll).take(inner.height.into());
    let lines: Vec<Line<'_>> = shown.map(|item| line(item, width)).collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

fn line(item: &Item, width: usize) -> Line<'static> {
    let mark = match (item.changed, item.current) {
        (true, _) => "* ",
        (false, true) => "> ",
        (false, false) => "  ",
    };
    let style = match (item.changed, item.current) {
        (true, _) => CHANGED,
        (false, true) => HERE,
        (false, false) => Style::new(),
    };
    let mut spans = vec![Span::styled(mark, style)];
    if width > 0 {
        spans.push(Span::styled(format!("{:width$}  ", item.name), BACK));
    }
    spans.push(Span::styled(item.value.clone(), style));
    if !item.note.is_empty() {
        spans.push(Span::styled(format!("  {}", item.note), BACK));
    }
    Line::from(spans)
}

fn header(frame: &mut Frame<'_>, area: Rect, app: &mut App<'_>) {
    let session = &mut app.session;
    let time = session.time();
    let mut text = format!(" step {time}");
    if let Some((end, _)) = session.end() {
        text += &format!(" of {end}");
    }
    let place = session.place().filter(|_| !session.is_at_end());
    if let Some(place) = place {
        text += &session.known(|known, view| {
            let func = known.func_of(place.inst, place.func);
            let (instr, spot) = (known.instruction(place), view.spot(place));
            format!("   next: {instr}   in {func}, {spot}")
        });
    }
    let style = HERE.add_modifier(Modifier::REVERSED);
    let width = area.width as usize;
    frame.render_widget(Span::styled(format!("{text:width$}"), style), area);
}

/// The code, the line of the next instruction in the middle.
fn code_pane(frame: &mut Frame<'_>, area: Rect, app: &mut App<'_>) {
    let session = &mut app.session;
    let place = session
        .place()
        .or_else(|| session.last().map(|last| last.place));
    let Some(place) = place else {
        inside(frame, area, "code");
        return;
    };
    let title = session.known(|known, _| known.func_of(place.inst, place.func));
    let code = session.code(place);
    let inner = inside(frame, area, &title);
    let Some(code) = code else {
        return;
    };
    let is_over = session.is_at_end();
    let at = code.line_of(place.offset).unwrap_or(0);
    let height = inner.height as usize;
    let most = code.len().saturating_sub(height);
    let first = at.saturating_sub(height / 2).min(most);
    let breaks = breakpoints(session, &code, place);
    let width = (inner.width as usize).saturating_sub(MARGIN);
    let lines = session.known(|known, _| {
        let numbers = first..code.len().min(first + height);
        let all: Vec<code::Line> = numbers
            .clone()
            .map(|n| code.line(known, place, n))
            .collect();
        let indent = indent(&all);
        let line = |(number, line): (usize, &code::Line)| {
            let (mark, style) = match (number == at, is_over) {
                (true, true) => ("x", FAULT),
                (true, false) => (">", HERE),
                (false, _) => (" ", Style::new()),
            };
            let stop = if breaks.contains(&number) { "o" } else { " " };
            let mut spans = vec![
                Span::styled(stop, FAULT),
                Span::styled(mark, style),
                Span::styled(format!("{:>4} ", line.margin), BACK),
            ];
            let shift = shift(line, indent, width);
            let mut text: String = line.text.chars().skip(shift).collect();
            if shift > indent {
                text = std::iter::once('\u{2026}')
                    .chain(text.chars().skip(1))
                    .collect();
            }
            let word = line.word.map(|(at, len)| (at.saturating_sub(shift), len));
            spans.extend(words(&text, word, style));
            Line::from(spans)
        };
        numbers.zip(&all).map(line).collect::<Vec<_>>()
    });
    frame.render_widget(Paragraph::new(lines), inner);
}

/// Columns before the code: marks and the number of the line.
const MARGIN: usize = 7;

/// How many columns all lines are indented by.
fn indent(lines: &[code::Line]) -> usize {
    let filled = lines.iter().filter(|line| !line.text.trim().is_empty());
    let indents = filled.map(|line| {
        line.text
            .chars()
            .take_while(|letter| *letter == ' ')
            .count()
    });
    indents.min().unwrap_or(0)
}

/// How many columns of a line are left out on the left, so that the word of the next instruction is
/// seen. The closing parenthesis of an `end` need not be.
fn shift(line: &code::Line, indent: usize, width: usize) -> usize {
    let Some((at, len)) = line.word.filter(|(_, len)| *len > 1) else {
        return indent;
    };
    match at + len > indent + width {
        true => at.saturating_sub(width / 3).max(indent),
        false => indent,
    }
}

/// The lines of the function that have a breakpoint.
fn breakpoints(session: &mut Session, code: &Rc<Code>, place: Place) -> Vec<usize> {
    let all = session.machine().breakpoints().iter();
    let here =
        all.filter(|stop| stop.inst == place.inst && (code.is_text() || stop.func == place.func));
    let places: Vec<Place> = here.copied().collect();
    let of = |stop: Place| session.code(stop)?.line_of(stop.offset);
    places.into_iter().filter_map(of).collect()
}

fn stack_pane(frame: &mut Frame<'_>, area: Rect, app: &mut App<'_>) {
    let mut items = model::stack(&mut app.session);
    if app.selected > 0
        && let Some(item) = items.get_mut(app.selected)
    {
        item.current = true;
    }
    let scroll = app
        .selected
        .saturating_sub((area.height as usize).saturating_sub(3));
    pane(frame, area, "operand stack", &items, scroll);
}

fn corner_pane(frame: &mut Frame<'_>, area: Rect, app: &mut App<'_>, corner: Corner) {
    let scroll = if corner == app.corner { app.scroll } else { 0 };
    let session = &mut app.session;
    let items = match corner {
        Corner::Memory => return memory(frame, area, session),
        Corner::Output => return output(frame, area, session),
        Corner::Labels => model::labels(session),
        Corner::Rules => model::rules(session),
        Corner::Globals => model::globals(session),
        Corner::Frames => model::frames(session),
        Corner::Threads => model::threads(session),
        Corner::Tables => model::tables(session),
        Corner::Heap => model::heap(session),
        Corner::Registers => model::registers(session),
        Corner::Timeline => model::timeline(session),
        Corner::Points => model::points(session),
    };
    let height = area.height.saturating_sub(2) as usize;
    // The place where the run is stays in sight.
    let at = items.iter().position(|item| item.current).unwrap_or(0);
    let scroll = scroll + (at + 1).saturating_sub(height.div_ceil(2));
    pane(frame, area, corner.title(), &items, scroll);
}

fn memory(frame: &mut Frame<'_>, area: Rect, session: &mut Session) {
    let number = session.window.0.0;
    let title = format!("memory {number}: m address, PageUp, PageDown");
    let inner = inside(frame, area, &title);
    let row = if inner.width >= 76 { 16 } else { 8 };
    let rows = model::memory(session, row);
    let height = inner.height.saturating_sub(1) as usize;
    let mut lines: Vec<Line<'_>> = rows.iter().take(height).map(hex).collect();
    if rows.is_empty() {
        lines.push(Line::styled("no byte of a memory is here", BACK));
    }
    lines.push(heat(session, (inner.width as usize).saturating_sub(8)));
    frame.render_widget(Paragraph::new(lines), inner);
}

/// A row of memory: bytes and letters; a star after each byte that has changed.
fn hex(row: &model::Row) -> Line<'static> {
    let mut spans = vec![Span::styled(format!("{:#07x} ", row.at), BACK)];
    for (byte, changed) in &row.bytes {
        spans.push(match changed {
            true => Span::styled(format!("{byte:02x}*"), CHANGED),
            false => Span::raw(format!("{byte:02x} ")),
        });
    }
    let letter = |(byte, _): &(u8, bool)| match byte {
        0x20..0x7f => char::from(*byte),
        _ => '.', // Nothing that a terminal would act on.
    };
    let letters: String = row.bytes.iter().map(letter).collect();
    spans.push(Span::styled(letters, BACK));
    Line::from(spans)
}

/// How often parts of the memory were written by the steps that were seen.
fn heat(session: &mut Session, parts: usize) -> Line<'static> {
    let (heat, here) = model::heat(session, parts);
    let mut spans = vec![Span::styled("writes ", BACK)];
    for (part, count) in heat.iter().enumerate() {
        let shade = match count {
            0 => "\u{b7}",
            1..4 => "\u{2591}",
            4..16 => "\u{2592}",
            16..64 => "\u{2593}",
            _ => "\u{2588}",
        };
        let style = if part == here { WORD } else { Style::new() };
        spans.push(Span::styled(shade, style));
    }
    Line::from(spans)
}

fn output(frame: &mut Frame<'_>, area: Rect, session: &Session) {
    let lines = model::output(session);
    let title = match lines.is_empty() {
        true => "output: none",
        false => "output",
    };
    let inner = inside(frame, area, title);
    let first = lines.len().saturating_sub(inner.height.into());
    let lines: Vec<Line<'_>> = lines[first..]
        .iter()
        .map(|line| Line::raw(line.clone()))
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

/// What the last step did, or what was said since.
fn last(frame: &mut Frame<'_>, area: Rect, app: &mut App<'_>) {
    let mut lines = Vec::new();
    let told = model::told(&mut app.session);
    lines.push(Line::from(vec![
        Span::styled("last: ", TITLE),
        Span::raw(told),
    ]));
    if app.session.is_at_end() {
        let end = model::end(&app.session);
        lines.push(Line::styled(end, FAULT));
    }
    if let Some(message) = &app.message {
        lines.push(Line::styled(message.clone(), CHANGED));
    }
    let paragraph = Paragraph::new(lines).wrap(Wrap { trim: true });
    frame.render_widget(paragraph, area);
}

/// Where the run is between its beginning and the end, or the latest time that was reached.
fn timeline(frame: &mut Frame<'_>, area: Rect, session: &mut Session) {
    let end = session.end().map(|(end, _)| end);
    let last = end.unwrap_or(session.reached()).max(1);
    let mut label = format!("{last}");
    if end.is_none() {
        label.push_str("...");
    }
    let width = (area.width as usize).saturating_sub(label.len() + 5).max(1);
    let column = |time: u64| {
        let at = u128::from(time.min(last)) * (width as u128 - 1) / u128::from(last);
        at as usize
    };
    let mut cells: Vec<(&str, Style)> = vec![("\u{2500}", BACK); width];
    for (time, mark) in &session.marks {
        cells[column(*time)] = match mark {
            Mark::Call => ("(", Style::new()),
            Mark::Return => (")", Style::new()),
            Mark::Host => ("h", Style::new()),
            Mark::Trap => ("!", FAULT),
        };
    }
    for time in &session.bookmarks {
        cells[column(*time)] = ("B", CHANGED);
    }
    cells[column(session.time())] = ("\u{2588}", HERE);
    let mut spans = vec![Span::styled(" 0 ", BACK)];
    spans.extend(
        cells
            .into_iter()
            .map(|(text, style)| Span::styled(text, style)),
    );
    spans.push(Span::styled(format!(" {label} "), BACK));
    frame.render_widget(Line::from(spans), area);
}
