//! Explanations that are written by hand, as the texts beside this file have them. An entry begins
//! with `# WORD`; lines `key: value` follow, then the meaning, then the module of an example, which
//! begins with `(module`. Knows nothing of how an explanation is shown.

/// What is written by hand about a word.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// The word: a mnemonic, a code, an exit status.
    pub word: &'static str,
    /// What kind of word it is, where the text does not have one kind only.
    pub kind: Option<&'static str>,
    /// The code that errors of this kind have, where it is not the word.
    pub code: Option<&'static str>,
    /// The typing of an instruction.
    pub typing: &'static str,
    /// The traps that an instruction can raise: the code of each, and when.
    pub traps: Vec<(&'static str, &'static str)>,
    /// Flags that the example runs with.
    pub flags: &'static str,
    /// The lines that the example prints, where it is not run while it is explained.
    pub output: Vec<&'static str>,
    /// The meaning, a paragraph.
    pub meaning: String,
    /// The module of the example; empty when there is none.
    pub module: &'static str,
}

/// The instructions that are no rows of an op table.
pub fn instructions() -> Vec<Entry> {
    entries(include_str!("instructions.txt"))
}

/// The traps, by their codes.
pub fn traps() -> Vec<Entry> {
    entries(include_str!("traps.txt"))
}

/// The codes of errors that are no traps, and the exit statuses.
pub fn codes() -> Vec<Entry> {
    entries(include_str!("codes.txt"))
}

fn entries(text: &'static str) -> Vec<Entry> {
    let starts = text.match_indices("# ").map(|(at, _)| at);
    let mut starts: Vec<usize> = starts
        .filter(|&at| at == 0 || text[..at].ends_with('\n'))
        .collect();
    starts.push(text.len());
    let pairs = starts
        .windows(2)
        .filter_map(|pair| text.get(pair[0]..pair[1]));
    pairs.map(entry).collect()
}

fn entry(text: &'static str) -> Entry {
    let (head, module) = match text.find("\n(module") {
        Some(at) => (&text[..at], text[at..].trim()),
        None => (text, ""),
    };
    let mut entry = Entry {
        module,
        ..Entry::default()
    };
    let mut meaning: Vec<&str> = Vec::new();
    for line in head
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
    {
        if let Some(word) = line.strip_prefix("# ") {
            entry.word = word;
        } else if !meaning.is_empty() || !entry.read_key(line) {
            meaning.push(line);
        }
    }
    entry.meaning = meaning.join(" ");
    entry
}

impl Entry {
    /// Reads a line `key: value`; `false` when it is none.
    fn read_key(&mut self, line: &'static str) -> bool {
        let Some((key, value)) = line.split_once(": ") else {
            return false;
        };
        match key {
            "type" => self.typing = value,
            "kind" => self.kind = Some(value),
            "code" => self.code = Some(value),
            "flags" => self.flags = value,
            "output" => self.output.push(value),
            "trap" => self.traps.extend(value.split_once(' ')),
            // A sentence of the meaning may have a colon, too.
            _ => return false,
        }
        true
    }
}
