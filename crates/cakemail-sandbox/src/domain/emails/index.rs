//! Which emails have what.

use std::borrow::Cow;
use std::sync::Arc;

use super::email::{Email, EmailSender};
use crate::domain::index::{Numbers, Terms};
use crate::domain::lifecycle::EventKind;

/// The numbers of the emails with each value of a field, and with each kind of event.
#[derive(Default)]
pub(crate) struct EmailIndex {
    pub(crate) tags: Terms<Arc<str>>,
    pub(crate) providers: Terms<Arc<str>>,
    /// By the recipient in lower case.
    pub(crate) recipients: Terms<Arc<str>>,
    pub(crate) senders: Terms<Arc<EmailSender>>,
    /// Those with attachments.
    pub(crate) with_attachment: Numbers,
    /// Those that somebody has opened in the inbox.
    pub(crate) read: Numbers,
    /// Those that had been accepted before.
    pub(crate) duplicates: Numbers,
    /// Those whose recipient has upper case.
    with_upper_case: Numbers,
    /// Those that had an event of a kind, by kind.
    had: [Numbers; EventKind::ALL.len()],
}

impl EmailIndex {
    /// Adds an email, whose texts become those that other emails have, so that each is in memory once.
    pub(super) fn add(&mut self, number: u32, email: &mut Email) {
        for tag in &mut email.tags {
            *tag = shared(self.tags.key(&**tag), tag);
        }
        email.sender = shared(self.senders.key(&email.sender), &email.sender);
        let lower = email.recipient.to_lowercase();
        if *lower == *email.recipient {
            email.recipient = shared(self.recipients.key(&*lower), &email.recipient);
            self.recipients.add(Arc::clone(&email.recipient), number);
        } else {
            self.with_upper_case.insert(number);
            self.recipients.add(lower.into(), number);
        }
        for tag in email.distinct_tags() {
            self.tags.add(Arc::clone(tag), number);
        }
        self.providers.add(self.provider(email), number);
        self.senders.add(Arc::clone(&email.sender), number);
        if email.attachments > 0 {
            self.with_attachment.insert(number);
        }
        if email.duplicate {
            self.duplicates.insert(number);
        }
        self.set_read(number, email.read);
        for event in &email.events {
            self.add_event(number, event.kind);
        }
    }

    pub(super) fn set_read(&mut self, number: u32, read: bool) {
        if read {
            self.read.insert(number);
        } else {
            self.read.remove(number);
        }
    }

    pub(super) fn add_event(&mut self, number: u32, kind: EventKind) {
        self.had[kind as usize].insert(number);
    }

    pub(super) fn remove(&mut self, number: u32, email: &Email) {
        for tag in email.distinct_tags() {
            self.tags.remove(&**tag, number);
        }
        self.providers.remove(email.provider(), number);
        self.recipients.remove(&*email.recipient.to_lowercase(), number);
        self.senders.remove(&email.sender, number);
        let sets = [&mut self.with_attachment, &mut self.read, &mut self.duplicates, &mut self.with_upper_case];
        for set in sets.into_iter().chain(&mut self.had) {
            set.remove(number);
        }
    }

    /// The provider of an email, as other emails have it.
    pub(super) fn provider(&self, email: &Email) -> Arc<str> {
        self.providers.key(email.provider()).cloned().unwrap_or_else(|| email.provider().into())
    }

    /// The emails that had an event of this kind.
    pub(crate) fn had(&self, kind: EventKind) -> &Numbers {
        &self.had[kind as usize]
    }

    /// The emails with this status.
    pub(crate) fn with_status(&self, status: EventKind) -> Numbers {
        let later = EventKind::ALL.into_iter().filter(|kind| *kind > status);
        later.fold(self.had(status).clone(), |emails, kind| emails - self.had(kind))
    }

    /// The emails with this recipient, without regard to case.
    pub(crate) fn to(&self, recipient: &str) -> Cow<'_, Numbers> {
        self.recipients.with(&*recipient.to_lowercase())
    }

    /// The emails whose recipient passes a test. `recipient` returns that of an email. The cost grows with the
    /// recipients, not with the emails.
    pub(crate) fn with_recipient(&self, test: impl Fn(&str) -> bool, recipient: impl Fn(u32) -> Arc<str>) -> Numbers {
        let lower_case = self.recipients.matching(|recipient| test(recipient)) - &self.with_upper_case;
        let others = self.with_upper_case.iter().filter(|number| test(&recipient(*number)));
        lower_case | others.collect::<Numbers>()
    }
}

/// A value that is in memory already, or else this one.
fn shared<T: ?Sized>(known: Option<&Arc<T>>, value: &Arc<T>) -> Arc<T> {
    Arc::clone(known.unwrap_or(value))
}
