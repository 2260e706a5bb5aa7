//! Objects without specific rules: they are only created, changed and deleted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An object's fields, with its `id`.
pub(crate) type Object = Map<String, Value>;

/// The collections of an account, by their paths, such as `/lists/7/forms`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Collections(BTreeMap<String, Vec<Object>>);

impl Collections {
    /// The objects of a collection, the oldest first.
    pub(crate) fn objects(&self, path: &str) -> &[Object] {
        self.0.get(path).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn add(&mut self, path: String, object: Object) {
        self.0.entry(path).or_default().push(object);
    }

    /// The object whose `id` or whose field `key` is `value`.
    pub(crate) fn find(&mut self, path: &str, key: &str, value: &str) -> Option<&mut Object> {
        self.0.get_mut(path)?.iter_mut().find(|object| is_named(object, key, value))
    }

    /// Removes such an object and returns it.
    pub(crate) fn remove(&mut self, path: &str, key: &str, value: &str) -> Option<Object> {
        let objects = self.0.get_mut(path)?;
        let index = objects.iter().position(|object| is_named(object, key, value))?;
        Some(objects.remove(index))
    }
}

fn is_named(object: &Object, key: &str, value: &str) -> bool {
    [object.get("id"), object.get(key)].into_iter().flatten().any(|field| match field {
        Value::String(text) => text == value,
        Value::Number(number) => number.to_string() == value,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::Collections;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn an_object_is_found_by_its_id_or_its_key_in_its_own_collection() {
        let mut collections = Collections::default();
        collections.add("/tags".into(), object(json!({"id": 7, "tag": "red"})));
        collections.add("/lists/1/forms".into(), object(json!({"id": "7"})));
        assert_eq!(collections.find("/tags", "tag", "7").unwrap()["tag"], "red");
        assert_eq!(collections.find("/tags", "tag", "red").unwrap()["id"], 7);
        assert!(collections.find("/lists/1/forms", "form_id", "7").is_some());
        assert!(collections.find("/lists/2/forms", "form_id", "7").is_none());
        assert!(collections.remove("/tags", "tag", "red").is_some());
        assert!(collections.objects("/tags").is_empty());
    }
}
