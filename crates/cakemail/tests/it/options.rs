//! Options of a single handle: account, deadline and header; and raw responses.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cakemail::emails::GetEmail;
use cakemail::transport::http::{HeaderValue, StatusCode};
use cakemail::transport::{Request, Response, Transport, TransportError};
use cakemail::users::GetSelfUser;
use cakemail::{Client, Content, Credentials, ErrorKind, ListId, NewEmail, Outcome};

use crate::support::{TRANSPORTS, TestBed};

/// A transport that records each request.
#[derive(Debug, Clone)]
struct Recording {
    inner: Arc<dyn Transport>,
    seen: Arc<Mutex<Vec<Request>>>,
}

#[async_trait]
impl Transport for Recording {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.seen.lock().unwrap().push(request.clone());
        self.inner.send(request).await
    }
}

fn recording_client(bed: &TestBed) -> (Client, Arc<Mutex<Vec<Request>>>) {
    let seen = Arc::default();
    let transport = Recording { inner: TRANSPORTS[0]().into(), seen: Arc::clone(&seen) };
    let client = Client::builder()
        .base_url(bed.sandbox.url())
        .credentials(Credentials::password(bed.sandbox.email(), bed.sandbox.password()))
        .transport(transport)
        .build()
        .unwrap();
    (client, seen)
}

#[tokio::test]
async fn for_account_adds_the_account_where_the_operation_takes_it() {
    let bed = TestBed::new().await;
    let (client, seen) = recording_client(&bed);
    let account = client.accounts().me().await.unwrap().id;
    let own = client.for_account(account.clone());
    own.lists().list(Default::default()).all().await.unwrap();
    own.users().me().await.unwrap(); // takes no account

    let queries: Vec<_> = seen.lock().unwrap().iter().map(|request| request.uri().query().map(str::to_owned)).collect();
    assert_eq!(queries, [None, None, Some(format!("account_id={account}")), None]);

    // The API refuses another account with a 400 and a code.
    let error = client.for_account("1").lists().list(Default::default()).all().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.code()),
        (ErrorKind::Forbidden, Some(StatusCode::BAD_REQUEST), Some(8004))
    );
    let text = error.to_string();
    assert_eq!(
        text,
        "listLists: the account is not allowed to do this (400): Forbidden. Check the account's permissions, \
         and that API access is enabled for it"
    );
}

#[tokio::test]
async fn a_header_is_sent_by_its_handle_only() {
    let bed = TestBed::new().await;
    let (client, seen) = recording_client(&bed);
    let value = HeaderValue::from_static("t1");
    client.header("X-Trace", "t1").unwrap().users().me().await.unwrap();
    client.users().me().await.unwrap();

    let traced: Vec<_> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|request| (request.uri().path().to_owned(), request.headers().get("x-trace").cloned()))
        .collect();
    assert_eq!(
        traced,
        [
            ("/token".into(), None), // all handles share the token
            ("/users/self".into(), Some(value)),
            ("/users/self".into(), None)
        ]
    );
    for request in seen.lock().unwrap().iter() {
        assert!(request.headers()["user-agent"].to_str().unwrap().starts_with("cakemail-rust/"));
        assert_eq!(request.headers()["accept"], "application/json");
    }
}

/// The server accepts connections and never responds.
#[tokio::test]
async fn a_deadline_ends_the_calls_of_its_handle() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for transport in TRANSPORTS {
        let client = Client::builder()
            .base_url(format!("http://{}", silent.local_addr().unwrap()))
            .credentials(Credentials::access_token("any"))
            .transport(transport())
            .build()
            .unwrap();
        let limited = client.deadline(Duration::from_millis(20));
        let error = limited.users().me().await.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::NotDone, 1));
        assert_eq!(error.to_string(), "getSelfUser: no response arrived in time");

        let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Hi", "Hello."));
        let error = limited.emails().send(&email).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::Unknown, 1));
        assert_eq!(
            error.to_string(),
            "submitEmail: no response arrived in time. The server may have processed the request. Search the logs for \
             the email before you send it again"
        );
    }
}

#[tokio::test]
async fn execute_raw_returns_the_response() {
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let response = bed.client.execute_raw(&GetSelfUser {}).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers()["x-sandbox-fidelity"], "spec");
        let json: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(json["data"]["email"], bed.sandbox.email());
        // An error status is an error.
        let missing = GetEmail { email_id: "3fbfa67e-c4c4-4e03-8dfd-556037960374".into() };
        assert_eq!(bed.client.execute_raw(&missing).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
}
