//! Phases: a request has no effect before the handler and its effect after the commit; false responses.

use cakemail_sandbox::{Effect, Fault, Match, Phase, RetryAfter};
use serde_json::json;

use super::{content_length_and_body, posts_and_accepted, submission_bytes, submission_fault};
use crate::support::{User, ending, frozen};

#[tokio::test]
async fn a_fault_before_the_handler_prevents_the_effect_and_one_after_does_not() {
    let cases = [
        (Phase::Accept, Effect::Reset, (0, 0)),
        (Phase::Accept, Effect::Garbage, (0, 0)),
        (Phase::Handler, Effect::Reset, (1, 0)),
        (Phase::Handler, Effect::Close, (1, 0)),
        (Phase::Handler, Effect::Garbage, (1, 0)),
        (Phase::Committed, Effect::Reset, (1, 1)),
        (Phase::Committed, Effect::Close, (1, 1)),
        (Phase::Committed, Effect::Garbage, (1, 1)),
        (Phase::Answering, Effect::Reset, (1, 1)),
        (Phase::Answering, Effect::Truncate, (1, 1)),
    ];
    for (phase, effect, counts) in cases {
        let sandbox = frozen().await;
        let request = submission_bytes(&User::of(&sandbox).await, "a@example.com").await;
        sandbox.fault(submission_fault(phase, effect.clone()));
        let _ = ending(&sandbox, &request).await;
        assert_eq!(posts_and_accepted(&sandbox), counts, "{phase:?} {effect:?}");
        let ledger = sandbox.ledger();
        assert_eq!(ledger.accepted("A@Example.com"), counts.1);
        assert_eq!(ledger.unanswered(), counts.1, "accepted without a response");
        assert!(ledger.rows().iter().all(|row| !row.answered));
        assert_eq!(sandbox.requests().iter().filter(|it| it.status == 0).count() as u64, counts.0);
    }
}

#[tokio::test]
async fn false_responses_replace_the_true_one() {
    for (phase, accepted) in [(Phase::Handler, 0), (Phase::Committed, 1), (Phase::Answering, 1)] {
        for (effect, status) in [(500, 500), (503, 503), (408, 408)].map(|(it, status)| (Effect::Status(it), status)) {
            let sandbox = frozen().await;
            let user = User::of(&sandbox).await;
            let email = user.email("a@example.com").await;
            sandbox.fault(submission_fault(phase, effect));
            let reply = user.post("/v2/emails", email).await;
            assert!(reply.expect(status)["detail"][0]["msg"].is_string());
            assert_eq!(posts_and_accepted(&sandbox), (1, accepted), "{phase:?}");
            assert_eq!(sandbox.ledger().unanswered(), accepted);
        }
    }
}

#[tokio::test]
async fn a_body_can_be_html_or_invalid_json() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let email = user.email("a@example.com").await;
    let proxy = sandbox.fault(submission_fault(Phase::Handler, Effect::BadGateway));
    let reply = user.post("/v2/emails", email.clone()).await;
    assert_eq!((reply.status, reply.header("content-type")), (502, Some("text/html; charset=utf-8")));
    assert!(reply.text.starts_with("<html>"));
    proxy.remove();
    sandbox.fault(submission_fault(Phase::Committed, Effect::NotJson));
    let reply = user.post("/v2/emails", email).await;
    assert_eq!((reply.status, reply.header("content-type")), (201, Some("application/json")));
    assert!(serde_json::from_str::<serde_json::Value>(&reply.text).is_err());
}

#[tokio::test]
async fn a_429_can_have_any_retry_after() {
    let forms = [
        (RetryAfter::Absent, None),
        (RetryAfter::Seconds(7), Some("7")),
        (RetryAfter::Date(90), Some("Thu, 01 Jan 2026 12:01:30 GMT")),
        (RetryAfter::Text("-1e99 fortnights".into()), Some("-1e99 fortnights")),
    ];
    for (form, header) in forms {
        let sandbox = frozen().await;
        let user = User::of(&sandbox).await;
        sandbox.fault(Fault::on(Match::any()).effect(Effect::TooManyRequests(form)));
        let reply = user.get("/lists").await;
        assert_eq!((reply.status, reply.header("retry-after")), (429, header));
    }
}

#[tokio::test]
async fn a_response_can_precede_the_request() {
    let sandbox = frozen().await;
    let request = submission_bytes(&User::of(&sandbox).await, "a@example.com").await;
    sandbox.fault(submission_fault(Phase::Accept, Effect::Status(503)));
    let (bytes, end) = ending(&sandbox, &request).await;
    end.unwrap();
    assert!(bytes.starts_with(b"HTTP/1.1 503 Service Unavailable\r\n"));
    let (length, body) = content_length_and_body(&bytes);
    assert_eq!(body.len(), length);
    assert_eq!(posts_and_accepted(&sandbox), (0, 0));
}

#[tokio::test]
async fn a_refused_request_commits_nothing_and_does_not_count() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let fault = sandbox.fault(submission_fault(Phase::Committed, Effect::Status(500)));
    user.post("/v2/emails", json!({})).await.expect(422);
    assert_eq!((fault.seen(), posts_and_accepted(&sandbox)), (0, (1, 0)));
}
