//! Injected faults, observed on raw sockets.

mod control;
mod phases;
mod schedule;
mod socket;
mod surroundings;
mod tokens;

use cakemail_sandbox::{Effect, Fault, Match, Phase, Sandbox};

use crate::support::User;

/// A fault of submissions.
fn submission_fault(phase: Phase, effect: Effect) -> Fault {
    Fault::on(Match::operation("submitEmail")).at(phase).effect(effect)
}

/// The bytes of a complete submission request.
async fn submission_bytes(user: &User<'_>, recipient: &str) -> Vec<u8> {
    let email = user.email(recipient).await.to_string();
    user.bytes("POST", "/v2/emails", "Content-Type: application/json\r\n", &email)
}

/// The `Content-Length` of a response, and the body that was received.
fn content_length_and_body(bytes: &[u8]) -> (usize, &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (head, _) = text.split_once("\r\n\r\n").expect("a whole head");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    (length.parse().unwrap(), &bytes[head.len() + 4..])
}

fn posts_and_accepted(sandbox: &Sandbox) -> (u64, u64) {
    let ledger = sandbox.ledger();
    (ledger.posts(), ledger.total())
}
