//! Idempotency keys: bound to one email, used by one call at a time, and remembered by a client.

use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use cakemail_client::{
    Client, ConfirmedBy, Error, ErrorKind, IdempotencyKey, KeyDifference, OnMissing, Outcome, ReconcilePolicy, Sent,
};
use cakemail_model::emails::NewEmail;
use cakemail_transport::{Dispatch, TransportErrorKind};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Reply, StubServer, advanced, email, status, transport_error};

/// An account: it accepts each email after a delay, and shows it in its logs after a delay.
#[derive(Clone)]
struct Account {
    stub: StubServer,
    logged: Arc<Mutex<Vec<(Instant, Value)>>>,
}

#[derive(Clone, Copy)]
struct Behavior {
    accepts_after: Duration,
    logs_after: Duration,
    /// Whether the response to a submission is lost.
    loses: bool,
    /// Whether the logs show recipients and subjects.
    shows: bool,
}

const PROMPT: Behavior =
    Behavior { accepts_after: Duration::ZERO, logs_after: Duration::ZERO, loses: false, shows: true };
const NEVER: Duration = Duration::from_secs(1 << 30);

impl Account {
    fn new(behavior: Behavior) -> Self {
        let logged = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&logged);
        let stub = StubServer::new(move |request| {
            let log = Arc::clone(&log);
            async move {
                match request.uri().path() {
                    "/v2/logs/emails" => logs(&log.lock().unwrap()),
                    "/v2/emails" => {
                        let body = serde_json::from_slice(request.body().as_bytes().unwrap()).unwrap();
                        accept(&log, body, behavior).await
                    }
                    path => status(200, json!({"email_id": path.rsplit('/').next(), "email": null})),
                }
            }
        });
        Self { stub, logged }
    }

    fn accepted(&self) -> usize {
        self.logged.lock().unwrap().len()
    }
}

fn logs(logged: &[(Instant, Value)]) -> Reply {
    let visible: Vec<_> = logged.iter().filter(|(at, _)| *at <= Instant::now()).map(|(_, entry)| entry).collect();
    status(200, json!({"pagination": {"has_more": false}, "data": visible}))
}

async fn accept(log: &Mutex<Vec<(Instant, Value)>>, body: Value, behavior: Behavior) -> Reply {
    advanced(behavior.accepts_after).await;
    let id = {
        let mut log = log.lock().unwrap();
        let id = format!("e{}", log.len() + 1);
        let mut entry = json!({"email_id": id, "type": "queued", "tags": body["tags"]});
        if behavior.shows {
            entry["email"] = body["email"].clone();
            entry["subject"] = body["content"]["subject"].clone();
        }
        let visible_at = Instant::now() + behavior.logs_after;
        log.push((visible_at, entry));
        id
    };
    match behavior.loses {
        true => transport_error(TransportErrorKind::ConnectionLost, Dispatch::MaybeSent),
        false => status(201, json!({"submitted": true, "data": {"id": id, "status": "queued"}})),
    }
}

fn key() -> IdempotencyKey {
    IdempotencyKey::new("order-42").unwrap()
}

async fn send(client: &Client, email: &NewEmail) -> Result<Sent, Error> {
    client.emails().send_idempotent(email, &key(), &ReconcilePolicy::new()).await
}

/// Emails that differ from `email()`, and in what. The logs do not show that the last one differs.
fn other_emails() -> [(NewEmail, KeyDifference); 3] {
    let mut subject = email();
    subject.content.subject = "Goodbye".to_owned();
    let mut content = email();
    content.content.text = Some("Hello again.".to_owned());
    [
        (email().email("bob@example.com"), KeyDifference::Recipient),
        (subject, KeyDifference::Subject),
        (content, KeyDifference::Content),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_used_for_another_email_is_a_conflict_and_nothing_is_submitted() {
    for (other, difference) in other_emails() {
        for same_client in [true, false] {
            let account = Account::new(PROMPT);
            let client = account.stub.client();
            let first = send(&client, &email()).await.unwrap();
            let second = if same_client { client } else { account.stub.client() };
            let result = send(&second, &other).await;
            assert_eq!(account.accepted(), 1);
            if !same_client && difference == KeyDifference::Content {
                assert_eq!(result.unwrap().confirmed_by, ConfirmedBy::PriorSend);
                continue;
            }
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::KeyConflict, Outcome::NotDone), "{difference:?}");
            let conflict = error.key_conflict().unwrap();
            assert_eq!((conflict.difference, conflict.id.as_ref()), (difference, Some(&first.id)));
            let text = format!("{error} {error:?}");
            assert!(text.contains(&difference.to_string()) && !text.contains('@'), "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_email_with_the_key_is_never_taken_for_one_whose_response_was_lost() {
    for on_missing in [OnMissing::Report, OnMissing::Resend] {
        // The other email appears in the logs after the first search.
        let account = Account::new(Behavior { loses: true, logs_after: NEVER, ..PROMPT });
        let entry = json!({
            "email_id": "e0", "type": "queued", "tags": [key().tag()], "email": "bob@example.com", "subject": "Welcome",
        });
        account.logged.lock().unwrap().push((Instant::now() + Duration::from_millis(100), entry));
        let policy = ReconcilePolicy::new().on_missing(on_missing);
        let error = account.stub.client().emails().send_idempotent(&email(), &key(), &policy).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::KeyConflict, Outcome::Unknown));
        assert_eq!((account.accepted(), error.attempts()), (2, 1), "{on_missing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_email_with_the_key_that_matches_is_enough() {
    let account = Account::new(PROMPT);
    let entries = ["bob@example.com", "ada@example.com", "eve@example.com"].map(|recipient| {
        let id = recipient.split('@').next();
        json!({"email_id": id, "type": "queued", "tags": [key().tag()], "email": recipient, "subject": "Welcome"})
    });
    account.logged.lock().unwrap().extend(entries.map(|entry| (Instant::now(), entry)));
    let sent = send(&account.stub.client(), &email()).await.unwrap();
    assert_eq!((sent.id.as_str(), sent.confirmed_by), ("ada", ConfirmedBy::PriorSend));
}

#[tokio::test(start_paused = true)]
async fn an_email_that_the_logs_do_not_show_fully_is_unknown_unless_its_key_is_unique() {
    let account = Account::new(Behavior { loses: true, shows: false, ..PROMPT });
    let emails = account.stub.client();
    let policy = ReconcilePolicy::new().on_missing(OnMissing::Resend);
    let random = emails.emails().send_idempotent(&email(), &IdempotencyKey::random(), &policy).await.unwrap();
    assert_eq!((random.confirmed_by, account.accepted()), (ConfirmedBy::Reconciliation, 1));
    let error = emails.emails().send_idempotent(&email(), &key(), &policy).await.unwrap_err();
    assert_eq!((error.outcome(), account.accepted()), (Outcome::Unknown, 2));
    // Another client finds it before it submits anything.
    let error = account.stub.client().emails().send_idempotent(&email(), &key(), &policy).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnexpectedResponse, Outcome::Unknown));
    assert_eq!(account.accepted(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_client_remembers_an_accepted_email_that_the_logs_do_not_have_yet() {
    let account = Account::new(Behavior { logs_after: NEVER, ..PROMPT });
    let client = account.stub.client();
    let first = send(&client, &email()).await.unwrap();
    let again = send(&client.clone(), &email()).await.unwrap();
    assert_eq!((again.id, again.confirmed_by, again.attempts), (first.id, ConfirmedBy::PriorSend, 0));
    assert_eq!(account.accepted(), 1);
    // A sub-account has keys of its own.
    send(&client.for_account("8"), &email()).await.unwrap();
    assert_eq!(account.accepted(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_client_remembers_an_email_that_may_have_been_accepted() {
    for (on_missing, accepted) in [(OnMissing::Report, 1), (OnMissing::Resend, 2)] {
        let account = Account::new(Behavior { loses: true, logs_after: Duration::from_secs(45), ..PROMPT });
        let client = account.stub.client();
        assert_eq!(send(&client, &email()).await.unwrap_err().outcome(), Outcome::Unknown);
        // 20 s later it is still missing.
        let policy = ReconcilePolicy::new().on_missing(on_missing);
        let second = client.emails().send_idempotent(&email(), &key(), &policy).await;
        assert_eq!(account.accepted(), accepted, "{on_missing:?}");
        match on_missing {
            OnMissing::Report => assert_eq!(second.unwrap_err().outcome(), Outcome::Unknown),
            OnMissing::Resend => assert_eq!(second.unwrap().id.as_str(), "e1"),
        }
        let sent = send(&client, &email()).await.unwrap();
        assert_eq!((sent.id.as_str(), sent.confirmed_by, sent.attempts), ("e1", ConfirmedBy::PriorSend, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejected_email_does_not_bind_its_key() {
    let server = StubServer::script([
        status(200, json!({"data": []})),
        status(400, json!({"detail": [{"msg": "no"}]})),
        status(200, json!({"data": []})),
        status(201, json!({"data": {"id": "e1", "status": "queued"}})),
    ]);
    let client = server.client();
    assert_eq!(send(&client, &email()).await.unwrap_err().outcome(), Outcome::NotDone);
    send(&client, &email().email("bob@example.com")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn of_simultaneous_calls_with_a_key_one_submits_and_the_others_return_its_email() {
    let account = Account::new(Behavior { accepts_after: Duration::from_secs(3), logs_after: NEVER, ..PROMPT });
    let client = account.stub.client();
    for key in [IdempotencyKey::random(), key()] {
        let before = account.accepted();
        let (email, policy) = (email(), ReconcilePolicy::new());
        let emails = client.emails();
        let calls = (0..20).map(|_| emails.send_idempotent(&email, &key, &policy));
        let sent: Vec<_> = futures_util::future::join_all(calls).await.into_iter().map(Result::unwrap).collect();
        assert!(sent.iter().all(|other| other.id == sent[0].id), "{sent:?}");
        assert_eq!(sent.iter().filter(|sent| sent.confirmed_by == ConfirmedBy::Response).count(), 1);
        assert_eq!(account.accepted(), before + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_simultaneous_call_with_another_email_is_a_conflict_at_once() {
    let account = Account::new(Behavior { accepts_after: Duration::from_secs(3), ..PROMPT });
    let client = account.stub.client();
    let (ada, bob) = (email(), email().email("bob@example.com"));
    let start = Instant::now();
    let other = async {
        let error = send(&client, &bob).await.unwrap_err();
        assert_eq!(start.elapsed(), Duration::ZERO);
        error
    };
    let (sent, error) = tokio::join!(send(&client, &ada), other);
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::KeyConflict, Outcome::NotDone));
    assert_eq!((sent.unwrap().id.as_str(), account.accepted()), ("e1", 1));
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_another_one_with_its_key_no_longer_than_its_deadline() {
    let server = StubServer::script([status(200, json!({"data": []}))]);
    let client = server.client();
    let start = Instant::now();
    let (first, email) = (client.clone(), email());
    let never_polled_again = {
        let email = email.clone();
        let mut call = Box::pin(async move { send(&first, &email).await });
        assert!(std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await.is_pending());
        call
    };
    let error = send(&client.deadline(Duration::from_secs(5)), &email).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::NotDone, 0));
    assert_eq!((start.elapsed(), server.count()), (Duration::from_secs(5), 2));
    drop(never_polled_again);
}

/// Drops the first of two calls after each delay. The second one submits an email that was
/// not accepted at most once, and finds one that was.
#[tokio::test(start_paused = true)]
async fn after_a_call_is_dropped_the_waiting_one_goes_on_and_submits_nothing_twice() {
    for delay in (0..60).map(|step| Duration::from_millis(step * 100)) {
        let account = Account::new(Behavior { accepts_after: Duration::from_secs(2), ..PROMPT });
        let stub = account.stub.clone();
        let client = stub.client();
        let (first, email) = (client.clone(), email());
        let call = tokio::spawn({
            let email = email.clone();
            async move { send(&first, &email).await }
        });
        let second = tokio::spawn(async move {
            tokio::task::yield_now().await;
            send(&client, &email).await
        });
        advanced(delay).await;
        call.abort();
        let result = second.await.unwrap();
        let submissions = stub.requests().iter().filter(|request| request.line.starts_with("POST")).count();
        assert!(submissions <= 1 && account.accepted() <= 1, "{delay:?}: {submissions}");
        match result {
            Ok(_) => assert_eq!(account.accepted(), 1, "{delay:?}"),
            // The dropped submission may have been accepted.
            Err(error) => assert_eq!((error.outcome(), submissions), (Outcome::Unknown, 1), "{delay:?}: {error}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_before_it_submits_leaves_the_key_free() {
    let account = Account::new(PROMPT);
    let client = account.stub.client();
    let (email, policy, key) = (email(), ReconcilePolicy::new(), key());
    drop(client.emails().send_idempotent(&email, &key, &policy));
    let sent = send(&client, &crate::support::email().email("bob@example.com")).await.unwrap();
    assert_eq!(sent.confirmed_by, ConfirmedBy::Response);
}

#[test]
fn keys_and_results_can_be_stored() {
    let sent: Value = json!({"id": "e1", "status": "queued", "attempts": 1, "confirmed_by": "prior_send"});
    let read: Sent = serde_json::from_value(sent.clone()).unwrap();
    assert_eq!((read.confirmed_by, serde_json::to_value(&read).unwrap()), (ConfirmedBy::PriorSend, sent));
    for (outcome, stored) in [(Outcome::NotDone, "not_done"), (Outcome::Done, "done"), (Outcome::Unknown, "unknown")] {
        assert_eq!(serde_json::to_value(outcome).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Outcome>(stored.into()).unwrap(), outcome);
    }
}
