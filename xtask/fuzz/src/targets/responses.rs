//! Responses: any body is read or is an error, and what was read is written and read again as the same.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use cakemail::model::{Detail, Operation};
use serde::Serialize;
use serde_json::Value;

use super::{Target, ensure, ensure_eq, samples};
use crate::Result;
use crate::generated::responses;

/// Reads the body of a response. Returns what is wrong.
pub type Read = fn(&[u8]) -> std::result::Result<(), String>;

/// The responses of the model's fixtures, one of each operation.
const FIXTURES: &str = "../../crates/cakemail-model/tests/fixtures";

/// Bodies of errors, of the API and of what stands before it.
const ERRORS: &[&str] = &[
    r#"{"detail":[{"loc":["body","tags",1],"msg":"m","type":"t","code":8004}]}"#,
    r#"{"detail":"Not Found"}"#,
    r#"{"challenge":"c"}"#,
    r#"{"error":{"code":7,"message":"Quota"}}"#,
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
    "<html><script>if(a<b){}</script><p>Sorry, <b>no</b> &amp; no.</p>",
    "",
];

pub fn target() -> Result<Target> {
    let mut bodies = samples(ERRORS);
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURES))? {
        let fixtures: serde_json::Map<String, Value> = serde_json::from_slice(&fs::read(file?.path())?)?;
        for fixture in fixtures.values() {
            bodies.push(serde_json::to_vec(&fixture["response"]["body"])?);
        }
    }
    let readers = responses();
    let check = move |body: &[u8]| {
        check_detail(body)?;
        readers.iter().try_for_each(|(operation, read)| read(body).map_err(|problem| format!("{operation}: {problem}")))
    };
    Ok(Target { name: "responses", samples: bodies, check: Box::new(check) })
}

/// Reads a body as the response of an operation.
pub fn read<O: Operation<Output: Debug + Serialize>>(body: &[u8]) -> std::result::Result<(), String> {
    if let Ok(output) = serde_json::from_slice::<O::Output>(body) {
        let _ = format!("{output:?}");
    }
    // Without the fields that it has twice, which are an error in some responses.
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return Ok(()) };
    let Ok(output) = serde_json::from_str::<O::Output>(&value.to_string()) else { return Ok(()) };
    let written = serde_json::to_value(&output).map_err(|error| format!("cannot be written: {error}"))?;
    if has_far_number(&written) {
        return Ok(());
    }
    let again: O::Output =
        serde_json::from_str(&written.to_string()).map_err(|error| format!("{error} in {written}"))?;
    let again = serde_json::to_value(&again).map_err(|error| format!("cannot be written again: {error}"))?;
    ensure_eq(again, written, "is read differently")
}

/// Whether there is a number that may be a time from the year 5138 on. A `Timestamp` reads that as milliseconds.
fn has_far_number(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_none_or(|number| number.abs() >= 1e11),
        Value::Array(items) => items.iter().any(has_far_number),
        Value::Object(fields) => fields.values().any(has_far_number),
        _ => false,
    }
}

fn check_detail(body: &[u8]) -> std::result::Result<(), String> {
    let detail = Detail::parse(body);
    ensure(detail.errors.len() <= 100, "a body has more than 100 errors")?;
    let is_line = |text: &str| text.chars().count() <= 1_001 && !text.contains(char::is_control);
    ensure(detail.errors.iter().all(|error| is_line(&error.message)), "an error's message is not one short line")
}
