//! Waiting for emails: until so many are there, or the time is over.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::app::context::Core;
use crate::app::sandbox::AcceptedEmail;
use crate::domain::{Account, Email, State};
use crate::engine::run_until::run_until;
use crate::message::Query;

/// How long is waited unless it is said, in real time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Emails that came close, of an answer.
const CLOSE: usize = 5;

/// What is waited for.
pub(crate) struct Wanted {
    pub(crate) query: Query,
    pub(crate) account: Option<i64>,
    pub(crate) count: usize,
}

impl Wanted {
    /// The emails that are as they should be, oldest first.
    pub(crate) fn fitting<'a>(&self, state: &'a State) -> impl Iterator<Item = (&'a Account, &'a Email)> {
        self.among(state).filter(|(_, email)| self.query.matches(email))
    }

    /// Those that are as they should be but for some words, which come with them; the closest first.
    pub(crate) fn close<'a>(&self, state: &'a State) -> Vec<(&'a Account, &'a Email, Vec<String>)> {
        let missing = |(account, email): (&'a Account, &'a Email)| (account, email, self.query.missing(email));
        let mut all: Vec<_> = self.among(state).map(missing).filter(|(.., missing)| !missing.is_empty()).collect();
        all.sort_by_key(|(_, email, missing)| (missing.len(), std::cmp::Reverse(email.submitted)));
        all.truncate(CLOSE);
        all
    }

    fn among<'a>(&self, state: &'a State) -> impl Iterator<Item = (&'a Account, &'a Email)> {
        let asked = self.account;
        let accounts = state.accounts.iter().filter(move |account| asked.is_none_or(|id| id == account.id));
        accounts.flat_map(|account| account.emails.iter().map(move |email| (account, email)))
    }
}

impl Core {
    /// Whether so many emails are there before the time is over, which is real.
    pub(crate) async fn wait(&self, wanted: &Wanted, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        let mut changes = self.changes();
        loop {
            changes.mark_unchanged();
            let next = {
                let state = self.state();
                if wanted.fitting(&state).take(wanted.count).count() == wanted.count {
                    return true;
                }
                state.next_due()
            };
            let due = async {
                match next {
                    Some(next) => self.clock.until(next).await,
                    None => std::future::pending().await,
                }
            };
            let changed = async {
                // The core is here: its changes do not end.
                let _ = changes.changed().await;
            };
            if timeout_at(end, run_until(changed, due)).await.is_err() {
                return false;
            }
        }
    }
}

/// Waits for emails; await it. [`Sandbox::wait`](crate::Sandbox::wait) and [`Tenant::wait`](crate::Tenant::wait) make one.
#[must_use = "nothing is waited for until it is awaited"]
pub struct Wait {
    core: Arc<Core>,
    query: String,
    account: Option<i64>,
    count: usize,
    limit: Duration,
}

impl Wait {
    pub(crate) fn new(core: &Arc<Core>, query: &str, account: Option<i64>) -> Self {
        Self { core: Arc::clone(core), query: query.into(), account, count: 1, limit: PATIENCE }
    }

    /// For so many emails at least; the default is one.
    pub fn count(mut self, count: usize) -> Self {
        self.count = count;
        self
    }

    /// No longer than this, in real time; the default is 5 seconds. A frozen clock does not move meanwhile.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn wait(self) -> Result<Vec<AcceptedEmail>, NotThere> {
        let query = Query::read(&self.query).map_err(NotThere)?;
        let wanted = Wanted { query, account: self.account, count: self.count };
        let found = self.core.wait(&wanted, self.limit).await;
        let state = self.core.state();
        let emails: Vec<_> = wanted.fitting(&state).map(|(_, email)| AcceptedEmail::from(email)).collect();
        if found {
            return Ok(emails);
        }
        let (query, count, limit, there) = (&self.query, self.count, self.limit, emails.len());
        let mut words = format!("of {count} emails that are `{query}` {there} were there after {limit:?}");
        for (_, email, missing) in wanted.close(&state) {
            let (subject, status) = (email.subject(), email.status().word());
            words +=
                &format!("\n  close: {subject:?} to {} ({status}), but for {}", email.recipient, missing.join(" "));
        }
        Err(NotThere(words))
    }
}

impl IntoFuture for Wait {
    type Output = Result<Vec<AcceptedEmail>, NotThere>;
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

/// The emails that were waited for were not there in time; it says which came close. Or what was asked is no query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotThere(String);
