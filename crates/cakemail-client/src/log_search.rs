//! Searches the logs for the email of an idempotency key.

use std::time::Duration;

use cakemail_model::emails::GetEmail;
use cakemail_model::logs::{ListEmailLogs, LogQuery};
use cakemail_model::{EmailId, EmailStatus, JsonObject, Operation, TagFilter, Timestamp};
use cakemail_transport::Response;
use serde_json::Value;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::pipeline;
use crate::send::is_refusal;

/// An email that the logs have.
pub(crate) struct LoggedEmail {
    pub(crate) id: EmailId,
    pub(crate) status: EmailStatus,
}

impl LoggedEmail {
    /// Whether the server recorded the email and did not send it.
    pub(crate) fn is_refused(&self) -> bool {
        is_refusal(&self.status)
    }
}

/// The number of entries in a page.
const PER_PAGE: usize = 10;

/// Finds the newest email with the tag: one that was sent, rather than one that was refused. Without `lookback` the server
/// limits how old it may be.
///
/// Returns `Ok(None)` only if the client understood the whole response and no entry has the tag.
///
/// # Errors
/// The outcome is [`Outcome::Unknown`] if the server responded and the client does not understand the response.
pub(crate) async fn find(client: &Client, tag: &str, lookback: Option<Duration>) -> Result<Option<LoggedEmail>> {
    search(client, tag, lookback).await.map_err(|error| match error.kind() {
        ErrorKind::UnexpectedResponse => error.with_outcome(Outcome::Unknown),
        _ => error,
    })
}

async fn search(client: &Client, tag: &str, lookback: Option<Duration>) -> Result<Option<LoggedEmail>> {
    let mut query = LogQuery::new().tags(TagFilter::from(tag)).per_page(PER_PAGE as u64);
    query.start_time = lookback.map(start_time);
    let operation = ListEmailLogs { query };
    let decode = |response: Response, _| pipeline::decode::<ListEmailLogs, JsonObject>(&response);
    let page = client.execute_with(&operation, pipeline::encode_small::<ListEmailLogs>, decode).await?;
    let page = LogPage::new(page)?;
    let mut obstacle = page.may_lack_entries().then(|| not_understood("the page may lack entries with the tag"));
    let mut found: Vec<LoggedEmail> = Vec::new();
    for entry in page.entries.into_iter().map(Entry::new) {
        let is_found = found.iter().any(|email| Some(&email.id) == entry.id.as_ref());
        match if is_found { Ok(true) } else { has_tag(client, &entry, tag).await } {
            Ok(false) => {}
            Ok(true) => match entry.id {
                Some(id) => found.push(LoggedEmail { id, status: entry.status }),
                None => obstacle = Some(not_understood("the entry with the tag has no id")),
            },
            // Another entry may still have the tag.
            Err(error) => obstacle = Some(error),
        }
    }
    // An email that was not sent counts only if no other email has the tag.
    let is_refused = |id: &EmailId| found.iter().any(|email| email.id == *id && email.is_refused());
    match found.iter().position(|email| !is_refused(&email.id)) {
        Some(accepted) => Ok(Some(found.swap_remove(accepted))),
        None => obstacle.map_or_else(|| Ok(found.into_iter().find(LoggedEmail::is_refused)), Err),
    }
}

/// The start of the window. The API has no time before 1970.
fn start_time(lookback: Duration) -> Timestamp {
    Timestamp::now().saturating_sub(lookback).max(Timestamp::from_second(0))
}

/// Whether an entry is of an email with the tag. The server may have ignored the filter: only the email's own tags count.
async fn has_tag(client: &Client, entry: &Entry, tag: &str) -> Result<bool> {
    let Some(tags) = &entry.tags else {
        let Some(id) = &entry.id else { return Err(not_understood("an entry has neither an id nor tags")) };
        let email = client.execute(&GetEmail { email_id: id.clone() }).await?;
        return Ok(email.tags.iter().any(|other| other == tag));
    };
    Ok(tags.iter().any(|other| other == tag))
}

fn not_understood(reason: &str) -> Error {
    let message = format!("the logs cannot be understood: {reason}");
    Error::new(ErrorKind::UnexpectedResponse, message).in_operation(ListEmailLogs::ID).with_attempts(1)
}

/// A page of the logs. Its parts are read one by one, so that an odd part does not hide the others.
struct LogPage {
    pagination: Value,
    entries: Vec<Value>,
}

impl LogPage {
    fn new(mut page: JsonObject) -> Result<Self> {
        match page.remove("data") {
            Some(Value::Array(entries)) => {
                Ok(Self { pagination: page.remove("pagination").unwrap_or_default(), entries })
            }
            _ => Err(not_understood("the page has no list of entries")),
        }
    }

    /// Whether the server may have more entries than these.
    fn may_lack_entries(&self) -> bool {
        let entries = self.entries.len();
        if let Some(count) = self.pagination.get("count").and_then(Value::as_u64)
            && count > entries as u64
        {
            return true;
        }
        match self.pagination.get("has_more") {
            None | Some(Value::Null) => entries >= PER_PAGE,
            Some(more) => *more != Value::Bool(false),
        }
    }
}

/// The fields of an entry that could be read.
struct Entry {
    id: Option<EmailId>,
    status: EmailStatus,
    tags: Option<Vec<String>>,
}

impl Entry {
    fn new(value: Value) -> Self {
        fn field<T: serde::de::DeserializeOwned>(value: &Value, name: &str) -> Option<T> {
            T::deserialize(value.get(name)?).ok()
        }
        let tags: Option<Vec<String>> = field(&value, "tags");
        Self {
            id: field(&value, "email_id"),
            status: field(&value, "type").unwrap_or_default(),
            tags: tags.filter(|tags| !tags.is_empty()),
        }
    }
}
