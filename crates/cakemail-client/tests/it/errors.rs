//! What an error holds, and what it says.

use std::error::Error as _;
use std::time::Duration;

use cakemail_client::{Error, ErrorKind, Outcome};
use cakemail_transport::http::StatusCode;
use cakemail_transport::{Dispatch, TransportErrorKind};
use serde_json::json;

use crate::support::{Answer, Server, email, fail, respond, status};

async fn refusal(answer: Answer) -> Error {
    Server::script([answer]).client().emails().send(&email()).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn all_that_a_server_tells() {
    let body = json!({"detail": [
        {"loc": ["body", "content", "subject"], "msg": "field required", "type": "missing"},
        {"loc": ["body", "tags", 1], "msg": "bad tag", "type": "x", "code": 42},
    ]});
    let error = refusal(respond(422, &[("x-request-id", "req-1"), ("retry-after", "3")], &body.to_string())).await;
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert_eq!(error.status(), Some(StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(error.code(), Some(42));
    assert_eq!(error.request_id(), Some("req-1"));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert_eq!((error.attempts(), error.outcome()), (1, Outcome::NotDone));
    let fields: Vec<_> = error.fields().iter().map(|fault| (&*fault.field, &*fault.message)).collect();
    assert_eq!(fields, [("content.subject", "field required"), ("tags[1]", "bad tag")]);
    assert_eq!(
        error.to_string(),
        "submitEmail: the server rejected the request (422): content.subject: field required; tags[1]: bad tag. Correct \
         these fields and send it again"
    );
    assert_eq!(
        format!("{error:?}"),
        format!(
            "Error {{ kind: BadRequest, outcome: NotDone, status: Some(422), attempts: 1, request_id: Some(\"req-1\"), \
             message: {:?} }}",
            error.to_string()
        )
    );
    assert!(error.source().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_in_any_shape() {
    for (body, fields) in [
        (r#"{"detail": "No."}"#, 1),
        (r#"{"detail": ["No.", {"msg": "Not that either."}, {"loc": "odd"}, 7]}"#, 2),
        (r#"{"detail": {"message": "No."}}"#, 1),
        (r#"{"detail": []}"#, 0),
    ] {
        let error = refusal(respond(400, &[], body)).await;
        assert_eq!((error.kind(), error.fields().len()), (ErrorKind::BadRequest, fields), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_words_is_cut() {
    let fault = |number: usize| json!({"loc": ["body", format!("f{number}")], "msg": "word ".repeat(200)});
    let error = refusal(status(422, json!({"detail": (0..1000).map(fault).collect::<Vec<_>>()}))).await;
    assert_eq!(error.fields().len(), 100);
    assert!(error.to_string().len() < 10_000, "{} bytes", error.to_string().len());

    let long = "i".repeat(10_000);
    let error = refusal(respond(400, &[("x-request-id", &long)], r#"{"detail": "No."}"#)).await;
    assert_eq!(error.request_id().unwrap().len(), 100);
}

/// Each of the guide's troubles has its mend.
#[tokio::test(start_paused = true)]
async fn hints() {
    let about = |field: &str, code: u16| status(code, json!({"detail": [{"loc": ["body", field], "msg": "no"}]}));
    for (answer, hint) in [
        (about("list_id", 400), Some("lists().list()")),
        (about("sender", 400), Some("senders().list()")),
        (about("email", 422), Some("Correct these fields")),
        (about("x", 401), Some("obtain a new one")),
        (about("x", 403), Some("API access is enabled")),
        (about("x", 404), Some("Check the id")),
        (respond(429, &[], ""), Some("Send more slowly")),
        (respond(500, &[], ""), Some("Search the logs")),
        (respond(413, &[], "too large"), None),
        (respond(302, &[], ""), Some("CAKEMAIL_API_BASE")),
        (fail(TransportErrorKind::Connect, Dispatch::NotSent), Some("CAKEMAIL_API_BASE")),
        (
            status(400, json!({"detail": [{"msg": "Forbidden", "type": "bad_request", "code": 8004}]})),
            Some("account's permissions"),
        ),
    ] {
        let server = Server::script([answer]);
        let client = server.builder().retry_policy(cakemail_client::RetryPolicy::never()).build().unwrap();
        let error = client.emails().send(&email()).await.unwrap_err();
        match hint {
            Some(words) => assert!(error.hint().unwrap_or_default().contains(words), "{error}"),
            None => assert_eq!(error.hint(), None, "{error}"),
        }
        assert!(error.hint().is_none_or(|hint| error.to_string().ends_with(hint)), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_cause_is_kept_and_a_clone_has_it_too() {
    let server = Server::always(|| fail(TransportErrorKind::ConnectionLost, Dispatch::MaybeSent));
    let error = server.client().emails().send(&email()).await.unwrap_err().clone();
    let cause = error.source().unwrap();
    assert_eq!(cause.to_string(), "the connection was lost; the server may have acted on the request");
    assert_eq!(cause.source().unwrap().to_string(), "as the test says");
    assert!(!error.to_string().contains("as the test says"), "causes are not flattened into the text");
}

/// The answer was a yes that cannot be read: it says where, and how many attempts it took to get it.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_told_by_its_place() {
    for (body, place) in [
        (json!({"data": {"status": "queued"}}), "missing field `id` in `data`"),
        (json!({"data": {"id": {"ada@example.com": 1}}}), "at `data.id`"),
        (json!({}), "missing field `data`"),
        (json!([]), "cannot be read"),
        (json!("ada@example.com"), "cannot be read"),
    ] {
        let retried = fail(TransportErrorKind::Connect, Dispatch::NotSent);
        let error = Server::script([retried, status(200, body)]).client().emails().send(&email()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome(), error.attempts()),
            (ErrorKind::UnexpectedResponse, Outcome::Done, 2)
        );
        let text = error.to_string();
        assert!(text.contains(place) && !text.contains("ada"), "{text}");
    }
}
