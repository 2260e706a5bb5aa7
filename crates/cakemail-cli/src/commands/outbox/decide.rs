//! `cakemail outbox resolve`, `retry`, `cancel` and `prune`: what a person decides.

use std::time::Duration;

use cakemail::IdempotencyKey;
use cakemail::outbox::state::State;
use cakemail::outbox::{Error, Outbox, Record};
use serde_json::json;

use super::show;
use crate::args::{Decision, Resolve};
use crate::error::CliError;
use crate::output::Output;

pub async fn resolve(args: Resolve, outbox: &Outbox, out: &mut Output) -> Result<(), CliError> {
    let key = &args.key;
    let record = match args.decision {
        Decision { send_again: true, .. } => outbox.resend(key).await?,
        Decision { accepted: Some(id), .. } => outbox.mark_accepted(key, id).await?,
        Decision { look: true, .. } => outbox.look(key).await?,
        Decision { .. } => outbox.cancel(key).await?,
    };
    decided(&record, out)
}

/// Sends emails again that were certainly not accepted.
pub async fn retry(keys: &[IdempotencyKey], outbox: &Outbox, out: &mut Output) -> Result<(), CliError> {
    let again = async |key: &IdempotencyKey| {
        let record = outbox.get(key).await?.ok_or_else(|| Error::NotFound(key.tag().to_owned()))?;
        if matches!(record.progress.state, State::Parked) {
            let text = format!("{0} may have been accepted: use `cakemail outbox resolve {0}`", key.tag());
            return Err(CliError::Other(text));
        }
        Ok(outbox.resend(key).await?)
    };
    for_each(keys, again, out).await
}

pub async fn cancel(keys: &[IdempotencyKey], outbox: &Outbox, out: &mut Output) -> Result<(), CliError> {
    for_each(keys, async |key: &IdempotencyKey| Ok(outbox.cancel(key).await?), out).await
}

pub async fn prune(age: Duration, outbox: &Outbox, out: &mut Output) -> Result<(), CliError> {
    let removed = outbox.prune(age).await?;
    match out.is_json() {
        true => out.json(&json!({"removed": removed}))?,
        false => out.line(format_args!("Removed {removed}."))?,
    }
    Ok(())
}

/// Decides about each email. One that cannot be changed does not stop the others.
async fn for_each(
    keys: &[IdempotencyKey],
    decide: impl AsyncFn(&IdempotencyKey) -> Result<Record, CliError>,
    out: &mut Output,
) -> Result<(), CliError> {
    let mut failed = 0;
    for key in keys {
        match decide(key).await {
            Ok(record) => decided(&record, out)?,
            Err(error) if keys.len() == 1 => return Err(error),
            Err(error) => {
                failed += 1;
                let message = error.message();
                out.warn(&message, json!({"key": key.tag(), "message": message}));
            }
        }
    }
    match failed {
        0 => Ok(()),
        _ => Err(CliError::Other(format!("{failed} of {} emails were not changed", keys.len()))),
    }
}

fn decided(record: &Record, out: &mut Output) -> Result<(), CliError> {
    match out.is_json() {
        true => out.json(&show::to_json(record))?,
        false => out.line(format_args!("{} is {}.", record.key.tag(), record.progress.state.name()))?,
    }
    Ok(())
}
