//! Tests of the public API.
#![cfg(test)]

mod dates;
mod deliveries;
mod details;
mod events;
mod extractor;
mod readme;
mod redaction;
mod signatures;
mod stores;

use cakemail_model::{Secret, Timestamp};
use cakemail_webhook::{Delivery, Receiver, Rejection, Verifier, sign};

/// The current time in these tests.
const NOW: Timestamp = Timestamp::from_second(1_800_000_000);

fn key() -> Secret {
    Secret::from("a key nobody may see")
}

/// A receiver of `key()`, at `NOW`.
fn receiver() -> Receiver {
    Receiver::new(Verifier::new(key())).clock(|| NOW)
}

/// Posts a signed body.
async fn post(receiver: &Receiver, body: &str) -> Result<Delivery, Rejection> {
    receiver.receive([("x-signature", sign(&key(), body.as_bytes()))], body.as_bytes()).await
}

/// The payload of an `Email.Opened`, dated `age` seconds before `NOW`.
fn opened(age: i64) -> String {
    let timestamp = Timestamp::from_second(NOW.as_second() - age);
    let data = r#"{"email_id":"3fbfa67e-c4c4-4e03-8dfd-556037960374","email":"ada@example.com","tags":["auth"]}"#;
    format!(r#"{{"event":"Email.Opened","timestamp":"{timestamp}","data":{data}}}"#)
}
