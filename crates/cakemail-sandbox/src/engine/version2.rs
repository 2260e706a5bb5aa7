//! Reads the state of version 2 of the format, which was one JSON object.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::domain::{Line, Loading, State, read_version2_emails};

/// Reads a snapshot of version 2. The error says what is wrong with it.
pub(super) fn read(snapshot: &[u8]) -> Result<State, String> {
    let mut snapshot: Value = serde_json::from_slice(snapshot).map_err(|error| error.to_string())?;
    let mut loading = Loading::default();
    for line in lines(snapshot["state"].take()).ok_or("it is not a state of version 2")? {
        loading.add(Line::deserialize(line).map_err(|error| error.to_string())?)?;
    }
    loading.finish()
}

/// The lines that it has in the present version.
fn lines(state: Value) -> Option<Vec<Value>> {
    let Value::Object(mut state) = state else { return None };
    let accounts = take_list(&mut state, "accounts")?;
    let defaults = json!({"clock": null, "faults": null, "bounds": {"max_emails": null, "max_bytes": u64::MAX}});
    state.extend(defaults.as_object().cloned()?);
    let mut lines = vec![json!({"state": state})];
    for account in accounts {
        let Value::Object(mut account) = account else { return None };
        let id = account.get("id")?.clone();
        let mut rows = Vec::new();
        for list in account.get_mut("lists")?.as_array_mut()? {
            let list_id = list.get("id")?.clone();
            let contacts = take_list(list.as_object_mut()?, "contacts")?;
            rows.extend(
                contacts.into_iter().map(|it| json!({"contact": {"account": id, "list": list_id, "contact": it}})),
            );
        }
        let (counters, emails) = read_version2_emails(account.get_mut("emails")?.take())?;
        account.insert("emails".into(), json!(counters));
        rows.extend(emails.into_iter().map(|email| json!({"email": {"account": id, "email": email}})));
        let deliveries = take_list(account.get_mut("deliveries")?.as_object_mut()?, "all")?;
        rows.extend(deliveries.into_iter().map(|it| json!({"delivery": {"account": id, "delivery": it}})));
        lines.push(json!({"account": account}));
        lines.append(&mut rows);
    }
    Some(lines)
}

fn take_list(object: &mut Map<String, Value>, field: &str) -> Option<Vec<Value>> {
    match object.remove(field)? {
        Value::Array(list) => Some(list),
        _ => None,
    }
}
