//! The list of wasmtime's names as it is written in `names.tsv`.

use std::collections::BTreeMap;

/// What has become of a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    /// It means the same here.
    Same,
    /// It is accepted and changes nothing.
    Accepted,
    /// It exists and means something else.
    Different,
    /// It does not exist.
    Absent,
}

impl Class {
    /// Every class, in the order of the page.
    pub const ALL: [Class; 4] = [
        Class::Same,
        Class::Accepted,
        Class::Different,
        Class::Absent,
    ];

    /// The word of the list.
    pub fn word(self) -> &'static str {
        match self {
            Class::Same => "same",
            Class::Accepted => "accepted",
            Class::Different => "different",
            Class::Absent => "absent",
        }
    }
}

/// A name of wasmtime.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    /// The name with its type or module, such as `Config::new`.
    pub path: String,
    /// What has become of it.
    pub class: Class,
    /// How it is different, or why it is absent; empty for others.
    pub note: String,
    /// Its line in the list, from 1.
    pub line: usize,
}

impl Name {
    /// The type, trait or module that the name belongs to, and the name within it.
    pub fn split(&self) -> (&str, &str) {
        self.path.rsplit_once("::").unwrap_or(("", &self.path))
    }
}

/// Reads a list. Notes that are keys or those of types are put in.
///
/// # Errors
/// The lines that cannot be read, each with what is wrong.
pub fn read(text: &str) -> Result<Vec<Name>, Vec<(usize, String)>> {
    let (mut names, mut faults): (Vec<Name>, Vec<(usize, String)>) = (Vec::new(), Vec::new());
    let (mut keys, mut notes) = (BTreeMap::new(), BTreeMap::new());
    for (at, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        if let ([key, note], true) = (&fields[..], line.starts_with('@')) {
            keys.insert(*key, *note);
            continue;
        }
        let class = Class::ALL
            .into_iter()
            .find(|class| fields.get(1) == Some(&class.word()));
        let (Some(class), true) = (class, fields.len() <= 3) else {
            faults.push((at + 1, format!("`{}` has no class", fields[0])));
            continue;
        };
        let path = String::from(fields[0]);
        let written = fields.get(2).copied().unwrap_or("");
        let own = keys.get(written).copied().unwrap_or(written);
        let of_type = path.rsplit_once("::").and_then(|(of, _)| notes.get(of));
        let note = match class {
            Class::Same | Class::Accepted => String::from(own),
            Class::Different | Class::Absent if own.is_empty() => {
                of_type.cloned().unwrap_or_default()
            }
            Class::Different | Class::Absent => String::from(own),
        };
        let explained = matches!(class, Class::Different | Class::Absent);
        if explained == note.is_empty() || note.starts_with('@') {
            let what = format!("`{path}` is {}: its note is `{note}`", class.word());
            faults.push((at + 1, what));
        }
        if notes.insert(path.clone(), note.clone()).is_some() {
            faults.push((at + 1, format!("`{path}` is listed twice")));
        }
        names.push(Name {
            path,
            class,
            note,
            line: at + 1,
        });
    }
    if faults.is_empty() {
        Ok(names)
    } else {
        Err(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_those_of_keys_and_types() {
        let text = "# a list\n@k\tno\nA\tabsent\t@k\nA::b\tabsent\nA::c\tabsent\tnever\nd\tsame\n";
        let names = read(text).expect("a list");
        let notes: Vec<&str> = names.iter().map(|name| &*name.note).collect();
        assert_eq!(notes, ["no", "no", "never", ""]);
        assert_eq!(names[1].split(), ("A", "b"));
        assert_eq!(names[3].split(), ("", "d"));
    }

    #[test]
    fn lines_that_say_too_little_are_found() {
        let check = |text: &str| assert!(read(text).is_err(), "{text}");
        check("A");
        check("A\t");
        check("A\tmaybe");
        check("A\tabsent");
        check("A\tabsent\t@unknown");
        check("A\tdifferent\t");
        check("A\tsame\twhy");
        check("A\tsame\nA\tsame");
    }
}
