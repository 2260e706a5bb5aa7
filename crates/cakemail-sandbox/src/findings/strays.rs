//! `unknown_parameter`: names that the document does not know, which the API passes over.

use serde_json::Value;

use super::Seen;
use crate::document::{Document, Operation};

/// How long a name may be that is compared with those of the document, in bytes.
const LONGEST: usize = 64;

/// What is wrong with the names that a request uses.
pub(super) fn of(seen: &Seen<'_>, operation: &Operation, body: &Value) -> Option<String> {
    let mut strays = Vec::new();
    let known = |name: &str| operation.parameters.iter().any(|it| it.place == "query" && it.name == name);
    for (name, _) in serde_urlencoded::from_str::<Vec<(String, String)>>(seen.query).unwrap_or_default() {
        // It is said of all calls at once, whatever they are.
        if !known(&name) && name != "account_id" {
            let names = operation.parameters.iter().filter(|it| it.place == "query").map(|it| it.name.as_str());
            strays.push(stray("the query parameter ", "", &name, names));
        }
    }
    if let Some(expected) = &operation.body {
        walk(seen.document, &[&expected.schema], body, "", &mut strays);
    }
    (!strays.is_empty()).then(|| {
        format!("{} does not know {}. The API passes over what it does not know", operation.id, strays.join(", nor "))
    })
}

/// Looks for names in a value that none of its schemas has.
fn walk(document: &Document, schemas: &[&Value], value: &Value, place: &str, strays: &mut Vec<String>) {
    let mut leaves = Vec::new();
    schemas.iter().for_each(|schema| branches(document, schema, &mut leaves));
    match value {
        Value::Object(fields) => {
            let forms: Vec<_> = leaves.iter().filter_map(|it| it["properties"].as_object()).collect();
            if forms.is_empty() || leaves.iter().any(|it| it["additionalProperties"].is_object()) {
                return;
            }
            for (name, value) in fields {
                let inner: Vec<_> = forms.iter().filter_map(|form| form.get(name)).collect();
                if inner.is_empty() {
                    strays.push(stray(
                        "the field ",
                        place,
                        name,
                        forms.iter().flat_map(|it| it.keys()).map(String::as_str),
                    ));
                } else if value.is_object() || value.is_array() {
                    walk(document, &inner, value, &format!("{place}{name}."), strays);
                }
            }
        }
        Value::Array(items) => {
            let inner: Vec<_> = leaves.iter().filter_map(|it| it.get("items")).collect();
            items.iter().filter(|it| it.is_object()).for_each(|item| walk(document, &inner, item, place, strays));
        }
        _ => {}
    }
}

/// The schemas that a schema may stand for.
fn branches<'a>(document: &'a Document, schema: &'a Value, leaves: &mut Vec<&'a Value>) {
    let schema = document.resolve(schema);
    match schema["anyOf"].as_array() {
        Some(any) => any.iter().for_each(|branch| branches(document, branch, leaves)),
        None => leaves.push(schema),
    }
}

fn stray<'a>(what: &str, place: &str, name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let near = names.map(|it| (distance(it, name), it)).min().filter(|(far, it)| *far <= it.len() / 3);
    let short = name.chars().take(LONGEST).collect::<String>();
    match near {
        Some((_, near)) => format!("{what}`{place}{short}` (`{place}{near}` is meant?)"),
        None => format!("{what}`{place}{short}`"),
    }
}

/// How many letters must be changed to make one name of the other, whatever their case and what parts their words.
fn distance(a: &str, b: &str) -> usize {
    let letters = |name: &str| -> Vec<char> {
        name.chars().take(LONGEST).filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
    };
    let (a, b) = (letters(a), letters(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances() {
        for (a, b, far) in [
            ("list_id", "listId", 0),
            ("subject", "subjet", 1),
            ("tag", "tags", 1),
            ("", "abc", 3),
            ("html", "htlm", 2),
        ] {
            assert_eq!((distance(a, b), distance(b, a)), (far, far), "{a}, {b}");
        }
    }
}
