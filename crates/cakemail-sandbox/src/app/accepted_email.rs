//! Accepted emails in the public API.

use serde_json::Value;

use crate::domain::Email;

/// An email that was accepted with 201.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AcceptedEmail {
    /// Its id.
    pub id: String,
    /// Its recipient.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its present status, such as `queued`, `delivered`, `open`, `bounce`, or `rejected`
    pub status: &'static str,
    /// The whole submission.
    pub submission: Value,
}

impl From<&Email> for AcceptedEmail {
    fn from(email: &Email) -> Self {
        Self {
            id: email.id.to_string(),
            recipient: email.recipient.as_ref().into(),
            subject: email.subject.as_ref().into(),
            tags: email.tags().map(str::to_owned).collect(),
            status: email.status().as_str(),
            submission: email.submission().into_json(),
        }
    }
}
