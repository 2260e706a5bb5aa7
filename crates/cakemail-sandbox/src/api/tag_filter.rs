//! The language of `tags` and `providers`: a bare word, or `and`, `or`, `not`, `is` as JSON, nested.

use serde_json::{Value, json};

/// What an email's tags (or its provider) must be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TagFilter {
    Is(String),
    Not(Box<TagFilter>),
    And(Vec<TagFilter>),
    Or(Vec<TagFilter>),
}

impl TagFilter {
    /// Reads a bare word, or JSON.
    ///
    /// # Errors
    /// What is wrong, for a person.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if !text.trim_start().starts_with('{') {
            return Ok(Self::Is(text.into()));
        }
        let value: Value = serde_json::from_str(text).map_err(|error| format!("This is not JSON: {error}"))?;
        Self::from_json(&value)
    }

    /// Several conditions in one object must all hold.
    fn from_json(value: &Value) -> Result<Self, String> {
        let fields = value.as_object().filter(|fields| !fields.is_empty());
        let fields = fields.ok_or_else(|| format!("{value} is not a condition: {USAGE}"))?;
        let mut conditions =
            fields.iter().map(|(word, value)| Self::condition(word, value)).collect::<Result<Vec<_>, _>>()?;
        match conditions.pop() {
            Some(only) if conditions.is_empty() => Ok(only),
            last => Ok(Self::And(conditions.into_iter().chain(last).collect())),
        }
    }

    fn condition(word: &str, value: &Value) -> Result<Self, String> {
        match (word, value) {
            ("is", Value::String(text)) => Ok(Self::Is(text.clone())),
            ("is", Value::Object(_)) => Self::from_json(value),
            ("not", Value::String(text)) => Ok(Self::Not(Box::new(Self::Is(text.clone())))),
            ("not", Value::Object(_)) => Ok(Self::Not(Box::new(Self::from_json(value)?))),
            ("and", _) => Ok(Self::And(Self::several(value)?)),
            ("or", _) => Ok(Self::Or(Self::several(value)?)),
            ("is" | "not", _) => Err(format!("{word:?} takes a word or an object: {USAGE}")),
            _ => Err(format!("{word:?} is not known: {USAGE}")),
        }
    }

    fn several(value: &Value) -> Result<Vec<Self>, String> {
        match value {
            Value::Array(items) => items.iter().map(Self::item).collect(),
            // The conditions of an object, each by itself, so that `or` has something to choose from.
            Value::Object(fields) => fields.iter().map(|(word, value)| Self::condition(word, value)).collect(),
            _ => Err(format!("`and` and `or` take a list or an object: {USAGE}")),
        }
    }

    fn item(value: &Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Ok(Self::Is(text.clone())),
            other => Self::from_json(other),
        }
    }

    /// Whether it holds, where `has` tells which words are there.
    pub(crate) fn fits(&self, has: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Is(word) => has(word),
            Self::Not(inner) => !inner.fits(has),
            Self::And(all) => all.iter().all(|it| it.fits(has)),
            Self::Or(any) => any.iter().any(|it| it.fits(has)),
        }
    }

    /// As the answer's `parameters` repeat it.
    pub(crate) fn to_json(&self) -> Value {
        let several = |items: &[Self]| items.iter().map(Self::to_json).collect::<Vec<_>>();
        match self {
            Self::Is(word) => json!({"is": word}),
            Self::Not(inner) => json!({"not": inner.to_json()}),
            Self::And(all) => json!({"and": several(all)}),
            Self::Or(any) => json!({"or": several(any)}),
        }
    }
}

const USAGE: &str = r#"write {"and":[…]}, {"or":[…]}, {"not":…} or {"is":"word"}"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(filter: &str, tags: &[&str]) -> bool {
        TagFilter::read(filter).unwrap().fits(&|word| tags.contains(&word))
    }

    #[test]
    fn the_filter_language() {
        assert!(fits("a", &["a", "b"]) && !fits("a", &["b"]));
        assert!(fits(r#"{"is":"a"}"#, &["a"]) && fits(r#"{"is":{"is":"a"}}"#, &["a"]));
        assert!(fits(r#"{"not":"a"}"#, &["b"]) && !fits(r#"{"not":{"is":"a"}}"#, &["a"]));
        let nested = r#"{"and":[{"is":"a"},{"or":[{"is":"b"},{"not":{"is":"c"}}]}]}"#;
        assert!(fits(nested, &["a"]) && fits(nested, &["a", "b", "c"]) && !fits(nested, &["a", "c"]));
        assert!(
            fits(r#"{"and":{"is":"a","not":"b"}}"#, &["a"]) && !fits(r#"{"and":{"is":"a","not":"b"}}"#, &["a", "b"])
        );
        assert!(fits(r#"{"or":{"is":"a","not":"b"}}"#, &["c"]) && fits(r#"{"is":"a","not":"b"}"#, &["a"]));
    }

    #[test]
    fn errors_are_reported() {
        for wrong in ["{", "{}", r#"{"is":1}"#, r#"{"xor":[]}"#, r#"{"and":"a"}"#, r#"{"or":[1]}"#] {
            assert!(!TagFilter::read(wrong).unwrap_err().is_empty(), "{wrong}");
        }
    }
}
