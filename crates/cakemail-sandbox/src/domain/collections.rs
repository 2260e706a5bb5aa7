//! Objects without specific rules: they are only created, changed and deleted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::index::{Key, Row, Table};

/// An object's fields, with its `id`.
pub(crate) type Object = Map<String, Value>;

/// The collections of an account, by their paths, such as `/lists/7/forms`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Collections(BTreeMap<String, Table<Object>>);

impl Collections {
    /// The collection of a path, which is indexed by these terms and by `id`.
    pub(crate) fn table<'n>(
        &mut self,
        path: String,
        terms: impl IntoIterator<Item = &'n String>,
    ) -> &mut Table<Object> {
        let table = self.0.entry(path).or_default();
        table.index_by(terms);
        table
    }
}

impl Row for Object {
    const TERMS: &'static [&'static str] = &["id"];

    fn key(&self, term: &str) -> Key<'_> {
        match self.get(term) {
            Some(Value::Bool(flag)) => Key::Flag(*flag),
            Some(Value::Number(number)) => number.as_i64().map_or(Key::None, Key::Number),
            Some(Value::String(text)) => Key::Text(text),
            _ => Key::None,
        }
    }

    fn values(&self, term: &str) -> Vec<&str> {
        let items = self.get(term).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}
