//! `cakemail outbox status`: how many emails are in each state.

use std::time::Duration;

use cakemail::outbox::{Counts, Outbox};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::args::StateName;
use crate::error::CliError;
use crate::output::Output;

pub async fn run(outbox: &Outbox, out: &mut Output) -> Result<(), CliError> {
    show(&outbox.counts().await?, out)
}

/// Prints the counts, and what a person has to decide.
pub fn show(counts: &Counts, out: &mut Output) -> Result<(), CliError> {
    if out.is_json() {
        return Ok(out.json(&to_json(counts))?);
    }
    let mut fields: Vec<_> = states().map(|state| (state, count(counts, state).to_string())).collect();
    fields.push(("oldest due", counts.oldest_due.map_or_else(|| "-".into(), |age| format!("{} ago", short(age)))));
    fields.push(("last minute", format!("{} accepted", counts.accepted_last_minute)));
    out.fields(&fields)?;
    if count(counts, "parked") > 0 {
        out.line("\nNobody can know whether the parked emails were accepted. List them and decide:")?;
        out.line("  cakemail outbox list --state parked")?;
        out.line("  cakemail outbox resolve KEY --look (or --accepted, --send-again, --cancel)")?;
    }
    Ok(())
}

fn to_json(counts: &Counts) -> Value {
    let mut object: serde_json::Map<_, _> =
        states().map(|state| (state.to_owned(), count(counts, state).into())).collect();
    object.insert("oldest_due_seconds".into(), json!(counts.oldest_due.map(|age| age.as_secs())));
    object.insert("accepted_last_minute".into(), counts.accepted_last_minute.into());
    object.into()
}

/// The names of the states, in the order of an email's life.
pub fn states() -> impl Iterator<Item = &'static str> {
    StateName::value_variants().iter().map(|state| state.as_str())
}

pub fn count(counts: &Counts, state: &str) -> u64 {
    counts.by_state.get(state).copied().unwrap_or_default()
}

/// A duration in its largest unit: `42s`, `5m`, `3h` or `2d`.
fn short(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ ..60 => format!("{seconds}s"),
        seconds @ ..3600 => format!("{}m", seconds / 60),
        seconds @ ..86_400 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::short;

    #[test]
    fn an_age_has_its_largest_unit() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (60, "1m"), (7200, "2h"), (200_000, "2d")] {
            assert_eq!(short(Duration::from_secs(seconds)), text);
        }
    }
}
