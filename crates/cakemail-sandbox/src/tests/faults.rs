//! What goes wrong on purpose, seen from raw sockets.

mod control;
mod phases;
mod schedule;
mod socket;
mod surroundings;
mod tokens;

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::http::User;
use crate::{Effect, Fault, Match, Phase, Sandbox};

/// Sending emails with `effect` in `phase`.
fn sending(phase: Phase, effect: Effect) -> Fault {
    Fault::on(Match::operation("submitEmail")).at(phase).effect(effect)
}

/// An email's request, whole.
async fn posting(user: &User<'_>, recipient: &str) -> Vec<u8> {
    let email = user.email(recipient).await.to_string();
    user.bytes("POST", "/v2/emails", "Content-Type: application/json\r\n", &email)
}

async fn connect(sandbox: &Sandbox) -> TcpStream {
    TcpStream::connect(sandbox.addr()).await.unwrap()
}

/// What comes back for `request` until the connection ends, and how it ends.
pub(super) async fn ending(sandbox: &Sandbox, request: &[u8]) -> (Vec<u8>, io::Result<()>) {
    let mut stream = connect(sandbox).await;
    stream.write_all(request).await.unwrap();
    read_to_the_end(&mut stream).await
}

async fn read_to_the_end(stream: &mut TcpStream) -> (Vec<u8>, io::Result<()>) {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await.map(drop);
    (bytes, end)
}

fn is_reset(end: &io::Result<()>) -> bool {
    end.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
}

/// The length that a head promises, and the body that came.
fn promised(bytes: &[u8]) -> (usize, &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (head, _) = text.split_once("\r\n\r\n").expect("a whole head");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    (length.parse().unwrap(), &bytes[head.len() + 4..])
}

fn posts_and_accepted(sandbox: &Sandbox) -> (u64, u64) {
    let ledger = sandbox.ledger();
    (ledger.posts(), ledger.total())
}
