//! One call of an operation, checked: its values, and the habits that operations share (pages, filters, sorting).

use serde_json::{Map, Value, json};

use crate::api::document::Operation;
use crate::api::response::{Answer, Outcome, compact};
use crate::api::validation::Checked;
use crate::domain::Time;
use crate::domain::profile::Profile;
use crate::domain::{Ids, Rules};

pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) profile: &'a Profile,
    /// Where the sandbox is, for links.
    pub(crate) base: &'a str,
    pub(crate) now: Time,
    /// Up to when the logs know what happened.
    pub(crate) logged: Time,
    pub(crate) given: Checked,
    pub(crate) ids: &'a Ids,
    pub(crate) rules: &'a Rules,
}

/// Typed access to checked fields; `null` is as absent.
pub(crate) trait Fields {
    fn field(&self, name: &str) -> Option<&Value>;

    fn text(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(Value::as_str)
    }

    fn integer(&self, name: &str) -> Option<i64> {
        self.field(name).and_then(Value::as_i64)
    }

    fn flag(&self, name: &str) -> bool {
        self.field(name).and_then(Value::as_bool).unwrap_or_default()
    }

    fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.field(name).and_then(Value::as_object)
    }

    fn list(&self, name: &str) -> Option<&Vec<Value>> {
        self.field(name).and_then(Value::as_array)
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        Some(self.list(name)?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

impl Fields for Map<String, Value> {
    fn field(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| !value.is_null())
    }
}

impl Call<'_> {
    pub(crate) fn body(&self) -> &Map<String, Value> {
        &self.given.body
    }

    pub(crate) fn query(&self) -> &Map<String, Value> {
        &self.given.query
    }

    /// A number of the path.
    pub(crate) fn number(&self, name: &str) -> i64 {
        self.given.path.integer(name).unwrap_or_default()
    }

    /// A text of the path.
    pub(crate) fn name(&self, name: &str) -> &str {
        self.given.path.text(name).unwrap_or_default()
    }

    pub(crate) fn missing(&self, what: &str, id: impl std::fmt::Display) -> Answer {
        Answer::missing(self.profile, what, id)
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

    /// What an answer says of its page; the count only when it was asked for.
    pub(crate) fn pagination(&self, page: usize, rows: usize) -> Value {
        let count = self.query().flag("with_count").then_some(rows);
        compact(json!({"page": page, "per_page": self.per_page(), "count": count}))
    }

    /// The rows of a page.
    pub(crate) fn cut(&self, page: usize, rows: Vec<Value>) -> Vec<Value> {
        let before = page.saturating_sub(1).saturating_mul(self.per_page());
        rows.into_iter().skip(before).take(self.per_page()).collect()
    }

    /// One page of `rows`, with the count when it was asked for.
    pub(crate) fn paged(&self, rows: Vec<Value>) -> Outcome {
        let pagination = self.pagination(self.page(), rows.len());
        Ok(Answer::ok(json!({"pagination": pagination, "data": self.cut(self.page(), rows)})))
    }

    /// One page of `rows`, and whether there are more.
    pub(crate) fn paged_with_more(&self, parameters: Value, rows: Vec<Value>) -> Outcome {
        let (page, per_page) = (self.page(), self.per_page());
        let has_more = rows.len() > page.saturating_mul(per_page);
        let pagination = json!({"page": page, "per_page": per_page, "has_more": has_more});
        let data = self.cut(page, rows);
        Ok(Answer::ok(json!({"pagination": pagination, "parameters": parameters, "data": data})))
    }

    /// Keeps the rows that the parameter `name` (`term==value;term==value`) asks for.
    pub(crate) fn filter(&self, name: &str, rows: &mut Vec<Value>) -> Result<(), Answer> {
        let Some(filter) = self.query().text(name) else { return Ok(()) };
        let allowed = self.operation.terms("filter");
        for condition in filter.split(';').filter(|condition| !condition.is_empty()) {
            let Some((term, wanted)) = condition.split_once("==") else {
                let msg = format!("{condition:?} is not a condition: write term==value;term==value");
                return Err(Answer::bad_request(&["query", name], msg));
            };
            self.known(name, term, allowed)?;
            rows.retain(|row| fits(&row[term], wanted));
        }
        Ok(())
    }

    /// The term that `sort` names, and whether it is to descend.
    pub(crate) fn sort(&self) -> Result<Option<(&str, bool)>, Answer> {
        let Some(sort) = self.query().text("sort").filter(|sort| !sort.is_empty()) else { return Ok(None) };
        let descends = sort.starts_with('-');
        // A plus sign in a query arrives as a space.
        let term = sort.strip_prefix(['-', '+', ' ']).unwrap_or(sort);
        self.known("sort", term, self.operation.terms("sort"))?;
        Ok(Some((term, descends)))
    }

    /// Sorts rows by what `sort` names; rows that are equal keep their order, turned round when it descends.
    pub(crate) fn sorted(&self, rows: &mut [Value]) -> Result<(), Answer> {
        if let Some((term, descends)) = self.sort()? {
            rows.sort_by(|a, b| compare(&a[term], &b[term]));
            if descends {
                rows.reverse();
            }
        }
        Ok(())
    }

    fn known(&self, parameter: &str, term: &str, allowed: &[String]) -> Result<(), Answer> {
        if allowed.iter().any(|it| it == term) {
            return Ok(());
        }
        let msg = format!("{term:?} is not a term of {parameter} here: use one of {}", allowed.join(", "));
        Err(Answer::bad_request(&["query", parameter], msg))
    }
}

fn fits(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Array(items) => items.iter().any(|item| fits(item, wanted)),
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
