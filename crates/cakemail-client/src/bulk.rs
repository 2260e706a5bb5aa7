//! Sends a stream of emails, with a limited number in flight, and streams the results.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use cakemail_model::emails::NewEmail;
use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream, FuturesUnordered};

use crate::client::Client;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::idempotent::{IdempotencyKey, ReconcilePolicy, send_idempotent};
use crate::send::{self, Sent};

/// The largest [`BulkOptions::in_flight`]. Each email in flight has a slot, which takes memory.
const MAX_IN_FLIGHT: usize = 10_000;

/// Options of a bulk send.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BulkOptions {
    /// The largest number of emails in flight: 64 by default. Less than 1 counts as 1, more than 10,000 as 10,000.
    pub in_flight: usize,
    /// With a policy, each email is sent under its own random key, unless the caller gives the keys, and reconciled when its
    /// response is lost.
    pub reconcile: Option<ReconcilePolicy>,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self { in_flight: 64, reconcile: None }
    }
}

impl BulkOptions {
    /// At most 64 in flight, without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the largest number of emails in flight, from 1 to 10,000.
    #[must_use]
    pub fn in_flight(mut self, in_flight: usize) -> Self {
        self.in_flight = in_flight;
        self
    }

    /// Sends each email under its own random key, unless you give the keys, and reconciles it when its response is lost.
    #[must_use]
    pub fn reconcile(mut self, policy: ReconcilePolicy) -> Self {
        self.reconcile = Some(policy);
        self
    }
}

/// The progress of a bulk send. Each email taken from the input counts in exactly one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Accepted by the server.
    pub accepted: u64,
    /// Not sent, or refused by the server.
    pub not_done: u64,
    /// Accepted, but the id could not be read.
    pub unread: u64,
    /// Possibly accepted.
    pub unknown: u64,
    /// In flight.
    pub in_flight: u64,
}

/// The results of a bulk send, in the order of completion: a [`Stream`] of the caller's ids, each with its result.
///
/// An email is taken from the input when fewer than the limit are in flight, and nothing progresses unless the stream is
/// polled. Dropping the stream cancels the sends in flight; [`stop`](Self::stop) and [`abandon`](Self::abandon) account
/// for them.
///
/// After a failure that all further emails would share, no more are taken: the credentials were rejected, a second factor
/// is needed, or the account is not allowed to send. The stream ends when those in flight are completed. See
/// [`stopped_by`](Self::stopped_by) and [`into_remaining`](Self::into_remaining).
#[must_use = "nothing is sent until the results are polled"]
pub struct BulkResults<K> {
    client: Client,
    options: BulkOptions,
    /// The key that an email is sent under, if the caller chose it.
    key: fn(&K) -> Option<&IdempotencyKey>,
    /// `None` at its end.
    input: Option<BoxStream<'static, (K, NewEmail)>>,
    stopped: bool,
    stopped_by: Option<Error>,
    in_flight: FuturesUnordered<BoxFuture<'static, (usize, Result<Sent>)>>,
    /// The ids of the emails in flight, by slot.
    ids: Vec<Option<K>>,
    free_slots: Vec<usize>,
    progress: Progress,
}

impl<K> BulkResults<K> {
    pub(crate) fn new<S>(
        client: &Client,
        emails: S,
        key: fn(&K) -> Option<&IdempotencyKey>,
        options: BulkOptions,
    ) -> Self
    where
        S: Stream<Item = (K, NewEmail)> + Send + 'static,
    {
        let slots = options.in_flight.clamp(1, MAX_IN_FLIGHT);
        Self {
            client: client.clone(),
            options,
            key,
            input: Some(emails.boxed()),
            stopped: false,
            stopped_by: None,
            in_flight: FuturesUnordered::new(),
            ids: std::iter::repeat_with(|| None).take(slots).collect(),
            free_slots: (0..slots).collect(),
            progress: Progress::default(),
        }
    }

    /// The next result, or `None` after the last one.
    pub async fn next(&mut self) -> Option<(K, Result<Sent>)> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// The progress so far.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Takes no more emails from the input. Those in flight are completed.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// The failure after which no more emails were taken, because each of them would fail alike.
    pub fn stopped_by(&self) -> Option<&Error> {
        self.stopped_by.as_ref()
    }

    /// The emails that were not taken from the input. Cancels the sends in flight: read the results to their end first.
    pub fn into_remaining(self) -> impl Stream<Item = (K, NewEmail)> + Send + Unpin + use<K>
    where
        K: 'static,
    {
        stream::iter(self.input).flatten()
    }

    /// Cancels the sends in flight, and returns their ids: each of these emails may have been accepted.
    pub fn abandon(self) -> Vec<K> {
        self.ids.into_iter().flatten().collect()
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<(K, Result<Sent>)>> {
        self.fill(context);
        match self.in_flight.poll_next_unpin(context) {
            Poll::Ready(Some((slot, result))) => {
                self.free_slots.push(slot);
                self.count(&result);
                if let Err(error) = &result
                    && is_shared(error.kind())
                {
                    self.stopped = true;
                    self.stopped_by.get_or_insert_with(|| error.clone());
                }
                match self.ids[slot].take() {
                    Some(id) => Poll::Ready(Some((id, result))),
                    None => Poll::Ready(None), // unreachable: a slot in use has an id
                }
            }
            Poll::Ready(None) if self.stopped || self.input.is_none() => Poll::Ready(None),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    /// Takes emails from the input while there are free slots.
    fn fill(&mut self, context: &mut Context<'_>) {
        while let (false, Some(input), Some(&slot)) = (self.stopped, &mut self.input, self.free_slots.last()) {
            match input.as_mut().poll_next(context) {
                Poll::Ready(Some((id, email))) => {
                    self.free_slots.pop();
                    let sending = self.send(slot, (self.key)(&id).cloned(), email);
                    self.ids[slot] = Some(id);
                    self.progress.in_flight += 1;
                    self.in_flight.push(sending);
                }
                Poll::Ready(None) => self.input = None,
                Poll::Pending => return,
            }
        }
    }

    fn send(
        &self,
        slot: usize,
        key: Option<IdempotencyKey>,
        email: NewEmail,
    ) -> BoxFuture<'static, (usize, Result<Sent>)> {
        let (client, policy) = (self.client.clone(), self.options.reconcile.clone());
        if key.is_none() && policy.is_none() {
            return Box::pin(async move { (slot, send::send(&client, &email).await) });
        }
        Box::pin(async move {
            let (key, policy) = (key.unwrap_or_else(IdempotencyKey::random), policy.unwrap_or_default());
            (slot, send_idempotent(&client, &email, &key, &policy).await)
        })
    }

    fn count(&mut self, result: &Result<Sent>) {
        self.progress.in_flight -= 1;
        let count = match result.as_ref().map_err(Error::outcome) {
            Ok(_) => &mut self.progress.accepted,
            Err(Outcome::NotDone) => &mut self.progress.not_done,
            Err(Outcome::Done) => &mut self.progress.unread,
            Err(Outcome::Unknown) => &mut self.progress.unknown,
        };
        *count += 1;
    }
}

/// Whether every further email would fail in the same way.
fn is_shared(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Configuration | ErrorKind::Authentication | ErrorKind::MfaRequired | ErrorKind::Forbidden)
}

impl<K: Unpin> Stream for BulkResults<K> {
    type Item = (K, Result<Sent>);

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

impl<K> fmt::Debug for BulkResults<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkResults").field("progress", &self.progress).finish_non_exhaustive()
    }
}
