//! Sending under a key: what became of an email whose answer is lost, and the same key never twice.

use std::time::Duration;

use cakemail_model::emails::NewEmail;
use cakemail_model::logs::LogQuery;
use cakemail_model::{FieldError, TagFilter, Timestamp, check_tag};
use tokio::time::Instant;
use tracing::debug;

use crate::pipeline;
use crate::send::{ConfirmedBy, Sent, check, submit};
use crate::{Client, Outcome, Result};

/// A name for one email, by which it is found again: an order's number, say.
///
/// It travels as the tag `key-…`, which the account then has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    tag: String,
    fresh: bool,
}

const PREFIX: &str = "key-";

impl IdempotencyKey {
    /// A key of the caller's: letters, digits, `-` and `_`, at most 251 of them.
    ///
    /// # Errors
    /// The fault, when it is no such word.
    pub fn new(key: &str) -> Result<Self, FieldError> {
        let tag = format!("{PREFIX}{key}");
        match check_tag(&tag) {
            _ if key.is_empty() => {
                Err(FieldError::new("key", "is empty: use a value that identifies this email, such as an order number"))
            }
            Some(_) => Err(FieldError::new("key", "is not a valid key: use at most 251 letters, digits, `-` and `_`")),
            None => Ok(Self { tag, fresh: false }),
        }
    }

    /// A key that nobody has used: it finds an email whose answer is lost, and saves looking for an earlier one.
    pub fn random() -> Self {
        Self { tag: format!("{PREFIX}{:032x}", fastrand::u128(..)), fresh: true }
    }

    /// The tag that it travels as.
    pub fn tag(&self) -> &str {
        &self.tag
    }
}

/// How to find out what became of an email whose answer is lost, and what to do when that cannot be found out.
///
/// The client looks for the key in the logs for as long as `window`. Whether an accepted email shows there so soon is
/// not documented, so that finding nothing proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReconcilePolicy {
    /// How long to look: 20 seconds by default. It counts on top of the call's deadline.
    pub window: Duration,
    /// What to do when nothing is found by then.
    pub on_missing: OnMissing,
    /// How far back an email with the same key is looked for before anything is sent: unless given, as far as the
    /// server does by itself, which is 7 days.
    pub lookback: Option<Duration>,
}

/// What to do when the logs do not have an email that may have been accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnMissing {
    /// Say so: the error's outcome is [`Outcome::Unknown`].
    #[default]
    Report,
    /// Submit it again: the caller would rather have it twice than not at all.
    Resend,
}

impl Default for ReconcilePolicy {
    fn default() -> Self {
        Self { window: Duration::from_secs(20), on_missing: OnMissing::Report, lookback: None }
    }
}

impl ReconcilePolicy {
    /// Looks for 20 seconds, and reports what it does not find.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long to look in the logs.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// What to do when nothing is found.
    #[must_use]
    pub fn on_missing(mut self, on_missing: OnMissing) -> Self {
        self.on_missing = on_missing;
        self
    }

    /// How far back an email with the same key is looked for.
    #[must_use]
    pub fn lookback(mut self, lookback: Duration) -> Self {
        self.lookback = Some(lookback);
        self
    }
}

/// A lost email is submitted again at most so often, when the caller wants it so.
const RESENDS: u32 = 3;
/// The first and the longest pause between two looks into the logs.
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(3);
/// The time for one look.
const LOOK: Duration = Duration::from_secs(10);

/// Checks an email and submits it under a key, unless the logs have that key already.
pub(crate) async fn send_idempotent(
    client: &Client,
    email: &NewEmail,
    key: &IdempotencyKey,
    policy: &ReconcilePolicy,
) -> Result<Sent> {
    let email = email.clone().tag(key.tag());
    check(&email)?;
    if !key.fresh
        && let Some(earlier) = look(client, key, policy.lookback).await?
    {
        return Ok(Sent { attempts: 0, confirmed_by: ConfirmedBy::PriorSend, ..earlier });
    }
    let mut attempts = 0;
    let mut resends = 0;
    loop {
        let error = match submit(client, &email).await {
            Ok(sent) => return Ok(Sent { attempts: attempts + sent.attempts, ..sent }),
            Err(error) => error,
        };
        attempts += error.attempts();
        if error.outcome() == Outcome::NotDone && resends == 0 {
            return Err(error);
        }
        // A refusal now says nothing of a submission before it, which is still unaccounted for.
        let outcome = if error.outcome() == Outcome::Done { Outcome::Done } else { Outcome::Unknown };
        if let Some(found) = search(client, key, policy.window).await {
            return Ok(Sent { attempts, confirmed_by: ConfirmedBy::Reconciliation, ..found });
        }
        if policy.on_missing == OnMissing::Report || outcome == Outcome::Done || resends == RESENDS {
            return Err(error.with_attempts(attempts).with_outcome(outcome));
        }
        resends += 1;
        debug!(resends, "the email is not in the logs: submitting it again, as asked");
    }
}

/// Looks for the key until it is found or the window is over, then a last time. What fails in between is tried again.
async fn search(client: &Client, key: &IdempotencyKey, window: Duration) -> Option<Sent> {
    let until = pipeline::after(window);
    let mut pause = FIRST;
    loop {
        let last = Instant::now() >= until;
        match tokio::time::timeout(LOOK, look(client, key, None)).await {
            Ok(Ok(Some(found))) => return Some(found),
            Ok(Err(error)) => debug!(kind = ?error.kind(), "the logs cannot be read"),
            Ok(Ok(None)) | Err(_) => {}
        }
        if last {
            return None;
        }
        tokio::time::sleep_until(until.min(Instant::now() + pause)).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// The newest line that the logs have for the key, by the server's own clock unless told how far to look back.
async fn look(client: &Client, key: &IdempotencyKey, lookback: Option<Duration>) -> Result<Option<Sent>> {
    let mut query = LogQuery::new().tags(TagFilter::from(key.tag())).per_page(10);
    query.start_time = lookback.map(|lookback| Timestamp::now().saturating_sub(lookback));
    for line in client.logs().page(query).await?.data {
        // Believed only where the key is seen: a server that passed the filter over would name another's email.
        let tags = match line.tags.is_empty() {
            true => client.emails().get(&line.email_id).await?.tags,
            false => line.tags,
        };
        if tags.iter().any(|tag| tag == key.tag()) {
            return Ok(Some(Sent {
                id: line.email_id,
                status: line.kind,
                attempts: 0,
                confirmed_by: ConfirmedBy::Reconciliation,
            }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use cakemail_model::emails::NewEmail;
    use cakemail_model::{Content, ListId};
    use cakemail_transport::{Dispatch, MockTransport, Response, TransportError, TransportErrorKind};
    use serde_json::{Value, json};

    use super::{IdempotencyKey, OnMissing, ReconcilePolicy};
    use crate::{Client, ConfirmedBy, Credentials, Error, ErrorKind, Outcome, Sent};

    /// A server that answers what it is told, and counts the submissions.
    struct Server {
        posts: Arc<Mutex<u32>>,
        client: Client,
    }

    impl Server {
        /// `post` answers the nth submission, `logs` what a look into the logs finds after so many submissions.
        fn new(
            post: impl Fn(u32) -> Result<Value, Dispatch> + Send + 'static,
            logs: impl Fn(u32) -> Value + Send + 'static,
        ) -> Self {
            let posts = Arc::new(Mutex::new(0));
            let count = Arc::clone(&posts);
            let mut transport = MockTransport::new();
            transport.expect_send().returning(move |request| {
                let mut posts = count.lock().unwrap();
                let (status, body) = match request.uri().path() {
                    "/v2/logs/emails" => (200, logs(*posts)),
                    "/v2/emails" => {
                        *posts += 1;
                        let lost = |delivery| TransportError::new(TransportErrorKind::ConnectionLost, delivery, "lost");
                        (201, post(*posts).map_err(lost)?)
                    }
                    path => panic!("{path} was not expected"),
                };
                let mut response = Response::new(body.to_string().into());
                *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
                Ok(response)
            });
            let credentials = Credentials::access_token("token");
            let client = Client::builder().credentials(credentials).transport(transport).build().unwrap();
            Self { posts, client }
        }

        async fn send(&self, key: &IdempotencyKey, on_missing: OnMissing) -> Result<Sent, Error> {
            let content = Content::text("Hi", "Hello");
            let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", content);
            self.client.emails().send_idempotent(&email, key, &ReconcilePolicy::new().on_missing(on_missing)).await
        }

        fn posts(&self) -> u32 {
            *self.posts.lock().unwrap()
        }
    }

    fn accepted() -> Value {
        json!({"email": "ada@example.com", "object": "email", "submitted": true, "data": {"id": "e1", "status": "queued"}})
    }

    fn page(rows: &Value) -> Value {
        json!({"pagination": {"page": 1, "per_page": 10, "has_more": false}, "parameters": {}, "data": rows})
    }

    fn row(tag: &str) -> Value {
        page(&json!([{"id": "l1", "type": "queued", "email_id": "e1", "time": 1, "tags": ["other", tag]}]))
    }

    fn nothing() -> Value {
        page(&json!([]))
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_answer_is_found_in_the_logs() {
        let key = IdempotencyKey::random();
        let tag = key.tag().to_owned();
        let server =
            Server::new(|_| Err(Dispatch::MaybeSent), move |posts| if posts > 0 { row(&tag) } else { nothing() });
        let sent = server.send(&key, OnMissing::Report).await.unwrap();
        assert_eq!((sent.id.as_str(), sent.attempts, sent.confirmed_by), ("e1", 1, ConfirmedBy::Reconciliation));
        assert_eq!(server.posts(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_found_is_reported_unknown_and_never_sent_again() {
        let server = Server::new(|_| Err(Dispatch::MaybeSent), |_| nothing());
        let start = tokio::time::Instant::now();
        let error = server.send(&IdempotencyKey::random(), OnMissing::Report).await.unwrap_err();
        assert_eq!((error.outcome(), error.kind(), error.attempts()), (Outcome::Unknown, ErrorKind::ConnectionLost, 1));
        assert_eq!(server.posts(), 1);
        let looked = start.elapsed();
        assert!(looked > Duration::from_secs(15) && looked <= Duration::from_secs(20), "{looked:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_may_have_it_sent_again() {
        let server =
            Server::new(|posts| if posts < 3 { Err(Dispatch::MaybeSent) } else { Ok(accepted()) }, |_| nothing());
        let sent = server.send(&IdempotencyKey::random(), OnMissing::Resend).await.unwrap();
        assert_eq!((sent.attempts, sent.confirmed_by, server.posts()), (3, ConfirmedBy::Response, 3));

        let server = Server::new(|_| Err(Dispatch::MaybeSent), |_| nothing());
        let error = server.send(&IdempotencyKey::random(), OnMissing::Resend).await.unwrap_err();
        assert_eq!((error.outcome(), error.attempts(), server.posts()), (Outcome::Unknown, 4, 4));
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_email_with_the_key_is_the_answer() {
        let server = Server::new(|_| Ok(accepted()), |_| row("key-order-42"));
        let sent = server.send(&IdempotencyKey::new("order-42").unwrap(), OnMissing::Resend).await.unwrap();
        assert_eq!((sent.id.as_str(), sent.attempts, sent.confirmed_by), ("e1", 0, ConfirmedBy::PriorSend));
        assert_eq!(server.posts(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_row_without_the_key_is_not_believed() {
        let server = Server::new(|_| Ok(accepted()), |_| row("key-order-4"));
        let sent = server.send(&IdempotencyKey::new("order-42").unwrap(), OnMissing::Report).await.unwrap();
        assert_eq!((sent.attempts, sent.confirmed_by, server.posts()), (1, ConfirmedBy::Response, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_cannot_be_read_is_done_and_never_sent_again() {
        let server = Server::new(|_| Ok(json!({"data": {"status": "queued"}})), |_| nothing());
        let error = server.send(&IdempotencyKey::random(), OnMissing::Resend).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), server.posts()), (ErrorKind::UnexpectedResponse, Outcome::Done, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_sent_is_sent_again_without_a_look() {
        let server = Server::new(
            |posts| if posts == 1 { Err(Dispatch::NotSent) } else { Ok(accepted()) },
            |_| panic!("nothing was lost"),
        );
        let sent = server.send(&IdempotencyKey::random(), OnMissing::Report).await.unwrap();
        assert_eq!((sent.attempts, sent.confirmed_by), (2, ConfirmedBy::Response));
    }

    /// A million of them may be under way, each a task of its own.
    #[test]
    fn the_future_of_a_send_is_small() {
        let client = Server::new(|_| Ok(accepted()), |_| nothing()).client;
        let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Hi", "Hello"));
        let size = size_of_val(&client.emails().send(&email));
        println!("the future of a send: {size} bytes");
        assert!(size <= 400, "{size} bytes");
    }

    #[test]
    fn keys_are_tags() {
        assert_eq!(IdempotencyKey::new("order-42").unwrap().tag(), "key-order-42");
        assert_eq!(IdempotencyKey::new(&"k".repeat(251)).unwrap().tag().len(), 255);
        for key in ["", "order 42", "é", &"k".repeat(252)] {
            assert!(IdempotencyKey::new(key).is_err(), "{key}");
        }
        assert_ne!(IdempotencyKey::random(), IdempotencyKey::random());
    }
}
