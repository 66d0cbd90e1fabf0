//! The options of `-W` and `-S` as tables. A row is a name, its help and what it sets; the help,
//! the known names and the reading of values all come from the rows.

use super::outcome::Failure;
use super::results::Results;
use super::suggest::suggest;
use limpid::observe::display;
use std::fmt::Display;
use std::time::Duration;

/// One option.
pub struct Row<S: 'static> {
    pub name: &'static str,
    pub help: &'static str,
    pub set: Set<S>,
}

/// What an option sets, which decides what values it takes.
pub enum Set<S: 'static> {
    Switch(fn(&mut S, bool)),
    Number(fn(&mut S, u64)),
    /// A number of bytes, with or without a unit.
    Size(fn(&mut S, u64)),
    Time(fn(&mut S, Duration)),
    /// A switch that is named by its row: a language feature, and whether it is on by default.
    Feature(fn(&mut S, &str, bool), bool),
    /// Nothing: the switch is accepted because other runtimes have it.
    Nothing,
    /// The same, for an option that takes a number of bytes.
    NothingOfSize,
    /// Nothing, and it cannot be switched off.
    AlwaysOn,
    /// Nothing yet: the option can only be switched off.
    Later,
}

impl<S> Clone for Row<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Row<S> {}

impl<S> Clone for Set<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Set<S> {}

/// A row of a table.
pub const fn row<S>(name: &'static str, set: Set<S>, help: &'static str) -> Row<S> {
    Row { name, help, set }
}

/// Settings that a table of options can change.
pub trait Options: Sized + 'static {
    /// The flag that takes the options.
    const FLAG: &'static str;

    /// The table.
    fn rows() -> Vec<Row<Self>>;

    /// Applies one option: `name` or `name=value`.
    ///
    /// # Errors
    /// An unknown option or an invalid value, as a fault of usage.
    fn option(&mut self, option: &str) -> Result<(), Failure> {
        self.option_of(Self::FLAG, option)
    }

    /// Applies one option that was given by `flag`, which messages show before the name.
    ///
    /// # Errors
    /// As those of [`Options::option`].
    fn option_of(&mut self, flag: &str, option: &str) -> Result<(), Failure> {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        if name.is_empty() {
            return Err(nameless(Self::FLAG, option));
        }
        let rows = Self::rows();
        let Some(row) = rows.iter().find(|row| row.name == name) else {
            return Err(unknown(Self::FLAG, name, rows.iter().map(|row| row.name)));
        };
        let given = Given {
            shown: match flag == Self::FLAG {
                true => format!("{flag} {name}"),
                false => format!("{flag}{name}"),
            },
            placeholder: row.value().0,
            value,
        };
        match row.set {
            Set::Switch(set) => set(self, given.switch()?),
            Set::Number(set) => set(self, given.number()?),
            Set::Size(set) => set(self, given.size()?),
            Set::Time(set) => set(self, given.time()?),
            Set::Feature(set, _) => set(self, row.name, given.switch()?),
            Set::Nothing => {
                given.switch()?;
                without_effect(format_args!("{} {option}", Self::FLAG));
            }
            Set::NothingOfSize => {
                given.size()?;
                without_effect(format_args!("{} {option}", Self::FLAG));
            }
            Set::AlwaysOn if given.switch()? => {
                without_effect(format_args!("{} {option}", Self::FLAG));
            }
            Set::AlwaysOn => return Err(given.refused("cannot be switched off")),
            Set::Later if given.switch()? => return Err(given.refused("is not supported yet")),
            Set::Later => {}
        }
        Ok(())
    }

    /// The option of that name with its value, as help shows it.
    fn shown(name: &str) -> Option<String> {
        let rows = Self::rows();
        let row = rows.iter().find(|row| row.name == name)?;
        Some(format!("{} {}", Self::FLAG, row.line().0))
    }

    /// The names of the options, or of those alone that set something.
    fn names(effective: bool) -> Vec<&'static str> {
        let rows = Self::rows().into_iter();
        let rows = rows.filter(|row| !effective || row.is_effective());
        rows.map(|row| row.name).collect()
    }

    /// Lists all options.
    fn help() {
        let lines: Vec<(String, String)> = Self::rows().iter().map(Row::line).collect();
        let width = lines.iter().map(|(option, _)| option.len()).max();
        let mut results = Results::new();
        for (option, help) in &lines {
            let (flag, width) = (Self::FLAG, width.unwrap_or_default());
            results.line(format_args!("  {flag} {option:<width$}  {help}"));
        }
    }
}

impl<S> Row<S> {
    /// Whether it sets something.
    pub fn is_effective(&self) -> bool {
        match self.set {
            Set::Switch(_) | Set::Number(_) | Set::Size(_) | Set::Time(_) | Set::Feature(..) => {
                true
            }
            Set::Nothing | Set::NothingOfSize | Set::AlwaysOn | Set::Later => false,
        }
    }

    /// The form of the value, and what is added to the help.
    fn value(&self) -> (&'static str, &'static str) {
        match self.set {
            Set::Switch(_) => ("[=y|n]", ""),
            Set::Number(_) => ("=N", ""),
            Set::Size(_) => ("=BYTES", ""),
            Set::Time(_) => ("=TIME", ""),
            Set::Feature(_, true) => ("[=y|n]", "; default y"),
            Set::Feature(_, false) => ("[=y|n]", "; default n"),
            Set::Nothing => ("[=y|n]", "; accepted without effect"),
            Set::NothingOfSize => ("=BYTES", "; accepted without effect"),
            Set::AlwaysOn => ("[=y]", "; always on"),
            Set::Later => ("[=n]", "; not supported yet"),
        }
    }

    /// The option with its value, and its help.
    pub fn line(&self) -> (String, String) {
        let (value, more) = self.value();
        let option = format!("{}{value}", self.name);
        let help = match self.help.split_at_checked(1) {
            Some((first, rest)) if rest.starts_with(|next: char| next.is_lowercase()) => {
                first.to_lowercase() + rest
            }
            Some(_) | None => self.help.to_owned(),
        };
        (option, help + more)
    }
}

/// Logs that a flag or an option is accepted and has no effect.
pub fn without_effect(flag: impl Display) {
    let flag = flag.to_string();
    tracing::debug!(target: "limpid::cli", "`{}` has no effect here", display::name(&flag));
}

/// What is said of an option without a name, as before or after a comma.
pub fn nameless(flag: &str, option: &str) -> Failure {
    let failure = match option.is_empty() {
        true => Failure::usage(format!("an option of `{flag}` is empty")),
        false => {
            let shown = display::name(option);
            Failure::usage(format!("the option `{shown}` of `{flag}` has no name"))
        }
    };
    failure.hint(format!(
        "`{flag} NAME,NAME=VALUE` gives two options, and `{flag} help` lists all"
    ))
}

fn unknown<'k>(flag: &str, option: &str, known: impl IntoIterator<Item = &'k str>) -> Failure {
    let shown = display::name(option);
    if option == "help" {
        // As a flag alone it was taken before.
        return Failure::usage("`help` is no option that can be set")
            .hint(format!("`limpid run {flag} help` lists all options"));
    }
    let failure = Failure::usage(format!("unknown option `{flag} {shown}`"));
    match suggest(option, known) {
        Some(meant) => failure.hint(format!(
            "did you mean `{flag} {meant}`? `{flag} help` lists all"
        )),
        None => failure.hint(format!("`{flag} help` lists all")),
    }
}

/// A number of bytes as the value of a flag, with or without a unit.
///
/// # Errors
/// When it is none, as a fault of usage.
pub fn size(flag: &str, text: &str) -> Result<u64, Failure> {
    let given = Given {
        shown: flag.to_owned(),
        placeholder: " BYTES",
        value: Some(text),
    };
    given.size()
}

/// An option as it was given.
struct Given<'o> {
    /// The flag and the name of the option.
    shown: String,
    /// The form of its value.
    placeholder: &'static str,
    value: Option<&'o str>,
}

impl<'o> Given<'o> {
    fn refused(&self, why: &str) -> Failure {
        let value = self.value.map(|value| format!("={}", display::name(value)));
        let value = value.unwrap_or_default();
        Failure::usage(format!("`{}{value}` {why}", self.shown))
    }

    fn wrong(&self, wanted: &str) -> Failure {
        let value = display::name(self.value.unwrap_or_default());
        if value.is_empty() {
            let shown = &self.shown;
            return Failure::usage(format!(
                "the value of `{shown}` is empty: expected {wanted}"
            ));
        }
        Failure::usage(format!(
            "invalid value `{value}` for `{}`: expected {wanted}",
            self.shown
        ))
    }

    /// The value that an option must have.
    fn needed(&self) -> Result<&'o str, Failure> {
        let Given {
            shown, placeholder, ..
        } = self;
        let text = || format!("`{shown}` needs a value: `{shown}{placeholder}`");
        self.value.ok_or_else(|| Failure::usage(text()))
    }

    fn switch(&self) -> Result<bool, Failure> {
        match self.value {
            None | Some("y" | "yes" | "true") => Ok(true),
            Some("n" | "no" | "false") => Ok(false),
            Some(_) => Err(self.wrong("y or n")),
        }
    }

    fn number(&self) -> Result<u64, Failure> {
        let text = self.needed()?;
        number(text).ok_or_else(|| self.wrong("a number"))
    }

    /// Bytes, with K, M or G (also Ki, KiB and so on) for powers of 1024.
    fn size(&self) -> Result<u64, Failure> {
        let text = self.needed()?;
        if let Some(bytes) = number(text) {
            return Ok(bytes);
        }
        let wrong = || self.wrong("bytes, or a size such as 64K, 16M or 2G");
        let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '_');
        let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
        let shift = match unit {
            "B" => 0,
            "K" | "k" | "Ki" | "KiB" => 10,
            "M" | "Mi" | "MiB" => 20,
            "G" | "Gi" | "GiB" => 30,
            // No other unit is known.
            _ => return Err(wrong()),
        };
        let bytes = number(digits).ok_or_else(wrong)?;
        bytes
            .checked_mul(1 << shift)
            .ok_or_else(|| self.wrong("a size below 16 EiB"))
    }

    /// A span of time, in seconds without a unit.
    fn time(&self) -> Result<Duration, Failure> {
        let text = self.needed()?;
        let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
        let wrong = || self.wrong("a duration such as 2s, 500ms or 1m");
        let scale = match unit {
            "us" => 1e-6,
            "ms" => 1e-3,
            "" | "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            // No other unit is known.
            _ => return Err(wrong()),
        };
        let seconds: f64 = digits.parse().map_err(|_| wrong())?;
        Duration::try_from_secs_f64(seconds * scale).map_err(|_| wrong())
    }
}

/// A number without sign, decimal or after `0x`, with `_` between digits.
fn number(text: &str) -> Option<u64> {
    let digits = text.replace('_', "");
    let hex = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let (digits, radix) = match hex {
        Some(hex) => (hex, 16),
        None => (&*digits, 10),
    };
    let all = digits.chars().all(|digit| digit.is_digit(radix));
    u64::from_str_radix(digits, radix).ok().filter(|_| all)
}

/// A number as far as this machine can count.
pub fn clamped(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Given<'_> {
        Given {
            shown: "-W x".to_owned(),
            placeholder: "=X",
            value: Some(text),
        }
    }

    fn check(text: &str, millis: u128) {
        let time = given(text).time().map(|time| time.as_millis());
        assert_eq!(time.ok(), Some(millis), "{text}");
    }

    #[test]
    fn times() {
        check("2", 2000);
        check("500ms", 500);
        check("1.5s", 1500);
        check("1m", 60_000);
        for bad in ["", "x", "1 s", "1d", "-1s", "1.2.3"] {
            assert!(given(bad).time().is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("64K", 65536),
            ("1_000", 1000),
            ("0x10000", 65536),
            ("0X1_0", 16),
            ("3B", 3),
        ] {
            assert_eq!(given(text).size().ok(), Some(bytes), "{text}");
        }
        for bad in ["", "K", "1T", "99999999999G", "0x", "+1", "-1", "0x-1"] {
            assert!(given(bad).size().is_err(), "{bad}");
        }
    }
}
