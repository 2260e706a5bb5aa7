//! Compares a request with the one that a recording expects.

use std::fmt;

use http::Method;
use serde_json::Value;

use super::RecordedRequest;
use super::redact::{Redactor, SECRET, has_placeholder};

/// What a request is matched with; `None` matches any.
#[derive(Default)]
pub(super) struct RequestPattern {
    pub(super) method: Option<Method>,
    pub(super) path: Option<String>,
    /// A recorded body, in which addresses and secrets are replaced.
    pub(super) body: Option<Value>,
}

impl RequestPattern {
    /// What differs: nothing when the request matches. Values are not shown, since they may be secrets.
    pub(super) fn differences(&self, request: &RecordedRequest) -> Vec<String> {
        let mut differences = Vec::new();
        if self.method.as_ref().is_some_and(|method| *method != request.method) {
            differences.push("the method".into());
        }
        // Each request numbers its addresses from 1, so that the same ones at the same places are equal.
        let (mut expected, mut actual) = (Redactor::default(), Redactor::default());
        if let Some(path) = &self.path {
            self.compare_url(path, request, &mut expected, &mut actual, &mut differences);
        }
        if let Some(body) = &self.body {
            let body = expected.json(body.clone());
            let sent = actual.body(&request.headers, &request.body).unwrap_or_default();
            compare(&body, &sent, "the body", &mut differences);
        }
        differences
    }

    fn compare_url(
        &self,
        path: &str,
        request: &RecordedRequest,
        expected: &mut Redactor,
        actual: &mut Redactor,
        differences: &mut Vec<String>,
    ) {
        let sent = request.uri.path_and_query().map_or("/", |it| it.as_str());
        let (path, sent) = match has_placeholder(path) || self.body.is_some() {
            true => (expected.url(path), actual.url(sent)),
            false => (path.to_owned(), sent.to_owned()),
        };
        let split = |url: &str| url.split_once('?').map(|(path, query)| (path.to_owned(), query.to_owned()));
        let (sent_path, sent_query) = split(&sent).unwrap_or((sent, String::new()));
        let (path, query) = split(&path).map_or((path, None), |(path, query)| (path, Some(query)));
        if path != sent_path {
            differences.push("the path".into());
        }
        let Some(query) = query.filter(|query| *query != sent_query) else { return };
        let pairs = |query: &str| query.split('&').filter(|it| !it.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let (query, sent) = (pairs(&query), pairs(&sent_query));
        let name = |pair: &String| pair.split('=').next().unwrap_or_default().to_owned();
        let mut names: Vec<_> = query.iter().filter(|it| !sent.contains(it)).map(name).collect();
        names.extend(sent.iter().filter(|it| !query.contains(it)).map(name));
        names.sort();
        names.dedup();
        let order = if names.is_empty() { "the order of the query".into() } else { String::new() };
        differences.extend(names.into_iter().map(|name| format!("{name} in the query")));
        differences.extend((!order.is_empty()).then_some(order));
    }
}

/// Adds the JSON paths at which two values differ.
fn compare(expected: &Value, actual: &Value, path: &str, differences: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            let more = actual.keys().filter(|name| !expected.contains_key(*name));
            for name in expected.keys().chain(more) {
                let (one, other) = (expected.get(name), actual.get(name));
                let path = format!("{path}/{name}");
                match (one, other) {
                    (Some(one), Some(other)) => compare(one, other, &path, differences),
                    _ => differences.push(path),
                }
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (place, (one, other)) in expected.iter().zip(actual).enumerate() {
                compare(one, other, &format!("{path}/{place}"), differences);
            }
        }
        // A secret matches any text.
        (Value::String(expected), Value::String(_)) if expected.contains(SECRET) => {}
        _ if expected == actual => {}
        _ => differences.push(path.into()),
    }
}

impl fmt::Display for RequestPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.as_ref().map_or("any method", Method::as_str);
        write!(f, "{method} {}", self.path.as_deref().unwrap_or("any path"))
    }
}
