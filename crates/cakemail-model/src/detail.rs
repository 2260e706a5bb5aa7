//! The bodies of error responses.

use serde::Deserialize;
use serde_json::Value;

use crate::FieldError;

/// The content of an error response's body.
///
/// The API documents `{"detail": [{"loc", "msg", "type", "code"}]}` and `{"detail": "…"}`. Any other body (a proxy's
/// HTML, an empty body) is parsed as [`DetailKind::Other`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Detail {
    /// The shape of the body.
    pub kind: DetailKind,
    /// The errors, each with the field's path if the server names one.
    pub errors: Vec<FieldError>,
    /// The API's error number, if the body has one: 8004 is "account not allowed".
    pub code: Option<i64>,
    /// The challenge of a second factor, if the server requires one.
    pub challenge: Option<crate::Secret>,
}

/// The shape of an error response's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DetailKind {
    /// A list of errors.
    List,
    /// One message.
    Text,
    /// No `detail`: the body is not from the API.
    Other,
}

/// The number of errors that are kept of a body.
const MAX_ERRORS: usize = 100;

impl Detail {
    /// Parses a body. It never fails: a body of an unknown shape is `Other`.
    pub fn parse(body: &[u8]) -> Self {
        let value = serde_json::from_slice::<Value>(crate::de::without_bom(body)).unwrap_or_default();
        let challenge = [&value["challenge"], &value["detail"]["challenge"], &value["detail"][0]["challenge"]]
            .into_iter()
            .find_map(Value::as_str)
            .map(crate::Secret::from);
        let (kind, errors, code) = match &value["detail"] {
            Value::String(text) => (DetailKind::Text, vec![FieldError::new("", text.as_str())], None),
            Value::Array(items) => {
                let code = items.iter().find_map(|item| item["code"].as_i64());
                (DetailKind::List, items.iter().take(MAX_ERRORS).filter_map(field_error).collect(), code)
            }
            object @ Value::Object(_) => {
                (DetailKind::List, field_error(object).into_iter().collect(), object["code"].as_i64())
            }
            _ => (DetailKind::Other, Vec::new(), None),
        };
        Self { kind, errors, code, challenge }
    }
}

fn field_error(item: &Value) -> Option<FieldError> {
    #[derive(Deserialize)]
    struct Item {
        #[serde(default)]
        loc: Option<Vec<Value>>,
        #[serde(alias = "message")]
        msg: String,
    }
    if let Value::String(text) = item {
        return Some(FieldError::new("", text.as_str()));
    }
    let item = Item::deserialize(item).ok()?;
    Some(FieldError::new(field_path(&item.loc.unwrap_or_default()), item.msg))
}

/// Writes a `loc` as a path: `["body", "tags", 1]` is `tags[1]`.
fn field_path(loc: &[Value]) -> String {
    let mut path = String::new();
    for (index, part) in loc.iter().enumerate() {
        match part {
            Value::String(origin) if index == 0 && matches!(origin.as_str(), "body" | "query" | "path" | "header") => {}
            Value::Number(number) => path.push_str(&format!("[{number}]")),
            Value::String(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            _ => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Detail, DetailKind};

    fn parse(body: &str) -> (DetailKind, Vec<(String, String)>) {
        let detail = Detail::parse(body.as_bytes());
        (detail.kind, detail.errors.into_iter().map(|error| (error.field, error.message)).collect())
    }

    fn errors(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(field, message)| ((*field).to_owned(), (*message).to_owned())).collect()
    }

    #[test]
    fn parses_each_documented_shape() {
        let list = r#"{"detail":[
            {"loc":["body","content","subject"],"msg":"field required","type":"missing"},
            {"loc":["body","tags",1],"msg":"bad tag","type":"x"},
            {"loc":["query","per_page"],"msg":"too large","type":"x"},
            {"msg":"no loc","type":"bad_request"}]}"#;
        let expected =
            [("content.subject", "field required"), ("tags[1]", "bad tag"), ("per_page", "too large"), ("", "no loc")];
        assert_eq!(parse(list), (DetailKind::List, errors(&expected)));
        assert_eq!(parse(r#"{"detail":"Not Found"}"#), (DetailKind::Text, errors(&[("", "Not Found")])));
    }

    #[test]
    fn finds_the_code_and_the_challenge_in_each_place() {
        let forbidden = Detail::parse(br#"{"detail":[{"msg":"Forbidden","type":"bad_request","code":8004}]}"#);
        assert_eq!(forbidden.code, Some(8004));
        for body in [r#"{"challenge":"c1"}"#, r#"{"detail":{"challenge":"c1"}}"#, r#"{"detail":[{"challenge":"c1"}]}"#]
        {
            let challenge = Detail::parse(body.as_bytes()).challenge;
            assert_eq!(challenge.as_ref().map(crate::Secret::expose), Some("c1"), "{body}");
        }
    }

    #[test]
    fn a_body_without_a_detail_is_foreign() {
        for body in ["", "<html>502</html>", "[]", "null", "{}", r#"{"detail":null}"#, r#"{"error":"x"}"#] {
            assert_eq!(parse(body), (DetailKind::Other, vec![]), "{body}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_on_any_body(body in any::<Vec<u8>>()) {
            let _ = Detail::parse(&body);
        }

        #[test]
        fn never_panics_on_any_detail(body in r#"\{"detail":(\[(\{"loc":\[("a"|1|null|\[\]){0,3}\],"msg":("x"|1)\})?\]|"[a-z]*"|[0-9]|\{\})\}"#) {
            let _ = Detail::parse(body.as_bytes());
        }
    }
}
