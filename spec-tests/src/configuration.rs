//! Configurations of the engine, written as `fused,threaded,eager,fuel`.

use crate::jsonl::Traces;
use crate::suite::Suite;
use crate::trace::{Checker, Shared};
use limpid::wast::Setting;
use limpid::{Config, Dispatch, Translation};
use std::fmt;
use std::str::FromStr;

/// Host stack of a script in the configurations that confine it.
const SMALL_STACK: usize = 128 << 10;

/// How the engine is set up for a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Configuration {
    /// The translation.
    pub translation: Translation,
    /// The dispatch.
    pub dispatch: Dispatch,
    /// Whether functions are translated before their first call.
    pub eager: bool,
    /// Whether fuel is charged.
    pub fuel: bool,
    /// Whether each allocation collects garbage.
    pub gc_stress: bool,
    /// Whether scripts are confined to 128 KiB of host stack.
    pub small_stack: bool,
    /// Whether files are run in reverse order.
    pub reverse: bool,
    /// Whether a probe checks each executed instruction.
    pub trace: bool,
    /// Whether each script is traced as JSON Lines, twice, and the traces are compared.
    pub jsonl: bool,
}

impl Configuration {
    /// What users get.
    pub const FUSED: Configuration = Configuration {
        translation: Translation::Fused,
        dispatch: Dispatch::Threaded,
        eager: false,
        fuel: false,
        gc_stress: false,
        small_stack: false,
        reverse: false,
        trace: false,
        jsonl: false,
    };
    /// One operation for each instruction, in a loop.
    pub const FAITHFUL: Configuration = Configuration {
        translation: Translation::Faithful,
        dispatch: Dispatch::Stepped,
        ..Configuration::FUSED
    };

    /// The words that are set, first the translation and the dispatch.
    fn words(&self) -> impl Iterator<Item = &'static str> {
        let translation = match self.translation {
            Translation::Fused => "fused",
            Translation::Faithful => "faithful",
        };
        let dispatch = match self.dispatch {
            Dispatch::Threaded => "threaded",
            Dispatch::Stepped => "stepped",
        };
        let switches = [
            (self.eager, "eager"),
            (self.fuel, "fuel"),
            (self.gc_stress, "gc-stress"),
            (self.small_stack, "small-stack"),
            (self.reverse, "reverse"),
            (self.trace, "trace"),
            (self.jsonl, "jsonl"),
        ];
        let set = switches
            .into_iter()
            .filter_map(|(set, word)| set.then_some(word));
        [translation, dispatch].into_iter().chain(set)
    }

    /// The settings for the scripts of a suite. With `trace`, what its probes find goes to
    /// `findings`; with `jsonl` instead, the traces go to `traces`.
    ///
    /// # Errors
    /// An engine that cannot be made, or one that is not threaded when it has to be.
    pub fn setting(
        &self,
        suite: &Suite,
        findings: &Shared,
        traces: &Traces,
    ) -> Result<Setting, String> {
        let mut config = Config::new();
        config
            .set_features((suite.features)())
            .translation(self.translation)
            .dispatch(self.dispatch)
            .eager(self.eager)
            .consume_fuel(self.fuel)
            .gc_stress(self.gc_stress);
        let setting = Setting::new(&config).map_err(|error| format!("{error:#}"))?;
        if setting.engine().dispatch() != self.dispatch {
            return Err(format!(
                "the dispatch in use is {:?}",
                setting.engine().dispatch()
            ));
        }
        let setting = match self.small_stack {
            true => setting.with_host_stack(SMALL_STACK),
            false => setting,
        };
        Ok(match (self.trace, self.jsonl) {
            (true, _) => {
                let findings = findings.clone();
                setting.with_probe(move || Box::new(Checker::new(findings.clone())))
            }
            (false, true) => {
                let traces = traces.clone();
                setting.with_probe(move || traces.probe())
            }
            (false, false) => setting,
        })
    }
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().collect::<Vec<_>>().join("+"))
    }
}

impl FromStr for Configuration {
    type Err = String;

    /// Words joined by `,` or `+`; what is not said is as users get it.
    fn from_str(text: &str) -> Result<Configuration, String> {
        let mut configuration = Configuration::FUSED;
        for word in text.split([',', '+']).filter(|word| !word.is_empty()) {
            match word {
                "fused" => configuration.translation = Translation::Fused,
                "faithful" => configuration.translation = Translation::Faithful,
                "threaded" => configuration.dispatch = Dispatch::Threaded,
                "stepped" => configuration.dispatch = Dispatch::Stepped,
                "eager" => configuration.eager = true,
                "lazy" => configuration.eager = false,
                "fuel" => configuration.fuel = true,
                "gc-stress" => configuration.gc_stress = true,
                "small-stack" => configuration.small_stack = true,
                "reverse" => configuration.reverse = true,
                // A probe sees instructions, so that operations must be instructions.
                "trace" => {
                    configuration.translation = Translation::Faithful;
                    configuration.dispatch = Dispatch::Stepped;
                    configuration.trace = true;
                }
                "jsonl" => {
                    configuration.translation = Translation::Faithful;
                    configuration.dispatch = Dispatch::Stepped;
                    configuration.jsonl = true;
                }
                _ => return Err(format!("no such word in a configuration: {word}")),
            }
        }
        Ok(configuration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_back() {
        for bits in 0..1u32 << 9 {
            let bit = |place: u32| bits >> place & 1 == 1;
            let words = [
                ["fused", "faithful"][usize::from(bit(0))],
                ["threaded", "stepped"][usize::from(bit(1))],
                ["", "eager"][usize::from(bit(2))],
                ["", "fuel"][usize::from(bit(3))],
                ["", "gc-stress"][usize::from(bit(4))],
                ["", "small-stack"][usize::from(bit(5))],
                ["", "reverse"][usize::from(bit(6))],
                ["", "trace"][usize::from(bit(7))],
                ["", "jsonl"][usize::from(bit(8))],
            ];
            let configuration: Configuration = words.join(",").parse().expect("known words");
            assert_eq!(configuration.to_string().parse(), Ok(configuration));
        }
        assert!("fused,quick".parse::<Configuration>().is_err());
    }
}
