//! An enqueuer's process: enqueues in transactions, and may be killed within or after one of them.

use rustix::process::{Signal, getpid, kill_process};

use crate::emails::Emails;
use crate::place::Place;
use crate::transaction::Transactions;
use crate::{Result, name};

/// The emails of one transaction.
pub const TRANSACTION: usize = 10;

/// Enqueues the emails with these numbers.
#[derive(Debug, Clone, clap::Args)]
pub struct Enqueuer {
    #[arg(long)]
    pub ledger: String,
    #[arg(long)]
    pub from: usize,
    #[arg(long)]
    pub to: usize,
    /// Where it kills itself, in its last transaction.
    #[arg(long, value_enum)]
    pub dies: Option<Dies>,
    #[command(flatten)]
    pub emails: Emails,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Dies {
    /// Before the commit.
    Inserted,
    /// After the commit, before it says so.
    Committed,
}

impl Enqueuer {
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            "enqueue".to_owned(),
            format!("--ledger={}", self.ledger),
            format!("--from={}", self.from),
            format!("--to={}", self.to),
        ];
        arguments.extend(self.emails.arguments());
        arguments.extend(self.dies.map(|dies| format!("--dies={}", name(dies))));
        arguments
    }

    /// Prints the first number that is not committed, after each transaction.
    pub async fn run(self) -> Result {
        let mut transactions = Transactions::connect(&Place(self.ledger.clone())).await?;
        let mut from = self.from;
        while from < self.to {
            let to = self.to.min(from + TRANSACTION);
            let emails = (from..to).map(|number| self.emails.email(number)).collect::<Result<Vec<_>>>()?;
            let dies = self.dies.filter(|_| to == self.to);
            transactions.enqueue(&emails, || die(dies == Some(Dies::Inserted))).await?;
            die(dies == Some(Dies::Committed));
            println!("{to}");
            from = to;
        }
        Ok(())
    }
}

fn die(now: bool) {
    if now && let Err(error) = kill_process(getpid(), Signal::KILL) {
        eprintln!("the enqueuer cannot kill itself: {error}");
    }
}
