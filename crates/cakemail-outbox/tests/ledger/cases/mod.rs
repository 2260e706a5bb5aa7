//! The behaviors, and what they share.

pub mod claim;
pub mod complete;
pub mod enqueue;
pub mod operate;
pub mod webhooks;

use std::time::{Duration, SystemTime};

use cakemail_client::IdempotencyKey;
use cakemail_model::emails::NewEmail;
use cakemail_model::{Content, ListId};
use cakemail_outbox::state::{Event, Reason, Rules};
use cakemail_outbox::{Claimed, Completion, Ledger, OutboxEmail, Owner, Tick, Ticked, Time};

/// So short that a lease has ended when the next call begins, and so has the time to settle.
pub fn instant() -> Rules {
    let mut rules = Rules::default();
    (rules.lease, rules.settle, rules.first_backoff) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    rules
}

pub fn key(key: &str) -> IdempotencyKey {
    IdempotencyKey::new(key).unwrap()
}

pub fn email(key: &str) -> OutboxEmail {
    email_with(key, "Your receipt")
}

pub fn email_with(name: &str, subject: &str) -> OutboxEmail {
    let content = Content::text(subject, "Thank you.");
    OutboxEmail::new(key(name), NewEmail::transactional("42", ListId::new(7), "ada@example.com", content))
}

/// This number of seconds after now.
pub fn at(seconds: i64) -> Time {
    let now = Time::from(SystemTime::now());
    Time::from_micros(now.as_micros() + seconds * 1_000_000)
}

pub async fn enqueue(ledger: &dyn Ledger, keys: &[&str]) {
    let emails: Vec<_> = keys.iter().map(|key| email(key)).collect();
    ledger.enqueue(&emails).await.unwrap();
}

/// A tick that changes nothing.
pub fn tick(owner: Owner, rules: &Rules) -> Tick<'_> {
    Tick { owner, completed: &[], room: 0, room_for_looks: 0, rate: None, rules, is_told: false }
}

/// Claims at most this many emails.
pub async fn claim(ledger: &dyn Ledger, owner: Owner, room: u32, rules: &Rules) -> Ticked {
    ledger.tick(Tick { room, room_for_looks: room, ..tick(owner, rules) }).await.unwrap()
}

/// Stores what a claim came to, and returns how many completions were stale.
pub async fn complete(ledger: &dyn Ledger, owner: Owner, claimed: &Claimed, event: Event) -> usize {
    complete_with(ledger, owner, claimed, event, &instant()).await
}

pub async fn complete_with(ledger: &dyn Ledger, owner: Owner, claimed: &Claimed, event: Event, rules: &Rules) -> usize {
    let completed = [Completion { record: claimed.record.clone(), event }];
    ledger.tick(Tick { completed: &completed, ..tick(owner, rules) }).await.unwrap().stale
}

pub fn lost() -> Event {
    Event::Lost(Reason::new("ConnectionLost", "the connection was lost"))
}

pub fn keys(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|claimed| claimed.record.key.tag().trim_start_matches("key-")).collect()
}

pub async fn state(ledger: &dyn Ledger, name: &str) -> &'static str {
    ledger.get(&key(name)).await.unwrap().unwrap().progress.state.name()
}
