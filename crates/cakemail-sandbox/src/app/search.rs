//! Searches the emails of one account, or of all.

#[cfg(test)]
pub(super) mod tests;

use super::newest;
use crate::domain::index::Numbers;
use crate::domain::{Account, Email, State, Time};
use crate::message::{Query, Selection};

/// How many matches are counted at least when each has to be looked at.
pub(crate) const MAX_COUNTED: usize = 1000;

/// The emails that a query finds in each account.
pub(crate) struct Search<'a>(Vec<(&'a Account, Selection<'a>)>);

/// A page of emails, newest first.
pub(crate) struct Page<'a> {
    pub(crate) rows: Vec<(&'a Account, &'a Email)>,
    /// How many emails match, or how many of them were counted.
    pub(crate) total: u64,
    pub(crate) total_is_exact: bool,
}

impl<'a> Search<'a> {
    pub(crate) fn new(state: &'a State, account: Option<i64>, query: &'a Query) -> Self {
        let accounts = state.accounts.iter().filter(|it| account.is_none_or(|id| it.id == id));
        Self(accounts.map(|account| (account, query.select(&account.emails))).collect())
    }

    /// The emails that match, oldest first, account by account, with their numbers.
    pub(crate) fn oldest_first(&self) -> impl Iterator<Item = (&'a Account, u32, &'a Email)> {
        self.0.iter().flat_map(|(account, found)| found.iter().map(|(number, email)| (*account, number, email)))
    }

    /// The emails that match, newest first. Those of the same time are in the order of their accounts.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (&'a Account, &'a Email)> {
        let accounts = self.0.iter().map(|(_, found)| found.iter().rev().map(|(_, email)| (email.submitted, email)));
        newest::merged(accounts.collect()).map(|(place, email)| (self.0[place].0, email))
    }

    /// `count` emails after the `skip` newest ones. Without words in the query, the cost is that of the page.
    pub(crate) fn page(&self, skip: usize, count: usize) -> Page<'a> {
        let numbers: Option<Vec<_>> = self.0.iter().map(|(_, found)| found.numbers().cloned()).collect();
        match numbers {
            Some(numbers) => self.exact_page(&numbers, skip, count),
            None => self.counted_page(skip, count),
        }
    }

    fn exact_page(&self, numbers: &[Numbers], skip: usize, count: usize) -> Page<'a> {
        let email = |place: usize, number| Some((self.0[place].0, self.0[place].0.emails.get(number)?));
        let time = |place, number| email(place, number).map_or(Time(0), |(_, email)| email.submitted);
        let rows = newest::page(numbers, skip, count, time);
        let rows = rows.into_iter().filter_map(|(place, number)| email(place, number));
        Page { rows: rows.collect(), total: numbers.iter().map(Numbers::len).sum(), total_is_exact: true }
    }

    fn counted_page(&self, skip: usize, count: usize) -> Page<'a> {
        let mut found = self.newest_first();
        let counted: Vec<_> = found.by_ref().take(skip.saturating_add(count).max(MAX_COUNTED)).collect();
        let (total, total_is_exact) = (counted.len() as u64, found.next().is_none());
        Page { rows: counted.into_iter().skip(skip).take(count).collect(), total, total_is_exact }
    }
}
