//! The emails of a run, by number.

use cakemail::{Content, IdempotencyKey, ListId, NewEmail, SenderId};
use cakemail_outbox::{OnMissing, OutboxEmail};

use crate::times::RESEND_AFTER;
use crate::{Policy, Result, name};

/// One of this many emails has a sender that does not exist: the API refuses it for good.
const POISONED: usize = 199;

/// How to write them.
#[derive(Debug, Clone, clap::Args)]
pub struct Emails {
    #[arg(long)]
    pub sender: String,
    #[arg(long)]
    pub list: u64,
    #[arg(long, value_enum)]
    pub policy: Policy,
}

impl Emails {
    pub fn arguments(&self) -> [String; 3] {
        [
            format!("--sender={}", self.sender),
            format!("--list={}", self.list),
            format!("--policy={}", name(self.policy)),
        ]
    }

    pub fn email(&self, number: usize) -> Result<OutboxEmail> {
        let sender = if is_poisoned(number) { "no-such-sender" } else { &self.sender };
        let content = Content::text("Hello", "Does it arrive once?");
        let email =
            NewEmail::transactional(SenderId::from(sender), ListId::from(self.list), recipient(number), content);
        let mut email = OutboxEmail::new(key(number)?, email);
        email.on_missing = match self.policy {
            Policy::Park => OnMissing::Park,
            Policy::Resend => OnMissing::ResendAfter(RESEND_AFTER),
        };
        Ok(email)
    }
}

/// Whether the API refuses the email with this number.
pub fn is_poisoned(number: usize) -> bool {
    number % POISONED == POISONED - 1
}

pub fn key(number: usize) -> Result<IdempotencyKey> {
    Ok(IdempotencyKey::new(&format!("order-{number}"))?)
}

pub fn recipient(number: usize) -> String {
    format!("r{number}@example.org")
}
