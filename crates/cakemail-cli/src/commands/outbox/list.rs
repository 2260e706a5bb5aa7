//! `cakemail outbox list`: lists emails without their content.

use cakemail::outbox::{Filter, Outbox, Record};

use super::show;
use crate::args::List;
use crate::error::{CliError, in_command_words};
use crate::output::Output;

pub async fn run(args: List, outbox: &Outbox, out: &mut Output) -> Result<(), CliError> {
    let mut filter = Filter::default();
    filter.states = args.states.iter().map(|state| state.as_str()).collect();
    let mut rows = Vec::new();
    let mut left = args.limit;
    while left > 0 {
        filter.limit = u32::try_from(left).unwrap_or(u32::MAX).min(1_000);
        let page = outbox.list(&filter).await?;
        let is_last = page.len() < filter.limit as usize;
        filter.before = page.last().map(|record| record.id);
        left -= page.len();
        match out.is_json() {
            true => page.iter().try_for_each(|record| out.json(&show::to_json(record)))?,
            false => rows.extend(page.iter().map(row)),
        }
        if is_last || out.is_closed() {
            break;
        }
    }
    if out.is_json() {
        return Ok(());
    }
    if rows.is_empty() {
        return Ok(out.line("No email matches.")?);
    }
    Ok(out.table(["KEY", "STATE", "CHANGED", "SENT", "EMAIL_ID", "REASON"], &rows)?)
}

fn row(record: &Record) -> [String; 6] {
    let progress = &record.progress;
    [
        record.key.tag().to_owned(),
        progress.state.name().to_owned(),
        show::time(record.changed_at),
        progress.submissions.to_string(),
        show::email_id(record).map(ToString::to_string).unwrap_or_default(),
        progress.reason.as_ref().map(|reason| in_command_words(&reason.message)).unwrap_or_default(),
    ]
}
