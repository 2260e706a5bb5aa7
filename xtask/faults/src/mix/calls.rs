//! The calls of a batch, made on the runtime under test.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use cakemail::{BulkOptions, Client, IdempotencyKey, NewEmail};
use fastrand::Rng;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc::UnboundedSender;

use super::tally::Report;
use super::watchdog::Watch;
use crate::test_bed::{TestBed, policy, send};

/// How the emails of a batch are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `send`, a few calls of which are dropped.
    Send,
    /// `send_idempotent` with random keys, a few calls of which are dropped.
    SendIdempotent,
    /// `send_all`.
    SendAll,
    /// `send_all` with reconciliation.
    SendAllIdempotent,
    /// `send_idempotent` with the caller's keys: the process ends in the middle, and a new one sends all again.
    Resumed,
    /// The same with `send_all_idempotent`.
    ResumedAll,
}

impl Mode {
    pub const ALL: [Self; 6] =
        [Self::Send, Self::SendIdempotent, Self::SendAll, Self::SendAllIdempotent, Self::Resumed, Self::ResumedAll];

    /// Whether the process ends in the middle.
    pub fn is_resumed(self) -> bool {
        matches!(self, Self::Resumed | Self::ResumedAll)
    }
}

/// Calls in flight.
pub const IN_FLIGHT: usize = 32;
/// One of this many calls is dropped after a random number of polls.
const DROPPED: u32 = 30;

/// The emails of a batch, and where their reports go.
#[derive(Clone)]
pub struct Calls {
    pub bed: TestBed,
    pub mode: Mode,
    /// The caller's key of each email.
    pub keys: Arc<[IdempotencyKey]>,
    pub seed: u64,
    pub watch: Arc<Watch>,
    pub reports: UnboundedSender<(usize, Report)>,
}

impl Calls {
    pub fn recipient(number: usize) -> String {
        format!("r{number}@example.org")
    }

    /// One email in a batch is large.
    pub fn email(&self, number: usize) -> NewEmail {
        let recipient = Self::recipient(number);
        let is_large = number == self.keys.len() / 2;
        let large = is_large.then(|| self.bed.large_email(&recipient).ok()).flatten();
        large.unwrap_or_else(|| self.bed.email(&recipient))
    }

    /// Sends every email.
    pub async fn run(&self, client: &Client) {
        match self.mode {
            Mode::SendAll => self.send_all(client, BulkOptions::new()).await,
            Mode::SendAllIdempotent => self.send_all(client, BulkOptions::new().reconcile(policy())).await,
            Mode::ResumedAll => self.send_all_keys(client).await,
            Mode::Send | Mode::SendIdempotent | Mode::Resumed => self.send_each(client).await,
        }
    }

    async fn send_each(&self, client: &Client) {
        let mut rng = Rng::with_seed(self.seed);
        let calls = (0..self.keys.len()).map(|number| {
            let polls = (rng.u32(..DROPPED) == 0 && !self.mode.is_resumed()).then(|| rng.u32(1..7));
            let (calls, client) = (self.clone(), client.clone());
            async move {
                // A task of its own, so that it may run on another thread.
                let _ = tokio::spawn(async move { calls.send_one(&client, number, polls).await }).await;
            }
        });
        stream::iter(calls).for_each_concurrent(IN_FLIGHT, |call| call).await;
    }

    async fn send_one(&self, client: &Client, number: usize, polls: Option<u32>) {
        let email = self.email(number);
        self.watch.started(number);
        let sending = async {
            match self.mode {
                Mode::Resumed => client.emails().send_idempotent(&email, &self.keys[number], &policy()).await,
                mode => send(client, &email, mode == Mode::SendIdempotent).await,
            }
        };
        let report = match polls {
            None => Report::of(&sending.await),
            Some(polls) => dropped_after(polls, sending).await.as_ref().map_or(Report::Dropped, Report::of),
        };
        self.report(number, report);
    }

    async fn send_all(&self, client: &Client, options: BulkOptions) {
        let options = options.in_flight(IN_FLIGHT);
        let mut left = stream::iter(self.emails()).boxed();
        loop {
            let mut results = client.emails().send_all(left, options.clone());
            while let Some((number, result)) = results.next().await {
                self.report(number, Report::of(&result));
            }
            if results.stopped_by().is_none() {
                return;
            }
            left = results.into_remaining().boxed();
        }
    }

    async fn send_all_keys(&self, client: &Client) {
        let options = BulkOptions::new().reconcile(policy()).in_flight(IN_FLIGHT);
        let numbers: HashMap<_, _> = self.keys.iter().map(|key| key.tag().to_owned()).zip(0..).collect();
        let keys = Arc::clone(&self.keys);
        let emails = self.emails().map(move |(number, email)| (keys[number].clone(), email));
        let mut left = stream::iter(emails).boxed();
        loop {
            let mut results = client.emails().send_all_idempotent(left, options.clone());
            while let Some((key, result)) = results.next().await {
                self.report(numbers[key.tag()], Report::of(&result));
            }
            if results.stopped_by().is_none() {
                return;
            }
            left = results.into_remaining().boxed();
        }
    }

    /// The emails, which start when they are taken.
    fn emails(&self) -> impl Iterator<Item = (usize, NewEmail)> + Send + use<> {
        let calls = self.clone();
        (0..self.keys.len()).map(move |number| {
            let email = calls.email(number);
            calls.watch.started(number);
            (number, email)
        })
    }

    fn report(&self, number: usize, report: Report) {
        self.watch.ended(number);
        let _ = self.reports.send((number, report)); // fails when the batch was given up
    }
}

/// Polls a future at most `polls` times, and then drops it.
async fn dropped_after<T>(polls: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}
