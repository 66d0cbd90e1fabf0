//! The page that is made of the list: totals, then each type with what is otherwise.

use super::list::{Class, Name};
use std::collections::BTreeMap;
use std::fmt::Write;

/// How the page opens.
const HEAD: &str = "\
# From wasmtime 48

Limpid's embedding API has wasmtime's names. This page says of every public name of the crate
`wasmtime` 48.0.8, with all its features, what has become of it: a name is **the same**,
**accepted without effect**, **different** or **absent**. The programs in `compat/programs` use many
of them, and compile and run with either crate.

What holds for all of them: the texts of errors and traps are Limpid's own; handles of another store
are errors (`Fault::WrongStore`) where wasmtime panics, as far as a function returns a `Result`;
nothing is `unsafe`, so that an `unsafe` block around a call becomes unnecessary.

<!-- Made by `cargo xtask parity` from xtask/src/parity/names.tsv. Change that. -->
";

/// The names of one type, trait or module, its own first.
struct Group<'a> {
    of: &'a str,
    names: Vec<&'a Name>,
}

impl Group<'_> {
    /// Whether all names of it are of one class.
    fn is_all(&self, class: Class) -> bool {
        self.names.iter().all(|name| name.class == class)
    }

    /// Names of a class, without the type's own.
    fn members(&self, class: Class) -> String {
        let own = |name: &&&Name| name.class == class && name.path != self.of;
        quoted(self.names.iter().filter(own).map(|name| name.split().1))
    }
}

/// The page.
pub fn page(names: &[Name]) -> String {
    let groups = groups(names);
    let (plain, typed): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(|group| group.of.is_empty());
    let mut page = String::from(HEAD);
    totals(&mut page, names, &typed);

    page.push_str("\n## Types with differences\n");
    let is_mixed = |group: &&Group<'_>| Class::ALL.iter().all(|class| !group.is_all(*class));
    for group in typed.iter().filter(is_mixed) {
        mixed(&mut page, group);
    }
    page.push_str("\n## The same throughout\n\n");
    for group in plain.iter() {
        let _ = writeln!(page, "- {}", group.members(Class::Same));
    }
    throughout(&mut page, &typed, Class::Same);
    page.push_str("\n## Accepted without effect throughout\n\n");
    throughout(&mut page, &typed, Class::Accepted);
    page.push_str("\n## Absent throughout\n\n| Name | Names in it | Why |\n|---|---:|---|\n");
    for group in typed.iter().filter(|group| group.is_all(Class::Absent)) {
        let of = group.names.iter().filter(|name| name.path != group.of);
        let note = group.names.first().map_or("", |name| &name.note);
        let _ = writeln!(page, "| `{}` | {} | {note} |", group.of, of.count());
    }
    let absent = plain.iter().flat_map(|group| &group.names);
    for name in absent.filter(|name| name.class == Class::Absent) {
        let _ = writeln!(page, "| `{}` | | {} |", name.path, name.note);
    }
    page
}

fn groups(names: &[Name]) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<&str, Vec<&Name>> = BTreeMap::new();
    for name in names {
        groups.entry(name.split().0).or_default();
    }
    for name in names {
        // A type that has names is listed with them.
        let of = match groups.contains_key(&*name.path) {
            true => &*name.path,
            false => name.split().0,
        };
        let group = groups.entry(of).or_default();
        match name.path == of {
            true => group.insert(0, name),
            false => group.push(name),
        }
    }
    let groups = groups.into_iter().map(|(of, names)| Group { of, names });
    groups.filter(|group| !group.names.is_empty()).collect()
}

fn totals(page: &mut String, names: &[Name], groups: &[Group<'_>]) {
    page.push_str("\n| | Names | |\n|---|---:|---|\n");
    for class in Class::ALL {
        let count = names.iter().filter(|name| name.class == class).count();
        let note = match class {
            Class::Absent => {
                let whole = groups.iter().filter(|group| group.is_all(class));
                let whole: usize = whole.map(|group| group.names.len()).sum();
                let cost = names
                    .iter()
                    .filter(|name| name.path.contains("OperatorCost"));
                format!(
                    "{whole} of them in types or modules that are absent as a whole ({} are prices \
                     of fuel, one for each instruction)",
                    cost.count()
                )
            }
            Class::Same | Class::Accepted | Class::Different => String::new(),
        };
        let _ = writeln!(page, "| {} | {count} | {note} |", title(class));
    }
    let _ = writeln!(page, "| in all | {} | |", names.len());
}

/// A type whose names are of several classes.
fn mixed(page: &mut String, group: &Group<'_>) {
    let _ = writeln!(page, "\n### `{}`\n", group.of);
    for class in [Class::Same, Class::Accepted] {
        let members = group.members(class);
        if !members.is_empty() {
            let _ = writeln!(page, "*{}*: {members}\n", title(class));
        }
    }
    let mut rows: Vec<(Class, &str, Vec<&str>)> = Vec::new();
    for class in [Class::Different, Class::Absent] {
        for name in group.names.iter().filter(|name| name.class == class) {
            let own = name.split().1;
            match rows
                .iter_mut()
                .find(|row| row.0 == class && row.1 == name.note)
            {
                Some(row) => row.2.push(own),
                None => rows.push((class, &name.note, vec![own])),
            }
        }
    }
    if !rows.is_empty() {
        page.push_str("| | | |\n|---|---|---|\n");
    }
    for (class, note, names) in rows {
        let names = quoted(names.into_iter());
        let _ = writeln!(page, "| {} | {names} | {note} |", class.word());
    }
}

/// Types whose names are all of one class.
fn throughout(page: &mut String, groups: &[Group<'_>], class: Class) {
    for group in groups.iter().filter(|group| group.is_all(class)) {
        let _ = writeln!(page, "- `{}`: {}", group.of, group.members(class));
    }
}

fn title(class: Class) -> &'static str {
    match class {
        Class::Same => "The same",
        Class::Accepted => "Accepted without effect",
        Class::Different => "Different",
        Class::Absent => "Absent",
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::list;

    #[test]
    fn every_name_is_on_the_page_or_counted() {
        let text = "r\tsame\nA\tsame\nA::b\tsame\nA::c\tdifferent\thow\nA::d\tabsent\twhy\n\
                    A::e\tabsent\twhy\nB\taccepted\nB::f\taccepted\nC\tabsent\tno\nC::g\tabsent\n\
                    D\tsame\nD::h\tsame\ni\tabsent\tnever\n";
        let names = list::read(text).expect("a list");
        let page = super::page(&names);
        for line in [
            "| The same | 5 |  |",
            "| Different | 1 |  |",
            "| in all | 13 | |",
            "### `A`",
            "*The same*: `b`",
            "| different | `c` | how |",
            "| absent | `d`, `e` | why |",
            "- `r`",
            "- `D`: `h`",
            "- `B`: `f`",
            "| `C` | 1 | no |",
            "| `i` | | never |",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
    }
}
