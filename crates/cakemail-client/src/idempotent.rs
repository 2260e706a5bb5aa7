//! Sends an email under an idempotency key: looks it up in the logs, so that it is not sent twice.

use std::time::Duration;

use cakemail_model::emails::{GetEmail, NewEmail};
use cakemail_model::logs::{ListEmailLogs, LogQuery};
use cakemail_model::{FieldError, TagFilter, Timestamp, check_tag};
use tokio::time::Instant;
use tracing::debug;

use crate::client::Client;
use crate::error::{Outcome, Result};
use crate::send::{ConfirmedBy, Sent, submit, validate};
use crate::time;

/// Identifies one email, such as the receipt of one order, so that it can be found in the logs.
///
/// The key is sent as the email's tag `key-…`, which the account then has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    tag: String,
    is_random: bool,
}

const PREFIX: &str = "key-";

impl IdempotencyKey {
    /// A key of at most 251 letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// The reason, when it is empty, too long or has other characters.
    pub fn new(key: &str) -> Result<Self, FieldError> {
        let tag = format!("{PREFIX}{key}");
        if key.is_empty() {
            let message = "is empty: use a value that identifies this email, such as an order number";
            return Err(FieldError::new("key", message));
        }
        match check_tag(&tag) {
            Some(_) => Err(FieldError::new("key", "is not a valid key: use at most 251 letters, digits, `-` and `_`")),
            None => Ok(Self { tag, is_random: false }),
        }
    }

    /// A random key. It finds the email after a lost response, and skips the search for an earlier one.
    pub fn random() -> Self {
        Self { tag: format!("{PREFIX}{:032x}", fastrand::u128(..)), is_random: true }
    }

    /// The tag that the key is sent as.
    pub fn tag(&self) -> &str {
        &self.tag
    }
}

/// How to reconcile an email whose response was lost with the logs, and what to do when they do not have it.
///
/// The client searches the logs for the key during `window`. How soon an accepted email is in the logs is not documented,
/// so an email that is missing may still have been accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReconcilePolicy {
    /// How long to search: 20 seconds by default. This is added to the call's deadline.
    pub window: Duration,
    /// What to do when the email is not found in this time.
    pub on_missing: OnMissing,
    /// How far back to search for an email with the same key before sending. By default the server decides: 7 days.
    pub lookback: Option<Duration>,
}

/// What to do when the logs do not have an email that may have been accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnMissing {
    /// Return an error whose outcome is [`Outcome::Unknown`].
    #[default]
    Report,
    /// Submit the email again, at most three times. The recipient may get it more than once.
    Resend,
}

impl Default for ReconcilePolicy {
    fn default() -> Self {
        Self { window: Duration::from_secs(20), on_missing: OnMissing::Report, lookback: None }
    }
}

impl ReconcilePolicy {
    /// Searches for 20 seconds, and reports a missing email.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long to search the logs.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Sets what to do when the email is not found.
    #[must_use]
    pub fn on_missing(mut self, on_missing: OnMissing) -> Self {
        self.on_missing = on_missing;
        self
    }

    /// Sets how far back to search for an email with the same key.
    #[must_use]
    pub fn lookback(mut self, lookback: Duration) -> Self {
        self.lookback = Some(lookback);
        self
    }
}

/// The largest number of resubmissions with [`OnMissing::Resend`].
const MAX_RESENDS: u32 = 3;
/// The first interval between two searches. It doubles each time.
const FIRST_INTERVAL: Duration = Duration::from_millis(200);
const MAX_INTERVAL: Duration = Duration::from_secs(3);
/// The time limit of one search.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Validates an email and submits it under a key, unless the logs have an email with that key.
pub(crate) async fn send_idempotent(
    client: &Client,
    email: &NewEmail,
    key: &IdempotencyKey,
    policy: &ReconcilePolicy,
) -> Result<Sent> {
    let email = email.clone().tag(key.tag());
    validate(&email)?;
    if !key.is_random
        && let Some(earlier) = find(client, key, policy.lookback).await?
    {
        return Ok(Sent { confirmed_by: ConfirmedBy::PriorSend, ..earlier });
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
        // A rejected resubmission does not tell what happened to the submission before it.
        let outcome = if error.outcome() == Outcome::Done { Outcome::Done } else { Outcome::Unknown };
        if let Some(found) = reconcile(client, key, policy.window).await {
            return Ok(Sent { attempts, ..found });
        }
        if policy.on_missing == OnMissing::Report || outcome == Outcome::Done || resends == MAX_RESENDS {
            return Err(error.with_attempts(attempts).with_outcome(outcome));
        }
        resends += 1;
        debug!(resends, "the email is not in the logs: submitting it again");
    }
}

/// Searches the logs until the key is found or the window ends, and once more at its end. A failed search is repeated.
async fn reconcile(client: &Client, key: &IdempotencyKey, window: Duration) -> Option<Sent> {
    let window_end = time::from_now(window);
    let mut interval = FIRST_INTERVAL;
    loop {
        let is_last = Instant::now() >= window_end;
        match tokio::time::timeout(SEARCH_TIMEOUT, find(client, key, None)).await {
            Ok(Ok(Some(found))) => return Some(found),
            Ok(Err(error)) => debug!(kind = ?error.kind(), "the logs cannot be read"),
            Ok(Ok(None)) | Err(_) => {}
        }
        if is_last {
            return None;
        }
        tokio::time::sleep_until(window_end.min(Instant::now() + interval)).await;
        interval = (interval * 2).min(MAX_INTERVAL);
    }
}

/// Finds the newest email with the key in the logs. Without `lookback` the server limits how old it may be.
async fn find(client: &Client, key: &IdempotencyKey, lookback: Option<Duration>) -> Result<Option<Sent>> {
    let mut query = LogQuery::new().tags(TagFilter::from(key.tag())).per_page(10);
    query.start_time = lookback.map(|lookback| Timestamp::now().saturating_sub(lookback));
    for line in client.execute(&ListEmailLogs { query }).await?.data {
        // A server that ignored the filter would return other emails: only the email's own tags count.
        let tags = match line.tags.is_empty() {
            true => client.execute(&GetEmail { email_id: line.email_id.clone() }).await?.tags,
            false => line.tags,
        };
        if tags.iter().any(|tag| tag == key.tag()) {
            let confirmed_by = ConfirmedBy::Reconciliation;
            return Ok(Some(Sent { id: line.email_id, status: line.kind, attempts: 0, confirmed_by }));
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

    use super::{IdempotencyKey, OnMissing, ReconcilePolicy, send_idempotent};
    use crate::client::Client;
    use crate::credentials::Credentials;
    use crate::error::{Error, ErrorKind, Outcome};
    use crate::send::{ConfirmedBy, Sent, send};

    /// A server with given responses, which counts the submissions.
    struct Server {
        posts: Arc<Mutex<u32>>,
        client: Client,
    }

    impl Server {
        /// `post` is the response to the nth submission; `logs` is the content of the logs after n submissions.
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
                        let lost = |dispatch| TransportError::new(TransportErrorKind::ConnectionLost, dispatch, "lost");
                        (201, post(*posts).map_err(lost)?)
                    }
                    path => panic!("unexpected request: {path}"),
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
            let policy = ReconcilePolicy::new().on_missing(on_missing);
            send_idempotent(&self.client, &email, key, &policy).await
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
    async fn an_email_whose_response_was_lost_is_found_in_the_logs() {
        let key = IdempotencyKey::random();
        let tag = key.tag().to_owned();
        let server =
            Server::new(|_| Err(Dispatch::MaybeSent), move |posts| if posts > 0 { row(&tag) } else { nothing() });
        let sent = server.send(&key, OnMissing::Report).await.unwrap();
        assert_eq!((sent.id.as_str(), sent.attempts, sent.confirmed_by), ("e1", 1, ConfirmedBy::Reconciliation));
        assert_eq!(server.posts(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_email_missing_from_the_logs_is_reported_as_unknown_and_not_resent() {
        let server = Server::new(|_| Err(Dispatch::MaybeSent), |_| nothing());
        let start = tokio::time::Instant::now();
        let error = server.send(&IdempotencyKey::random(), OnMissing::Report).await.unwrap_err();
        assert_eq!((error.outcome(), error.kind(), error.attempts()), (Outcome::Unknown, ErrorKind::ConnectionLost, 1));
        assert_eq!(server.posts(), 1);
        let searched = start.elapsed();
        assert!(searched > Duration::from_secs(15) && searched <= Duration::from_secs(20), "{searched:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn on_missing_resend_resubmits_at_most_three_times() {
        let server =
            Server::new(|posts| if posts < 3 { Err(Dispatch::MaybeSent) } else { Ok(accepted()) }, |_| nothing());
        let sent = server.send(&IdempotencyKey::random(), OnMissing::Resend).await.unwrap();
        assert_eq!((sent.attempts, sent.confirmed_by, server.posts()), (3, ConfirmedBy::Response, 3));

        let server = Server::new(|_| Err(Dispatch::MaybeSent), |_| nothing());
        let error = server.send(&IdempotencyKey::random(), OnMissing::Resend).await.unwrap_err();
        assert_eq!((error.outcome(), error.attempts(), server.posts()), (Outcome::Unknown, 4, 4));
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_email_with_the_key_is_returned_and_nothing_is_submitted() {
        let server = Server::new(|_| Ok(accepted()), |_| row("key-order-42"));
        let sent = server.send(&IdempotencyKey::new("order-42").unwrap(), OnMissing::Resend).await.unwrap();
        assert_eq!((sent.id.as_str(), sent.attempts, sent.confirmed_by), ("e1", 0, ConfirmedBy::PriorSend));
        assert_eq!(server.posts(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_entry_with_another_key_is_ignored() {
        let server = Server::new(|_| Ok(accepted()), |_| row("key-order-4"));
        let sent = server.send(&IdempotencyKey::new("order-42").unwrap(), OnMissing::Report).await.unwrap();
        assert_eq!((sent.attempts, sent.confirmed_by, server.posts()), (1, ConfirmedBy::Response, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_unreadable_response_is_done_and_not_resent() {
        let server = Server::new(|_| Ok(json!({"data": {"status": "queued"}})), |_| nothing());
        let error = server.send(&IdempotencyKey::random(), OnMissing::Resend).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), server.posts()), (ErrorKind::UnexpectedResponse, Outcome::Done, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_was_not_sent_is_retried_without_a_search_of_the_logs() {
        let server = Server::new(
            |posts| if posts == 1 { Err(Dispatch::NotSent) } else { Ok(accepted()) },
            |_| panic!("the logs were searched"),
        );
        let sent = server.send(&IdempotencyKey::random(), OnMissing::Report).await.unwrap();
        assert_eq!((sent.attempts, sent.confirmed_by), (2, ConfirmedBy::Response));
    }

    /// A million sends may be in progress, each in its own task.
    #[test]
    fn the_future_of_a_send_is_small() {
        let client = Server::new(|_| Ok(accepted()), |_| nothing()).client;
        let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Hi", "Hello"));
        let size = size_of_val(&send(&client, &email));
        println!("the future of a send: {size} bytes");
        assert!(size <= 400, "{size} bytes");
    }

    #[test]
    fn a_key_is_valid_if_its_tag_is() {
        assert_eq!(IdempotencyKey::new("order-42").unwrap().tag(), "key-order-42");
        assert_eq!(IdempotencyKey::new(&"k".repeat(251)).unwrap().tag().len(), 255);
        for key in ["", "order 42", "é", &"k".repeat(252)] {
            assert!(IdempotencyKey::new(key).is_err(), "{key}");
        }
        assert_ne!(IdempotencyKey::random(), IdempotencyKey::random());
    }
}
