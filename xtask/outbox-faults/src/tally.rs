//! The rows of the outbox, compared with the sandbox's ledger.

use std::collections::HashMap;
use std::fmt;

use cakemail::sandbox::Ledger as Accepted;
use cakemail_outbox::state::State;
use cakemail_outbox::{Filter, Ledger, Record};

use crate::Result;
use crate::emails::{is_poisoned, key, recipient};

/// What became of the numbers in the database, as far as the enqueuers know.
#[derive(Debug, Default)]
pub struct Enqueued {
    /// Committed.
    pub committed: Vec<usize>,
    /// Inserted, and rolled back because the enqueuer was killed.
    pub rolled_back: Vec<usize>,
}

/// Counts of the emails, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Tally {
    accepted_once: usize,
    refused: usize,
    duplicates: usize,
    lost: usize,
    /// States that are not true.
    untrue: usize,
    parked: usize,
    /// Parked although the server accepted it.
    parked_accepted: usize,
    open: usize,
    examples: Vec<String>,
}

impl Tally {
    /// Compares all rows.
    pub async fn of(ledger: &dyn Ledger, accepted: &Accepted, enqueued: &Enqueued) -> Result<Self> {
        let rows: HashMap<String, Record> =
            rows(ledger).await?.into_iter().map(|row| (row.key.tag().to_owned(), row)).collect();
        let mut tally = Self::default();
        for &number in &enqueued.committed {
            let count = accepted.accepted(&recipient(number));
            match rows.get(key(number)?.tag()) {
                None => tally.is_lost(format!("email {number} was committed and has no row")),
                Some(row) => tally.record(number, row, count),
            }
        }
        for &number in &enqueued.rolled_back {
            if rows.contains_key(key(number)?.tag()) || accepted.accepted(&recipient(number)) > 0 {
                tally.is_untrue(format!("email {number} was not committed and is there"));
            }
        }
        Ok(tally)
    }

    fn record(&mut self, number: usize, row: &Record, accepted: u64) {
        let name = row.progress.state.name();
        if accepted > 1 {
            self.duplicates += 1;
            self.example(format!("email {number} was accepted {accepted} times: {:?}", row.progress));
        }
        match &row.progress.state {
            State::Accepted(_) if accepted == 0 => {
                self.is_lost(format!("email {number} is in state accepted and was not: {:?}", row.progress));
            }
            State::Accepted(_) => self.accepted_once += usize::from(accepted == 1),
            State::Refused | State::Cancelled | State::Expired if accepted > 0 => {
                self.is_untrue(format!("email {number} is {name} and was accepted: {:?}", row.progress));
            }
            State::Refused if is_poisoned(number) => self.refused += 1,
            State::Refused | State::Cancelled | State::Expired => {
                self.is_lost(format!("email {number} is {name}: {:?}", row.progress));
            }
            State::Parked => {
                self.parked += 1;
                self.parked_accepted += usize::from(accepted > 0);
                if row.progress.doubt.is_none() {
                    self.is_untrue(format!("email {number} is parked without a doubt: {:?}", row.progress));
                }
            }
            _ => {
                self.open += 1;
                self.example(format!("email {number} is {name}, accepted {accepted} times: {:?}", row.progress));
            }
        }
    }

    fn is_lost(&mut self, example: String) {
        self.lost += 1;
        self.example(example);
    }

    fn is_untrue(&mut self, example: String) {
        self.untrue += 1;
        self.example(example);
    }

    fn example(&mut self, example: String) {
        if self.examples.len() < 10 {
            self.examples.push(example);
        }
    }

    /// Whether every promise was kept.
    pub fn verdict(&self) -> Result {
        match self.duplicates + self.lost + self.untrue + self.open {
            0 => Ok(()),
            _ => Err(self.examples.join("\n").into()),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted_once, refused, duplicates, lost, untrue, parked, parked_accepted, open, .. } = self;
        write!(f, "accepted_once={accepted_once} duplicates={duplicates} lost={lost} parked={parked} open={open} ")?;
        write!(f, "untrue={untrue} refused={refused} parked_accepted={parked_accepted}")
    }
}

async fn rows(ledger: &dyn Ledger) -> Result<Vec<Record>> {
    let mut rows: Vec<Record> = Vec::new();
    loop {
        let mut filter = Filter::default();
        (filter.before, filter.limit) = (rows.last().map(|row| row.id), 1000);
        let page = ledger.list(&filter).await?;
        if page.is_empty() {
            return Ok(rows);
        }
        rows.extend(page);
    }
}
