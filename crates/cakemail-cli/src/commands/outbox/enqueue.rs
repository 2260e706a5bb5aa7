//! `cakemail outbox enqueue`: enqueues an email, or a file of emails.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use cakemail::outbox::{Enqueued, Error, Outbox, OutboxEmail};
use cakemail::{FieldError, IdempotencyKey};
use serde_json::json;

use super::jsonl::{self, Line};
use crate::args::Enqueue;
use crate::commands::send::{self, Draft};
use crate::error::CliError;
use crate::output::Output;

/// How many lines of a file share a transaction.
const BATCH: usize = 500;

/// What the command line names: it is read before the ledger is opened.
pub enum Input {
    Email(Box<OutboxEmail>),
    File(PathBuf, Box<dyn BufRead>),
}

impl Input {
    pub fn read(args: Enqueue) -> Result<Self, CliError> {
        match (args.file, args.key, args.email) {
            (Some(path), _, _) => {
                let file = match path == Path::new("-") {
                    true => Ok(Box::new(BufReader::new(io::stdin())) as Box<dyn BufRead>),
                    false => File::open(&path).map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead>),
                };
                let file = file.map_err(|error| cannot_read(&path, &error))?;
                Ok(Self::File(path, file))
            }
            (None, Some(key), Some(email)) => {
                let mut email = OutboxEmail::new(key, Draft::read(email)?.complete(None)?);
                email.send_at = args.send_at.map(jsonl::time);
                email.expires_at = args.expires_at.map(jsonl::time);
                email = args.resend_after.into_iter().fold(email, OutboxEmail::resend_after);
                Ok(Self::Email(Box::new(email)))
            }
            _ => Err(CliError::usage("give --key and the email, or --file")),
        }
    }

    pub async fn enqueue(self, outbox: &Outbox, out: &mut Output) -> Result<(), CliError> {
        match self {
            Self::Email(email) => {
                let enqueued = outbox.enqueue(&email).await.map_err(by_argument)?;
                show(&email.key, &enqueued, out)
            }
            Self::File(path, file) => enqueue_file(&path, file, outbox, out).await,
        }
    }
}

fn show(key: &IdempotencyKey, enqueued: &Enqueued, out: &mut Output) -> Result<(), CliError> {
    let (tag, state) = (key.tag(), enqueued.state.name());
    match out.is_json() {
        true => out.json(&json!({"key": tag, "state": state, "new": enqueued.is_new}))?,
        false if enqueued.is_new => out.line(format_args!("Enqueued {tag}."))?,
        false => out.line(format_args!("{tag} was enqueued before, and is {state}."))?,
    }
    Ok(())
}

/// What became of the lines of a file.
#[derive(Default)]
struct Totals {
    enqueued: usize,
    known: usize,
    invalid: usize,
}

async fn enqueue_file(path: &Path, file: Box<dyn BufRead>, outbox: &Outbox, out: &mut Output) -> Result<(), CliError> {
    let mut totals = Totals::default();
    let mut batch = Vec::new();
    for (number, line) in (1..).zip(file.lines()) {
        let line = line.map_err(|error| cannot_read(path, &error))?;
        match Line::parse(&line) {
            Ok(None) => {}
            Ok(Some(email)) => batch.push((number, email)),
            Err(reason) => totals.refuse(number, &reason, out),
        }
        if batch.len() == BATCH {
            enqueue_batch(&mut batch, outbox, &mut totals, out).await?;
        }
    }
    enqueue_batch(&mut batch, outbox, &mut totals, out).await?;
    let Totals { enqueued, known, invalid } = totals;
    match out.is_json() {
        true => out.json(&json!({"enqueued": enqueued, "enqueued_before": known, "invalid": invalid}))?,
        false => out.line(format_args!("Enqueued {enqueued}; enqueued before: {known}; invalid: {invalid}."))?,
    }
    match invalid {
        0 => Ok(()),
        1 => Err(CliError::Other("a line was not enqueued: correct it and enqueue the file again".into())),
        _ => {
            Err(CliError::Other(format!("{invalid} lines were not enqueued: correct them and enqueue the file again")))
        }
    }
}

/// Enqueues the batch in one transaction. If a line is in the way, enqueues the lines one by one.
async fn enqueue_batch(
    batch: &mut Vec<(usize, OutboxEmail)>,
    outbox: &Outbox,
    totals: &mut Totals,
    out: &Output,
) -> Result<(), CliError> {
    let emails: Vec<_> = batch.iter().map(|(_, email)| email.clone()).collect();
    match outbox.enqueue_all(&emails).await {
        Ok(enqueued) => enqueued.iter().for_each(|enqueued| totals.count(enqueued)),
        Err(error) if is_of_an_email(&error) => {
            for (number, email) in batch.iter() {
                match outbox.enqueue(email).await {
                    Ok(enqueued) => totals.count(&enqueued),
                    Err(error) if is_of_an_email(&error) => totals.refuse(*number, &error.to_string(), out),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Err(error) => return Err(error.into()),
    }
    batch.clear();
    Ok(())
}

/// Whether the email is at fault, and not the database.
fn is_of_an_email(error: &Error) -> bool {
    matches!(error, Error::Invalid { .. } | Error::KeyConflict { .. })
}

impl Totals {
    fn count(&mut self, enqueued: &Enqueued) {
        match enqueued.is_new {
            true => self.enqueued += 1,
            false => self.known += 1,
        }
    }

    /// Reports a line that is not enqueued. The others are.
    fn refuse(&mut self, number: usize, reason: &str, out: &Output) {
        self.invalid += 1;
        out.warn(&format!("line {number}: {reason}"), json!({"line": number, "message": reason}));
    }
}

fn cannot_read(path: &Path, error: &io::Error) -> CliError {
    FieldError::new("--file", format!("cannot read `{}`: {error}", path.display())).into()
}

/// The fields of an invalid email, by their arguments.
fn by_argument(error: Error) -> CliError {
    match error {
        Error::Invalid { errors, .. } => send::by_arguments(errors),
        error => error.into(),
    }
}
