//! The reports of a run, compared with the ledger.

use std::collections::BTreeMap;
use std::fmt;

use cakemail::sandbox::Ledger;
use cakemail::{ErrorKind, Outcome, Result, Sent};

/// The end of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    Accepted,
    /// The server refused it.
    Refused,
    /// The server did not receive it.
    NotSent,
    Unknown(ErrorKind),
    /// The call was dropped before its end.
    Dropped,
}

impl Report {
    pub fn of(result: &Result<Sent>) -> Self {
        match result {
            Ok(_) => Self::Accepted,
            Err(error) => match error.outcome() {
                Outcome::Done => Self::Accepted,
                Outcome::Unknown => Self::Unknown(error.kind()),
                Outcome::NotDone if error.status().is_some() => Self::Refused,
                Outcome::NotDone => Self::NotSent,
            },
        }
    }
}

/// Counts of the reports, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Tally {
    pub sends: usize,
    accepted_once: usize,
    refused: usize,
    not_sent: usize,
    unknown: usize,
    dropped: usize,
    /// Unknown although the server never read the whole request, by the kind of the error.
    unread: BTreeMap<String, usize>,
    duplicates: usize,
    lost: usize,
    false_outcomes: usize,
    hung: usize,
    examples: Vec<String>,
}

impl Tally {
    /// Adds a call: its report, or `None` when it did not end in time. An email that was sent before under its key may
    /// have been accepted, although this call did nothing.
    pub fn record(
        &mut self,
        report: Option<Report>,
        recipient: &str,
        ledger: &Ledger,
        was_read: bool,
        may_be_sent: bool,
    ) {
        let accepted = ledger.accepted(recipient);
        self.sends += 1;
        if accepted > 1 {
            self.duplicates += 1;
            self.example(format!("{recipient} was accepted {accepted} times, reported {report:?}"));
        }
        match report {
            None => {
                self.hung += 1;
                self.example(format!("the send to {recipient} did not end"));
            }
            Some(Report::Accepted) if accepted == 0 => {
                self.lost += 1;
                self.example(format!("{recipient} is reported accepted, and was not"));
            }
            Some(Report::Refused | Report::NotSent) if accepted > 0 && !may_be_sent => {
                self.false_outcomes += 1;
                self.example(format!("{recipient} is reported {report:?}, and was accepted"));
            }
            Some(Report::Accepted) => self.accepted_once += 1,
            Some(Report::Refused) => self.refused += 1,
            Some(Report::NotSent) => self.not_sent += 1,
            Some(Report::Dropped) => self.dropped += 1,
            Some(Report::Unknown(kind)) => {
                self.unknown += 1;
                if !was_read {
                    *self.unread.entry(format!("{kind:?}")).or_default() += 1;
                }
            }
        }
    }

    /// Counts the duplicates among all emails.
    pub fn record_duplicates(&mut self, ledger: &Ledger) {
        for row in ledger.duplicates() {
            self.duplicates += 1;
            self.example(format!("{} was accepted again", row.recipient));
        }
    }

    /// Counts an email under a key that is not accepted at last, although the faults are over.
    pub fn record_never_accepted(&mut self, recipient: &str, result: &Result<Sent>) {
        self.lost += 1;
        self.example(format!("{recipient} is not accepted without faults: {result:?}"));
    }

    pub fn add(&mut self, other: Self) {
        self.sends += other.sends;
        self.accepted_once += other.accepted_once;
        self.refused += other.refused;
        self.not_sent += other.not_sent;
        self.unknown += other.unknown;
        self.dropped += other.dropped;
        for (kind, count) in other.unread {
            *self.unread.entry(kind).or_default() += count;
        }
        self.duplicates += other.duplicates;
        self.lost += other.lost;
        self.false_outcomes += other.false_outcomes;
        self.hung += other.hung;
        self.examples.extend(other.examples);
    }

    /// Whether every count of a broken promise is zero.
    pub fn verdict(&self) -> std::result::Result<(), String> {
        match self.duplicates + self.lost + self.false_outcomes + self.hung {
            0 => Ok(()),
            _ => Err(self.examples.join("\n")),
        }
    }

    fn example(&mut self, example: String) {
        if self.examples.len() < 10 {
            self.examples.push(example);
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sends, accepted_once, refused, not_sent, unknown, dropped, .. } = self;
        let Self { duplicates, lost, false_outcomes, hung, .. } = self;
        write!(f, "sends={sends} accepted_once={accepted_once} refused={refused} not_sent={not_sent} ")?;
        write!(f, "unknown={unknown} dropped={dropped} ")?;
        for (kind, count) in &self.unread {
            write!(f, "unknown_unread_{kind}={count} ")?;
        }
        write!(f, "duplicates={duplicates} lost={lost} false_outcomes={false_outcomes} hung={hung}")
    }
}
