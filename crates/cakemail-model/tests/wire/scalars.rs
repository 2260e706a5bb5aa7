//! Every number, boolean and time of every response, in each JSON type that servers write it in.

use serde_json::{Value, json};

use crate::call::Call;
use crate::document::{Extent, example, routes};
use crate::generated::calls;
use crate::responses::{Place, is_time, places};

/// A value as our example has it, the other ways in which servers write it, and values that are not of its type.
struct Spellings {
    plain: Value,
    others: Vec<Value>,
    invalid: Vec<Value>,
}

fn spellings(place: &Place) -> Vec<Spellings> {
    if is_time(place) {
        return times();
    }
    let wrong_integers = vec![json!(7.5), json!("7.5"), json!("seven"), json!(true), json!(-7), json!([7])];
    match (place.schema["type"].as_str(), place.schema["x-type"].as_str()) {
        (Some("integer"), _) => vec![Spellings {
            plain: json!(7),
            others: vec![json!("7"), json!(7.0), json!("7.0"), json!(" 7 ")],
            invalid: wrong_integers,
        }],
        (Some("number"), _) => vec![
            Spellings { plain: json!(0.5), others: vec![json!("0.5"), json!(5e-1)], invalid: vec![json!("half")] },
            Spellings { plain: json!(7), others: vec![json!("7"), json!(7.0)], invalid: vec![json!("NaN")] },
        ],
        (Some("boolean"), _) => vec![
            Spellings {
                plain: json!(true),
                others: vec![json!(1), json!("1"), json!("true"), json!("True"), json!(1.0)],
                invalid: vec![json!(2), json!("maybe"), json!({})],
            },
            Spellings {
                plain: json!(false),
                others: vec![json!(0), json!("0"), json!("false"), json!("FALSE"), json!(0.0)],
                invalid: vec![json!(-1), json!([])],
            },
        ],
        (Some("string"), Some(hand)) if hand.ends_with("Id") => vec![Spellings {
            plain: json!("7"),
            others: vec![json!(7), json!(7.0)],
            invalid: vec![json!(7.5), json!(true)],
        }],
        _ => Vec::new(),
    }
}

fn times() -> Vec<Spellings> {
    let invalid = || vec![json!("soon"), json!(true), json!(1e300), json!({})];
    let noon = [
        json!("2024-06-15 12:00:00"),
        json!("2024-06-15T12:00:00"),
        json!("2024-06-15T12:00:00Z"),
        json!("2024-06-15T08:00:00-04:00"),
        json!("1718452800"),
        json!(1_718_452_800_000_u64),
        json!("1718452800000"),
        json!(1_718_452_800.0),
    ];
    let none = [json!(""), json!(" "), json!("0000-00-00 00:00:00"), json!("0000-00-00")];
    vec![
        Spellings { plain: json!(1_718_452_800), others: noon.into(), invalid: invalid() },
        Spellings { plain: Value::Null, others: none.into(), invalid: Vec::new() },
    ]
}

/// Whether the model reads an integer of the document as text: ids of accounts.
fn is_text_id(place: &Place) -> bool {
    place.schema["x-type"] == "AccountId"
}

/// Every operation with a JSON response: its response's schema, the first of several, and a full example.
fn responses() -> Vec<(Call, &'static Value, Value)> {
    let routes = routes();
    let json = calls().into_iter().filter_map(|call| {
        let (media, schema) = routes[call.id].response();
        let schema = schema["anyOf"].get(0).unwrap_or(schema);
        (media == "application/json").then(|| (call, schema, example(schema, Extent::Full)))
    });
    json.collect()
}

fn with(full: &Value, place: &Place, value: &Value) -> Value {
    let mut changed = full.clone();
    *changed.pointer_mut(&place.pointer).unwrap() = value.clone();
    changed
}

#[test]
fn every_number_boolean_and_time_reads_in_each_json_type() {
    let mut checked = 0;
    for (call, schema, full) in responses() {
        let mut found = Vec::new();
        places(schema, &full, "", false, &mut found);
        for place in &found {
            for Spellings { plain, others, invalid } in spellings(place) {
                let read = |value: &Value| (call.read)(&with(&full, place, value));
                let plainly = read(&plain).unwrap_or_else(|error| panic!("{}: {}: {error}", call.id, place.pointer));
                for other in others.iter().filter(|other| !is_text_id(place) || !other.is_string()) {
                    let read = read(other).unwrap_or_else(|error| panic!("{}: {other}: {error}", call.id));
                    assert_eq!(read, plainly, "{}: {} as {other}", call.id, place.pointer);
                    checked += 1;
                }
                let is_union = routes()[call.id].response().1["anyOf"].is_array();
                for other in invalid.iter().filter(|_| !is_union && !is_text_id(place)) {
                    let error = read(other).expect_err(&format!("{}: {} as {other}", call.id, place.pointer));
                    let path = format!("/{}", error.path()).replace(['.', '['], "/").replace(']', "");
                    assert_eq!(path, place.pointer, "{}: {error}", call.id);
                }
            }
        }
    }
    assert!(checked > 500, "only {checked} values were checked");
}
