//! Every response: complete, and with each field in turn missing, null, unknown or of another spelling.

use serde_json::{Value, json};

use crate::call::Call;
use crate::document::{Extent, complaints, example, is_required, resolve, routes};
use crate::generated::calls;

/// A value in a response.
pub struct Place {
    pub pointer: String,
    pub schema: &'static Value,
    /// Without it the response is an error: no default is right.
    essential: bool,
}

impl Place {
    fn hand(&self) -> &str {
        self.schema["x-type"].as_str().unwrap_or_default()
    }

    fn is_item(&self) -> bool {
        self.pointer.ends_with("/0")
    }
}

/// Every value in a response, at any depth.
///
/// A `null` in a list is ignored, unless the list is the whole response.
pub fn places(schema: &'static Value, value: &Value, at: &str, essential: bool, found: &mut Vec<Place>) {
    let schema = resolve(schema);
    match value {
        Value::Object(fields) if schema["properties"].is_object() => {
            for (name, value) in fields {
                let property = &schema["properties"][name];
                let essential = is_essential(schema, name);
                let pointer = format!("{at}/{name}");
                places(property, value, &pointer, essential, found);
                found.push(Place { pointer, schema: resolve(property), essential });
            }
        }
        Value::Array(items) if schema["items"].is_object() => {
            let pointer = format!("{at}/0");
            places(&schema["items"], &items[0], &pointer, false, found);
            found.push(Place { pointer, schema: resolve(&schema["items"]), essential });
        }
        _ => {}
    }
}

/// Whether a field has to be there: an identifier, a secret, an object with one of them, or the only field.
fn is_essential(schema: &'static Value, name: &str) -> bool {
    let properties = schema["properties"].as_object().unwrap();
    let property = &properties[name];
    let named = |schema: &'static Value| {
        schema["x-type"].as_str().is_some_and(|hand| hand.ends_with("Id")) || schema["format"] == "password"
    };
    let field = resolve(property);
    let holds = field["properties"].as_object().is_some_and(|inner| inner.keys().any(|name| is_essential(field, name)));
    let only = properties.len() == 1 && name == "data";
    only || (is_required(schema, name) && property["x-may-be-missing"] != true && (named(field) || holds))
}

/// Every call whose response is one JSON schema, with the schema and a full example.
fn responses() -> Vec<(Call, &'static Value, Value)> {
    let routes = routes();
    let json = calls().into_iter().filter_map(|call| {
        let (media, schema) = routes[call.id].response();
        let plain = media == "application/json" && schema["anyOf"].is_null();
        plain.then(|| (call, schema, example(schema, Extent::Full)))
    });
    json.collect()
}

/// Changes each place of each full response, and passes the changed response to `check`.
fn each(change: impl Fn(&Place, &mut Value) -> bool, check: impl Fn(&Call, &Place, &Value, &Value)) {
    let mut checked = 0;
    for (call, schema, full) in responses() {
        let mut found = Vec::new();
        places(schema, &full, "", false, &mut found);
        for place in found {
            let mut changed = full.clone();
            if change(&place, changed.pointer_mut(&place.pointer).unwrap()) {
                check(&call, &place, &full, &changed);
                checked += 1;
            }
        }
    }
    assert!(checked > 20, "only {checked} places were checked");
}

#[test]
fn responses_with_required_fields_alone_and_with_all_fields_read() {
    for call in calls() {
        let (_, schema) = routes()[call.id].response();
        for extent in [Extent::Required, Extent::Full] {
            let json = example(schema, extent);
            assert_eq!(complaints(schema, &json), Vec::<String>::new(), "{}: {json}", call.id);
            let read = (call.read)(&json).unwrap_or_else(|error| panic!("{}: {error} in {json}", call.id));
            if extent == Extent::Full {
                assert_eq!(read, typed(schema, json), "{}", call.id);
            }
        }
    }
}

/// The value with its identifiers as the model writes them: the document has accounts as numbers in some places.
fn typed(schema: &'static Value, mut json: Value) -> Value {
    let mut found = Vec::new();
    places(schema["anyOf"].get(0).unwrap_or(schema), &json, "", false, &mut found);
    for place in found.iter().filter(|place| place.hand() == "AccountId") {
        let id = json.pointer_mut(&place.pointer).unwrap();
        *id = id.as_str().map_or_else(|| id.to_string(), str::to_owned).into();
    }
    json
}

#[test]
fn a_field_that_is_missing_reads_unless_it_is_essential() {
    each(
        |place, _| !place.is_item(),
        |call, place, full, _| {
            let mut changed = full.clone();
            let (parent, name) = place.pointer.rsplit_once('/').unwrap();
            changed.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
            let read = (call.read)(&changed);
            match read {
                Ok(_) => assert!(!place.essential, "{}: {} has a default", call.id, place.pointer),
                Err(error) => {
                    assert!(place.essential, "{}: {error}", call.id);
                    assert!(error.to_string().contains(&format!("missing field `{name}`")), "{}: {error}", call.id);
                }
            }
        },
    );
}

#[test]
fn null_reads_unless_the_field_is_essential() {
    each(
        |_, value| {
            *value = Value::Null;
            true
        },
        |call, place, _, changed| match (call.read)(changed) {
            Ok(_) => assert!(!place.essential, "{}: {} has a default", call.id, place.pointer),
            Err(error) => {
                assert!(place.essential, "{}: {error}", call.id);
                let path = format!("/{}", error.path()).replace(['.', '['], "/").replace(']', "");
                assert_eq!(path, place.pointer, "{}: {error}", call.id);
            }
        },
    );
}

#[test]
fn an_unknown_field_is_ignored() {
    each(
        |place, value| match value.as_object_mut() {
            Some(fields) if place.schema["properties"].is_object() => {
                fields.insert("x-unknown".to_owned(), json!({ "deep": [null, 1, "x"] }));
                true
            }
            _ => false,
        },
        |call, place, full, changed| {
            assert_eq!((call.read)(changed).unwrap(), (call.read)(full).unwrap(), "{}: {}", call.id, place.pointer);
        },
    );
    for (call, _, full) in responses() {
        let mut changed = full.clone();
        changed["x-unknown"] = json!(true);
        assert_eq!((call.read)(&changed).unwrap(), (call.read)(&full).unwrap(), "{}", call.id);
    }
}

#[test]
fn an_unknown_enum_value_is_preserved() {
    each(
        |place, value| {
            *value = json!("teleported");
            place.schema["enum"].is_array()
        },
        |call, place, _, changed| {
            let read = (call.read)(changed).unwrap();
            assert_eq!(read.pointer(&place.pointer).unwrap(), "teleported", "{}: {}", call.id, place.pointer);
        },
    );
}

#[test]
fn identifiers_and_times_read_as_numbers_and_as_text() {
    each(
        |place, value| {
            *value = json!("1795453200");
            place.hand().ends_with("Id") || is_time(place)
        },
        |call, place, _, text| {
            let mut number = text.clone();
            *number.pointer_mut(&place.pointer).unwrap() = json!(1_795_453_200);
            assert_eq!((call.read)(text).unwrap(), (call.read)(&number).unwrap(), "{}: {}", call.id, place.pointer);
        },
    );
    each(
        |place, value| {
            *value = json!("2026-11-23T17:00:00Z");
            is_time(place)
        },
        |call, place, _, changed| {
            let read = (call.read)(changed).unwrap();
            assert_eq!(read.pointer(&place.pointer).unwrap(), 1_795_453_200, "{}: {}", call.id, place.pointer);
        },
    );
}

pub fn is_time(place: &Place) -> bool {
    place.hand() == "Timestamp" || place.schema["anyOf"][1]["format"] == "date-time"
}

#[test]
fn a_token_and_a_challenge_read_as_different_variants() {
    use cakemail_model::tokens::CreateTokenResponse::{self, Challenge, Other, Token};
    let read = |json: Value| serde_json::from_value::<CreateTokenResponse>(json).unwrap();
    assert!(matches!(read(json!({ "access_token": "a", "refresh_token": null, "accounts": null })), Token(_)));
    assert!(matches!(read(json!({ "challenge": "c" })), Challenge(_)));
    assert!(matches!(read(json!({})), Other(_)));
    assert!(matches!(read(json!("text")), Other(_)));
}
