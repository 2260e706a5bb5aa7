//! Logs: the events of emails, and a summary of each email.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    EmailId, EmailLogId, EmailStatus, Idempotency, JsonObject, Method, Operation, Page, Redacted, TagFilter, Timestamp,
    de,
};

/// An event in the life of an email.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailLog {
    /// Id of the entry.
    pub id: EmailLogId,
    /// What happened.
    #[serde(rename = "type", default, deserialize_with = "de::or_default")]
    pub kind: EmailStatus,
    /// Id of the email, from the response to its submission.
    pub email_id: EmailId,
    /// When it happened. An ISO 8601 string if `iso_time` is true, otherwise epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// Address of the recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Subject line of the email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Mailbox provider of the recipient, where it was recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Tags of the email.
    #[serde(default, deserialize_with = "de::compact")]
    pub tags: Vec<String>,
    /// Name of the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_name: Option<String>,
    /// Address of the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_email: Option<String>,
    /// Details of the event: `reason` of a rejection, `error` of an error, and others of any shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<JsonObject>,
}

impl fmt::Debug for EmailLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailLog")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("email_id", &self.email_id)
            .field("time", &self.time)
            .field("email", &Redacted(&self.email))
            .field("subject", &Redacted(&self.subject))
            .field("provider", &Redacted(&self.provider))
            .field("tags", &Redacted(&self.tags))
            .field("sender_name", &Redacted(&self.sender_name))
            .field("sender_email", &Redacted(&self.sender_email))
            .field("metadata", &Redacted(&self.metadata))
            .finish()
    }
}

/// How a recipient reacted to an email.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engagement {
    /// Clicked a link.
    Click,
    /// Opened the email.
    Open,
    /// Neither opened the email nor clicked a link.
    None,
    /// Opened the email, but clicked no link.
    OpenNotClick,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl Engagement {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::Click, Self::Open, Self::None, Self::OpenNotClick];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Click => "click",
            Self::Open => "open",
            Self::None => "none",
            Self::OpenNotClick => "open_not_click",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for Engagement {
    fn from(value: &str) -> Self {
        match value {
            "click" => Self::Click,
            "open" => Self::Open,
            "none" => Self::None,
            "open_not_click" => Self::OpenNotClick,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for Engagement {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for Engagement {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for Engagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Engagement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Engagement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// A submitted email in one row: its state, and the times of its first and last events.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailSummary {
    /// Id of the email, from the response to its submission.
    pub email_id: EmailId,
    /// State of the email.
    #[serde(default, deserialize_with = "de::or_default")]
    pub status: EmailStatus,
    /// Address of the recipient.
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Subject line of the email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Tags of the email.
    #[serde(default, deserialize_with = "de::compact")]
    pub tags: Vec<String>,
    /// Mailbox provider of the recipient, where it was recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// When the email was submitted. An ISO 8601 string if `iso_time` is true, otherwise epoch
    /// seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub submitted_time: Option<Timestamp>,
    /// When the email was delivered, if it was. An ISO 8601 string if `iso_time` is true, otherwise
    /// epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub delivered_time: Option<Timestamp>,
    /// When the email was first opened, if it was. An ISO 8601 string if `iso_time` is true,
    /// otherwise epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub first_open_time: Option<Timestamp>,
    /// When a link was first clicked, if one was. An ISO 8601 string if `iso_time` is true,
    /// otherwise epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub first_click_time: Option<Timestamp>,
    /// When the recipient first reacted (an open or a click). An ISO 8601 string if `iso_time` is
    /// true, otherwise epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub first_engagement_time: Option<Timestamp>,
    /// When the recipient last reacted (an open or a click). An ISO 8601 string if `iso_time` is
    /// true, otherwise epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub last_engagement_time: Option<Timestamp>,
    /// Whether the recipient unsubscribed from the list through this email.
    #[serde(default, deserialize_with = "de::scalar")]
    pub unsubscribed: bool,
    /// Whether the recipient unsubscribed from all lists through this email.
    #[serde(default, deserialize_with = "de::scalar")]
    pub global_unsubscribed: bool,
    /// Whether delivery failed temporarily.
    #[serde(default, deserialize_with = "de::scalar")]
    pub soft_bounce: bool,
    /// Whether delivery failed permanently.
    #[serde(default, deserialize_with = "de::scalar")]
    pub hard_bounce: bool,
    /// Whether the recipient marked the email as spam.
    #[serde(default, deserialize_with = "de::scalar")]
    pub reported_as_spam: bool,
    /// Number of opens.
    #[serde(rename = "open", default, deserialize_with = "de::scalar")]
    pub opens: u64,
    /// Number of clicks.
    #[serde(rename = "click", default, deserialize_with = "de::scalar")]
    pub clicks: u64,
}

impl fmt::Debug for EmailSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailSummary")
            .field("email_id", &self.email_id)
            .field("status", &self.status)
            .field("email", &Redacted(&self.email))
            .field("subject", &Redacted(&self.subject))
            .field("tags", &Redacted(&self.tags))
            .field("provider", &Redacted(&self.provider))
            .field("submitted_time", &self.submitted_time)
            .field("delivered_time", &self.delivered_time)
            .field("first_open_time", &self.first_open_time)
            .field("first_click_time", &self.first_click_time)
            .field("first_engagement_time", &self.first_engagement_time)
            .field("last_engagement_time", &self.last_engagement_time)
            .field("unsubscribed", &self.unsubscribed)
            .field("global_unsubscribed", &self.global_unsubscribed)
            .field("soft_bounce", &self.soft_bounce)
            .field("hard_bounce", &self.hard_bounce)
            .field("reported_as_spam", &self.reported_as_spam)
            .field("opens", &self.opens)
            .field("clicks", &self.clicks)
            .finish()
    }
}

/// State of an email in the filter of the summary. The rows have other values for some: `bounce`,
/// `unsubscribe`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SummaryStatus {
    /// Taken in by the API.
    Submitted,
    /// Accepted by the recipient's mail server.
    Delivered,
    /// Waiting for delivery.
    Queued,
    /// Rejected and not sent.
    Rejected,
    /// Failed within Cakemail.
    Error,
    /// Bounced: not deliverable, temporarily or permanently.
    Bounced,
    /// The recipient complained: marked the email as spam.
    Spam,
    /// The recipient unsubscribed from the list.
    Unsubscribed,
    /// The recipient unsubscribed from all lists.
    GlobalUnsubscribed,
    /// Any other state.
    Other,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl SummaryStatus {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[
        Self::Submitted,
        Self::Delivered,
        Self::Queued,
        Self::Rejected,
        Self::Error,
        Self::Bounced,
        Self::Spam,
        Self::Unsubscribed,
        Self::GlobalUnsubscribed,
        Self::Other,
    ];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Submitted => "submitted",
            Self::Delivered => "delivered",
            Self::Queued => "queued",
            Self::Rejected => "rejected",
            Self::Error => "error",
            Self::Bounced => "bounced",
            Self::Spam => "spam",
            Self::Unsubscribed => "unsubscribed",
            Self::GlobalUnsubscribed => "global_unsubscribed",
            Self::Other => "other",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for SummaryStatus {
    fn from(value: &str) -> Self {
        match value {
            "submitted" => Self::Submitted,
            "delivered" => Self::Delivered,
            "queued" => Self::Queued,
            "rejected" => Self::Rejected,
            "error" => Self::Error,
            "bounced" => Self::Bounced,
            "spam" => Self::Spam,
            "unsubscribed" => Self::Unsubscribed,
            "global_unsubscribed" => Self::GlobalUnsubscribed,
            "other" => Self::Other,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for SummaryStatus {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for SummaryStatus {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for SummaryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SummaryStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SummaryStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// Kind of event to restrict a log to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogType {
    /// Every event.
    All,
    /// Taken in by the API.
    Submitted,
    /// Rejected and not sent.
    Rejected,
    /// Failed within Cakemail.
    Error,
    /// Waiting for delivery.
    Queued,
    /// Accepted by the recipient's mail server.
    Delivered,
    /// The email was opened.
    Open,
    /// A link in the email was clicked.
    Click,
    /// Bounced: not deliverable, temporarily or permanently.
    Bounce,
    /// The recipient unsubscribed from the list.
    Unsubscribe,
    /// The recipient unsubscribed from all lists.
    GlobalUnsubscribe,
    /// The recipient complained: marked the email as spam.
    Spam,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl LogType {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[
        Self::All,
        Self::Submitted,
        Self::Rejected,
        Self::Error,
        Self::Queued,
        Self::Delivered,
        Self::Open,
        Self::Click,
        Self::Bounce,
        Self::Unsubscribe,
        Self::GlobalUnsubscribe,
        Self::Spam,
    ];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::All => "all",
            Self::Submitted => "submitted",
            Self::Rejected => "rejected",
            Self::Error => "error",
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Open => "open",
            Self::Click => "click",
            Self::Bounce => "bounce",
            Self::Unsubscribe => "unsubscribe",
            Self::GlobalUnsubscribe => "global_unsubscribe",
            Self::Spam => "spam",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for LogType {
    fn from(value: &str) -> Self {
        match value {
            "all" => Self::All,
            "submitted" => Self::Submitted,
            "rejected" => Self::Rejected,
            "error" => Self::Error,
            "queued" => Self::Queued,
            "delivered" => Self::Delivered,
            "open" => Self::Open,
            "click" => Self::Click,
            "bounce" => Self::Bounce,
            "unsubscribe" => Self::Unsubscribe,
            "global_unsubscribe" => Self::GlobalUnsubscribe,
            "spam" => Self::Spam,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for LogType {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for LogType {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for LogType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for LogType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for LogType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// The query string of [`ListEmailSummaries`].
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SummaryQuery {
    /// Restricts the rows to this email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_id: Option<EmailId>,
    /// Restricts the rows to emails whose recipient reacted in this way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engagement: Option<Engagement>,
    /// Restricts the rows to emails in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<SummaryStatus>,
    /// Whether times in the response are ISO 8601 strings instead of epoch seconds. Default:
    /// `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iso_time: Option<bool>,
    /// Page to return, counted from 1. Default: `1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// Number of rows in a page. Default: `50`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u64>,
    /// Start of the window, in epoch seconds; seven days ago by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// End of the window, in epoch seconds; now by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Restricts the rows to emails with these tags. A tag, or a JSON query such as
    /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`. A query nests `and`, `or`, `not` and
    /// `is`: `and` and `or` take an object or a list, `not` and `is` take an object or a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagFilter>,
    /// Restricts the rows to recipients at these mailbox providers. A name, or a JSON query of the
    /// same form as in `tags`. The logs show the names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub providers: Option<TagFilter>,
    /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending). The only
    /// term is `submitted_time`. The newest come first by default. Default: `-submitted_time`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Restricts the rows by the recipient's address, with one of the operators `==`, `!=`, `~~`
    /// (contains) and `!~` (does not contain).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl fmt::Debug for SummaryQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SummaryQuery")
            .field("email_id", &self.email_id)
            .field("engagement", &self.engagement)
            .field("status", &self.status)
            .field("iso_time", &self.iso_time)
            .field("page", &self.page)
            .field("per_page", &self.per_page)
            .field("start_time", &self.start_time)
            .field("end_time", &self.end_time)
            .field("tags", &self.tags)
            .field("providers", &self.providers)
            .field("sort", &Redacted(&self.sort))
            .field("email", &Redacted(&self.email))
            .finish()
    }
}

impl SummaryQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Restricts the rows to this email.
    pub fn email_id(mut self, email_id: impl Into<EmailId>) -> Self {
        self.email_id = Some(email_id.into());
        self
    }

    /// Restricts the rows to emails whose recipient reacted in this way.
    pub fn engagement(mut self, engagement: impl Into<Engagement>) -> Self {
        self.engagement = Some(engagement.into());
        self
    }

    /// Restricts the rows to emails in this state.
    pub fn status(mut self, status: impl Into<SummaryStatus>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Whether times in the response are ISO 8601 strings instead of epoch seconds. Default:
    /// `false`.
    pub fn iso_time(mut self, iso_time: bool) -> Self {
        self.iso_time = Some(iso_time);
        self
    }

    /// Page to return, counted from 1. Default: `1`.
    pub fn page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }

    /// Number of rows in a page. Default: `50`.
    pub fn per_page(mut self, per_page: u64) -> Self {
        self.per_page = Some(per_page);
        self
    }

    /// Start of the window, in epoch seconds; seven days ago by default.
    pub fn start_time(mut self, start_time: impl Into<Timestamp>) -> Self {
        self.start_time = Some(start_time.into());
        self
    }

    /// End of the window, in epoch seconds; now by default.
    pub fn end_time(mut self, end_time: impl Into<Timestamp>) -> Self {
        self.end_time = Some(end_time.into());
        self
    }

    /// Restricts the rows to emails with these tags. A tag, or a JSON query such as
    /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`. A query nests `and`, `or`, `not` and
    /// `is`: `and` and `or` take an object or a list, `not` and `is` take an object or a string.
    pub fn tags(mut self, tags: impl Into<TagFilter>) -> Self {
        self.tags = Some(tags.into());
        self
    }

    /// Restricts the rows to recipients at these mailbox providers. A name, or a JSON query of the
    /// same form as in `tags`. The logs show the names.
    pub fn providers(mut self, providers: impl Into<TagFilter>) -> Self {
        self.providers = Some(providers.into());
        self
    }

    /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending). The only
    /// term is `submitted_time`. The newest come first by default. Default: `-submitted_time`.
    pub fn sort(mut self, sort: impl Into<String>) -> Self {
        self.sort = Some(sort.into());
        self
    }

    /// Restricts the rows by the recipient's address, with one of the operators `==`, `!=`, `~~`
    /// (contains) and `!~` (does not contain).
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }
}

/// Lists submitted emails, one row for each, with its state.
///
/// Returns one row for each email; the logs have one for each event. Without `start_time` the
/// window is the last seven days, and older emails are left out. Events appear after an unspecified
/// delay: a missing row does not prove that an email was not sent. The response says whether there
/// are more pages, but has no total.
///
/// `GET /logs/emails-summary`
#[derive(Debug, Clone)]
pub struct ListEmailSummaries {
    /// The query string.
    pub query: SummaryQuery,
}

impl Operation for ListEmailSummaries {
    const ID: &'static str = "getEmailAPISummary";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/logs/emails-summary";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = SummaryQuery;
    type Body = ();
    type Output = Page<EmailSummary>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }
}

/// The query string of [`ListEmailLogs`].
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogQuery {
    /// Restricts the entries to this kind of event. Default: `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_type: Option<LogType>,
    /// Restricts the entries to this email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_id: Option<EmailId>,
    /// Whether times in the response are ISO 8601 strings instead of epoch seconds. Default:
    /// `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iso_time: Option<bool>,
    /// Page to return, counted from 1. Default: `1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// Number of rows in a page. Default: `50`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u64>,
    /// Start of the window, in epoch seconds; seven days ago when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// End of the window, in epoch seconds; now when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Restricts the entries to emails with these tags. A tag, or a JSON query such as
    /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`. A query nests `and`, `or`, `not` and
    /// `is`: `and` and `or` take an object or a list, `not` and `is` take an object or a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagFilter>,
    /// Restricts the entries to recipients at these mailbox providers. A name, or a JSON query of
    /// the same form as in `tags`. The logs show the names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub providers: Option<TagFilter>,
    /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending). The
    /// terms are `id`, `time`, `submitted_time`, `type` and `provider`. The newest come first by
    /// default. Default: `-time`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
}

impl fmt::Debug for LogQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogQuery")
            .field("log_type", &self.log_type)
            .field("email_id", &self.email_id)
            .field("iso_time", &self.iso_time)
            .field("page", &self.page)
            .field("per_page", &self.per_page)
            .field("start_time", &self.start_time)
            .field("end_time", &self.end_time)
            .field("tags", &self.tags)
            .field("providers", &self.providers)
            .field("sort", &Redacted(&self.sort))
            .finish()
    }
}

impl LogQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Restricts the entries to this kind of event. Default: `all`.
    pub fn log_type(mut self, log_type: impl Into<LogType>) -> Self {
        self.log_type = Some(log_type.into());
        self
    }

    /// Restricts the entries to this email.
    pub fn email_id(mut self, email_id: impl Into<EmailId>) -> Self {
        self.email_id = Some(email_id.into());
        self
    }

    /// Whether times in the response are ISO 8601 strings instead of epoch seconds. Default:
    /// `false`.
    pub fn iso_time(mut self, iso_time: bool) -> Self {
        self.iso_time = Some(iso_time);
        self
    }

    /// Page to return, counted from 1. Default: `1`.
    pub fn page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }

    /// Number of rows in a page. Default: `50`.
    pub fn per_page(mut self, per_page: u64) -> Self {
        self.per_page = Some(per_page);
        self
    }

    /// Start of the window, in epoch seconds; seven days ago when left out.
    pub fn start_time(mut self, start_time: impl Into<Timestamp>) -> Self {
        self.start_time = Some(start_time.into());
        self
    }

    /// End of the window, in epoch seconds; now when left out.
    pub fn end_time(mut self, end_time: impl Into<Timestamp>) -> Self {
        self.end_time = Some(end_time.into());
        self
    }

    /// Restricts the entries to emails with these tags. A tag, or a JSON query such as
    /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`. A query nests `and`, `or`, `not` and
    /// `is`: `and` and `or` take an object or a list, `not` and `is` take an object or a string.
    pub fn tags(mut self, tags: impl Into<TagFilter>) -> Self {
        self.tags = Some(tags.into());
        self
    }

    /// Restricts the entries to recipients at these mailbox providers. A name, or a JSON query of
    /// the same form as in `tags`. The logs show the names.
    pub fn providers(mut self, providers: impl Into<TagFilter>) -> Self {
        self.providers = Some(providers.into());
        self
    }

    /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending). The
    /// terms are `id`, `time`, `submitted_time`, `type` and `provider`. The newest come first by
    /// default. Default: `-time`.
    pub fn sort(mut self, sort: impl Into<String>) -> Self {
        self.sort = Some(sort.into());
        self
    }
}

/// Lists the events of emails, one entry for each.
///
/// Without `start_time` the window is the last seven days, and older events are left out: give a
/// time to find an older email. Events appear after an unspecified delay: a missing entry does not
/// prove that an email was not sent. The response says whether there are more pages, but has no
/// total.
///
/// `GET /v2/logs/emails`
#[derive(Debug, Clone)]
pub struct ListEmailLogs {
    /// The query string.
    pub query: LogQuery,
}

impl Operation for ListEmailLogs {
    const ID: &'static str = "getEmailAPILogs";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/v2/logs/emails";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = LogQuery;
    type Body = ();
    type Output = Page<EmailLog>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }
}
