//! Finds the emails of an account that match a query, without a look at all of them.

use std::borrow::Cow;

use super::{Condition, Query, is_tag};
use roaring::MultiOps as _;

use crate::domain::index::Numbers;
use crate::domain::{Email, Emails, Time};

/// The emails of an account that a query finds.
pub(crate) struct Selection<'a> {
    query: &'a Query,
    emails: &'a Emails,
    /// All that match and, when the query has words, some that do not.
    numbers: Numbers,
}

impl Query {
    pub(crate) fn select<'a>(&'a self, emails: &'a Emails) -> Selection<'a> {
        let mut numbers = emails.numbers().clone();
        for term in &self.terms {
            match (term.negated, term.condition.word()) {
                (false, _) => numbers &= &*term.condition.set(emails),
                (true, None) => numbers -= &*term.condition.set(emails),
                // Those that may contain a word may not contain it, too.
                (true, Some(_)) => {}
            }
        }
        Selection { query: self, emails, numbers }
    }

    /// Whether an email matches the terms with words.
    fn matches_words(&self, email: &Email) -> bool {
        self.terms.iter().filter(|term| term.condition.word().is_some()).all(|term| term.matches(email))
    }
}

impl Condition {
    /// The word that the text of an email has to contain.
    fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) | Self::To(word) | Self::From(word) | Self::Subject(word) => Some(word),
            _ => None,
        }
    }

    /// The emails that match. A condition with a word has candidates only.
    fn set<'a>(&self, emails: &'a Emails) -> Cow<'a, Numbers> {
        let index = emails.index();
        let before = |time: &Time| (0..emails.since(*time)).collect::<Numbers>();
        Cow::Owned(match self {
            Self::Word(word) | Self::To(word) | Self::From(word) | Self::Subject(word) => emails.candidates(word),
            Self::Tag(named) => index.tags.matching(|tag| is_tag(tag, named)),
            Self::Status(kinds) => kinds.iter().map(|kind| index.with_status(*kind)).union(),
            Self::Attachment => return Cow::Borrowed(&index.with_attachment),
            Self::Read(true) => return Cow::Borrowed(&index.read),
            Self::Read(false) => emails.numbers() - &index.read,
            Self::Before(time) => before(time),
            Self::After(time) => emails.numbers() - before(time),
        })
    }
}

impl<'a> Selection<'a> {
    /// The numbers of its emails. `None` when it takes a look at each of them to know.
    pub(crate) fn numbers(&self) -> Option<&Numbers> {
        let exact = self.query.terms.iter().all(|term| term.condition.word().is_none());
        exact.then_some(&self.numbers)
    }

    /// The emails that match, oldest first, with their numbers.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &'a Email)> {
        let emails = self.numbers.iter().filter_map(|number| Some((number, self.emails.get(number)?)));
        emails.filter(|(_, email)| self.query.matches_words(email))
    }
}
