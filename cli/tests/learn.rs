//! The lessons and the chapters of the book: every command in them prints what the page shows.

#![cfg(unix)] // The commands are lines of a shell.

mod console;

use std::fs;
use std::path::PathBuf;

/// The pages of a folder of the book.
fn pages(folder: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(console::docs().join(folder))
        .expect("a folder")
        .flatten();
    let pages = files.map(|entry| entry.path());
    let mut pages: Vec<PathBuf> = pages
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    pages.sort();
    pages
}

#[test]
fn the_commands_of_the_lessons_print_what_they_show() {
    let lessons = pages("lessons");
    assert_eq!(lessons.len(), 7);
    for lesson in lessons {
        assert!(console::check(&lesson) >= 4, "{}", lesson.display());
    }
}

#[test]
fn the_commands_of_the_book_print_what_they_show() {
    let count: usize = pages("").iter().map(|page| console::check(page)).sum();
    assert!(count >= 20, "{count} commands");
}

#[test]
fn every_page_is_in_the_summary() {
    let summary = fs::read_to_string(console::docs().join("SUMMARY.md")).expect("a summary");
    for page in pages("").into_iter().chain(pages("lessons")) {
        let page = page
            .strip_prefix(console::docs())
            .expect("a page of the book");
        let page = page.display().to_string();
        assert!(
            page == "SUMMARY.md" || summary.contains(&format!("({page})")),
            "{page}"
        );
    }
}

/// A lesson by its number: the text of the terminal has its title, and every line of its code.
#[test]
fn lessons_are_shown_whole() {
    for (at, page) in pages("lessons").iter().enumerate() {
        let text = fs::read_to_string(page).expect("a lesson");
        let dir = tempfile::tempdir().expect("a directory");
        let shown = console::shell(&format!("limpid learn {}", at + 1), dir.path());
        let title = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("# ");
        assert!(shown.starts_with(title), "{shown}");
        assert!(!shown.contains("```") && !shown.contains("<!--"), "{shown}");
        let mut in_code = false;
        for line in text.lines() {
            in_code ^= line.starts_with("```");
            if in_code && !line.starts_with("```") && !line.is_empty() {
                assert!(
                    shown.contains(&format!("    {line}\n")),
                    "{}: {line}",
                    page.display()
                );
            }
        }
    }
}

#[test]
fn modules_of_a_lesson_are_written_and_nothing_is_overwritten() {
    let dir = tempfile::tempdir().expect("a directory");
    let run = |command: &str| console::shell(command, dir.path());
    assert_eq!(
        run("limpid learn types --extract a/b"),
        "a/b/types.wat\na/b/wrong.wat\n"
    );
    assert_eq!(run("limpid run --invoke mix a/b/types.wat 3"), "3.5\n");
    // The same files again are no conflict.
    assert_eq!(
        run("limpid learn 6 --extract a/b"),
        "a/b/types.wat\na/b/wrong.wat\n"
    );
    fs::write(dir.path().join("a/b/types.wat"), "mine").expect("a file");
    let refused = run("limpid learn 6 --extract a/b; echo $?");
    assert!(
        refused.contains("other contents is there already"),
        "{refused}"
    );
    assert!(refused.ends_with("\n1\n"), "{refused}");
    assert_eq!(
        fs::read_to_string(dir.path().join("a/b/types.wat")).expect("mine"),
        "mine"
    );
}

#[test]
fn a_lesson_that_is_not_there_has_a_neighbour() {
    let dir = tempfile::tempdir().expect("a directory");
    let run = |command: &str| console::shell(command, dir.path());
    assert!(run("limpid learn memroy").contains("did you mean `memory`?"));
    assert!(run("limpid learn 8").contains("`limpid learn` lists the lessons"));
    assert!(run("limpid learn 0").contains("there is no lesson `0`"));
    assert!(run("limpid learn").contains("  7  registers  What the register code looks like"));
}
