//! `cakemail logs`: shows the email log.

use std::io::Write;

use cakemail::TagFilter;
use cakemail::logs::{EmailLog, LogQuery};

use serde_json::Value;

use super::time;
use crate::args::Logs;
use crate::connection::Connection;
use crate::error::CliError;
use crate::output::Output;

/// The largest page of the API.
const MAX_PER_PAGE: usize = 100;

pub async fn run(args: Logs, connection: &Connection, out: &mut Output) -> Result<(), CliError> {
    let limit = args.limit;
    let mut listing = connection.client.logs().list(query(args));
    let mut entries = Vec::new();
    while let Some(entry) = listing.next().await {
        if entries.len() == limit {
            // A failed write has nowhere to be reported.
            let _ = writeln!(std::io::stderr(), "note: there are more than {limit} entries; show more with --limit");
            break;
        }
        entries.push(entry?);
    }
    if out.is_json() {
        return Ok(entries.iter().try_for_each(|entry| out.json(entry))?);
    }
    if entries.is_empty() {
        return Ok(out.line("No log entry matches. Without --since, only the last 7 days are searched.")?);
    }
    let rows: Vec<_> = entries.into_iter().map(row).collect();
    Ok(out.table(["TIME", "STATUS", "EMAIL_ID", "RECIPIENT", "TAGS", "DETAIL"], &rows)?)
}

fn query(args: Logs) -> LogQuery {
    let mut query = LogQuery::new().per_page(args.limit.saturating_add(1).min(MAX_PER_PAGE) as u64);
    query.tags = args.tag.map(TagFilter::from).or(args.tags);
    query.log_type = args.status.and_then(|status| status.log_type());
    query.start_time = args.since;
    query.end_time = args.until;
    query.email_id = args.email_id;
    query
}

fn row(entry: EmailLog) -> [String; 6] {
    let detail = detail(&entry);
    [
        time(entry.time),
        entry.kind.to_string(),
        entry.email_id.to_string(),
        entry.email.unwrap_or_default(),
        entry.tags.join(","),
        detail,
    ]
}

/// The texts in the metadata of an entry, such as the reason for a rejection.
fn detail(entry: &EmailLog) -> String {
    let text = |(name, value): (&String, &Value)| Some(format!("{}: {}", name.replace('_', " "), value.as_str()?));
    entry.metadata.iter().flatten().filter_map(text).collect::<Vec<_>>().join("; ")
}
