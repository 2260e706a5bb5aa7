//! The bodies of error responses.

mod text;

use serde::Deserialize;
use serde_json::Value;

use crate::FieldError;

/// The content of an error response's body.
///
/// The API documents `{"detail": [{"loc", "msg", "type", "code"}]}` and `{"detail": "…"}`. What stands between it and the
/// client has its own: `{"message"}`, `{"error", "error_description"}`, plain text, a page of HTML. Their text is kept as
/// an error without a field.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Detail {
    /// The shape of the body.
    pub kind: DetailKind,
    /// The errors, each with the field's path if the server names one. A message is one line of at most 1,000 characters,
    /// without control characters.
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
    /// A message in JSON, but not as `detail`: from a gateway in front of the API, or from another server.
    Message,
    /// No JSON, or JSON without a message: the body is not from the API.
    Other,
}

/// The number of errors that are kept of a body.
const MAX_ERRORS: usize = 100;

impl Detail {
    /// Parses a body. It never fails: a body of an unknown shape is `Other`.
    pub fn parse(body: &[u8]) -> Self {
        let body = crate::de::without_bom(body);
        let value = serde_json::from_slice::<Value>(body).unwrap_or_default();
        let challenge = [&value["challenge"], &value["detail"]["challenge"], &value["detail"][0]["challenge"]]
            .into_iter()
            .find_map(Value::as_str)
            .map(crate::Secret::from);
        let (kind, errors, code) = match &value["detail"] {
            Value::String(text) => (DetailKind::Text, vec![message(text)], None),
            Value::Array(items) => {
                let code = items.iter().find_map(|item| item["code"].as_i64());
                (DetailKind::List, items.iter().take(MAX_ERRORS).filter_map(field_error).collect(), code)
            }
            object @ Value::Object(_) => {
                (DetailKind::List, field_error(object).into_iter().collect(), object["code"].as_i64())
            }
            _ => match text::in_json(&value) {
                Some(text) => (DetailKind::Message, vec![message(text)], None),
                None if value.is_null() => (DetailKind::Other, text::in_page(body).into_iter().collect(), None),
                None => (DetailKind::Other, Vec::new(), None),
            },
        };
        Self { kind, errors, code, challenge }
    }
}

/// The error of a message that names no field.
fn message(text: &str) -> FieldError {
    FieldError::new("", text::one_line(text))
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
        return Some(message(text));
    }
    let item = Item::deserialize(item).ok()?;
    Some(FieldError::new(field_path(&item.loc.unwrap_or_default()), text::one_line(&item.msg)))
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
    fn the_text_of_a_body_without_a_detail_is_kept() {
        use DetailKind::{List, Message, Other, Text};
        let long = "word ".repeat(1000);
        for (body, kind, text) in [
            // JSON of gateways and of OAuth.
            (r#"{"message":"No route"}"#, Message, Some("No route")),
            (r#"{"error":"invalid_grant","error_description":"Wrong\n password"}"#, Message, Some("Wrong password")),
            (r#"{"error":"invalid_grant"}"#, Message, Some("invalid_grant")),
            (r#"{"error":{"code":7,"message":"Quota"}}"#, Message, Some("Quota")),
            (r#"{"detail":null,"message":"No route"}"#, Message, Some("No route")),
            ("\u{feff}{\"message\":\"No route\"}", Message, Some("No route")),
            (r#"{"detail":"Not\u001b[31m\u0000Found\u202e"}"#, Text, Some("Not [31m Found")),
            (r#"{"detail":[{"msg":"two\nlines"}]}"#, List, Some("two lines")),
            // Plain text.
            ("upstream request timeout", Other, Some("upstream request timeout")),
            (" two\r\nlines\t\u{7}", Other, Some("two lines")),
            // Pages.
            ("<html><head><title>502 Bad\nGateway</title></head><body>nginx</body>", Other, Some("502 Bad Gateway")),
            ("<!DOCTYPE html><TITLE lang=en>A &lt;b&gt; &amp; c</TITLE>", Other, Some("A <b> & c")),
            ("<html><style>p{}</style><script>if(a<b){}</script><p>Sorry, <b>no</b>.</p>", Other, Some("Sorry, no .")),
            ("<html><title> </title><h1>Down</h1>", Other, Some("Down")),
            ("<?xml version='1.0'?><Error><Code>Denied</Code></Error>", Other, Some("Denied")),
            ("<html><script>never closed", Other, None),
            // Nothing to keep.
            ("", Other, None),
            (" \n", Other, None),
            ("<html></html>", Other, None),
            ("[]", Other, None),
            ("null", Other, None),
            ("{}", Other, None),
            (r#"{"detail":null}"#, Other, None),
            ("{\"message\": \"cut of", Other, None),
            (r#"{"message":7}"#, Other, None),
            (r#"{"message":" "}"#, Other, None),
        ] {
            let texts = text.map(|text| errors(&[("", text)])).unwrap_or_default();
            assert_eq!(parse(body), (kind, texts), "{body}");
        }
        assert!(parse(&long).1[0].1.chars().count() <= 1_001);
        assert_eq!(Detail::parse(b"\xff\xfe bytes").errors, []);
    }

    proptest! {
        #[test]
        fn never_panics_on_any_body(body in any::<Vec<u8>>()) {
            for error in Detail::parse(&body).errors {
                prop_assert!(!error.message.contains(char::is_control) && error.message.chars().count() <= 1_001);
            }
        }

        #[test]
        fn never_panics_on_any_detail(body in r#"\{"detail":(\[(\{"loc":\[("a"|1|null|\[\]){0,3}\],"msg":("x"|1)\})?\]|"[a-z]*"|[0-9]|\{\})\}"#) {
            let _ = Detail::parse(body.as_bytes());
        }
    }
}
