//! A call of an operation: its input, and shared behaviour (pages, filters, sorting).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::document::Operation;
use super::response::{ApiResponse, HandlerResult};
use crate::domain::index::{Numbers, Row, Sort, Table};
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

    /// A page of a selection, and whether there are more. `page` returns the numbers of the page after the first `skip`,
    /// and `row` the row of a number.
    pub(crate) fn page_with_more(
        &self,
        parameters: Value,
        selection: &Numbers,
        page: impl FnOnce(usize, usize) -> Vec<u32>,
        row: impl Fn(u32) -> Option<Value>,
    ) -> ApiResponse {
        let (number, per_page) = (self.page(), self.per_page());
        let end = number.saturating_mul(per_page);
        let rows = page(end.saturating_sub(per_page), per_page).into_iter().filter_map(row);
        let pagination = json!({"page": number, "per_page": per_page, "has_more": selection.len() > end as u64});
        ApiResponse::listing(&json!({"pagination": pagination, "parameters": parameters}), rows)
    }

    /// Keeps the rows of a selection that match the parameter `name`: `term==value;term==value`.
    pub(crate) fn filter<R: Row>(
        &self,
        name: &str,
        table: &Table<R>,
        selection: &mut Numbers,
    ) -> Result<(), ApiResponse> {
        let Some(filter) = self.query().text(name) else { return Ok(()) };
        let allowed = self.operation.terms("filter");
        for condition in filter.split(';').filter(|condition| !condition.is_empty()) {
            let Some((term, expected)) = condition.split_once("==") else {
                let msg = format!("{condition:?} is not a condition: write term==value;term==value");
                return Err(ApiResponse::bad_request(&["query", name], msg));
            };
            self.check_term(name, term, allowed)?;
            *selection &= table.select(term, expected);
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

    /// The rows of one page of a selection, in the order of `sort`.
    pub(crate) fn page_of<'t, R: Row>(
        &self,
        page: usize,
        table: &'t Table<R>,
        selection: &Numbers,
    ) -> Result<Vec<&'t Arc<R>>, ApiResponse> {
        self.sorted(table, selection, page.saturating_sub(1).saturating_mul(self.per_page()), self.per_page())
    }

    /// `count` rows of a selection after the first `skip`, in the order of `sort`. Equal rows keep their order, which a
    /// descending order reverses.
    pub(crate) fn sorted<'t, R: Row>(
        &self,
        table: &'t Table<R>,
        selection: &Numbers,
        skip: usize,
        count: usize,
    ) -> Result<Vec<&'t Arc<R>>, ApiResponse> {
        let (term, descends) = self.sort()?.unzip();
        Ok(table.page(selection, Sort { term, descends: descends.unwrap_or_default() }, skip, count))
    }

    /// One page of a selection, with the count when the request asks for it.
    pub(crate) fn listed<R: Row>(
        &self,
        table: &Table<R>,
        selection: &Numbers,
        to_json: impl Fn(&R) -> Value,
    ) -> HandlerResult {
        let page = self.page();
        let rows = self.page_of(page, table, selection)?.into_iter().map(|row| to_json(row));
        Ok(ApiResponse::listing(&json!({"pagination": self.pagination(page, count(selection))}), rows))
    }

    fn check_term(&self, parameter: &str, term: &str, allowed: &[String]) -> Result<(), ApiResponse> {
        if allowed.iter().any(|it| it == term) {
            return Ok(());
        }
        let msg = format!("{term:?} is not a term of {parameter} here: use one of {}", allowed.join(", "));
        Err(ApiResponse::bad_request(&["query", parameter], msg))
    }
}

/// How many objects a collection has at most. A million contacts take about 400 MB.
const MAX_ROWS: usize = 1_000_000;

/// Checks that a collection of this many objects has room for another one.
pub(crate) fn check_room(objects: usize) -> Result<(), ApiResponse> {
    if objects < MAX_ROWS {
        return Ok(());
    }
    let msg =
        format!("The sandbox stores at most {MAX_ROWS} objects in a collection: delete some, or reset the account");
    Err(ApiResponse::bad_request(&["path"], msg).assumed())
}

/// How many rows a selection has.
pub(crate) fn count(selection: &Numbers) -> usize {
    usize::try_from(selection.len()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use crate::api::document::document;
    use crate::domain::index::Row;
    use crate::domain::{Contact, List, Sender, Suppression};

    fn check<R: Row>(operation: &str) {
        let operation = document().unwrap().operation(operation).unwrap();
        for term in operation.terms("filter").iter().chain(operation.terms("sort")) {
            assert!(R::TERMS.contains(&term.as_str()), "{} has the term {term}", operation.id);
        }
    }

    #[test]
    fn tables_have_the_terms_of_their_listings() {
        check::<Contact>("listContactsOfList");
        check::<List>("listLists");
        check::<Sender>("listSenders");
        check::<Suppression>("listSuppressedEmails");
    }
}
