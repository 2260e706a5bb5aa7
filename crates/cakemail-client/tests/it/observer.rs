//! Observers: which calls and attempts they see, and what they are told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cakemail_client::{
    AttemptFinished, AttemptFuture, AttemptStarted, CallFinished, CallStarted, Completion, ErrorKind, Observer,
    Outcome, RetryScheduled,
};
use cakemail_transport::Dispatch::{MaybeSent, NotSent};
use cakemail_transport::TransportErrorKind::{Connect, ConnectionLost};

use crate::support::{Reply, StubServer, TokenServer, advanced, call, email, ok, respond, status, transport_error};

/// Writes down all events.
#[derive(Debug, Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    fn push(&self, event: String) {
        self.0.lock().unwrap().push(event);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Recorder {
    fn call_started(&self, call: &CallStarted) {
        self.push(format!("call {} {} {:?}", call.operation, call.route, call.idempotency));
    }

    fn attempt_started(&self, attempt: &AttemptStarted) {
        self.push(format!("attempt {} of {}", attempt.attempt, attempt.operation));
    }

    fn wrap_attempt<'a>(&self, _: &AttemptStarted, attempt: AttemptFuture<'a>) -> AttemptFuture<'a> {
        let recorder = self.clone();
        Box::pin(async move {
            let response = attempt.await;
            recorder.push("polled to its end".into());
            response
        })
    }

    fn attempt_finished(&self, it: &AttemptFinished<'_>) {
        let (status, kind) = (it.status.map(|status| status.as_u16()), it.error.map(|error| error.kind()));
        let end = format!("{:?} {:?} {:?} {kind:?} in {:?}", status, it.dispatch, it.outcome, it.duration());
        self.push(format!("end {} of {}: {end}", it.attempt, it.operation));
    }

    fn retry_scheduled(&self, retry: &RetryScheduled<'_>) {
        let RetryScheduled { operation, attempts, error, delay, .. } = retry;
        self.push(format!("retry {operation} after {attempts}: {:?} in {delay:?}", error.kind()));
    }

    fn call_finished(&self, it: &CallFinished<'_>) {
        let completion = match it.completion {
            Completion::Succeeded => "succeeded".to_owned(),
            Completion::Failed(error) => format!("failed {:?}", error.kind()),
            Completion::Cancelled => "cancelled".to_owned(),
            _ => panic!("unknown completion"),
        };
        let CallFinished { operation, attempts, outcome, .. } = it;
        self.push(format!("end {operation}: {completion} {outcome:?} after {attempts} in {:?}", it.duration()));
    }
}

/// The events of sending one email to a server with these replies.
async fn events_of_a_send(replies: impl IntoIterator<Item = Reply>) -> Vec<String> {
    let recorder = Recorder::default();
    let client = StubServer::script(replies).builder().observer(recorder.clone()).build().unwrap();
    let _ = client.emails().send(&email()).await;
    recorder.take()
}

#[tokio::test(start_paused = true)]
async fn an_observer_sees_the_call_each_attempt_and_each_retry() {
    let too_many = respond(429, &[("retry-after", "2")], "");
    let events = events_of_a_send([transport_error(Connect, NotSent), too_many, ok()]).await;
    let retry = events.iter().position(|event| event.starts_with("retry submitEmail after 1: Connect in ")).unwrap();
    let without_random_delay: Vec<_> = events.iter().enumerate().filter(|(index, _)| *index != retry).collect();
    let events: Vec<_> = without_random_delay.into_iter().map(|(_, event)| event.as_str()).collect();
    assert_eq!(
        events[..events.len() - 1],
        [
            "call submitEmail /v2/emails NonIdempotent",
            "attempt 1 of submitEmail",
            "polled to its end",
            "end 1 of submitEmail: None Some(NotSent) NotDone Some(Connect) in 0ns",
            "attempt 2 of submitEmail",
            "polled to its end",
            "end 2 of submitEmail: Some(429) None NotDone Some(RateLimited) in 0ns",
            "retry submitEmail after 2: RateLimited in 2s",
            "attempt 3 of submitEmail",
            "polled to its end",
            "end 3 of submitEmail: Some(200) None Done None in 0ns",
        ]
    );
    assert!(events.last().unwrap().starts_with("end submitEmail: succeeded Done after 3 in 2."), "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_the_outcome_of_the_attempt_and_of_the_call() {
    for (reply, attempt, call) in [
        (
            transport_error(ConnectionLost, MaybeSent),
            "None Some(MaybeSent) Unknown Some(ConnectionLost)",
            "failed ConnectionLost Unknown",
        ),
        (respond(503, &[], ""), "Some(503) None Unknown Some(Server)", "failed Server Unknown"),
        (
            status(400, serde_json::json!({"detail": [{"msg": "no"}]})),
            "Some(400) None NotDone Some(BadRequest)",
            "failed BadRequest NotDone",
        ),
        // The status of these is a success, but the body says something else, or nothing.
        (
            status(200, serde_json::json!({})),
            "Some(200) None Unknown Some(UnexpectedResponse)",
            "failed UnexpectedResponse Unknown",
        ),
        (
            status(201, serde_json::json!({"submitted": true})),
            "Some(201) None Done Some(UnexpectedResponse)",
            "failed UnexpectedResponse Done",
        ),
        (
            status(201, serde_json::json!({"submitted": true, "data": {"id": "7", "status": "rejected"}})),
            "Some(201) None NotDone Some(Undeliverable)",
            "failed Undeliverable NotDone",
        ),
    ] {
        let events = events_of_a_send([reply]).await;
        assert_eq!(events[3], format!("end 1 of submitEmail: {attempt} in 0ns"));
        assert_eq!(events[4], format!("end submitEmail: {call} after 1 in 0ns"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_invalid_email_is_not_observed() {
    let recorder = Recorder::default();
    let client = StubServer::always(ok).builder().observer(recorder.clone()).build().unwrap();
    let error = client.emails().send(&email().tag("not a tag")).await.unwrap_err();
    assert_eq!((error.kind(), recorder.take()), (ErrorKind::Invalid, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_is_reported_with_what_it_may_have_done() {
    let recorder = Recorder::default();
    let stub = StubServer::script([]);
    let client = stub.builder().observer(recorder.clone()).build().unwrap();
    let second = Duration::from_secs(1);
    assert!(tokio::time::timeout(second, client.emails().send(&email())).await.is_err());
    assert_eq!(recorder.take().last().unwrap(), "end submitEmail: cancelled Unknown after 1 in 1s");
    assert!(tokio::time::timeout(second, client.users().me()).await.is_err());
    assert_eq!(recorder.take().last().unwrap(), "end getSelfUser: cancelled NotDone after 1 in 1s");
}

#[tokio::test(start_paused = true)]
async fn requests_for_tokens_are_calls_too_and_a_renewal_is_a_retry() {
    let (server, recorder) = (TokenServer::new(), Recorder::default());
    let client = server.builder().observer(recorder.clone()).build().unwrap();
    client.authenticate().await.unwrap();
    let events = recorder.take();
    assert_eq!(events[0], "call createToken /token Idempotent");
    assert_eq!(events.last().unwrap(), "end createToken: succeeded Done after 1 in 0ns");

    server.revoke();
    call(&client).await.unwrap();
    let events = recorder.take();
    assert!(events.contains(&"retry getSelfUser after 1: Authentication in 0ns".to_owned()), "{events:?}");
    assert_eq!(events.last().unwrap(), "end getSelfUser: succeeded Done after 2 in 0ns");
}

#[tokio::test(start_paused = true)]
async fn both_observers_of_a_pair_see_everything() {
    let (first, second) = (Recorder::default(), Recorder::default());
    let stub = StubServer::new(|_| async {
        advanced(Duration::from_secs(1)).await;
        ok()
    });
    let client = stub.builder().observer((first.clone(), second.clone())).build().unwrap();
    assert_eq!(client.emails().send(&email()).await.unwrap().attempts, 1);
    let events = first.take();
    assert_eq!(events.len(), 5, "{events:?}");
    assert_eq!(events, second.take());
    assert_eq!(events[4], format!("end submitEmail: succeeded {:?} after 1 in 1s", Outcome::Done));
}
