//! One email: what was submitted, and what happened to it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::event::{Event, PlannedEvent};
use super::submission::{Submission, fingerprint};
use crate::domain::lifecycle::{self, EventKind};
use crate::domain::time::Time;

/// About how much memory an email takes besides its texts and events, with its index entries, in bytes.
const OVERHEAD: usize = 640;

/// About how much memory an event takes, in bytes.
const EVENT: usize = 48;

/// About how much memory a tag takes, in bytes.
const TAG: usize = 32;

/// How many bytes a byte of the searched text takes, with its entries in the index of words.
const SEARCHED: usize = 3;

/// An email. Fields hold what lists show and what indexes need; everything else is read from the submission when it is
/// shown.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Email {
    pub(crate) id: Uuid,
    pub(crate) submitted: Time,
    pub(crate) recipient: Arc<str>,
    pub(crate) list_id: Option<i64>,
    pub(crate) sender: Arc<EmailSender>,
    /// The subject, before merging.
    pub(crate) subject: Box<str>,
    pub(super) tags: Box<[Arc<str>]>,
    /// The contact's attributes at the time, which are values for merge tags.
    pub(crate) attributes: Arc<[(String, String)]>,
    pub(crate) is_marketing: bool,
    /// How many attachments it has.
    pub(crate) attachments: u32,
    /// The size of the submission in bytes.
    pub(crate) size: usize,
    /// What a search looks at.
    pub(crate) text: Box<str>,
    /// The submission as JSON.
    submission: Box<str>,
    /// Whether the whole response was written to the connection.
    pub(crate) answered: bool,
    /// Whether somebody has opened it in the inbox, which is no open of its recipient.
    #[serde(default)]
    pub(crate) read: bool,
    /// Equal in emails that are duplicates of each other.
    pub(super) fingerprint: u64,
    /// Whether an email with this fingerprint was accepted before.
    pub(crate) duplicate: bool,
    /// Oldest first. Empty only until it is submitted.
    pub(crate) events: Vec<Event>,
    /// The events that are still to happen.
    pub(super) planned: Vec<PlannedEvent>,
}

/// The sender of an email, as it was at the time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct EmailSender {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
}

impl Email {
    /// An email without a list, before its events.
    pub(crate) fn new(
        id: Uuid,
        submitted: Time,
        recipient: &str,
        sender: EmailSender,
        submission: &Map<String, Value>,
    ) -> Self {
        let text = serde_json::to_string(submission).unwrap_or_default();
        let fingerprint = fingerprint(recipient, submission);
        let submission = Submission::of(submission.clone());
        Self {
            id,
            submitted,
            recipient: recipient.into(),
            list_id: None,
            sender: Arc::new(sender),
            subject: submission.content_text("subject").unwrap_or_default().into(),
            tags: submission.tags().map(Arc::from).collect(),
            attributes: Arc::default(),
            is_marketing: submission.content_text("type") == Some("marketing"),
            attachments: u32::try_from(submission.attachments().len()).unwrap_or(u32::MAX),
            size: text.len(),
            text: Box::default(),
            submission: text.into(),
            answered: true,
            read: false,
            fingerprint,
            duplicate: false,
            events: Vec::new(),
            planned: Vec::new(),
        }
    }

    /// The submission, parsed: once for each call.
    pub(crate) fn submission(&self) -> Submission {
        Submission::of(serde_json::from_str(&self.submission).unwrap_or_default())
    }

    /// Its tags, as submitted.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().map(|tag| &**tag)
    }

    /// Its tags, each once.
    pub(super) fn distinct_tags(&self) -> impl Iterator<Item = &Arc<str>> {
        let tags = self.tags.iter().enumerate();
        tags.filter(|(place, tag)| !self.tags[..*place].contains(tag)).map(|(_, tag)| tag)
    }

    /// The recipient's provider. Assumed: the domain up to its first dot.
    pub(crate) fn provider(&self) -> &str {
        let domain = self.recipient.rsplit('@').next().unwrap_or_default();
        domain.split('.').next().unwrap_or_default()
    }

    /// Its status: the last of its events in the order of [`EventKind`].
    pub(crate) fn status(&self) -> EventKind {
        self.events.iter().map(|event| event.kind).max().unwrap_or(EventKind::Submitted)
    }

    /// Its last event.
    pub(crate) fn last_event(&self) -> EventKind {
        self.events.last().map_or(EventKind::Submitted, |event| event.kind)
    }

    pub(crate) fn count(&self, kind: EventKind) -> usize {
        self.events.iter().filter(|event| event.kind == kind).count()
    }

    pub(crate) fn has(&self, kind: EventKind) -> bool {
        self.first(kind).is_some()
    }

    /// When an event of this kind first happened.
    pub(crate) fn first(&self, kind: EventKind) -> Option<Time> {
        self.events.iter().find(|event| event.kind == kind).map(|event| event.time)
    }

    /// The events that are still to happen.
    pub(crate) fn planned(&self) -> impl Iterator<Item = (Time, EventKind)> {
        self.planned.iter().map(|event| (event.time, event.kind))
    }

    /// Why an event cannot happen now, if it cannot.
    pub(crate) fn objection(&self, kind: EventKind) -> Option<&'static str> {
        let past: Vec<_> = self.events.iter().map(|event| event.kind).collect();
        lifecycle::objection(&past, kind)
    }

    /// About how much memory it takes, in bytes.
    pub(super) fn cost(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, value)| name.len() + value.len());
        let texts = self.submission.len() + self.subject.len() + attributes.sum::<usize>();
        texts + self.text.len() * SEARCHED + self.tags.len() * TAG + self.events.len() * EVENT + OVERHEAD
    }
}
