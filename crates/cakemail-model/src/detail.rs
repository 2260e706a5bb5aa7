//! The bodies of refusals, read whatever their shape.

use serde::Deserialize;
use serde_json::Value;

use crate::FieldError;

/// What a refusal's body says.
///
/// Documented are `{"detail": [{"loc", "msg", "type", "code"}]}` and `{"detail": "…"}`; anything
/// else (a proxy's HTML, an empty body) still reads, as [`DetailKind::Foreign`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Detail {
    /// Which of the shapes it had.
    pub kind: DetailKind,
    /// Each thing that is wrong, with the field's path where the server names one.
    pub errors: Vec<FieldError>,
    /// The server's own error number, when it gives one: 8004 is "account not allowed".
    pub code: Option<i64>,
    /// What to answer with a second factor, when the server asks for one.
    pub challenge: Option<crate::Secret>,
}

/// The shape of a refusal's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DetailKind {
    /// A list of errors.
    List,
    /// One sentence.
    Text,
    /// Not the API's: no `detail` in it.
    Foreign,
}

/// A body may bring at most this many errors; a server has no use for more.
const MOST: usize = 100;

impl Detail {
    /// Reads a body. It never fails: what has no known shape is `Foreign`.
    pub fn read(body: &[u8]) -> Self {
        let value = serde_json::from_slice::<Value>(body).unwrap_or_default();
        let challenge = [&value["challenge"], &value["detail"]["challenge"], &value["detail"][0]["challenge"]]
            .into_iter()
            .find_map(Value::as_str)
            .map(crate::Secret::from);
        let (kind, errors, code) = match &value["detail"] {
            Value::String(text) => (DetailKind::Text, vec![FieldError::new("", text.as_str())], None),
            Value::Array(items) => {
                let code = items.iter().find_map(|item| item["code"].as_i64());
                (DetailKind::List, items.iter().take(MOST).filter_map(fault).collect(), code)
            }
            object @ Value::Object(_) => {
                (DetailKind::List, fault(object).into_iter().collect(), object["code"].as_i64())
            }
            _ => (DetailKind::Foreign, Vec::new(), None),
        };
        Self { kind, errors, code, challenge }
    }
}

fn fault(item: &Value) -> Option<FieldError> {
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
    Some(FieldError::new(field(&item.loc.unwrap_or_default()), item.msg))
}

/// `["body", "tags", 1]` is the field `tags[1]`.
fn field(loc: &[Value]) -> String {
    let mut field = String::new();
    for (index, part) in loc.iter().enumerate() {
        match part {
            Value::String(place) if index == 0 && matches!(place.as_str(), "body" | "query" | "path" | "header") => {}
            Value::Number(number) => field.push_str(&format!("[{number}]")),
            Value::String(name) => {
                if !field.is_empty() {
                    field.push('.');
                }
                field.push_str(name);
            }
            _ => {}
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Detail, DetailKind};

    fn read(body: &str) -> (DetailKind, Vec<(String, String)>) {
        let detail = Detail::read(body.as_bytes());
        (detail.kind, detail.errors.into_iter().map(|fault| (fault.field, fault.message)).collect())
    }

    fn errors(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(field, message)| ((*field).to_owned(), (*message).to_owned())).collect()
    }

    #[test]
    fn reads_each_documented_shape() {
        let list = r#"{"detail":[
            {"loc":["body","content","subject"],"msg":"field required","type":"missing"},
            {"loc":["body","tags",1],"msg":"bad tag","type":"x"},
            {"loc":["query","per_page"],"msg":"too large","type":"x"},
            {"msg":"no loc","type":"bad_request"}]}"#;
        let expected =
            [("content.subject", "field required"), ("tags[1]", "bad tag"), ("per_page", "too large"), ("", "no loc")];
        assert_eq!(read(list), (DetailKind::List, errors(&expected)));
        assert_eq!(read(r#"{"detail":"Not Found"}"#), (DetailKind::Text, errors(&[("", "Not Found")])));
    }

    #[test]
    fn finds_the_code_and_the_challenge() {
        let forbidden = Detail::read(br#"{"detail":[{"msg":"Forbidden","type":"bad_request","code":8004}]}"#);
        assert_eq!(forbidden.code, Some(8004));
        for body in [r#"{"challenge":"c1"}"#, r#"{"detail":{"challenge":"c1"}}"#, r#"{"detail":[{"challenge":"c1"}]}"#]
        {
            let challenge = Detail::read(body.as_bytes()).challenge;
            assert_eq!(challenge.as_ref().map(crate::Secret::expose), Some("c1"), "{body}");
        }
    }

    #[test]
    fn anything_else_is_foreign() {
        for body in ["", "<html>502</html>", "[]", "null", "{}", r#"{"detail":null}"#, r#"{"error":"x"}"#] {
            assert_eq!(read(body), (DetailKind::Foreign, vec![]), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_fail(body in any::<Vec<u8>>()) {
            let _ = Detail::read(&body);
        }

        #[test]
        fn no_detail_makes_it_fail(body in r#"\{"detail":(\[(\{"loc":\[("a"|1|null|\[\]){0,3}\],"msg":("x"|1)\})?\]|"[a-z]*"|[0-9]|\{\})\}"#) {
            let _ = Detail::read(body.as_bytes());
        }
    }
}
