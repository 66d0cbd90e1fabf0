//! The lessons, which are chapters of the book in `docs`, with the modules that their commands
//! name.

/// A lesson.
pub struct Lesson {
    /// A short name for it.
    pub name: &'static str,
    /// Markdown.
    pub text: &'static str,
    /// Modules by the names of their files.
    pub files: &'static [(&'static str, &'static str)],
}

impl Lesson {
    /// Its heading.
    pub fn title(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches("# ")
    }
}

macro_rules! lessons {
    ($($name:literal $text:literal [$($file:literal)*])*) => {
        /// All lessons in their order.
        pub const LESSONS: &[Lesson] = &[$(Lesson {
            name: $name,
            text: include_str!(concat!("../../lessons/", $text)),
            files: &[$(($file, include_str!(concat!("../../lessons/", $file)))),*],
        }),*];
    };
}

lessons! {
    "stack" "01-stack.md" ["stack.wat"]
    "control" "02-control.md" ["control.wat"]
    "memory" "03-memory.md" ["memory.wat"]
    "trap" "04-trap.md" ["trap.wat"]
    "calls" "05-calls.md" ["calls.wat"]
    "types" "06-types.md" ["types.wat" "wrong.wat"]
    "registers" "07-registers.md" ["registers.wat"]
}
