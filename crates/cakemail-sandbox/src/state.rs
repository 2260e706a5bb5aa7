//! All that the sandbox knows, in one place.

mod account;
mod contacts;
mod emails;
mod lists;
mod suppressions;
mod tokens;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::Time;
use crate::sandbox::{Mail, SeenRequest};

pub(crate) use account::{Account, DkimKey, Domains, Sender, Webhook};
pub(crate) use contacts::{Contact, Contacts};
pub(crate) use emails::{Email, Emails, Event, Plan};
pub(crate) use lists::{List, Status};
pub(crate) use suppressions::{Source, Suppressions};
pub(crate) use tokens::{Pair, Tokens, secret};

/// How many requests are remembered.
const REQUESTS: usize = 10_000;

#[derive(Debug)]
pub(crate) struct State {
    /// The time up to which everything has happened.
    pub(crate) now: Time,
    /// Never empty; each one sees only its own.
    pub(crate) accounts: Vec<Account>,
    pub(crate) tokens: Tokens,
    pub(crate) requests: VecDeque<SeenRequest>,
    /// How often an email was posted, whatever became of it.
    pub(crate) posts: u64,
    /// How many emails and requests are kept at most.
    keep: Option<usize>,
}

impl State {
    pub(crate) fn new(accounts: Vec<Account>, now: Time, keep: Option<usize>) -> Self {
        Self { now, accounts, tokens: Tokens::default(), requests: VecDeque::new(), posts: 0, keep }
    }

    /// Lets everything happen that is due.
    pub(crate) fn settle(&mut self, now: Time) {
        self.now = now;
        self.accounts.iter_mut().for_each(|account| account.settle(now));
    }

    /// The mails to an address, oldest first.
    pub(crate) fn mails(&self, address: &str) -> Vec<Mail> {
        let mails = self.accounts.iter().flat_map(|account| &account.mailbox);
        mails.filter(|mail| mail.to.eq_ignore_ascii_case(address)).cloned().collect()
    }

    pub(crate) fn saw(&mut self, request: SeenRequest) {
        self.posts += u64::from(request.operation == Some("submitEmail"));
        self.requests.push_back(request);
        if self.requests.len() > self.keep.unwrap_or(REQUESTS).min(REQUESTS) {
            self.requests.pop_front();
        }
    }

    /// Remembers whether the answer that accepted an email went out.
    pub(crate) fn answered(&mut self, id: uuid::Uuid, answered: bool) {
        self.accounts.iter_mut().for_each(|account| account.emails.answered(id, answered));
    }
}

/// Numbers for what is numbered. No two things of a sandbox share one, so that another account's id is never found.
#[derive(Debug)]
pub(crate) struct Ids(AtomicI64);

impl Default for Ids {
    fn default() -> Self {
        Self(AtomicI64::new(1001))
    }
}

impl Ids {
    pub(crate) fn next(&self) -> i64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}
