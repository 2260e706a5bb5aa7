//! Searches the logs for the email of an idempotency key.

mod comparison;
mod page;

use std::fmt;
use std::time::Duration;

use cakemail_model::emails::{Email, GetEmail, NewEmail};
use cakemail_model::logs::{ListEmailLogs, LogQuery};
use cakemail_model::{EmailId, EmailStatus, JsonObject, Operation, TagFilter, Timestamp};
use cakemail_transport::Response;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::pipeline;
use crate::send::is_refusal;
use comparison::{Comparison, compare};
use page::{Entry, LogPage, PER_PAGE};

/// The email to find.
pub(crate) struct Wanted<'a> {
    pub(crate) tag: &'a str,
    pub(crate) email: &'a NewEmail,
    /// Whether no other email can have the tag. One that cannot be compared with `email` is then the same.
    pub(crate) is_unique: bool,
}

/// The result of a search.
pub(crate) enum Found {
    /// The client understood the whole response, and no entry has the tag.
    Nothing,
    Email(LoggedEmail),
    /// Another email has the tag: the error says what differs.
    Other(Error),
}

/// An email that the logs have.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedEmail {
    /// Its id.
    pub id: EmailId,
    /// Its status, as far as the logs show it.
    pub status: EmailStatus,
    recipient: Option<String>,
    subject: Option<String>,
}

impl LoggedEmail {
    pub(crate) fn new(id: EmailId, status: EmailStatus) -> Self {
        Self { id, status, recipient: None, subject: None }
    }

    /// Whether the server recorded the email and did not send it.
    pub fn is_refused(&self) -> bool {
        is_refusal(&self.status)
    }

    /// Adds another entry of the same email.
    fn add(&mut self, entry: Entry) {
        if is_refusal(&entry.status) {
            self.status = entry.status;
        }
        self.recipient = self.recipient.take().or(entry.recipient);
        self.subject = self.subject.take().or(entry.subject);
    }

    fn add_details(&mut self, email: Email) {
        self.recipient = self.recipient.take().or(Some(email.email));
        self.subject = self.subject.take().or(email.content.subject);
    }
}

impl fmt::Debug for LoggedEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedEmail").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// Finds an email by its tag: one that was sent, rather than one that was refused. Without `lookback` the server limits
/// how old it may be.
///
/// # Errors
/// The outcome is [`Outcome::Unknown`] if the server responded and the client does not understand the response, or cannot
/// tell whether the email with the tag is the one to find.
pub(crate) async fn find(client: &Client, wanted: Wanted<'_>, lookback: Option<Duration>) -> Result<Found> {
    search(client, wanted, lookback).await.map_err(|error| match error.kind() {
        ErrorKind::UnexpectedResponse => error.with_outcome(Outcome::Unknown),
        _ => error,
    })
}

async fn search(client: &Client, wanted: Wanted<'_>, lookback: Option<Duration>) -> Result<Found> {
    let page = page(client, wanted.tag, lookback).await?;
    let mut obstacle = page.may_lack_entries().then(|| not_understood("the page may lack entries with the tag"));
    let (mut refused, mut other) = (None, None);
    for email in tagged_emails(client, &page, wanted.tag, &mut obstacle).await {
        match compare_logged(client, &wanted, email).await {
            Ok((Comparison::Same, email)) if !email.is_refused() => return Ok(Found::Email(email)),
            // An email that was refused counts only if no other email has the tag.
            Ok((Comparison::Same, email)) => refused = refused.or(Some(email)),
            Ok((Comparison::Different(difference), email)) => other = Some(Error::conflict(Some(email.id), difference)),
            Ok((Comparison::Undetermined, _)) => obstacle = Some(not_understood(UNDETERMINED)),
            // Another entry may still be the email's.
            Err(error) => obstacle = Some(error),
        }
    }
    match (obstacle, refused, other) {
        (Some(obstacle), ..) => Err(obstacle),
        (None, Some(refused), _) => Ok(Found::Email(refused)),
        (None, None, Some(conflict)) => Ok(Found::Other(conflict)),
        (None, None, None) => Ok(Found::Nothing),
    }
}

const UNDETERMINED: &str = "they have an email with the key, and do not show whether it is this one";

async fn page(client: &Client, tag: &str, lookback: Option<Duration>) -> Result<LogPage> {
    let mut query = LogQuery::new().tags(TagFilter::from(tag)).per_page(PER_PAGE);
    query.start_time = lookback.map(start_time);
    let operation = ListEmailLogs { query };
    let decode = |response: Response, _| pipeline::decode::<ListEmailLogs, JsonObject>(&response);
    LogPage::new(client.execute_with(&operation, pipeline::encode_small::<ListEmailLogs>, decode).await?)
}

/// The start of the window. The API has no time before 1970.
fn start_time(lookback: Duration) -> Timestamp {
    Timestamp::now().saturating_sub(lookback).max(Timestamp::from_second(0))
}

/// The emails with the tag, each once. `obstacle` is the reason if an entry may be of another one.
async fn tagged_emails(client: &Client, page: &LogPage, tag: &str, obstacle: &mut Option<Error>) -> Vec<LoggedEmail> {
    let mut emails: Vec<LoggedEmail> = Vec::new();
    for entry in page.entries.iter().map(Entry::new) {
        match emails.iter_mut().find(|email| Some(&email.id) == entry.id.as_ref()) {
            Some(known) => known.add(entry),
            None => match tagged_email(client, entry, tag).await {
                Ok(email) => emails.extend(email),
                Err(error) => *obstacle = Some(error),
            },
        }
    }
    emails
}

/// The email of an entry, if it has the tag. The server may have ignored the filter: only the email's own tags count.
async fn tagged_email(client: &Client, entry: Entry, tag: &str) -> Result<Option<LoggedEmail>> {
    let has_tag = |tags: &[String]| tags.iter().any(|other| other == tag);
    let email = |id| LoggedEmail { id, status: entry.status, recipient: entry.recipient, subject: entry.subject };
    match (entry.id, entry.tags) {
        (None, None) => Err(not_understood("an entry has neither an id nor tags")),
        (_, Some(tags)) if !has_tag(&tags) => Ok(None),
        (None, Some(_)) => Err(not_understood("the entry with the tag has no id")),
        (Some(id), Some(_)) => Ok(Some(email(id))),
        (Some(id), None) => {
            let shown = get(client, &id).await?;
            let mut email = email(id);
            Ok(has_tag(&shown.tags).then(|| {
                email.add_details(shown);
                email
            }))
        }
    }
}

/// Compares an email in the logs with the one to find. If its entries do not tell, the email itself is read.
async fn compare_logged(
    client: &Client,
    wanted: &Wanted<'_>,
    mut email: LoggedEmail,
) -> Result<(Comparison, LoggedEmail)> {
    let compare = |email: &LoggedEmail| compare(wanted.email, email.recipient.as_deref(), email.subject.as_deref());
    let mut comparison = compare(&email);
    if comparison == Comparison::Undetermined && wanted.is_unique {
        comparison = Comparison::Same;
    } else if comparison == Comparison::Undetermined && (email.recipient.is_none() || email.subject.is_none()) {
        let shown = get(client, &email.id).await?;
        email.add_details(shown);
        comparison = compare(&email);
    }
    Ok((comparison, email))
}

async fn get(client: &Client, id: &EmailId) -> Result<Email> {
    client.execute(&GetEmail { email_id: id.clone() }).await
}

fn not_understood(reason: &str) -> Error {
    let message = format!("the logs cannot be understood: {reason}");
    Error::new(ErrorKind::UnexpectedResponse, message).in_operation(ListEmailLogs::ID).with_attempts(1)
}
