//! Errors: their accessors, their text and their hints.

use std::error::Error as _;
use std::time::Duration;

use cakemail_client::{Error, ErrorKind, Outcome, RetryPolicy};
use cakemail_model::ListId;
use cakemail_model::emails::NewEmail;
use cakemail_model::lists::{DefaultSender, ListPatch, NewList};
use cakemail_model::senders::{NewSender, SenderPatch};
use cakemail_model::users::GetSelfUser;
use cakemail_transport::http::StatusCode;
use cakemail_transport::{Dispatch, TransportErrorKind};
use serde_json::json;

use crate::support::{Reply, StubServer, email, respond, status, transport_error};

async fn error_of(reply: Reply) -> Error {
    let builder = StubServer::script([reply]).builder().retry_policy(RetryPolicy::never());
    builder.build().unwrap().emails().send(&email()).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn an_error_has_everything_that_the_server_reports() {
    let body = json!({"detail": [
        {"loc": ["body", "content", "subject"], "msg": "field required", "type": "missing"},
        {"loc": ["body", "tags", 1], "msg": "bad tag", "type": "x", "code": 42},
    ]});
    let error = error_of(respond(422, &[("x-request-id", "req-1"), ("retry-after", "3")], &body.to_string())).await;
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert_eq!(error.status(), Some(StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(error.code(), Some(42));
    assert_eq!(error.request_id(), Some("req-1"));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert_eq!((error.attempts(), error.outcome()), (1, Outcome::NotDone));
    let fields: Vec<_> = error.fields().iter().map(|field| (&*field.field, &*field.message)).collect();
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
async fn field_errors_are_read_from_every_shape_of_detail() {
    for (body, fields) in [
        (r#"{"detail": "No."}"#, 1),
        (r#"{"detail": ["No.", {"msg": "Not that either."}, {"loc": "odd"}, 7]}"#, 2),
        (r#"{"detail": {"message": "No."}}"#, 1),
        (r#"{"detail": []}"#, 0),
    ] {
        let error = error_of(respond(400, &[], body)).await;
        assert_eq!((error.kind(), error.fields().len()), (ErrorKind::BadRequest, fields), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_text_of_every_error_body_is_in_the_error() {
    use ErrorKind::{Authentication, BadRequest, Forbidden, Server, UnexpectedResponse};
    for (code, body, kind, text) in [
        (400, r#"{"error":"invalid_grant","error_description":"Expired"}"#, BadRequest, "Expired"),
        (401, r#"{"message":"Unauthorized key"}"#, Authentication, "Unauthorized key"),
        (403, "<html><title>403 Blocked by WAF</title><p>ray 7</p></html>", Forbidden, "403 Blocked by WAF"),
        (404, r#"{"message":"no Route matched"}"#, UnexpectedResponse, "no Route matched"),
        (404, "<h1>Not Found</h1>", UnexpectedResponse, "Not Found"),
        (413, "too\r\nlarge\u{1b}[31m", BadRequest, "too large [31m"),
        (502, "<html><head><title>502 Bad Gateway</title></head></html>", Server, "502 Bad Gateway"),
        (503, "upstream connect error", Server, "upstream connect error"),
    ] {
        let error = error_of(respond(code, &[("x-request-id", "req-1")], body)).await;
        assert_eq!((error.kind(), error.request_id()), (kind, Some("req-1")), "{body}");
        let fields: Vec<_> = error.fields().iter().map(|field| (&*field.field, &*field.message)).collect();
        assert_eq!(fields, [("", text)], "{body}");
        assert!(error.to_string().contains(&format!(" ({code}): {text}")), "{error}");
    }
    let error = error_of(respond(502, &[], "no mailbox ada@example.com")).await;
    assert!(!error.to_string().contains("ada"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_cause_of_a_failed_connection_is_in_the_text() {
    let error = error_of(transport_error(TransportErrorKind::Connect, Dispatch::NotSent)).await;
    assert_eq!(
        error.to_string(),
        "submitEmail: no connection could be established: the cause given by the test. Check the network, the proxy \
         and the base URL (CAKEMAIL_API_BASE)"
    );
}

#[tokio::test(start_paused = true)]
async fn the_request_id_and_the_status_of_a_success_are_kept() {
    let id = [("x-request-id", "req-1")];
    let accepted = r#"{"submitted":true,"data":{"id":"7","status":"queued"}}"#;
    let sent = StubServer::script([respond(201, &id, accepted)]).client().emails().send(&email()).await.unwrap();
    assert_eq!(sent.request_id.as_deref(), Some("req-1"));

    let user = r#"{"data":{"id":"7"}}"#;
    let client = StubServer::script([respond(503, &[], ""), respond(200, &id, user)]).client();
    let (_, metadata) = client.execute_with_metadata(&GetSelfUser {}).await.unwrap();
    assert_eq!((metadata.status, metadata.attempts), (StatusCode::OK, 2));
    assert_eq!(metadata.request_id.as_deref(), Some("req-1"));

    // A success that cannot be read, or that was not one.
    for body in
        ["<html>", "{}", "", r#"{"data":{}}"#, r#"{"submitted":false}"#, r#"{"data":{"id":"7","status":"error"}}"#]
    {
        let error = error_of(respond(201, &id, body)).await;
        assert_eq!((error.status(), error.request_id()), (Some(StatusCode::CREATED), Some("req-1")), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn long_messages_are_truncated() {
    let field = |number: usize| json!({"loc": ["body", format!("f{number}")], "msg": "word ".repeat(200)});
    let error = error_of(status(422, json!({"detail": (0..1000).map(field).collect::<Vec<_>>()}))).await;
    assert_eq!(error.fields().len(), 100);
    assert!(error.to_string().len() < 10_000, "{} bytes", error.to_string().len());

    let long = "i".repeat(10_000);
    let error = error_of(respond(400, &[("x-request-id", &long)], r#"{"detail": "No."}"#)).await;
    assert_eq!(error.request_id().unwrap().len(), 100);
}

#[tokio::test(start_paused = true)]
async fn each_cause_named_in_the_guide_has_a_hint() {
    let about = |field: &str, code: u16| status(code, json!({"detail": [{"loc": ["body", field], "msg": "no"}]}));
    for (reply, hint) in [
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
        (transport_error(TransportErrorKind::Connect, Dispatch::NotSent), Some("CAKEMAIL_API_BASE")),
        (
            status(400, json!({"detail": [{"msg": "Forbidden", "type": "bad_request", "code": 8004}]})),
            Some("account's permissions"),
        ),
    ] {
        let server = StubServer::script([reply]);
        let client = server.builder().retry_policy(RetryPolicy::never()).build().unwrap();
        let error = client.emails().send(&email()).await.unwrap_err();
        match hint {
            Some(words) => assert!(error.hint().unwrap_or_default().contains(words), "{error}"),
            None => assert_eq!(error.hint(), None, "{error}"),
        }
        assert!(error.hint().is_none_or(|hint| error.to_string().ends_with(hint)), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_source_is_kept_also_in_a_clone() {
    let server = StubServer::always(|| transport_error(TransportErrorKind::ConnectionLost, Dispatch::MaybeSent));
    let error = server.client().emails().send(&email()).await.unwrap_err().clone();
    let cause = error.source().unwrap();
    assert!(cause.to_string().starts_with("the connection was lost; the server may have acted on the request: "));
    assert_eq!(cause.source().unwrap().to_string(), "the cause given by the test");
    assert!(!error.to_string().contains("the cause given by the test"), "the text repeats the source");
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_response_is_done_only_if_it_says_so_and_the_error_locates_the_field() {
    for (body, location, outcome) in [
        (json!({"submitted": true, "data": {"status": "queued"}}), "missing field `id` in `data`", Outcome::Done),
        (json!({"submitted": true}), "missing field `data`", Outcome::Done),
        (json!({"data": {"status": "queued"}}), "missing field `id` in `data`", Outcome::Unknown),
        (json!({"data": {"id": {"ada@example.com": 1}}}), "at `data.id`", Outcome::Unknown),
        (json!({"submitted": "ada"}), "missing field `data`", Outcome::Unknown),
        (json!({}), "missing field `data`", Outcome::Unknown),
        (json!([]), "cannot be read", Outcome::Unknown),
        (json!("ada@example.com"), "cannot be read", Outcome::Unknown),
    ] {
        let retried = transport_error(TransportErrorKind::Connect, Dispatch::NotSent);
        let error =
            StubServer::script([retried, status(200, body)]).client().emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::UnexpectedResponse, outcome, 2));
        let text = error.to_string();
        assert!(text.contains(location) && !text.contains("ada"), "{text}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_one_line_is_refused_before_sending() {
    let server = StubServer::script([]);
    let client = server.client();
    let (senders, lists) = (client.senders(), client.lists());
    for name in ["a\r\nBcc: x@example.com", "a\0", "a\tb", "a\u{2028}b", "\u{9b}0m"] {
        let errors = [
            senders.create(&NewSender::new(name, "ada@example.com")).await.unwrap_err(),
            senders.update(&"7".into(), &SenderPatch::new().name(name)).await.unwrap_err(),
            lists.create(&NewList::new(name, DefaultSender::new("7"))).await.unwrap_err(),
            lists.update(ListId::new(1), &ListPatch::new().name(name)).await.unwrap_err(),
            client.emails().send(&with_sender_name(name)).await.unwrap_err(),
        ];
        let fields: Vec<_> = errors.iter().map(|error| error.fields()[0].field.as_str()).collect();
        assert_eq!(fields, ["name", "name", "name", "name", "sender.name"], "{name:?}");
        assert!(errors.iter().all(|error| (error.kind(), error.outcome()) == (ErrorKind::Invalid, Outcome::NotDone)));
    }
    assert_eq!(server.count(), 0);
}

fn with_sender_name(name: &str) -> NewEmail {
    let mut email = email();
    email.sender.name = Some(name.to_owned());
    email
}
