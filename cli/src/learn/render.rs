//! Markdown for a terminal: as much of it as the lessons use. Headings, paragraphs and lists are
//! wrapped, blocks of code are indented and kept, comments are left out.

use super::super::screen::{BOLD, DIM, NAME, styled};

/// Columns of a paragraph.
const WIDTH: usize = 84;

/// A text for a terminal.
pub fn terminal(markdown: &str) -> String {
    let mut page = Page::default();
    for line in markdown.lines() {
        page.line(line);
    }
    page.end_paragraph();
    page.text
}

/// What has been rendered, and the paragraph that is being read.
#[derive(Default)]
struct Page {
    text: String,
    /// The words of a paragraph or of an item of a list.
    paragraph: String,
    /// The columns that further lines of an item are indented by.
    indent: usize,
    in_code: bool,
    in_comment: bool,
}

impl Page {
    fn line(&mut self, line: &str) {
        if self.in_comment {
            self.in_comment = !line.contains("-->");
        } else if line.starts_with("```") {
            self.end_paragraph();
            self.in_code = !self.in_code;
            if !self.in_code {
                self.blank();
            }
        } else if self.in_code {
            self.code(line);
        } else if line.starts_with("<!--") {
            self.end_paragraph();
            self.in_comment = !line.contains("-->");
        } else if let Some(heading) = line.strip_prefix('#') {
            self.end_paragraph();
            let heading = heading.trim_start_matches('#').trim();
            self.push(&styled(BOLD, heading));
            self.blank();
        } else if line.is_empty() {
            self.end_paragraph();
        } else {
            self.words(line);
        }
    }

    /// A line of a paragraph or of a list, or a row of a table, which has a line of its own.
    fn words(&mut self, line: &str) {
        let marker = line.find(". ").filter(|end| is_number(&line[..*end]));
        let marker = marker
            .map(|end| end + 2)
            .or(line.starts_with("- ").then_some(2));
        if line.starts_with('|') {
            self.flush();
            self.push(&inline(line));
            return;
        }
        if let Some(marker) = marker {
            self.flush();
            self.indent = marker;
        }
        if !self.paragraph.is_empty() {
            self.paragraph.push(' ');
        }
        self.paragraph.push_str(line.trim_start());
    }

    /// A line of a block; commands stand out.
    fn code(&mut self, line: &str) {
        let shown = match line.strip_prefix("$ ") {
            Some(command) => format!("    {} {}", styled(DIM, "$"), styled(NAME, command)),
            None if line.is_empty() => String::new(),
            None => format!("    {line}"),
        };
        self.push(&shown);
    }

    /// Writes the paragraph, without a blank line after it.
    fn flush(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let indent = std::mem::take(&mut self.indent);
        if paragraph.is_empty() {
            return;
        }
        let wrapped = wrap(&paragraph, WIDTH, indent);
        self.push(&inline(&wrapped));
    }

    fn end_paragraph(&mut self) {
        self.flush();
        self.blank();
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// One blank line, and no second one.
    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Wraps a paragraph; marks of Markdown take no column.
fn wrap(text: &str, width: usize, indent: usize) -> String {
    let (mut lines, mut column) = (String::new(), 0);
    for word in text.split_whitespace() {
        let len = shown_len(word);
        if column > 0 && column + 1 + len > width {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += len;
    }
    lines
}

fn shown_len(word: &str) -> usize {
    word.chars().filter(|c| *c != '`').count()
}

/// Code and emphasis inside a paragraph in their styles.
fn inline(text: &str) -> String {
    let mut shown = String::new();
    for (at, part) in text.split('`').enumerate() {
        match at % 2 {
            1 => shown.push_str(&styled(NAME, part)),
            _ => shown.push_str(&emphasis(part)),
        }
    }
    shown
}

/// What stands between asterisks.
fn emphasis(text: &str) -> String {
    let mut shown = String::new();
    for (at, part) in text.split('*').enumerate() {
        match at % 2 {
            1 => shown.push_str(&styled(BOLD, part)),
            _ => shown.push_str(part),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::terminal;

    /// A text as a terminal without colours shows it.
    fn check(markdown: &str, expected: &str) {
        let shown = anstream::adapter::strip_str(&terminal(markdown)).to_string();
        assert_eq!(shown, expected);
    }

    #[test]
    fn paragraphs_are_wrapped_and_code_is_kept() {
        let long = "word ".repeat(20);
        let first = "word ".repeat(16);
        check(&long, &format!("{}word\nword word word\n\n", first));
        check(
            "```console\n$ limpid x\n  y\n```\n",
            "    $ limpid x\n      y\n\n",
        );
    }

    #[test]
    fn items_hang() {
        let item = format!("- {}\n- b", "word ".repeat(20));
        let shown = format!("- {}word\n  word word word\n- b\n\n", "word ".repeat(15));
        check(
            &item,
            &shown.replace("word\n  word word word", "word\n  word word word word"),
        );
    }

    #[test]
    fn marks_are_not_shown() {
        check(
            "# A\n\n<!-- b\nc -->\nThe `x` is *y*.\n",
            "A\n\nThe x is y.\n\n",
        );
    }
}
