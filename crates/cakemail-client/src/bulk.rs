//! Many emails: as a stream in, as a stream of outcomes out, with so many in flight.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use cakemail_model::emails::NewEmail;
use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, FuturesUnordered};

use crate::idempotent::{IdempotencyKey, ReconcilePolicy, send_idempotent};
use crate::send::{self, Sent};
use crate::{Client, Outcome, Result};

/// How many emails are sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BulkOptions {
    /// How many are in flight at once: 64 by default.
    pub in_flight: usize,
    /// With a policy, each email is sent under a key of its own and reconciled when its answer is lost.
    pub reconcile: Option<ReconcilePolicy>,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self { in_flight: 64, reconcile: None }
    }
}

impl BulkOptions {
    /// 64 in flight, without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many are in flight at once; at least one.
    #[must_use]
    pub fn in_flight(mut self, in_flight: usize) -> Self {
        self.in_flight = in_flight;
        self
    }

    /// Sends each email under a key of its own, and finds out what became of it when its answer is lost.
    #[must_use]
    pub fn reconcile(mut self, policy: ReconcilePolicy) -> Self {
        self.reconcile = Some(policy);
        self
    }
}

/// How far a bulk has come. Every email that was taken is in exactly one of the five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Accepted by the server.
    pub accepted: u64,
    /// Not sent, or refused: nothing has happened.
    pub not_done: u64,
    /// Accepted, but without an id that could be read.
    pub unread: u64,
    /// Perhaps accepted.
    pub unknown: u64,
    /// On their way.
    pub in_flight: u64,
}

/// The outcomes of a bulk, in the order in which they come: a [`Stream`] of the caller's names and the results.
///
/// Emails are taken from the input only as fast as there is room for them, and nothing is sent while nobody polls.
/// Dropping it abandons what is in flight; [`stop`](Self::stop) and [`abandon`](Self::abandon) account for it.
#[must_use = "nothing is sent until the outcomes are read"]
pub struct BulkResults<K> {
    client: Client,
    options: BulkOptions,
    input: Option<BoxStream<'static, (K, NewEmail)>>,
    sending: FuturesUnordered<BoxFuture<'static, (usize, Result<Sent>)>>,
    /// The names of those in flight, each at its place, and the places that are free.
    names: Vec<Option<K>>,
    free: Vec<usize>,
    progress: Progress,
}

impl<K> BulkResults<K> {
    pub(crate) fn new<S>(client: &Client, emails: S, options: BulkOptions) -> Self
    where
        S: Stream<Item = (K, NewEmail)> + Send + 'static,
    {
        let in_flight = options.in_flight.max(1);
        Self {
            client: client.clone(),
            options,
            input: Some(emails.boxed()),
            sending: FuturesUnordered::new(),
            names: std::iter::repeat_with(|| None).take(in_flight).collect(),
            free: (0..in_flight).collect(),
            progress: Progress::default(),
        }
    }

    /// The next outcome, or `None` when all emails are accounted for.
    pub async fn next(&mut self) -> Option<(K, Result<Sent>)> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Takes no more emails. What is in flight goes on, and its outcomes still come.
    pub fn stop(&mut self) {
        self.input = None;
    }

    /// Gives up at once, and names the emails that were in flight: each of them may have been accepted.
    pub fn abandon(self) -> Vec<K> {
        self.names.into_iter().flatten().collect()
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<(K, Result<Sent>)>> {
        self.fill(context);
        match self.sending.poll_next_unpin(context) {
            Poll::Ready(Some((place, result))) => {
                self.free.push(place);
                self.note(&result);
                match self.names[place].take() {
                    Some(name) => Poll::Ready(Some((name, result))),
                    None => Poll::Ready(None), // a place in flight always has a name
                }
            }
            Poll::Ready(None) if self.input.is_none() => Poll::Ready(None),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    /// Takes emails while there is room and the input has some.
    fn fill(&mut self, context: &mut Context<'_>) {
        while let (Some(input), Some(&place)) = (&mut self.input, self.free.last()) {
            match input.as_mut().poll_next(context) {
                Poll::Ready(Some((name, email))) => {
                    self.free.pop();
                    self.names[place] = Some(name);
                    self.progress.in_flight += 1;
                    self.sending.push(self.send(place, email));
                }
                Poll::Ready(None) => self.input = None,
                Poll::Pending => return,
            }
        }
    }

    fn send(&self, place: usize, email: NewEmail) -> BoxFuture<'static, (usize, Result<Sent>)> {
        let (client, policy) = (self.client.clone(), self.options.reconcile.clone());
        Box::pin(async move {
            let result = match policy {
                None => send::send(&client, &email).await,
                Some(policy) => send_idempotent(&client, &email, &IdempotencyKey::random(), &policy).await,
            };
            (place, result)
        })
    }

    fn note(&mut self, result: &Result<Sent>) {
        self.progress.in_flight -= 1;
        let count = match result.as_ref().map_err(crate::Error::outcome) {
            Ok(_) => &mut self.progress.accepted,
            Err(Outcome::NotDone) => &mut self.progress.not_done,
            Err(Outcome::Done) => &mut self.progress.unread,
            Err(Outcome::Unknown) => &mut self.progress.unknown,
        };
        *count += 1;
    }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use cakemail_model::emails::NewEmail;
    use cakemail_model::{Content, ListId};
    use cakemail_transport::{Dispatch, Request, Response, Transport, TransportError, TransportErrorKind};
    use futures_util::stream;

    use super::{BulkOptions, BulkResults, Progress};
    use crate::{Client, Credentials};

    /// Accepts emails after a second, but for those to `lost@…` (whose answer never comes) and `refused@…`.
    #[derive(Debug, Default, Clone)]
    struct Server {
        now: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
    }

    #[async_trait::async_trait]
    impl Transport for Server {
        async fn send(&self, request: Request) -> Result<Response, TransportError> {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.now.fetch_sub(1, Ordering::SeqCst);
            let body = String::from_utf8_lossy(request.body().as_bytes().unwrap()).into_owned();
            if body.contains("lost@") {
                return Err(TransportError::new(TransportErrorKind::ConnectionLost, Dispatch::MaybeSent, "lost"));
            }
            if body.contains("refused@") {
                let refusal = Response::new(r#"{"detail":[{"msg":"no"}]}"#.into());
                let (mut head, body) = refusal.into_parts();
                head.status = http::StatusCode::BAD_REQUEST;
                return Ok(Response::from_parts(head, body));
            }
            Ok(Response::new(r#"{"email":"a","data":{"id":"e1","status":"queued"}}"#.into()))
        }
    }

    fn client(server: &Server) -> Client {
        let credentials = Credentials::access_token("token");
        Client::builder().credentials(credentials).transport(server.clone()).build().unwrap()
    }

    fn email(name: &str) -> NewEmail {
        let recipient = format!("{name}@example.com");
        NewEmail::transactional("7", ListId::new(42), recipient, Content::text("Hi", "Hello"))
    }

    /// A bulk of `count` emails, and how many of them have been taken.
    fn bulk(client: &Client, count: usize, in_flight: usize) -> (BulkResults<usize>, Arc<AtomicUsize>) {
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        let emails = stream::iter(0..count).map(move |number| {
            counter.fetch_add(1, Ordering::SeqCst);
            let name = ["ada", "ada", "lost", "refused"][number % 4];
            (number, email(name))
        });
        (client.emails().send_all(emails, BulkOptions::new().in_flight(in_flight)), taken)
    }

    use futures_util::StreamExt;

    #[tokio::test(start_paused = true)]
    async fn every_email_has_one_outcome_and_so_many_are_in_flight() {
        let server = Server::default();
        let (mut outcomes, taken) = bulk(&client(&server), 400, 10);
        assert_eq!(taken.load(Ordering::SeqCst), 0);
        let mut names = Vec::new();
        while let Some((name, result)) = outcomes.next().await {
            assert_eq!(result.is_ok(), name % 4 < 2);
            names.push(name);
            assert!(taken.load(Ordering::SeqCst) <= names.len() + 10);
        }
        let progress = outcomes.progress();
        assert_eq!(progress, Progress { accepted: 200, not_done: 100, unread: 0, unknown: 100, in_flight: 0 });
        names.sort_unstable();
        assert_eq!(names, (0..400).collect::<Vec<_>>());
        assert_eq!(server.most.load(Ordering::SeqCst), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn stopped_it_finishes_what_is_in_flight() {
        let (mut outcomes, taken) = bulk(&client(&Server::default()), 400, 10);
        assert!(outcomes.next().await.is_some());
        outcomes.stop();
        let mut rest = 0;
        while outcomes.next().await.is_some() {
            rest += 1;
        }
        assert_eq!(taken.load(Ordering::SeqCst), rest + 1);
    }

    #[tokio::test(start_paused = true)]
    async fn abandoned_it_names_what_was_in_flight() {
        let (mut outcomes, taken) = bulk(&client(&Server::default()), 400, 10);
        let (first, _) = outcomes.next().await.unwrap();
        let mut names = outcomes.abandon();
        names.push(first);
        names.sort_unstable();
        assert_eq!(names, (0..taken.load(Ordering::SeqCst)).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn room_for_none_is_room_for_one() {
        let (outcomes, _) = bulk(&client(&Server::default()), 3, 0);
        assert_eq!(outcomes.count().await, 3);
    }
}
