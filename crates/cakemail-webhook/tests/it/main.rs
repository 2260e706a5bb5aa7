//! Tests of the public API.
#![cfg(test)]

mod events;
mod extractor;
mod readme;
mod redaction;
mod replays;
mod signatures;

use cakemail_model::{Secret, Timestamp};

/// The current time in these tests.
const NOW: Timestamp = Timestamp::from_second(1_800_000_000);

fn key() -> Secret {
    Secret::from("a key nobody may see")
}

/// A receiver of `key()`, at `NOW`.
fn receiver() -> cakemail_webhook::Receiver {
    cakemail_webhook::Receiver::new(cakemail_webhook::Verifier::new(key())).clock(|| NOW)
}

/// The payload of an `Email.Opened`, dated `age` seconds before `NOW`.
fn opened(age: i64) -> String {
    let timestamp = Timestamp::from_second(NOW.as_second() - age);
    let data = r#"{"email_id":"3fbfa67e-c4c4-4e03-8dfd-556037960374","email":"ada@example.com","tags":["auth"]}"#;
    format!(r#"{{"event":"Email.Opened","timestamp":"{timestamp}","data":{data}}}"#)
}
