//! Sends what is due.

mod brake;
mod dispatch;
mod gate;
mod held;
mod outcomes;
mod run;
mod schedule;
mod sender;
mod stats;
mod tick;
mod verdict;
mod watermark;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use cakemail_client::{BoxError, Client};
use cakemail_transport::BootClock;

pub(crate) use dispatch::dispatch;
pub use stats::WorkerStats;

use crate::state::{Record, Rules};
use crate::{Error, Ledger, Result};
use held::Held;
use outcomes::{Handler, Teller};
use run::Run;
use schedule::Schedule;
use sender::Sender;
use tick::Claims;

/// Sends the emails of an outbox. Any number of workers, in any number of processes, share its emails.
///
/// A worker claims emails that are due, submits each once, and stores what became known. An email whose response was lost
/// is looked for in the logs before anything else happens to it.
#[must_use = "a worker does nothing until it runs"]
pub struct Worker {
    ledger: Arc<dyn Ledger>,
    rules: Arc<Rules>,
    client: Client,
    in_flight: usize,
    rate: Option<f64>,
    handler: Option<Handler>,
    clock: BootClock,
    stats: WorkerStats,
}

impl Worker {
    pub(crate) fn new(ledger: Arc<dyn Ledger>, rules: Arc<Rules>, client: Client) -> Self {
        Self {
            ledger,
            rules,
            client,
            in_flight: 64,
            rate: None,
            handler: None,
            clock: BootClock::new(),
            stats: WorkerStats::default(),
        }
    }

    /// Sets how many emails are submitted at the same time: 64 by default, at least 1.
    pub fn in_flight(mut self, emails: usize) -> Self {
        self.in_flight = emails.clamp(1, 100_000);
        self
    }

    /// Sets how many emails all workers of the outbox together submit in a second: any finite number above zero. They
    /// share what they learn from a 429. Without it they submit as fast as the API answers.
    pub fn rate(mut self, per_second: f64) -> Self {
        self.rate = Some(per_second);
        self
    }

    /// Sets what is called for each email that ended or was parked, at least once each. A call that fails or panics is
    /// made again later. Emails that a decision ended are left out.
    pub fn on_outcome<F, H>(mut self, handler: H) -> Self
    where
        H: Fn(Record) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.handler = Some(Arc::new(move |record| Box::pin(handler(record))));
        self
    }

    /// Sets the clock that leases are measured with, for tests.
    pub fn clock(mut self, clock: BootClock) -> Self {
        self.clock = clock;
        self
    }

    /// The counters of this worker, which another task can read while it runs.
    pub fn stats(&self) -> WorkerStats {
        self.stats.clone()
    }

    /// Sends what is due until `shutdown` completes. Then it claims nothing more, waits up to 30 seconds for the emails in
    /// flight, and stores what became known.
    ///
    /// A failure of the database ends nothing: the worker tries again, and submits nothing that it could not claim. When
    /// the API cannot be reached, or rejects the credentials, it holds back submissions and tries one email at a time.
    ///
    /// A worker that is dropped leaves the emails in flight in doubt. Another one looks for them in the logs when their
    /// lease and the settle time have ended.
    ///
    /// # Errors
    /// [`Error::Client`](crate::Error::Client) when the client cannot be used: its transport cannot be kept from writing
    /// after a lease. [`Error::InvalidRate`]. [`Error::Database`](crate::Error::Database) when the worker cannot begin, or
    /// could not store its last results: they are found again in the logs.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<()> {
        self.work(false, shutdown).await
    }

    /// Sends what is due until no email waits, neither to be sent at a later time nor because it failed, or until
    /// `shutdown` completes. Parked emails do not count.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_until_empty(self, shutdown: impl Future<Output = ()> + Send) -> Result<()> {
        self.work(true, shutdown).await
    }

    async fn work(self, until_empty: bool, shutdown: impl Future<Output = ()> + Send) -> Result<()> {
        let Self { ledger, rules, client, in_flight, rate, handler, clock, stats } = self;
        if let Some(rate) = rate.filter(|rate| !(rate.is_finite() && *rate > 0.0)) {
            return Err(Error::InvalidRate(rate));
        }
        let sender = Arc::new(Sender::new(&client, Arc::clone(&ledger), Arc::clone(&rules), &clock)?);
        let claims = Claims::new(Arc::clone(&ledger), Arc::clone(&rules), clock).await?;
        let teller = handler.map(|handler| Teller::start(handler, ledger, rules));
        let run = Run {
            held: Held::new(sender, stats.clone(), in_flight),
            schedule: Schedule::new(in_flight, rate),
            teller,
            stats,
            until_empty,
            completed: Vec::new(),
            completed_since: None,
            is_empty: false,
            error: None,
        };
        run.run(claims, shutdown).await
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("in_flight", &self.in_flight).field("rate", &self.rate).finish_non_exhaustive()
    }
}
