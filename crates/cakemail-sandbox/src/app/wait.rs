//! Waits until enough emails match a query, or the time is over.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::accepted_email::AcceptedEmail;
use super::context::App;
use crate::domain::{Account, Email, State};
use crate::engine::run_until;
use crate::message::Query;

/// How long to wait by default, in real time.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// How many near misses are reported.
const MAX_NEAR_MISSES: usize = 5;

/// The emails that are waited for.
pub(crate) struct WaitCondition {
    pub(crate) query: Query,
    pub(crate) account: Option<i64>,
    pub(crate) count: usize,
}

impl WaitCondition {
    /// The emails that match, oldest first.
    pub(crate) fn matching<'a>(&self, state: &'a State) -> impl Iterator<Item = (&'a Account, &'a Email)> {
        self.candidates(state).filter(|(_, email)| self.query.matches(email))
    }

    /// The other emails, each with the terms that it does not match; those with the fewest first.
    pub(crate) fn near_misses<'a>(&self, state: &'a State) -> Vec<(&'a Account, &'a Email, Vec<String>)> {
        let missing = |(account, email): (&'a Account, &'a Email)| (account, email, self.query.missing(email));
        let mut all: Vec<_> = self.candidates(state).map(missing).filter(|(.., missing)| !missing.is_empty()).collect();
        all.sort_by_key(|(_, email, missing)| (missing.len(), std::cmp::Reverse(email.submitted)));
        all.truncate(MAX_NEAR_MISSES);
        all
    }

    fn candidates<'a>(&self, state: &'a State) -> impl Iterator<Item = (&'a Account, &'a Email)> {
        let asked = self.account;
        let accounts = state.accounts.iter().filter(move |account| asked.is_none_or(|id| id == account.id));
        accounts.flat_map(|account| account.emails.iter().map(move |email| (account, email)))
    }
}

impl WaitCondition {
    /// Waits until enough emails match. Returns whether they did within `timeout`, in real time.
    pub(crate) async fn wait(&self, app: &App, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut changes = app.engine.subscribe();
        loop {
            changes.mark_unchanged();
            let next = {
                let state = app.state();
                if self.matching(&state).take(self.count).count() == self.count {
                    return true;
                }
                state.next_due()
            };
            let due = async {
                match next {
                    Some(next) => app.clock().wait_until(next).await,
                    None => std::future::pending().await,
                }
            };
            let changed = async {
                // The engine is borrowed, so its changes do not end.
                let _ = changes.changed().await;
            };
            if timeout_at(deadline, run_until(changed, due)).await.is_err() {
                return false;
            }
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
        let condition = WaitCondition { query, account: self.account, count: self.count };
        let found = condition.wait(&self.app, self.timeout).await;
        let state = self.app.state();
        let emails: Vec<_> = condition.matching(&state).map(|(_, email)| AcceptedEmail::from(email)).collect();
        if found {
            return Ok(emails);
        }
        let (query, count, timeout, matching) = (&self.query, self.count, self.timeout, emails.len());
        let mut message = format!("{matching} of {count} emails matched `{query}` after {timeout:?}");
        for (_, email, missing) in condition.near_misses(&state) {
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
