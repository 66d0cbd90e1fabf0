//! What the screens have in common: styles, borders, the last row, and the list of keys. What is
//! marked by a style carries a mark as well.

use super::prompt::Prompt;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

pub const CHANGED: Style = Style::new().fg(Color::Yellow);
pub const BACK: Style = Style::new().add_modifier(Modifier::DIM);
pub const HERE: Style = Style::new().add_modifier(Modifier::BOLD);
pub const WORD: Style = Style::new().add_modifier(Modifier::REVERSED);
pub const TITLE: Style = Style::new().fg(Color::Cyan);
pub const FAULT: Style = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);

/// A border with a title; returns what is inside.
pub fn inside(frame: &mut Frame<'_>, area: Rect, title: &str) -> Rect {
    let block = Block::bordered()
        .title(Span::styled(format!(" {title} "), TITLE))
        .border_style(BACK);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

/// A line with a word of it marked: where that begins, and how long it is.
pub fn words(text: &str, word: Option<(usize, usize)>, style: Style) -> Vec<Span<'static>> {
    let Some((at, len)) = word else {
        return vec![Span::styled(text.to_owned(), style)];
    };
    let part = |from: usize, len: usize| text.chars().skip(from).take(len).collect::<String>();
    vec![
        Span::styled(part(0, at), style),
        Span::styled(part(at, len), WORD),
        Span::styled(part(at + len, usize::MAX), style),
    ]
}

/// The last row: the line that the user writes, or the most important keys.
pub fn footer<A>(frame: &mut Frame<'_>, area: Rect, prompt: Option<&Prompt<A>>, keys: &str) {
    let Some(prompt) = prompt else {
        frame.render_widget(Span::styled(keys, BACK), area);
        return;
    };
    let text = format!(" {} {}", prompt.ask, prompt.text);
    let width = area.width.saturating_sub(1) as usize;
    // The end of a long line is what is being written.
    let skipped = text.chars().count().saturating_sub(width);
    let shown: String = text.chars().skip(skipped).collect();
    let column = area.x + shown.chars().count() as u16;
    frame.render_widget(Span::styled(shown, HERE), area);
    frame.set_cursor_position((column.min(area.right().saturating_sub(1)), area.y));
}

/// The keys, each with what it does, and some notes, over everything else.
pub fn help<K: AsRef<str>>(
    frame: &mut Frame<'_>,
    keys: impl Iterator<Item = (K, &'static str)>,
    width: usize,
    notes: &[&'static str],
) {
    let line = |(keys, text): (K, &'static str)| {
        let keys = format!("{:width$} ", keys.as_ref());
        Line::from(vec![Span::styled(keys, HERE), Span::raw(text)])
    };
    let mut lines: Vec<Line<'_>> = keys.map(line).collect();
    lines.extend(notes.iter().copied().map(Line::raw));
    let area = frame.area();
    frame.render_widget(Clear, area);
    let inner = inside(frame, area, "keys: any key closes this");
    frame.render_widget(Paragraph::new(lines), inner);
}
