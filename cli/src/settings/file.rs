//! The file: settings with their lines. What is not known is an error that says what may be meant.

use super::super::outcome::Failure;
use super::super::suggest::suggest;
use super::keys::{self, KEYS, Shape};
use super::setting::{Origin, Setting};
use limpid::observe::display;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Most bytes of a file.
const LONGEST: usize = 1 << 20;

/// Reads the text of a file that is shown under this name.
///
/// # Errors
/// Text that is no TOML, and what is not known.
pub fn settings(file: &str, text: &str) -> Result<Vec<Setting>, Failure> {
    let reader = Reader { file, text };
    if text.len() > LONGEST {
        return Err(Failure::usage(format!(
            "{file}: longer than {LONGEST} bytes"
        )));
    }
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        reader.fault(at, display::line(error.message()))
    })?;
    let mut found = Vec::new();
    for (name, value) in table.get_ref() {
        reader.top(name, value, &mut found)?;
    }
    // What is read first does not matter to a table, but to who reads about it.
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, setting)| setting).collect())
}

struct Reader<'t> {
    file: &'t str,
    text: &'t str,
}

type Name<'t> = Spanned<std::borrow::Cow<'t, str>>;
type Found = Vec<(usize, Setting)>;

impl<'t> Reader<'t> {
    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    fn fault(&self, at: usize, what: impl std::fmt::Display) -> Failure {
        Failure::usage(format!("{}:{}: {what}", self.file, self.line(at)))
    }

    /// What stands outside of sections, and sections.
    fn top(
        &self,
        name: &Name<'t>,
        value: &Spanned<DeValue<'t>>,
        found: &mut Found,
    ) -> Result<(), Failure> {
        let at = name.span().start;
        let section = name.get_ref();
        let own = |key: &str| key.split('.').next() == Some(section);
        let is_key = KEYS
            .iter()
            .any(|key| key.name == section.as_ref() && key.shape == Shape::Text);
        match value.get_ref() {
            DeValue::Table(table) if !is_key && KEYS.iter().any(|key| own(key.name)) => {
                for (name, value) in table {
                    self.key(section, name, value, found)?;
                }
                Ok(())
            }
            _ if is_key => {
                found.push((
                    at,
                    self.setting(section.to_string(), Shape::Text, at, value)?,
                ));
                Ok(())
            }
            _ if KEYS.iter().any(|key| own(key.name)) => {
                Err(self.fault(at, format!("`{section}` is a section")))
            }
            DeValue::Table(_) => {
                let known = KEYS.iter().filter_map(|key| key.name.split('.').next());
                Err(self.unknown(at, "section", section, known))
            }
            // No section and no key.
            _ => Err(self.unknown(at, "key", section, KEYS.iter().map(|key| key.name))),
        }
    }

    /// A key of a section.
    fn key(
        &self,
        section: &str,
        name: &Name<'t>,
        value: &Spanned<DeValue<'t>>,
        found: &mut Found,
    ) -> Result<(), Failure> {
        let at = name.span().start;
        if name.get_ref().is_empty() {
            return Err(self.fault(at, format!("a key of `{section}` is empty")));
        }
        let full = format!("{section}.{}", name.get_ref());
        let options: Vec<String> = keys::options(section, false)
            .iter()
            .map(|option| format!("{section}.{option}"))
            .collect();
        let known = KEYS.iter().find(|key| key.name == full);
        let shape = match known {
            _ if options.contains(&full) => Shape::Options,
            Some(key) => key.shape,
            None => {
                let keys = KEYS.iter().map(|key| key.name);
                let keys = keys.filter(|key| key.starts_with(&format!("{section}.")));
                let known = keys.chain(options.iter().map(String::as_str));
                return Err(self.unknown(at, "key", &full, known));
            }
        };
        found.push((at, self.setting(full, shape, at, value)?));
        Ok(())
    }

    fn setting(
        &self,
        key: String,
        shape: Shape,
        at: usize,
        value: &Spanned<DeValue<'t>>,
    ) -> Result<Setting, Failure> {
        let values = match (shape, value.get_ref()) {
            (Shape::Text | Shape::Options, DeValue::String(text)) => vec![text.to_string()],
            (Shape::Options, DeValue::Boolean(true)) => vec!["y".to_owned()],
            (Shape::Options, DeValue::Boolean(false)) => vec!["n".to_owned()],
            (Shape::Options, DeValue::Integer(number)) => vec![number.as_str().to_owned()],
            (Shape::Texts, DeValue::Array(array)) => {
                let text = |value: &Spanned<DeValue<'t>>| match value.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    // Anything else is no text.
                    _ => None,
                };
                let texts: Option<Vec<String>> = array.iter().map(text).collect();
                texts.ok_or_else(|| self.wrong(at, &key, shape))?
            }
            // Everything else does not fit.
            _ => return Err(self.wrong(at, &key, shape)),
        };
        Ok(Setting {
            key,
            values,
            origin: Origin::File(self.file.to_owned(), self.line(at)),
        })
    }

    fn wrong(&self, at: usize, key: &str, shape: Shape) -> Failure {
        let wanted = match shape {
            Shape::Text => "a text",
            Shape::Texts => "a list of texts",
            Shape::Options => "a number, a text, true or false",
        };
        self.fault(at, format!("`{key}` is {wanted}"))
    }

    fn unknown<'k>(
        &self,
        at: usize,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'k str>,
    ) -> Failure {
        let shown = display::name(name);
        let failure = self.fault(at, format!("unknown {what} `{shown}`"));
        match suggest(name, known) {
            Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
            None => failure.hint("`limpid config show` lists all"),
        }
    }
}
