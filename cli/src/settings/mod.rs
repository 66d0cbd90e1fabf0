//! Settings beside the flags: `limpid.toml` and variables of the environment. Flags override the
//! environment, which overrides the file.
//!
//! A file that merely lies in the current directory may come from anybody: it can set limits,
//! features, colours and logs, but grants nothing. Only a file that was named can.
//!
//! Reading order: `setting`, `keys` (what can be set), `file`, this file (who comes first).

mod file;
pub mod keys;
pub mod setting;

use super::outcome::Failure;
use super::paths;
use keys::{KEYS, Key, Shape};
use limpid::observe::display;
use setting::{Origin, Setting};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The file that is looked for.
pub const NAME: &str = "limpid.toml";

/// The variable that names another.
pub const VARIABLE: &str = "LIMPID_CONFIG";

/// All settings but those of flags; what beats another comes later.
#[derive(Debug, Default)]
pub struct LayeredSettings {
    all: Vec<Setting>,
    /// The file they are from.
    file: Option<PathBuf>,
}

/// Which file is to be read.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// The one in the current directory, if there is one.
    Found,
    /// This one.
    Named(PathBuf),
    /// None.
    Nothing,
}

impl LayeredSettings {
    /// Reads the file and the environment.
    ///
    /// # Errors
    /// A file that cannot be read, says what is not known, or grants what it may not.
    pub fn load(wanted: Wanted) -> Result<LayeredSettings, Failure> {
        let mut settings = LayeredSettings::default();
        let wanted = match (wanted, std::env::var_os(VARIABLE)) {
            (Wanted::Found, Some(path)) if !path.is_empty() => Wanted::Named(path.into()),
            (wanted, _) => wanted,
        };
        match wanted {
            Wanted::Named(path) => settings.read(&path, true)?,
            Wanted::Found if Path::new(NAME).exists() => settings.read(Path::new(NAME), false)?,
            Wanted::Found | Wanted::Nothing => {}
        }
        settings.environment(|name| std::env::var_os(name))?;
        Ok(settings)
    }

    /// Reads a file alone, for whoever wants to know whether it is right.
    ///
    /// # Errors
    /// A file that cannot be read, or says what is not known.
    pub fn of_file(path: &Path) -> Result<LayeredSettings, Failure> {
        let shown = paths::shown(path);
        let failed = |error| Failure::failed(format!("{shown}: {error}"));
        let text = std::fs::read_to_string(path).map_err(failed)?;
        Ok(LayeredSettings {
            all: file::settings(&shown, &text)?,
            file: Some(path.to_owned()),
        })
    }

    fn read(&mut self, path: &Path, named: bool) -> Result<(), Failure> {
        paths::not_empty("--config", path)?;
        let failed = |error| {
            Failure::usage(format!("{}: {error}", paths::shown(path)))
                .hint("`--no-config` ignores settings files")
        };
        // Something else of that name may have no end, and nobody has named it.
        if !named && !path.is_file() {
            return Err(failed(std::io::Error::other("not a regular file")));
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        self.all = file::settings(&paths::shown(path), &text)?;
        self.file = Some(path.to_owned());
        if !named {
            for setting in &self.all {
                refuse_grant(setting)?;
            }
        }
        Ok(())
    }

    fn environment(&mut self, variable: impl Fn(&str) -> Option<OsString>) -> Result<(), Failure> {
        for key in KEYS {
            let Some((name, value)) = key.variable.zip(key.variable.and_then(&variable)) else {
                continue;
            };
            let value = value.into_string().map_err(|value| {
                let shown = display::name(&value.to_string_lossy()).into_owned();
                Failure::usage(format!("{name}: `{shown}` is not UTF-8"))
            })?;
            let add = |key: String, value: &str| Setting {
                key,
                values: vec![value.to_owned()],
                origin: Origin::Variable(name),
            };
            match key.shape {
                _ if value.is_empty() => {}
                Shape::Options => {
                    for option in value.split(',') {
                        if option.is_empty() {
                            return Err(keys::nameless(key.name).at(name));
                        }
                        let (name, value) = option.split_once('=').unwrap_or((option, "y"));
                        self.all.push(add(format!("{}.{name}", key.name), value));
                    }
                }
                Shape::Text | Shape::Texts => self.all.push(add(key.name.to_owned(), &value)),
            }
        }
        Ok(())
    }

    /// The file they are from, if any.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Those that grant something.
    pub fn granting(&self) -> impl Iterator<Item = &Setting> {
        let grants = |setting: &&Setting| key_of(setting).is_some_and(|key| key.grants);
        self.all.iter().filter(grants)
    }

    /// The setting of a key that holds.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.all.iter().rev().find(|setting| setting.key == key)
    }

    /// Its value.
    pub fn text(&self, key: &str) -> Option<&str> {
        Some(self.get(key)?.values.first()?.as_str())
    }

    /// The values of a list.
    pub fn texts(&self, key: &str) -> &[String] {
        self.get(key).map_or(&[], |setting| &setting.values)
    }

    /// The options of a section, as `-W` and `-S` take them, and where each is from.
    pub fn options(&self, section: &str) -> impl Iterator<Item = (String, &Origin)> {
        self.all.iter().filter_map(move |setting| {
            let (of, name) = setting.key.split_once('.')?;
            let value = setting.values.first()?;
            (of == section).then(|| (format!("{name}={value}"), &setting.origin))
        })
    }
}

/// A file that was found may not grant anything.
fn refuse_grant(setting: &Setting) -> Result<(), Failure> {
    let key = key_of(setting);
    if !key.is_some_and(|key| key.grants) {
        return Ok(());
    }
    let (key, origin) = (&setting.key, &setting.origin);
    let text = format!(
        "{origin}: `{key}` grants something, and this file was found in the current directory, \
         not named with `--config`"
    );
    Err(Failure::usage(text).hint(format!(
        "`--config {NAME}` takes what it grants, `--no-config` leaves it out"
    )))
}

/// The row of a setting.
fn key_of(setting: &Setting) -> Option<&'static Key> {
    let section = setting.key.split('.').next().unwrap_or_default();
    KEYS.iter().find(|key| match key.shape {
        Shape::Options => key.name == section,
        Shape::Text | Shape::Texts => key.name == setting.key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use limpid::internals::syntax::Count;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<LayeredSettings, Failure> {
        let mut settings = LayeredSettings {
            all: file::settings("limpid.toml", text)?,
            file: None,
        };
        settings.environment(|name| {
            let known = variables.iter().find(|(known, _)| *known == name);
            known.map(|(_, value)| OsString::from(value))
        })?;
        Ok(settings)
    }

    fn check(text: &str, expected: &str) {
        let told = match read(text, &[]) {
            Ok(settings) => Count(settings.all.len(), "setting").to_string(),
            Err(failure) => failure.text().to_owned(),
        };
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn faults_have_lines() {
        check("", "0 settings");
        check("color = 'never'\n[run]\ndir = ['.']", "2 settings");
        check("\n[rnu]\n", "limpid.toml:2: unknown section `rnu`");
        check(
            "[wasm]\n\nfeul = 1",
            "limpid.toml:3: unknown key `wasm.feul`",
        );
        check(
            "[run]\ndirs = ['.']",
            "limpid.toml:2: unknown key `run.dirs`",
        );
        check("colour = 'never'", "limpid.toml:1: unknown key `colour`");
        check(
            "[run]\ndir = '.'",
            "limpid.toml:2: `run.dir` is a list of texts",
        );
        check("[run]\nargv0 = 3", "limpid.toml:2: `run.argv0` is a text");
        check(
            "[wasm]\nfuel = -1.5",
            "limpid.toml:2: `wasm.fuel` is a number, a text, true or false",
        );
        check("wasm = 3", "limpid.toml:1: `wasm` is a section");
        check("[wasm]\nsimd = false\nfuel = 1_000", "2 settings");
        let found = read("a = ", &[]);
        assert!(found.is_err_and(|failure| failure.text().starts_with("limpid.toml:1: ")));
    }

    #[test]
    fn the_environment_beats_the_file() {
        let text = "color = 'never'\n[wasm]\nfuel = 10\nsimd = false";
        let variables = [
            ("LIMPID_COLOR", "always"),
            ("LIMPID_WASM", "simd,timeout=2s"),
        ];
        let settings = match read(text, &variables) {
            Ok(settings) => settings,
            Err(failure) => panic!("{failure:?}"),
        };
        assert_eq!(settings.text("color"), Some("always"));
        let options: Vec<String> = settings.options("wasm").map(|(option, _)| option).collect();
        assert_eq!(options, ["fuel=10", "simd=n", "simd=y", "timeout=2s"]);
    }
}
