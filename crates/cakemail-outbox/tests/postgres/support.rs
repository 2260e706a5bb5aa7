//! A database for each test, and emails to enqueue.

use cakemail_client::IdempotencyKey;
use cakemail_model::emails::NewEmail;
use cakemail_model::{Content, EmailId, ListId};
use cakemail_outbox::postgres::PostgresLedger;
use cakemail_outbox::state::{Event, Remote, Rules};
use cakemail_outbox::{Claimed, Completion, Ledger, OutboxEmail, Owner, Rate, Tick, Ticked};
use cakemail_postgres::Server;
use tokio_postgres::{Client, NoTls};

/// A ledger in a database of its own, and the database's URL. `None` without PostgreSQL.
pub async fn ledger() -> Option<(PostgresLedger, String)> {
    let url = Server::shared()?.database().await.unwrap();
    Some((PostgresLedger::connect(&url).await.unwrap(), url))
}

/// A plain connection, as an application has it.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub fn email(key: &str) -> OutboxEmail {
    let content = Content::text("Your receipt", "Thank you.");
    let email = NewEmail::transactional("42", ListId::new(7), "ada@example.com", content);
    OutboxEmail::new(IdempotencyKey::new(key).unwrap(), email)
}

pub fn emails(prefix: &str, count: usize) -> Vec<OutboxEmail> {
    (0..count).map(|index| email(&format!("{prefix}-{index}"))).collect()
}

pub async fn tick(
    ledger: &PostgresLedger,
    owner: Owner,
    completed: &[Completion],
    room: u32,
) -> cakemail_outbox::Result<Ticked> {
    let rules = Rules::default();
    let rate: Option<Rate> = None;
    ledger.tick(Tick { owner, completed, room, room_for_looks: room, rate, rules: &rules, is_told: false }).await
}

pub fn accepted(claimed: &[Claimed]) -> Vec<Completion> {
    let event = |claimed: &Claimed| Event::Accepted(Remote::new(EmailId::from(claimed.record.key.tag())));
    claimed.iter().map(|claimed| Completion { record: claimed.record.clone(), event: event(claimed) }).collect()
}
