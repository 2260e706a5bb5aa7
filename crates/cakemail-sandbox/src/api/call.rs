//! A call of an operation: its input, and shared behaviour (pages, filters, sorting).

use serde_json::{Map, Value, json};

use super::document::Operation;
use super::response::{ApiResponse, HandlerResult};
use crate::domain::{Fields, Ids, Profile, Rules, Time, compact};
use crate::engine::ValidatedRequest;

pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) profile: &'a Profile,
    /// The base URL of the sandbox, for links.
    pub(crate) base: &'a str,
    pub(crate) now: Time,
    /// Logs show no event after this time.
    pub(crate) logged: Time,
    pub(crate) request: ValidatedRequest,
    pub(crate) ids: &'a Ids,
    pub(crate) rules: &'a Rules,
}

impl Call<'_> {
    pub(crate) fn body(&self) -> &Map<String, Value> {
        &self.request.body
    }

    pub(crate) fn query(&self) -> &Map<String, Value> {
        &self.request.query
    }

    /// A number from the path.
    pub(crate) fn path_number(&self, name: &str) -> i64 {
        self.request.path.integer(name).unwrap_or_default()
    }

    /// A text from the path.
    pub(crate) fn path_text(&self, name: &str) -> &str {
        self.request.path.text(name).unwrap_or_default()
    }

    pub(crate) fn missing(&self, kind: &str, id: impl std::fmt::Display) -> ApiResponse {
        ApiResponse::missing(self.profile, kind, id)
    }

    pub(crate) fn page(&self) -> usize {
        self.count("page")
    }

    pub(crate) fn per_page(&self) -> usize {
        self.count("per_page")
    }

    fn count(&self, name: &str) -> usize {
        self.query().integer(name).and_then(|it| usize::try_from(it).ok()).unwrap_or(1)
    }

    /// The `pagination` of a response, with the count when the request asks for it.
    pub(crate) fn pagination(&self, page: usize, rows: usize) -> Value {
        let count = self.query().flag("with_count").then_some(rows);
        compact(json!({"page": page, "per_page": self.per_page(), "count": count}))
    }

    /// The rows of one page.
    pub(crate) fn rows_of_page(&self, page: usize, rows: Vec<Value>) -> Vec<Value> {
        let before = page.saturating_sub(1).saturating_mul(self.per_page());
        rows.into_iter().skip(before).take(self.per_page()).collect()
    }

    /// One page of `rows`, with the count when the request asks for it.
    pub(crate) fn paged(&self, rows: Vec<Value>) -> HandlerResult {
        let pagination = self.pagination(self.page(), rows.len());
        Ok(ApiResponse::ok(json!({"pagination": pagination, "data": self.rows_of_page(self.page(), rows)})))
    }

    /// One page of `rows`, and whether there are more.
    pub(crate) fn paged_with_more(&self, parameters: Value, rows: Vec<Value>) -> HandlerResult {
        let (page, per_page) = (self.page(), self.per_page());
        let has_more = rows.len() > page.saturating_mul(per_page);
        let pagination = json!({"page": page, "per_page": per_page, "has_more": has_more});
        let data = self.rows_of_page(page, rows);
        Ok(ApiResponse::ok(json!({"pagination": pagination, "parameters": parameters, "data": data})))
    }

    /// Keeps the rows that match the parameter `name`: `term==value;term==value`.
    pub(crate) fn filter(&self, name: &str, rows: &mut Vec<Value>) -> Result<(), ApiResponse> {
        let Some(filter) = self.query().text(name) else { return Ok(()) };
        let allowed = self.operation.terms("filter");
        for condition in filter.split(';').filter(|condition| !condition.is_empty()) {
            let Some((term, expected)) = condition.split_once("==") else {
                let msg = format!("{condition:?} is not a condition: write term==value;term==value");
                return Err(ApiResponse::bad_request(&["query", name], msg));
            };
            self.check_term(name, term, allowed)?;
            rows.retain(|row| matches(&row[term], expected));
        }
        Ok(())
    }

    /// The term of `sort`, and whether the order is descending.
    pub(crate) fn sort(&self) -> Result<Option<(&str, bool)>, ApiResponse> {
        let Some(sort) = self.query().text("sort").filter(|sort| !sort.is_empty()) else { return Ok(None) };
        let descends = sort.starts_with('-');
        // A plus sign in a query arrives as a space.
        let term = sort.strip_prefix(['-', '+', ' ']).unwrap_or(sort);
        self.check_term("sort", term, self.operation.terms("sort"))?;
        Ok(Some((term, descends)))
    }

    /// Sorts rows by the term of `sort`. Equal rows keep their order, which a descending order reverses.
    pub(crate) fn sorted(&self, rows: &mut [Value]) -> Result<(), ApiResponse> {
        if let Some((term, descends)) = self.sort()? {
            rows.sort_by(|a, b| compare(&a[term], &b[term]));
            if descends {
                rows.reverse();
            }
        }
        Ok(())
    }

    fn check_term(&self, parameter: &str, term: &str, allowed: &[String]) -> Result<(), ApiResponse> {
        if allowed.iter().any(|it| it == term) {
            return Ok(());
        }
        let msg = format!("{term:?} is not a term of {parameter} here: use one of {}", allowed.join(", "));
        Err(ApiResponse::bad_request(&["query", parameter], msg))
    }
}

fn matches(value: &Value, expected: &str) -> bool {
    match value {
        Value::String(text) => text == expected,
        Value::Array(items) => items.iter().any(|item| matches(item, expected)),
        _ => false,
    }
}

fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => a.as_i64().cmp(&b.as_i64()),
    }
}
