//! Webhooks: only a body with its own signature is accepted, and its event is written as it was read.

use cakemail::Secret;
use cakemail::webhook::{Receiver, Rejection, Verifier, sign};
use serde_json::Value;
use tokio::runtime::Builder;

use super::{Target, ensure, ensure_eq, first_line, samples};
use crate::Result;

/// Stands for the right signature of the body, so that a changed body can have it.
const RIGHT: &str = "{right}";

/// The signature's header in the first line, then the body.
const SAMPLES: &[&str] = &[
    "{right}\n{\"event\":\"Email.Bounced\",\"account_id\":\"1\",\"created_on\":1795453200,\"ip\":null,\"user\":{\"id\":null},\"data\":{\"email_id\":\"e\"}}",
    "a, {right}\n{\"event\":\"email.opened\",\"timestamp\":\"2026-11-23T17:00:00Z\",\"data\":{\"email\":\"ada@example.com\",\"tags\":[\"a\"]}}",
    "{right},{right}\n\u{feff}{\"event\":\"x\"}",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n{\"event\":\"x\"}",
    "\n{\"event\":\"x\"}",
    "{right}\n[]",
];

pub fn target() -> Result<Target> {
    let runtime = Builder::new_current_thread().build()?;
    let check = move |input: &[u8]| runtime.block_on(check(input));
    Ok(Target { name: "webhooks", samples: samples(SAMPLES), check: Box::new(check) })
}

async fn check(input: &[u8]) -> std::result::Result<(), String> {
    let key = Secret::from("key");
    let (header, body) = first_line(input);
    let right = sign(&key, body);
    let header = header.replace(RIGHT, &right);
    let unpadded = right.trim_end_matches('=');
    let is_right = |signature: &str| [right.as_str(), unpadded].contains(&signature.trim_ascii());
    let is_signed = header.split(',').any(is_right);

    let receiver = Receiver::new(Verifier::new(key)).window(std::time::Duration::MAX);
    match receiver.receive([("x-signature", header.as_bytes())], body).await {
        Ok(delivery) => {
            ensure(is_signed, "a body without its signature is accepted")?;
            let sent: Value = serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body))
                .map_err(|error| format!("an event is read from a body that is not JSON: {error}"))?;
            let written = serde_json::to_value(&delivery.event).map_err(|error| error.to_string())?;
            ensure_eq(written, sent, "the event is written differently")
        }
        Err(Rejection::InvalidEvent) => ensure(is_signed, "a body without its signature is parsed"),
        Err(Rejection::InvalidSignature) => {
            ensure(!is_signed || header.split(',').count() > 16, "a body with its signature is rejected")
        }
        Err(other) => Err(format!("a new delivery is rejected: {other}")),
    }
}
