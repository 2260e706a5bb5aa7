//! One transaction of a worker, and the recovery from one that failed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use cakemail_transport::BootClock;
use tracing::{debug, warn};

use super::gate::{BeforeClaim, ClaimTimes};
use crate::state::{Owner, Rules};
use crate::{Completion, Error, Ledger, OwnerLock, Rate, Result, Tick, Ticked};

/// The locks of a worker, and what a failed transaction left to do.
pub(super) struct Claims {
    ledger: Arc<dyn Ledger>,
    clock: BootClock,
    rules: Arc<Rules>,
    lock: Arc<OwnerLock>,
    /// Owners that may hold emails without our knowledge: their claims' responses were lost.
    unsure: Vec<Owner>,
    /// Whether the lock has to be taken again.
    is_lost: bool,
}

/// What one transaction is asked to do.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) completed: Vec<Completion>,
    /// The claims that the worker holds, those of results that are not stored included.
    pub(super) held: Vec<(Owner, i64)>,
    pub(super) room: u32,
    pub(super) room_for_looks: u32,
    pub(super) rate: Option<Rate>,
    /// Set when the server asked for a pause.
    pub(super) pause: Option<Duration>,
    pub(super) is_told: bool,
}

/// How it ended.
pub(super) struct Ended {
    pub(super) claims: Claims,
    pub(super) request: Request,
    pub(super) result: Result<(Ticked, ClaimTimes)>,
}

pub(super) type TickFuture = Pin<Box<dyn Future<Output = Ended> + Send>>;

impl Claims {
    pub(super) async fn new(ledger: Arc<dyn Ledger>, rules: Arc<Rules>, clock: BootClock) -> Result<Self> {
        let lock = Arc::new(ledger.lock().await?);
        Ok(Self { ledger, clock, rules, lock, unsure: Vec::new(), is_lost: false })
    }

    /// The lock that emails claimed from now on are held under. It lasts as long as one of them is in flight.
    pub(super) fn lock(&self) -> Arc<OwnerLock> {
        Arc::clone(&self.lock)
    }

    /// Executes one transaction.
    pub(super) fn tick(mut self, request: Request) -> TickFuture {
        Box::pin(async move {
            let result = self.execute(&request).await;
            if let Err(error) = &result {
                warn!(error = %Chain(error), "the outbox's database failed");
                self.failed(error);
            }
            Ended { claims: self, request, result }
        })
    }

    async fn execute(&mut self, request: &Request) -> Result<(Ticked, ClaimTimes)> {
        if self.is_lost {
            self.lock = Arc::new(self.ledger.lock().await?);
            self.is_lost = false;
        }
        self.release(request).await?;
        if let Some(pause) = request.pause {
            self.ledger.pause(pause).await?;
        }
        let before = BeforeClaim::read(&self.clock);
        let tick = Tick {
            owner: self.lock.owner(),
            completed: &request.completed,
            room: request.room,
            room_for_looks: request.room_for_looks,
            rate: request.rate,
            rules: &self.rules,
            is_told: request.is_told,
        };
        let ticked = self.ledger.tick(tick).await?;
        let times = before.claimed(ticked.now);
        Ok((ticked, times))
    }

    /// Gives back what is held without our knowledge, before anything else is claimed.
    async fn release(&mut self, request: &Request) -> Result<()> {
        let current = self.lock.owner();
        for owner in std::mem::take(&mut self.unsure) {
            // A row that this owner claimed without our knowledge can be in flight under an earlier claim.
            let known = request.held.iter().filter(|(of, _)| *of == owner);
            let known: Vec<i64> = known.map(|(_, row)| *row).collect();
            match self.ledger.release(owner, &known).await {
                Ok(released) => debug!(released, "gave back emails whose claim was not confirmed"),
                Err(error) => {
                    self.unsure.push(owner);
                    // Of an earlier owner it can wait: what is known comes first.
                    if owner == current {
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// The transaction may have been committed nevertheless.
    fn failed(&mut self, error: &Error) {
        let owner = self.lock.owner();
        if !self.unsure.contains(&owner) {
            self.unsure.push(owner);
        }
        self.is_lost |= matches!(error, Error::OwnerLost);
    }
}

/// An error with its causes.
pub(super) struct Chain<'a>(pub(super) &'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
