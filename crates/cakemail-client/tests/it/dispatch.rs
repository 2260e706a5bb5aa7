//! What the client concludes from what a transport reports: about an attempt that timed out, and about a response.

use std::time::Duration;

use cakemail_client::{ErrorKind, Outcome, RetryPolicy};
use cakemail_transport::{Dispatch, TransportError, TransportErrorKind};

use crate::support::{StubServer, email, ok, respond};

/// How far a transport gets before it stalls.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Progress {
    /// It does not report.
    Unreported,
    Connecting,
    Sent,
}

fn stalled(progress: Progress) -> StubServer {
    let server = StubServer::new(move |mut request| async move {
        if progress != Progress::Unreported {
            let watch = request.body_mut().take_watch().unwrap();
            watch.begin();
            if progress == Progress::Sent {
                watch.sent();
            }
        }
        std::future::pending().await
    });
    server.without_reading_bodies()
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_times_out_before_the_request_is_sent_is_not_done_and_is_retried() {
    for (progress, outcome, attempts) in [
        (Progress::Unreported, Outcome::Unknown, 1),
        (Progress::Connecting, Outcome::NotDone, 3),
        (Progress::Sent, Outcome::Unknown, 1),
    ] {
        let server = stalled(progress);
        let client = server.builder().attempt_timeout(Duration::from_secs(2));
        let client = client.retry_policy(RetryPolicy::default().max_attempts(3)).build().unwrap();
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, outcome), "{progress:?}");
        assert_eq!((error.attempts(), server.count()), (attempts, attempts as usize), "{progress:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejected_certificate_is_not_retried() {
    let server = StubServer::always(|| {
        Err(TransportError::new(TransportErrorKind::Certificate, Dispatch::NotSent, "UnknownIssuer"))
    });
    let error = server.client().emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), server.count()), (ErrorKind::Certificate, Outcome::NotDone, 1));
    assert!(error.to_string().contains("rejected: UnknownIssuer. ") && error.hint().is_some(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_early_413_is_not_done() {
    let server = StubServer::always(|| respond(413, &[], r#"{"detail": "too large"}"#));
    let error = server.client().emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), server.count()), (ErrorKind::BadRequest, Outcome::NotDone, 1));
}

#[tokio::test(start_paused = true)]
async fn a_compressed_response_is_an_error_that_says_so() {
    let server = StubServer::new(|request| async move {
        assert_eq!(request.headers()["accept-encoding"], "identity");
        respond(201, &[("content-encoding", "gzip")], "compressed")
    });
    let error = server.client().emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnexpectedResponse, Outcome::Unknown));
    assert!(error.to_string().contains("compressed (gzip)"), "{error}");

    let server = StubServer::always(|| {
        ok().map(|mut response| {
            response.headers_mut().insert("content-encoding", "identity".parse().unwrap());
            response
        })
    });
    server.client().emails().send(&email()).await.unwrap();
}
