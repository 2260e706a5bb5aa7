//! Every open enum: each value of the document and an unknown one, read and written.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::document::{component, reachable};
use crate::generated::enums;

/// Checks an enum against the component of this name.
pub type Check = fn(&str);

pub fn check<T>(component_name: &str, known: &[T], as_str: fn(&T) -> &str)
where
    T: Clone + Debug + Display + Default + PartialEq + Serialize + DeserializeOwned + for<'a> From<&'a str>,
{
    let words: Vec<_> =
        component(component_name)["enum"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    assert_eq!(known.iter().map(as_str).collect::<Vec<_>>(), words, "{component_name}");
    for (value, word) in known.iter().zip(words) {
        same(value, word, as_str);
    }
    for word in ["teleported", "", " ", "ALL", "a \"quoted\" é word"] {
        let unknown = T::from(word);
        assert!(!known.contains(&unknown), "{component_name}: {word:?}");
        same(&unknown, word, as_str);
    }
    assert_eq!(T::default(), T::from(""), "{component_name}");
    for json in ["7", "null", "true", "[]", "{}"] {
        assert!(serde_json::from_str::<T>(json).is_err(), "{component_name}: {json} is no word");
    }
}

/// The value is this word in each of its forms, and comes back from it.
fn same<T>(value: &T, word: &str, as_str: fn(&T) -> &str)
where
    T: Debug + Display + PartialEq + Serialize + DeserializeOwned + for<'a> From<&'a str>,
{
    let json = serde_json::to_string(word).unwrap();
    assert_eq!(serde_json::to_string(value).unwrap(), json);
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value);
    assert_eq!(serde_json::from_reader::<_, T>(json.as_bytes()).unwrap(), *value, "read without borrowing");
    assert_eq!(T::from(word), *value);
    assert_eq!(as_str(value), word);
    assert_eq!(value.to_string(), word);
}

#[test]
fn every_value_and_an_unknown_one_survive_reading_and_writing() {
    for (component, check) in enums() {
        check(component);
    }
}

#[test]
fn every_enum_of_the_document_is_checked() {
    let open = |schema: &serde_json::Value| schema["enum"].is_array() && schema["x-type"].is_null();
    let all: BTreeSet<_> = reachable().into_iter().filter(|(_, schema)| open(schema)).map(|(name, _)| name).collect();
    assert_eq!(enums().iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), all);
}
