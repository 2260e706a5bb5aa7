//! A server that prints the events of emails.
//!
//! `CAKEMAIL_WEBHOOK_KEY=… cargo run --example axum` listens on <http://127.0.0.1:8080/webhooks>.

use axum::Router;
use axum::routing::post;
use cakemail_webhook::{Received, Receiver, Rejection, Verifier};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = std::env::var("CAKEMAIL_WEBHOOK_KEY").map_err(|_| "set CAKEMAIL_WEBHOOK_KEY to the webhook's key")?;
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on http://{}/webhooks", listener.local_addr()?);
    axum::serve(listener, app(Receiver::new(Verifier::new(key)))).await?;
    Ok(())
}

/// The application's routes.
pub fn app(receiver: Receiver) -> Router {
    Router::new().route("/webhooks", post(webhook)).with_state(receiver)
}

async fn webhook(Received(delivery): Received) -> Result<(), Rejection> {
    let event = &delivery.event;
    match event.status() {
        Some(status) => println!("{}: {status}", event.email_id().map(|id| id.to_string()).unwrap_or_default()),
        None => println!("{}", event.kind),
    }
    delivery.done().await // until here, an error or a panic makes the event come again
}
