//! The verbs of stepping, in one table: their names in `--plain` and in scripts, their keys on the
//! screen, and what they do. The help of both is made from it.

/// What a verb does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    Step,
    Back,
    Over,
    OverBack,
    Out,
    OutBack,
    Resume,
    ReverseResume,
    Goto,
    Break,
    Watch,
    Delete,
    Points,
    Search,
    NextMatch,
    PreviousMatch,
    Why,
    Rules,
    Bookmark,
    Predict,
    State,
    Code,
    Stack,
    Labels,
    Frames,
    Threads,
    Locals,
    Globals,
    Memory,
    Tables,
    Heap,
    Registers,
    Timeline,
    Input,
    Output,
    Export,
    Edit,
    Focus,
    Help,
    Quit,
}

/// A verb.
#[derive(Debug)]
pub struct Verb {
    pub act: Act,
    /// The word, and a shorter one.
    pub word: &'static str,
    pub short: &'static str,
    /// What may follow the word.
    pub args: &'static str,
    /// The keys on the screen; nothing for a pane, which is always there.
    pub keys: &'static str,
    pub help: &'static str,
}

const fn verb(
    act: Act,
    (word, short, args): (&'static str, &'static str, &'static str),
    keys: &'static str,
    help: &'static str,
) -> Verb {
    Verb {
        act,
        word,
        short,
        args,
        keys,
        help,
    }
}

/// All verbs.
pub const VERBS: &[Verb] = &[
    verb(
        Act::Step,
        ("step", "s", "[N]"),
        "right l",
        "Execute one instruction, or N",
    ),
    verb(
        Act::Back,
        ("back", "b", "[N]"),
        "left h",
        "Take one instruction back, or N",
    ),
    verb(
        Act::Over,
        ("over", "n", ""),
        "n",
        "Execute until the next instruction of this frame",
    ),
    verb(
        Act::OverBack,
        ("over-back", "N", ""),
        "N",
        "Go back to the instruction before in this frame",
    ),
    verb(
        Act::Out,
        ("out", "o", ""),
        "o",
        "Execute until this frame has returned",
    ),
    verb(
        Act::OutBack,
        ("out-back", "O", ""),
        "O",
        "Go back to the call that made this frame",
    ),
    verb(
        Act::Resume,
        ("continue", "c", ""),
        "c",
        "Execute until a breakpoint, a watchpoint or the end",
    ),
    verb(
        Act::ReverseResume,
        ("reverse", "C", ""),
        "C",
        "Go back to a breakpoint, a watchpoint or the beginning",
    ),
    verb(
        Act::Goto,
        ("goto", "g", "T | start | end"),
        "g",
        "Go to the time at which T instructions have been executed",
    ),
    verb(
        Act::Break,
        ("break", "br", "[FUNCTION | LINE | 0xOFFSET]"),
        "b",
        "Set or remove a breakpoint, here when no place is given",
    ),
    verb(
        Act::Watch,
        ("watch", "w", "WHAT"),
        "w",
        "Pause when it is written: memory ADDR [LEN], local N, global N, table N INDEX, operand N",
    ),
    verb(
        Act::Delete,
        ("delete", "d", "breakpoint N | watchpoint N"),
        "",
        "Remove a breakpoint or a watchpoint",
    ),
    verb(
        Act::Points,
        ("points", "p", ""),
        "",
        "List breakpoints, watchpoints and bookmarks",
    ),
    verb(
        Act::Search,
        ("search", "/", "TEXT"),
        "/",
        "Go to the next step whose instruction or function contains TEXT",
    ),
    verb(
        Act::NextMatch,
        ("next-match", "]", ""),
        "]",
        "Go to the next match of the search",
    ),
    verb(
        Act::PreviousMatch,
        ("previous-match", "[", ""),
        "[",
        "Go to the match before",
    ),
    verb(
        Act::Why,
        ("why", "y", "[N]"),
        "y",
        "Say which step produced operand N, from the top; `why N follow` goes there",
    ),
    verb(
        Act::Rules,
        ("rules", "r", ""),
        "r",
        "Show the reduction rules that the last step used",
    ),
    verb(
        Act::Bookmark,
        ("bookmark", "B", ""),
        "B",
        "Mark this time, or remove the mark",
    ),
    verb(
        Act::Predict,
        ("predict", "?=", "[ANSWER]"),
        "p",
        "Be asked what the next instruction does before it is shown",
    ),
    verb(
        Act::State,
        ("state", "i", ""),
        "",
        "Say where the run is and what the last step did",
    ),
    verb(
        Act::Code,
        ("code", "l", "[LINES]"),
        "",
        "Show the code around the next instruction",
    ),
    verb(
        Act::Stack,
        ("stack", "st", ""),
        "",
        "Show the operand stack",
    ),
    verb(
        Act::Labels,
        ("labels", "la", ""),
        "",
        "Show labels and handlers",
    ),
    verb(Act::Frames, ("frames", "f", ""), "", "Show the frames"),
    verb(
        Act::Threads,
        ("threads", "th", ""),
        "",
        "Show the threads, and where each of them is",
    ),
    verb(
        Act::Locals,
        ("locals", "lo", ""),
        "",
        "Show parameters and locals",
    ),
    verb(Act::Globals, ("globals", "gl", ""), "", "Show the globals"),
    verb(
        Act::Memory,
        ("memory", "m", "[ADDR [MEMORY]]"),
        "m",
        "Show a memory at an address",
    ),
    verb(Act::Tables, ("tables", "ta", ""), "", "Show the tables"),
    verb(
        Act::Heap,
        ("heap", "he", ""),
        "",
        "Show the objects that can be reached",
    ),
    verb(
        Act::Registers,
        ("registers", "re", ""),
        "",
        "Show the register code of the function",
    ),
    verb(
        Act::Timeline,
        ("timeline", "t", ""),
        "",
        "Show calls, returns and traps near this time, as far as they were seen",
    ),
    verb(
        Act::Input,
        ("input", "in", "TEXT"),
        "i",
        "Give the guest a line to read from its standard input",
    ),
    verb(
        Act::Output,
        ("output", "u", ""),
        "",
        "Show what the guest has written",
    ),
    verb(
        Act::Export,
        ("export", "x", "[FILE]"),
        "x",
        "Write a text trace of the steps around this one to a file",
    ),
    verb(
        Act::Edit,
        ("edit", "e", ""),
        "e",
        "Edit the file and begin again at the same time",
    ),
    verb(
        Act::Focus,
        ("focus", "", ""),
        "tab",
        "Show the next pane in the lower left",
    ),
    verb(Act::Help, ("help", "h", "[VERB]"), "?", "Show the verbs"),
    verb(Act::Quit, ("quit", "q", ""), "q", "Leave"),
];

/// Verbs that are each other's way back, on one line of the help of the screen.
pub const PAIRS: [(Act, Act, &str); 5] = [
    (Act::Step, Act::Back, "One instruction forwards; backwards"),
    (
        Act::Over,
        Act::OverBack,
        "To the next instruction of this frame; to the one before",
    ),
    (
        Act::Out,
        Act::OutBack,
        "Until this frame has returned; back to its call",
    ),
    (
        Act::Resume,
        Act::ReverseResume,
        "To the next breakpoint or watchpoint; to the one before",
    ),
    (
        Act::NextMatch,
        Act::PreviousMatch,
        "To the next match of the search; to the one before",
    ),
];

/// The lines of the help of the screen: keys, and what they do.
pub fn keys() -> Vec<(String, &'static str)> {
    let keys_of = |act: Act| {
        VERBS
            .iter()
            .find(|verb| verb.act == act)
            .map_or("", |v| v.keys)
    };
    let line = |verb: &Verb| {
        let pair = PAIRS.iter().find(|(first, _, _)| *first == verb.act);
        match pair {
            Some((_, second, help)) => (format!("{}  {}", verb.keys, keys_of(*second)), *help),
            None => (verb.keys.to_owned(), verb.help),
        }
    };
    let is_second = |verb: &&Verb| PAIRS.iter().any(|(_, second, _)| *second == verb.act);
    let shown = VERBS.iter().filter(|verb| !verb.keys.is_empty());
    shown.filter(|verb| !is_second(verb)).map(line).collect()
}

/// The verb with a name or a short name.
pub fn find(word: &str) -> Option<&'static Verb> {
    let named = |verb: &&Verb| verb.word == word || (!verb.short.is_empty() && verb.short == word);
    VERBS.iter().find(named)
}

/// The verb of a key.
pub fn of_key(key: &str) -> Option<Act> {
    let verb = VERBS
        .iter()
        .find(|verb| verb.keys.split(' ').any(|own| own == key))?;
    Some(verb.act)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_verbs_share_a_word_or_a_key() {
        let mut words = BTreeSet::new();
        let mut keys = BTreeSet::new();
        for verb in VERBS {
            let own = [verb.word, verb.short];
            for word in own.into_iter().filter(|word| !word.is_empty()) {
                assert!(words.insert(word), "{word}");
            }
            for key in verb.keys.split(' ').filter(|key| !key.is_empty()) {
                assert!(keys.insert(key), "{key}");
            }
        }
    }
}
