//! Logs: what happened to emails, line by line and email by email.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::prelude::*;

/// An event in the life of an email.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailLog {
    /// Id of the entry.
    pub id: EmailLogId,
    /// What happened.
    #[serde(rename = "type", default, deserialize_with = "de::or_default")]
    pub kind: EmailStatus,
    /// Id of the email, as its submission answered it.
    pub email_id: EmailId,
    /// When it happened. An ISO 8601 string if `iso_time` was asked for, otherwise epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// Details of the event: `reason` of a rejection, `error` of an error. The rest has no
    /// documented shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<JsonObject>,
}

open_enum! {
    /// How a recipient reacted to an email.
    pub enum Engagement {
        /// Clicked a link.
        Click = "click",
        /// Opened the email.
        Open = "open",
        /// Neither opened the email nor clicked a link, presumably.
        None = "none",
        /// Opened the email, but clicked no link.
        OpenNotClick = "open_not_click",
    }
}

/// A submitted email in one row: its state, and when what happened first and last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailSummary {
    /// Id of the email, as its submission answered it.
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
    /// When the email was submitted. An ISO 8601 string if `iso_time` was asked for, otherwise
    /// epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_time: Option<Timestamp>,
    /// When the email was delivered, if it was. An ISO 8601 string if `iso_time` was asked for,
    /// otherwise epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_time: Option<Timestamp>,
    /// When the email was first opened, if it was. An ISO 8601 string if `iso_time` was asked for,
    /// otherwise epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_open_time: Option<Timestamp>,
    /// When a link was first clicked, if one was. An ISO 8601 string if `iso_time` was asked for,
    /// otherwise epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_click_time: Option<Timestamp>,
    /// When the recipient first reacted (an open or a click, presumably). An ISO 8601 string if
    /// `iso_time` was asked for, otherwise epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_engagement_time: Option<Timestamp>,
    /// When the recipient last reacted (an open or a click, presumably). An ISO 8601 string if
    /// `iso_time` was asked for, otherwise epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_engagement_time: Option<Timestamp>,
    /// Whether the recipient unsubscribed from the list through this email.
    #[serde(default, deserialize_with = "de::or_default")]
    pub unsubscribed: bool,
    /// Whether the recipient unsubscribed from all lists, presumably, through this email.
    #[serde(default, deserialize_with = "de::or_default")]
    pub global_unsubscribed: bool,
    /// Whether delivery failed temporarily.
    #[serde(default, deserialize_with = "de::or_default")]
    pub soft_bounce: bool,
    /// Whether delivery failed for good.
    #[serde(default, deserialize_with = "de::or_default")]
    pub hard_bounce: bool,
    /// Whether the recipient marked the email as spam.
    #[serde(default, deserialize_with = "de::or_default")]
    pub reported_as_spam: bool,
    /// Number of opens.
    #[serde(default, deserialize_with = "de::or_default")]
    pub open: u64,
    /// Number of clicks.
    #[serde(default, deserialize_with = "de::or_default")]
    pub click: u64,
}

open_enum! {
    /// State of an email, as the filter of the summary spells it. The rows themselves spell some
    /// differently: `bounce`, `unsubscribe`.
    pub enum SummaryStatus {
        /// Taken in by the API.
        Submitted = "submitted",
        /// Taken by the recipient's mail server.
        Delivered = "delivered",
        /// Waiting for delivery.
        Queued = "queued",
        /// Refused, and not sent.
        Rejected = "rejected",
        /// Failed within Cakemail, presumably.
        Error = "error",
        /// It bounced: not deliverable, for now or for good.
        Bounced = "bounced",
        /// The recipient complained: marked the email as spam.
        Spam = "spam",
        /// The recipient unsubscribed from the list.
        Unsubscribed = "unsubscribed",
        /// The recipient unsubscribed from all lists, presumably.
        GlobalUnsubscribed = "global_unsubscribed",
        /// Something that has no word of its own.
        Other = "other",
    }
}

open_enum! {
    /// Kind of event to restrict a log to.
    pub enum LogType {
        /// Every event.
        All = "all",
        /// Taken in by the API.
        Submitted = "submitted",
        /// Refused, and not sent.
        Rejected = "rejected",
        /// Failed within Cakemail, presumably.
        Error = "error",
        /// Waiting for delivery.
        Queued = "queued",
        /// Taken by the recipient's mail server.
        Delivered = "delivered",
        /// The email was opened.
        Open = "open",
        /// A link in the email was clicked.
        Click = "click",
        /// It bounced: not deliverable, for now or for good.
        Bounce = "bounce",
        /// The recipient unsubscribed from the list.
        Unsubscribe = "unsubscribe",
        /// The recipient unsubscribed from all lists, presumably.
        GlobalUnsubscribe = "global_unsubscribe",
        /// The recipient complained: marked the email as spam.
        Spam = "spam",
    }
}

request! {
    /// What [`ListEmailSummaries`] can be asked for.
    pub struct SummaryQuery {
        optional {
            /// Restricts the rows to this email.
            email_id: EmailId,
            /// Restricts the rows to emails whose recipient reacted in this way.
            engagement: Engagement,
            /// Restricts the rows to emails in this state.
            status: SummaryStatus,
            /// Whether times in the answer are ISO 8601 strings instead of epoch seconds. Default:
            /// `false`.
            iso_time: bool,
            /// Page to answer, counted from 1. Default: `1`.
            page: u64,
            /// Number of rows in a page. Default: `50`.
            per_page: u64,
            /// Start of the window, in epoch seconds; presumably seven days ago when left out.
            start_time: Timestamp,
            /// End of the window, in epoch seconds; presumably now when left out.
            end_time: Timestamp,
            /// Restricts the rows to emails with these tags. A bare tag, or a JSON query such as
            /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`, made of `and`, `or`, `not` and
            /// `is`, nested at will; `and` and `or` take an object or a list, `not` and `is` an
            /// object or a string.
            tags: TagFilter,
            /// Restricts the rows to recipients at these mailbox providers. A bare name or a JSON
            /// query, written like that of `tags`. The names are not documented; use those seen in
            /// answers.
            providers: TagFilter,
            /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending).
            /// The only term is `submitted_time`. The newest come first by default. Default:
            /// `-submitted_time`.
            sort: String,
            /// Restricts the rows by the recipient's address. The operators `==`, `!=`, `~~`
            /// (presumably "contains") and `!~` (its negation) are known; the exact form is not.
            email: String,
        }
    }
}

operation! {
    /// Lists submitted emails, one row for each, with what became of them.
    ///
    /// Where the logs have one entry for each event, this has one for each email. Without
    /// `start_time` the window is presumably the last seven days, as for the logs, and older emails
    /// are left out without a word. How soon an event shows up is unknown, so absence is never
    /// proof that an email was not sent. The answer says whether there are more pages, but holds no
    /// total.
    ///
    /// `GET /logs/emails-summary`
    pub struct ListEmailSummaries = "getEmailAPISummary" Get "/logs/emails-summary" Safe [account] {
        query SummaryQuery,
        answer Json Page<EmailSummary>,
    }
}

request! {
    /// What [`ListEmailLogs`] can be asked for.
    pub struct LogQuery {
        optional {
            /// Restricts the entries to this kind of event. Default: `all`.
            log_type: LogType,
            /// Restricts the entries to this email.
            email_id: EmailId,
            /// Whether times in the answer are ISO 8601 strings instead of epoch seconds. Default:
            /// `false`.
            iso_time: bool,
            /// Page to answer, counted from 1. Default: `1`.
            page: u64,
            /// Number of rows in a page. Default: `50`.
            per_page: u64,
            /// Start of the window, in epoch seconds; seven days ago when left out.
            start_time: Timestamp,
            /// End of the window, in epoch seconds; now when left out.
            end_time: Timestamp,
            /// Restricts the entries to emails with these tags. A bare tag, or a JSON query such as
            /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`, made of `and`, `or`, `not` and
            /// `is`, nested at will; `and` and `or` take an object or a list, `not` and `is` an
            /// object or a string.
            tags: TagFilter,
            /// Restricts the entries to recipients at these mailbox providers. A bare name or a
            /// JSON query, written like that of `tags`. The names are not documented; use those
            /// seen in answers.
            providers: TagFilter,
            /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending).
            /// The terms are `id`, `time`, `submitted_time`, `type` and `provider`. The newest come
            /// first by default. Default: `-time`.
            sort: String,
        }
    }
}

operation! {
    /// Lists what happened to emails, one entry for each event.
    ///
    /// Without `start_time` the window is the last seven days: older events are left out without a
    /// word, so give a time when you look for an older email. How soon an event shows up is
    /// unknown, so absence is never proof that an email was not sent. The answer says whether there
    /// are more pages, but holds no total.
    ///
    /// `GET /v2/logs/emails`
    pub struct ListEmailLogs = "getEmailAPILogs" Get "/v2/logs/emails" Safe [account] {
        query LogQuery,
        answer Json Page<EmailLog>,
    }
}
