//! Searches the emails of one account, or of all.

#[cfg(test)]
pub(super) mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

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
        let mut accounts: Vec<_> =
            self.0.iter().map(|(account, found)| (*account, found.iter().rev().peekable())).collect();
        let first = accounts.iter_mut().enumerate();
        let first = first.filter_map(|(place, (_, emails))| Some((emails.peek()?.1.submitted, Reverse(place))));
        let mut next: BinaryHeap<_> = first.collect();
        std::iter::from_fn(move || {
            let (_, Reverse(place)) = next.pop()?;
            let (account, emails) = &mut accounts[place];
            let (_, email) = emails.next()?;
            next.extend(emails.peek().map(|(_, email)| (email.submitted, Reverse(place))));
            Some((*account, email))
        })
    }

    /// `count` emails after the `skip` newest ones. Without words in the query, the cost is that of the page.
    pub(crate) fn page(mut self, skip: usize, count: usize) -> Page<'a> {
        if let Some(total) = self.0.iter().map(|(_, found)| found.len()).sum() {
            self.skip_newest(skip as u64);
            return Page { rows: self.newest_first().take(count).collect(), total, total_is_exact: true };
        }
        let end = skip.saturating_add(count);
        let mut found = self.newest_first();
        let counted: Vec<_> = found.by_ref().take(end.max(MAX_COUNTED)).collect();
        let total_is_exact = found.next().is_none();
        let total = counted.len() as u64;
        Page { rows: counted.into_iter().skip(skip).take(count).collect(), total, total_is_exact }
    }

    /// Leaves out the newest emails. The query has no words.
    fn skip_newest(&mut self, mut skip: u64) {
        let since = self.start_of_newest(skip);
        // Those since that time are left out, and of those just before it as many as are missing.
        for time in [since, Time(since.0 - 1)] {
            for (_, found) in &mut self.0 {
                let count = found.count_since(time).min(skip);
                found.skip_newest(count);
                skip -= count;
            }
        }
    }

    /// The earliest time since which at most `count` emails were submitted.
    fn start_of_newest(&self, count: u64) -> Time {
        let emails = || self.0.iter().map(|(account, _)| account.emails.iter().map(|email| email.submitted.0));
        let mut low = emails().filter_map(|mut times| times.next()).min().unwrap_or_default();
        let mut high = emails().filter_map(|mut times| times.next_back()).max().map_or(low, |newest| newest + 1);
        while low < high {
            let middle = i64::midpoint(low, high);
            match self.0.iter().map(|(_, found)| found.count_since(Time(middle))).sum::<u64>() <= count {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        Time(low)
    }
}
