//! Waits until enough emails match a query, or the time is over.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::accepted_email::AcceptedEmail;
use super::context::App;
use super::search::Search;
use crate::domain::index::Numbers;
use crate::domain::{Account, ChangedEmails, Email, State};
use crate::engine::Watcher;
use crate::message::Query;

/// How long to wait by default, in real time.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// How many near misses are reported.
const MAX_NEAR_MISSES: usize = 5;

/// Among how many of the newest emails near misses are looked for.
const NEAR_MISS_CANDIDATES: usize = 1000;

/// The emails that are waited for.
pub(crate) struct WaitCondition {
    pub(crate) query: Query,
    pub(crate) account: Option<i64>,
    pub(crate) count: usize,
}

impl WaitCondition {
    pub(crate) fn search<'a>(&'a self, state: &'a State) -> Search<'a> {
        Search::new(state, self.account, &self.query)
    }

    fn is_met(&self, state: &State) -> bool {
        self.search(state).oldest_first().take(self.count).count() == self.count
    }

    /// The newest emails that do not match, each with the terms that it does not match; those with the fewest first.
    pub(crate) fn near_misses<'a>(&self, state: &'a State) -> Vec<(&'a Account, &'a Email, Vec<String>)> {
        static ALL: Query = Query::all();
        let newest = Search::new(state, self.account, &ALL);
        let missing = |(account, email): (&'a Account, &'a Email)| (account, email, self.query.missing(email));
        let mut all: Vec<_> = newest.newest_first().take(NEAR_MISS_CANDIDATES).map(missing).collect();
        all.retain(|(.., missing)| !missing.is_empty());
        all.sort_by_key(|(.., missing)| missing.len());
        all.truncate(MAX_NEAR_MISSES);
        all
    }

    /// Waits until enough emails match, or `time` is over in real time. Returns what `read` makes of the state at that
    /// moment, and of whether enough emails match.
    pub(crate) async fn wait<R>(self: &Arc<Self>, app: &App, time: Duration, read: impl Fn(&State, bool) -> R) -> R {
        match timeout(time, self.until_met(app, &read)).await {
            Ok(result) => result,
            Err(_) => {
                let state = app.state();
                read(&state, self.is_met(&state))
            }
        }
    }

    async fn until_met<R>(self: &Arc<Self>, app: &App, read: &impl Fn(&State, bool) -> R) -> R {
        loop {
            let enough = Arc::new(Notify::new());
            let watching = {
                let state = app.state();
                if self.is_met(&state) {
                    return read(&state, true);
                }
                // The state is locked, so that the watcher sees every change from here on.
                app.engine.watch(Waiter::new(Arc::clone(self), &state, Arc::clone(&enough)))
            };
            enough.notified().await;
            drop(watching);
        }
    }
}

/// Follows the emails that match while somebody waits, by a look at those that change.
struct Waiter {
    condition: Arc<WaitCondition>,
    /// The numbers of the emails that match, by account.
    found: BTreeMap<i64, Numbers>,
    enough: Arc<Notify>,
}

impl Waiter {
    fn new(condition: Arc<WaitCondition>, state: &State, enough: Arc<Notify>) -> Self {
        let mut found = BTreeMap::<_, Numbers>::new();
        for (account, number, _) in condition.search(state).oldest_first() {
            found.entry(account.id).or_default().insert(number);
        }
        Self { condition, found, enough }
    }

    fn update(&mut self, account: &Account, changed: &ChangedEmails) {
        let (query, found) = (&self.condition.query, self.found.entry(account.id).or_default());
        match changed {
            ChangedEmails::Any => *found = query.select(&account.emails).iter().map(|(number, _)| number).collect(),
            ChangedEmails::These(numbers) => {
                for number in numbers {
                    match account.emails.get(number).is_some_and(|email| query.matches(email)) {
                        true => found.insert(number),
                        false => found.remove(number),
                    };
                }
            }
        }
    }
}

impl Watcher for Waiter {
    fn emails_changed(&mut self, state: &State, changed: &[(i64, ChangedEmails)]) {
        self.found.retain(|account, _| state.account(*account).is_some());
        let asked = self.condition.account;
        for (id, changed) in changed.iter().filter(|(id, _)| asked.is_none_or(|asked| asked == *id)) {
            if let Some(account) = state.account(*id) {
                self.update(account, changed);
            }
        }
        if self.found.values().map(Numbers::len).sum::<u64>() >= self.condition.count as u64 {
            self.enough.notify_one();
        }
    }
}

/// Waits for emails when it is awaited. [`Sandbox::wait`](crate::Sandbox::wait) and
/// [`Tenant::wait`](crate::Tenant::wait)
/// create it.
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait {
    app: Arc<App>,
    query: String,
    account: Option<i64>,
    count: usize,
    timeout: Duration,
}

impl Wait {
    pub(crate) fn new(app: &Arc<App>, query: &str, account: Option<i64>) -> Self {
        Self { app: Arc::clone(app), query: query.into(), account, count: 1, timeout: DEFAULT_TIMEOUT }
    }

    /// How many emails must match at least. The default is one.
    pub fn count(mut self, count: usize) -> Self {
        self.count = count;
        self
    }

    /// How long to wait at most, in real time. The default is 5 seconds. A frozen clock does not move meanwhile.
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn wait(self) -> Result<Vec<AcceptedEmail>, WaitError> {
        let query = Query::parse(&self.query).map_err(WaitError)?;
        let condition = Arc::new(WaitCondition { query, account: self.account, count: self.count });
        condition.wait(&self.app, self.timeout, |state, found| self.result(&condition, state, found)).await
    }

    fn result(&self, condition: &WaitCondition, state: &State, found: bool) -> Result<Vec<AcceptedEmail>, WaitError> {
        let search = condition.search(state);
        let emails: Vec<_> = search.oldest_first().map(|(.., email)| AcceptedEmail::from(email)).collect();
        if found {
            return Ok(emails);
        }
        let (query, count, timeout, matching) = (&self.query, self.count, self.timeout, emails.len());
        let mut message = format!("{matching} of {count} emails matched `{query}` after {timeout:?}");
        for (_, email, missing) in condition.near_misses(state) {
            let (subject, status) = (&email.subject, email.status().as_str());
            message += &format!(
                "\n  near miss: {subject:?} to {} ({status}) does not match {}",
                email.recipient,
                missing.join(" ")
            );
        }
        Err(WaitError(message))
    }
}

impl IntoFuture for Wait {
    type Output = Result<Vec<AcceptedEmail>, WaitError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.wait())
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("query", &self.query).field("count", &self.count).finish_non_exhaustive()
    }
}

/// Too few emails matched in time, with those that nearly matched; or the query is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WaitError(String);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::app::search::tests::{apply, changes, queries, state};

    proptest! {
        #[test]
        fn a_waiter_that_looks_at_changes_only_knows_what_a_search_finds(
            changes in changes(),
            query in queries(),
            asked in prop::option::of(0..3_usize),
        ) {
            let mut state = state();
            let account = asked.map(|place| state.accounts[place].id);
            let query = Query::parse(&query).unwrap();
            let condition = Arc::new(WaitCondition { query, account, count: 2 });
            let found = |waiter: &Waiter| {
                let mut found = waiter.found.clone();
                found.retain(|_, numbers| !numbers.is_empty());
                found
            };
            state.take_changed_emails();
            let mut waiter = Waiter::new(Arc::clone(&condition), &state, Arc::default());
            for (which, change) in changes {
                apply(&mut state, which, &change);
                let changed = state.take_changed_emails();
                waiter.emails_changed(&state, &changed);
                prop_assert_eq!(found(&waiter), found(&Waiter::new(Arc::clone(&condition), &state, Arc::default())));
            }
        }
    }
}
