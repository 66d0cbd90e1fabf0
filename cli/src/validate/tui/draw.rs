//! The screen of `limpid validate --step` as text, for 80 columns and 24 rows or more. What has
//! changed carries a mark as well as a colour.

use super::super::super::terminal::widgets::{
    BACK, CHANGED, FAULT, HERE, footer, help, inside, words,
};
use super::super::code;
use super::super::view::{CardLine, Item};
use super::app::{self, App, Pane};
use limpid::observe::rules::Rule;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

/// The most important keys.
const KEYS: &str = " \u{2190}\u{2192} step  n N function  g goto  e error  / search  \
    Tab pane  ? help  q quit";

/// What the list of keys ends with.
const NOTES: [&str; 3] = [
    "",
    "* marks what the last step has changed, > the next instruction, x one that is",
    "invalid, | operands that the instructions of the block cannot take.",
];

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, app: &App<'_>) {
    let area = frame.area();
    let card = app.view.card();
    let rules = app.view.rules();
    // A border, and the lines as they are wrapped.
    let width = usize::from(area.width.saturating_sub(2)).max(1);
    let below = match &card {
        Some(lines) => {
            let rows: usize = lines.iter().map(|line| wrapped(&line.text, width)).sum();
            (rows + 2).min(usize::from(area.height / 2).max(3))
        }
        None => {
            let rows = rules.iter().map(|rule| wrapped(&rule_text(*rule), width));
            rows.sum::<usize>().clamp(1, 4) + 2
        }
    } as u16;
    let [head, body, below, told, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(6),
        Constraint::Length(below),
        Constraint::Length(if card.is_some() { 1 } else { 2 }),
        Constraint::Length(1),
    ])
    .areas(area);
    header(frame, head, app);
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(52), Constraint::Percentage(48)]).areas(body);
    code_pane(frame, left, app);
    state_panes(frame, right, app);
    match &card {
        Some(lines) => card_pane(frame, below, app, lines),
        None => rules_pane(frame, below, app),
    }
    last(frame, told, app);
    footer(frame, foot, app.prompt.as_ref(), KEYS);
    if app.is_help {
        help(frame, app::help(), 10, &NOTES);
    }
}

/// The stacks, and the locals where any has no default value.
fn state_panes(frame: &mut Frame<'_>, area: Rect, app: &App<'_>) {
    let has_locals = !app.view.locals(0, 1).is_empty();
    let locals = if has_locals { 3 } else { 0 };
    let [stack, control, locals] = Layout::vertical([
        Constraint::Fill(5),
        Constraint::Fill(4),
        Constraint::Fill(locals),
    ])
    .areas(area);
    type Items<'a> = &'a dyn Fn(usize, usize) -> Vec<Item>;
    let mut pane = |area: Rect, pane: Pane, title: &str, empty: &str, items: Items<'_>| {
        let (mark, scroll) = match app.pane == pane {
            true => ("> ", app.scroll),
            false => ("", 0),
        };
        let inner = inside(frame, area, &format!("{mark}{title}"));
        let items = items(scroll, inner.height.into());
        let lines: Vec<Line<'_>> = match items.is_empty() {
            true => vec![Line::styled(format!("  {empty}"), BACK)],
            false => items.iter().map(line).collect(),
        };
        frame.render_widget(Paragraph::new(lines), inner);
    };
    let view = &app.view;
    pane(
        stack,
        Pane::Stack,
        "operand types, the top first",
        "none",
        &|skip, height| view.stack(skip, height),
    );
    pane(
        control,
        Pane::Control,
        "control stack and label types",
        "none",
        &|skip, height| view.control(skip, height),
    );
    if has_locals {
        pane(
            locals,
            Pane::Locals,
            "locals without a default",
            "none",
            &|skip, height| view.locals(skip, height),
        );
    }
}

fn line(item: &Item) -> Line<'static> {
    let (mark, style) = match (item.changed, item.is_out_of_reach) {
        (true, _) => ("* ", CHANGED),
        (false, true) => ("| ", BACK),
        (false, false) => ("  ", Style::new()),
    };
    let mut spans = vec![
        Span::styled(mark, style),
        Span::styled(item.text.clone(), style),
    ];
    if !item.note.is_empty() {
        let note = item.note.replace('`', "");
        spans.push(Span::styled(format!("  {note}"), BACK));
    }
    Line::from(spans)
}

fn header(frame: &mut Frame<'_>, area: Rect, app: &App<'_>) {
    let view = &app.view;
    let (part, parts) = app.part();
    let mut text = format!(" step {} of {}", view.position(), view.len());
    let what = if view.is_at_error() {
        "invalid"
    } else {
        "next"
    };
    if let Some(upcoming) = view.upcoming() {
        text += &format!("   {what}: {upcoming}");
    }
    if parts > 1 {
        text += &format!("   part {part} of {parts}");
    }
    let style = HERE.add_modifier(Modifier::REVERSED);
    let width = area.width as usize;
    frame.render_widget(Span::styled(format!("{text:width$}"), style), area);
}

/// The code, the line of the next instruction in the middle.
fn code_pane(frame: &mut Frame<'_>, area: Rect, app: &App<'_>) {
    let inner = inside(frame, area, &app.view.name());
    let all = app.view.code(inner.height.into());
    let filled = all.iter().filter(|line| !line.text.trim().is_empty());
    let spaces = |text: &str| text.chars().take_while(|letter| *letter == ' ').count();
    let indent = filled.map(|line| spaces(&line.text)).min().unwrap_or(0);
    let margin = all.iter().map(|line| line.margin.len()).max().unwrap_or(0);
    // The mark, the number of the line or the offset, and spaces around.
    let width = (inner.width as usize).saturating_sub(margin + 3);
    let is_error = app.view.is_at_error();
    let shown = all.iter().map(|line| {
        let (mark, style) = match (line.is_cursor, is_error) {
            (true, true) => ("x", FAULT),
            (true, false) => (">", HERE),
            (false, _) => (" ", Style::new()),
        };
        let shift = shift(line, indent, width);
        let mut text: String = line.text.chars().skip(shift).collect();
        if shift > indent {
            text = format!("\u{2026}{}", text.chars().skip(1).collect::<String>());
        }
        let word = line.word.map(|(at, len)| (at.saturating_sub(shift), len));
        let mut spans = vec![
            Span::styled(mark, style),
            Span::styled(format!(" {:>margin$} ", line.margin), BACK),
        ];
        spans.extend(words(&text, word, style));
        Line::from(spans)
    });
    frame.render_widget(Paragraph::new(shown.collect::<Vec<_>>()), inner);
}

/// How many columns of a line are left out on the left, so that the word at the cursor is seen. The
/// closing parenthesis of an `end` need not be.
fn shift(line: &code::Line, indent: usize, width: usize) -> usize {
    match line.word.filter(|(_, len)| *len > 1) {
        Some((at, len)) if at + len > indent + width => at.saturating_sub(width / 3).max(indent),
        Some(_) | None => indent,
    }
}

/// What is scrolled past in the pane below, and the mark of its title.
fn below(app: &App<'_>) -> (u16, &'static str) {
    match app.pane == Pane::Below {
        true => (u16::try_from(app.scroll).unwrap_or(u16::MAX), "> "),
        false => (0, ""),
    }
}

/// The rules of the last step.
fn rules_pane(frame: &mut Frame<'_>, area: Rect, app: &App<'_>) {
    let (scroll, mark) = below(app);
    let inner = inside(frame, area, &format!("{mark}typing rules of the last step"));
    let rules = app.view.rules();
    let lines: Vec<Line<'_>> = match rules.is_empty() {
        true => vec![Line::styled("none", BACK)],
        false => rules.iter().map(|rule| rule_text(*rule).into()).collect(),
    };
    let paragraph = Paragraph::new(lines).wrap(Wrap { trim: false });
    frame.render_widget(paragraph.scroll((scroll, 0)), inner);
}

fn rule_text(rule: Rule) -> String {
    format!("{rule}: {}", rule.paraphrase())
}

/// The card of the error.
fn card_pane(frame: &mut Frame<'_>, area: Rect, app: &App<'_>, lines: &[CardLine]) {
    let (scroll, mark) = below(app);
    let inner = inside(frame, area, &format!("{mark}error"));
    let line = |line: &CardLine| {
        let style = if line.is_wrong { FAULT } else { Style::new() };
        Line::styled(line.text.clone(), style)
    };
    let lines: Vec<Line<'_>> = lines.iter().map(line).collect();
    let paragraph = Paragraph::new(lines).wrap(Wrap { trim: false });
    frame.render_widget(paragraph.scroll((scroll, 0)), inner);
}

/// How many rows a text takes when its words are wrapped: as the widget does it, or one more.
fn wrapped(text: &str, width: usize) -> usize {
    let (mut rows, mut used) = (1, 0);
    for word in text.split(' ') {
        let len = word.chars().count();
        if used > 0 && used + 1 + len > width {
            (rows, used) = (rows + 1, 0);
        }
        used += len + usize::from(used > 0);
        rows += used.saturating_sub(1) / width;
        used = used.min(width);
    }
    rows
}

/// What the last step did, or what was said since.
fn last(frame: &mut Frame<'_>, area: Rect, app: &App<'_>) {
    let line = match (&app.message, app.view.is_at_error()) {
        (Some(message), _) => Line::styled(format!(" {message}"), CHANGED),
        // The card says it.
        (None, true) => Line::default(),
        (None, false) => Line::raw(format!(" {}", app.view.message())),
    };
    frame.render_widget(Paragraph::new(line).wrap(Wrap { trim: false }), area);
}
