//! `unknown_parameter`: names that the document does not have, which the API ignores.

use serde_json::{Map, Value};

use crate::api::document::{Document, Operation};

/// How many characters of a name are compared with the names of the document.
const MAX_NAME: usize = 64;

/// How many names a message lists.
const MAX_NAMES: usize = 20;

/// A message that lists the names in a request that the document does not have.
pub(crate) fn unknown_parameters(
    document: &Document,
    operation: &Operation,
    query: &str,
    body: &Map<String, Value>,
) -> Option<String> {
    let mut found = Names::default();
    let names = || operation.parameters.iter().filter(|it| it.place == "query").map(|it| it.name.as_str());
    for (name, _) in serde_urlencoded::from_str::<Vec<(String, String)>>(query).unwrap_or_default() {
        // Clients send an account with every request.
        if name != "account_id" && names().all(|known| known != name) {
            found.add("the query parameter ", "", &name, names());
        }
    }
    if let Some(expected) = &operation.body {
        fields(document, &[&expected.schema], body, "", &mut found);
    }
    found.listed().map(|names| format!("{} does not have {names}. The API ignores unknown names", operation.id))
}

/// The names that were found, each once.
#[derive(Default)]
struct Names {
    descriptions: Vec<String>,
    /// Whether there are more than a message lists.
    more: bool,
}

impl Names {
    fn add<'a>(&mut self, kind: &str, place: &str, name: &str, known: impl Iterator<Item = &'a str>) {
        if self.more {
            return;
        }
        let description = description(kind, place, name, known);
        if !self.descriptions.contains(&description) {
            self.more = self.descriptions.len() == MAX_NAMES;
            self.descriptions.push(description);
            self.descriptions.truncate(MAX_NAMES);
        }
    }

    fn listed(self) -> Option<String> {
        let more = if self.more { ", nor others" } else { "" };
        (!self.descriptions.is_empty()).then(|| self.descriptions.join(", nor ") + more)
    }
}

/// Finds names that none of the schemas has.
fn fields(document: &Document, schemas: &[&Value], given: &Map<String, Value>, place: &str, found: &mut Names) {
    let leaves = leaves(document, schemas);
    let forms: Vec<_> = leaves.iter().filter_map(|it| it["properties"].as_object()).collect();
    // A schema without properties allows all names.
    if forms.is_empty() {
        return;
    }
    for (name, value) in given {
        if forms.iter().all(|form| !form.contains_key(name)) {
            let names = forms.iter().flat_map(|it| it.keys()).map(String::as_str);
            found.add("the field ", place, name, names);
        } else if value.is_object() || value.is_array() {
            let schemas: Vec<_> = forms.iter().filter_map(|form| form.get(name)).collect();
            inside(document, &schemas, value, &format!("{place}{name}."), found);
        }
    }
}

/// Finds names in an object, or in the objects of a list.
fn inside(document: &Document, schemas: &[&Value], value: &Value, place: &str, found: &mut Names) {
    match value {
        Value::Object(given) => fields(document, schemas, given, place, found),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            let leaves = leaves(document, schemas);
            let schemas: Vec<_> = leaves.iter().filter_map(|it| it.get("items")).collect();
            items.iter().for_each(|item| inside(document, &schemas, item, place, found));
        }
        _ => {}
    }
}

/// The schemas that these may stand for: the branches of each `anyOf`.
fn leaves<'a>(document: &'a Document, schemas: &[&'a Value]) -> Vec<&'a Value> {
    let mut leaves = Vec::new();
    schemas.iter().for_each(|schema| branches(document, schema, &mut leaves));
    leaves
}

fn branches<'a>(document: &'a Document, schema: &'a Value, leaves: &mut Vec<&'a Value>) {
    let schema = document.resolve(schema);
    match schema["anyOf"].as_array() {
        Some(any) => any.iter().for_each(|branch| branches(document, branch, leaves)),
        None => leaves.push(schema),
    }
}

fn description<'a>(kind: &str, place: &str, name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let closest = names.map(|it| (distance(it, name), it)).min().filter(|(distance, it)| *distance <= it.len() / 3);
    let short = name.chars().take(MAX_NAME).collect::<String>();
    match closest {
        Some((_, closest)) => format!("{kind}`{place}{short}` (did you mean `{place}{closest}`?)"),
        None => format!("{kind}`{place}{short}`"),
    }
}

/// The edit distance of two names, without regard to case and separators.
fn distance(a: &str, b: &str) -> usize {
    let letters = |name: &str| -> Vec<char> {
        name.chars().take(MAX_NAME).filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
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
    fn the_distance_ignores_case_and_separators() {
        for (a, b, expected) in [
            ("list_id", "listId", 0),
            ("subject", "subjet", 1),
            ("tag", "tags", 1),
            ("", "abc", 3),
            ("html", "htlm", 2),
        ] {
            assert_eq!((distance(a, b), distance(b, a)), (expected, expected), "{a}, {b}");
        }
    }
}
