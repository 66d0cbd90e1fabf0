//! As much of JSON Schema as the schema of traces needs. A word that is not known is a panic, so
//! that nothing in the schema goes unchecked.

use regex_lite::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

pub struct Schema(Value);

impl Schema {
    pub fn read(path: &str) -> Schema {
        let text = std::fs::read_to_string(path).expect(path);
        Schema(serde_json::from_str(&text).expect("JSON"))
    }

    /// Names of the properties of definitions.
    pub fn properties(&self, definitions: &[&str]) -> BTreeSet<String> {
        let of = |name: &&str| self.0["$defs"][name]["properties"].as_object();
        let names = definitions.iter().filter_map(of).flat_map(Map::keys);
        names.cloned().collect()
    }

    pub fn check(&self, value: &Value) -> Result<(), String> {
        self.fits(&self.0, value)
    }

    fn fits(&self, schema: &Value, value: &Value) -> Result<(), String> {
        for (word, rule) in schema.as_object().expect("a schema is an object") {
            if !self.follows(schema, word, rule, value) {
                return Err(format!("{word} {rule}: {value}"));
            }
        }
        Ok(())
    }

    fn follows(&self, schema: &Value, word: &str, rule: &Value, value: &Value) -> bool {
        let list = || rule.as_array().expect("a list");
        let fits = |rule: &Value, value: &Value| self.fits(rule, value).is_ok();
        match word {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let path = rule.as_str().and_then(|path| path.strip_prefix('#'));
                let found = path
                    .and_then(|path| self.0.pointer(path))
                    .expect("a definition");
                fits(found, value)
            }
            "oneOf" => list().iter().filter(|rule| fits(rule, value)).count() == 1,
            "enum" => list().contains(value),
            "const" => rule == value,
            "type" => match rule {
                Value::Array(names) => names.iter().any(|name| is_a(name, value)),
                name => is_a(name, value),
            },
            "minimum" => value
                .as_i64()
                .is_none_or(|number| number >= rule.as_i64().unwrap_or(0)),
            "maximum" => value
                .as_u64()
                .is_none_or(|number| number <= rule.as_u64().unwrap_or(0)),
            "pattern" => {
                let pattern = Regex::new(rule.as_str().expect("a text")).expect("a pattern");
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "required" => value.as_object().is_none_or(|object| {
                list()
                    .iter()
                    .all(|name| object.contains_key(name.as_str().expect("a name")))
            }),
            "properties" => value.as_object().is_none_or(|object| {
                let rules = rule.as_object().expect("rules");
                let known = rules
                    .iter()
                    .filter_map(|(name, rule)| Some((rule, object.get(name)?)));
                known.into_iter().all(|(rule, value)| fits(rule, value))
            }),
            "additionalProperties" => value.as_object().is_none_or(|object| {
                let known = schema.get("properties").and_then(Value::as_object);
                let is_known = |name| known.is_some_and(|known| known.contains_key(name));
                let mut others = object.iter().filter(|(name, _)| !is_known(name.as_str()));
                match rule {
                    Value::Bool(allowed) => *allowed || others.next().is_none(),
                    rule => others.all(|(_, value)| fits(rule, value)),
                }
            }),
            "items" => {
                let mut items = value.as_array().into_iter().flatten();
                items.all(|item| fits(rule, item))
            }
            "prefixItems" => {
                let items = value.as_array().into_iter().flatten();
                list()
                    .iter()
                    .zip(items)
                    .all(|(rule, item)| fits(rule, item))
            }
            "minItems" => len(value) >= rule.as_u64().expect("a number"),
            "maxItems" => len(value) <= rule.as_u64().expect("a number"),
            word => panic!("`{word}` is not checked"),
        }
    }
}

fn len(value: &Value) -> u64 {
    value.as_array().map_or(0, |items| items.len() as u64)
}

fn is_a(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("a type is a text") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        name => panic!("`{name}` is not checked"),
    }
}
