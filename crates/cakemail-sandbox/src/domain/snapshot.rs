//! The parts of a state that a snapshot has as lines of their own, so that it is written and read piece by piece.

use std::collections::HashSet;
use std::{io, iter};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::account::Account;
use super::contacts::Contact;
use super::deliveries::Delivery;
use super::emails::Email;
use super::index::Rows;
use super::state::State;

/// A part of a state, to write.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LineRef<'a> {
    /// Everything that has no line of its own. The first line.
    State(&'a State),
    /// An account without what has lines of its own.
    Account(&'a Account),
    Contact {
        account: i64,
        list: i64,
        contact: &'a Contact,
    },
    Email {
        account: i64,
        email: &'a Email,
    },
    Delivery {
        account: i64,
        delivery: &'a Delivery,
    },
}

/// A part of a state that was read.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    State(Box<State>),
    Account(Box<Account>),
    Contact { account: i64, list: i64, contact: Contact },
    Email { account: i64, email: Box<Email> },
    Delivery { account: i64, delivery: Box<Delivery> },
}

/// Encodes a line.
pub(crate) type Encode = fn(&LineRef<'_>) -> io::Result<Vec<u8>>;

type Lines = Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>;

impl State {
    /// The lines of the state as it is now. Rows are encoded when their turn comes, from a view of them: later changes
    /// do not show.
    pub(crate) fn lines(&self, encode: Encode) -> impl Iterator<Item = io::Result<Vec<u8>>> + Send + use<> {
        let line = |line: LineRef<'_>| -> Lines { Box::new(iter::once(encode(&line))) };
        let mut all = vec![line(LineRef::State(self))];
        all.extend(self.accounts.iter().map(|account| line(LineRef::Account(account))));
        for account in &self.accounts {
            let id = account.id;
            for (list, contacts) in account.contacts_of_lists() {
                let encode_contact = move |contact: &Contact| encode(&LineRef::Contact { account: id, list, contact });
                all.push(rows(contacts.table().rows().clone(), encode_contact));
            }
            let encode_email = move |email: &Email| encode(&LineRef::Email { account: id, email });
            all.push(rows(account.emails.view(), encode_email));
            let encode_delivery = move |delivery: &Delivery| encode(&LineRef::Delivery { account: id, delivery });
            all.push(rows(account.deliveries.table().rows().clone(), encode_delivery));
        }
        all.into_iter().flatten()
    }
}

fn rows<T: Send + Sync + 'static>(rows: Rows<T>, encode: impl Fn(&T) -> io::Result<Vec<u8>> + Send + 'static) -> Lines {
    let numbers = rows.numbers().clone().into_iter();
    Box::new(numbers.filter_map(move |number| rows.get(number).map(|row| encode(row))))
}

/// A state that is being read, line by line.
#[derive(Default)]
pub(crate) struct Loading {
    state: Option<State>,
    /// The ids that were read.
    seen: HashSet<Id>,
}

#[derive(PartialEq, Eq, Hash)]
enum Id {
    Account(i64),
    Contact(i64),
    Email(Uuid),
    Delivery(Uuid),
}

impl Loading {
    /// Adds a line. The error says what is wrong with it.
    pub(crate) fn add(&mut self, line: Line) -> Result<(), String> {
        let is_new = match &line {
            Line::State(_) => self.state.is_none(),
            Line::Account(account) => self.seen.insert(Id::Account(account.id)),
            Line::Contact { contact, .. } => self.seen.insert(Id::Contact(contact.id)),
            Line::Email { email, .. } => self.seen.insert(Id::Email(email.id)),
            Line::Delivery { delivery, .. } => self.seen.insert(Id::Delivery(delivery.id)),
        };
        if !is_new {
            return Err(format!("{} appears twice", line.name()));
        }
        match line {
            Line::State(state) => self.state = Some(*state),
            Line::Account(account) => self.state()?.accounts.push(*account),
            Line::Contact { account, list, contact } => self.account(account)?.contacts(list).insert(contact),
            Line::Email { account, email } => self.account(account)?.emails.restore(*email)?,
            Line::Delivery { account, delivery } => self.account(account)?.deliveries.restore(*delivery),
        }
        Ok(())
    }

    /// The state, once all lines were added.
    pub(crate) fn finish(self) -> Result<State, String> {
        let mut state = self.state.ok_or("it has no state")?;
        state.rebuild();
        Ok(state)
    }

    fn state(&mut self) -> Result<&mut State, String> {
        self.state.as_mut().ok_or_else(|| "the state does not come before it".into())
    }

    fn account(&mut self, id: i64) -> Result<&mut Account, String> {
        self.state()?.accounts.get_mut(id).ok_or_else(|| format!("account {id} does not come before it"))
    }
}

impl Line {
    /// What it is, for an error.
    fn name(&self) -> String {
        match self {
            Self::State(_) => "the state".into(),
            Self::Account(account) => format!("the account {}", account.id),
            Self::Contact { contact, .. } => format!("the contact {}", contact.id),
            Self::Email { email, .. } => format!("the email {}", email.id),
            Self::Delivery { delivery, .. } => format!("the delivery {}", delivery.id),
        }
    }
}
