//! The snippets of `docs/webhooks.md`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use cakemail::EmailStatus;
use cakemail::sandbox::WebhookFaults;
use cakemail::transport::http::{Request, Response};
use cakemail::webhook::{Details, Event, Received, Receiver, Rejection, Verifier};

use cakemail::webhook::{BoxError, sign};
use cakemail::{EmailId, Secret, Timestamp};
use tokio::net::TcpListener;

use crate::TestBed;
use crate::pages::read;

static CLICKS: AtomicUsize = AtomicUsize::new(0);

fn clicks() -> usize {
    CLICKS.load(Ordering::SeqCst)
}

async fn suppress(_: &str) -> Result<(), BoxError> {
    Err("no disk".into())
}

async fn count_click(_: &EmailId) -> Result<(), BoxError> {
    CLICKS.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

async fn process(event: &Event) -> Result<(), BoxError> {
    match event.details() {
        Details::Email { status: EmailStatus::Bounced, recipient: Some(address), .. } => suppress(address).await,
        Details::Email { status: EmailStatus::Clicked, id: Some(id), .. } => count_click(&id).await,
        _ => Ok(()),
    }
}

async fn webhook(Received(delivery): Received) -> Result<(), Rejection> {
    process(&delivery.event).await.map_err(Rejection::failed)?; // the event comes again
    delivery.done().await
}

async fn respond(receiver: &Receiver, request: Request<Vec<u8>>) -> Response<String> {
    let processed = async {
        let delivery = receiver.receive(request.headers(), request.body()).await?;
        process(&delivery.event).await.map_err(Rejection::failed)?;
        delivery.done().await
    };
    let Err(rejection) = processed.await else { return Response::default() };
    let mut response = Response::new(rejection.to_string());
    *response.status_mut() = rejection.status().try_into().unwrap_or_default();
    if let Some(delay) = rejection.retry_after() {
        response.headers_mut().insert("retry-after", delay.as_secs().into());
    }
    response
}

#[tokio::test]
async fn a_server_with_axum_under_faults() -> crate::Result {
    let bed = TestBed::new().await?;
    let TestBed { sandbox, client, .. } = &bed;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/cakemail", listener.local_addr()?);
    let email = bed.email("clicked@example.com");

    let serve = async {
        let webhooks = client.webhooks().ensure(&url, ["Email.Bounced", "Email.Clicked"]).await?;
        let receiver = Receiver::new(Verifier::from(webhooks));
        let app = Router::new().route("/cakemail", post(webhook)).with_state(receiver);
        axum::serve(listener, app).await?;
        crate::Result::Ok(())
    };
    let test = async {
        while client.webhooks().list(Default::default()).all().await?.len() < 2 {
            tokio::task::yield_now().await;
        }
        let mut faults = WebhookFaults::default();
        faults.duplicate = true; // deliver each event twice
        faults.reorder = true;
        sandbox.webhook_faults(faults);

        client.emails().send(&email).await?; // to clicked@example.com
        sandbox.advance(Duration::from_secs(60)).await; // until all deliveries due by then have been made
        assert_eq!(clicks(), 1);
        crate::Result::Ok(())
    };
    tokio::select! {
        served = serve => served,
        tested = test => tested,
    }
}

#[tokio::test]
async fn a_response_without_axum() -> crate::Result {
    let (bounced_key, clicked_key) = (Secret::from("one"), Secret::from("two"));
    let key = bounced_key.clone();

    let verifier = Verifier::new(bounced_key).key(clicked_key);

    let receiver = Receiver::new(verifier);
    let bodies = [("Email.Sent", 200), ("Email.Bounced", 500)]
        .map(|(kind, status)| (format!(r#"{{"event":"{kind}","data":{{"email":"ada@example.com"}}}}"#), status));
    for (body, status) in bodies {
        let request = Request::post("/").header("x-signature", sign(&key, body.as_bytes()));
        let response = respond(&receiver, request.body(body.into_bytes())?).await;
        assert_eq!(response.status(), status);
    }
    let future = format!(r#"{{"event":"A","created_on":{}}}"#, Timestamp::now().as_second() + 100_000);
    let request = Request::post("/").header("x-signature", sign(&key, future.as_bytes()));
    let response = respond(&receiver, request.body(future.into_bytes())?).await;
    assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"10".parse()?));
    Ok(())
}

#[tokio::test]
async fn the_sandboxs_clock() -> crate::Result {
    let sandbox = TestBed::new().await?.sandbox;
    let receiver = Receiver::new(Verifier::new("key"));

    let clock = sandbox.clock().clone();
    let receiver = receiver.clock(move || clock.now().into());

    sandbox.clock().advance(Duration::from_secs(48 * 3600));
    let body = format!(r#"{{"event":"A","created_on":{}}}"#, Timestamp::from(sandbox.clock().now()).as_second());
    let headers = [("x-signature", sign(&"key".into(), body.as_bytes()))];
    receiver.receive(headers, body.as_bytes()).await?.done().await?;
    Ok(())
}

#[test]
fn the_table_of_rejections_has_every_status() {
    let second = Duration::from_secs(1);
    let rejections = [
        Rejection::Duplicate,
        Rejection::TooOld { age: second },
        Rejection::InvalidEvent,
        Rejection::IncompleteBody,
        Rejection::MissingSignature,
        Rejection::InvalidSignature,
        Rejection::TooLarge,
        Rejection::failed("no disk"),
        Rejection::InProgress,
        Rejection::FromTheFuture { ahead: second },
        Rejection::Store("no database".into()),
    ];
    let source = read("crates/cakemail-webhook/src/rejection.rs");
    let variants = source.split("pub enum Rejection").nth(1).unwrap().split("\n}").next().unwrap();
    assert_eq!(variants.matches("#[error(").count(), rejections.len());
    let page = read("docs/webhooks.md");
    for rejection in rejections {
        let debug = format!("{rejection:?}");
        let name = debug.split([' ', '(']).next().unwrap();
        let row = format!("| `{name}` | {} |", rejection.status());
        assert!(page.contains(&row), "docs/webhooks.md lacks the row\n{row}");
    }
}
