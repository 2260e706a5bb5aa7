//! Decodes responses as servers write them: without a body, or after a byte order mark.

use std::fs;
use std::path::Path;

use cakemail_client::{Client, ErrorKind, Outcome, Result};
use cakemail_model::lists::ListListsQuery;
use cakemail_model::{ContactId, DkimKeyId, ListId, SenderId};
use serde_json::json;

use crate::support::{StubServer, email, respond};

/// Makes each call that returns nothing.
async fn calls_that_return_nothing(client: &Client) -> Vec<Result<()>> {
    let list = ListId::new(7);
    let sender = SenderId::from("7");
    vec![
        client.contacts().delete(list, ContactId::new(7)).await,
        client.dkim().delete(DkimKeyId::new(7)).await,
        client.lists().delete(list).await,
        client.lists().accept_policy(list).await,
        client.lists().archive(list).await,
        client.senders().delete(&sender).await,
        client.senders().resend_confirmation(&sender).await,
        client.suppressions().remove("ada@example.com").await,
    ]
}

#[tokio::test(start_paused = true)]
async fn a_response_without_a_body_is_a_success_of_every_call_that_returns_nothing() {
    for (status, body) in [(204, ""), (200, ""), (202, "\r\n"), (205, "")] {
        let server = StubServer::always(move || respond(status, &[], body));
        let results = calls_that_return_nothing(&server.client()).await;
        for (index, result) in results.iter().enumerate() {
            assert!(result.is_ok(), "{status}, call {index}: {result:?}");
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let generated: String =
            files.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap()).collect();
        assert_eq!(generated.matches("execute_and_discard").count(), results.len(), "a call is missing here");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_not_json_is_an_error_of_every_call_that_returns_nothing() {
    let server = StubServer::always(|| respond(200, &[], "<html>Sign in to the Wi-Fi</html>"));
    for result in calls_that_return_nothing(&server.client()).await {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_without_a_body_is_an_error_of_a_call_that_returns_something() {
    let server = StubServer::always(|| respond(204, &[], ""));
    let client = server.client();
    let error = client.users().me().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnexpectedResponse, Outcome::NotDone));
    let error = client.emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnexpectedResponse, Outcome::Unknown));
}

#[tokio::test(start_paused = true)]
async fn a_byte_order_mark_before_the_json_is_ignored() {
    let list = json!({"pagination": {}, "data": [{"id": 7, "name": "A"}]});
    let server = StubServer::always(move || respond(200, &[], &format!("\u{feff}{list}")));
    let lists = server.client().lists().list(ListListsQuery::new().per_page(2)).all().await.unwrap();
    assert_eq!(lists.len(), 1);

    let server = StubServer::always(|| respond(201, &[], "\u{feff}{\"submitted\": false}"));
    let error = server.client().emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Undeliverable, Outcome::NotDone));

    let server = StubServer::always(|| respond(422, &[], "\u{feff}{\"detail\": [{\"msg\": \"too long\"}]}"));
    let error = server.client().emails().send(&email()).await.unwrap_err();
    assert_eq!(error.fields()[0].message, "too long");
}
