//! Reports: what happened to emails, counted.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::prelude::*;

/// Counts of events in one interval of time, with rates. What each rate is a part of, and its unit
/// (a fraction or a percentage), is not documented.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailReportInterval {
    /// Start of the interval. An ISO 8601 string if `iso_time` was asked for, otherwise epoch
    /// seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_start: Option<Timestamp>,
    /// End of the interval; presumably the end of the window for the last one. An ISO 8601 string
    /// if `iso_time` was asked for, otherwise epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_end: Option<Timestamp>,
    /// Number of emails submitted.
    #[serde(default, deserialize_with = "de::or_default")]
    pub submitted: u64,
    /// Number of emails rejected, and not delivered for that.
    #[serde(default, deserialize_with = "de::or_default")]
    pub rejected: u64,
    /// Number of emails that ended in an error.
    #[serde(default, deserialize_with = "de::or_default")]
    pub error: u64,
    /// Number of emails queued for delivery.
    #[serde(default, deserialize_with = "de::or_default")]
    pub queued: u64,
    /// Number of emails processed, presumably whatever the result.
    #[serde(default, deserialize_with = "de::or_default")]
    pub processed: u64,
    /// Number of emails delivered to the recipient's mail server.
    #[serde(default, deserialize_with = "de::or_default")]
    pub delivered: u64,
    /// Number of emails opened at least once.
    #[serde(default, deserialize_with = "de::or_default")]
    pub unique_open: u64,
    /// Number of emails with at least one click.
    #[serde(default, deserialize_with = "de::or_default")]
    pub unique_click: u64,
    /// Number of opens, repeated ones included.
    #[serde(default, deserialize_with = "de::or_default")]
    pub open: u64,
    /// Number of clicks, repeated ones included.
    #[serde(default, deserialize_with = "de::or_default")]
    pub click: u64,
    /// Number of bounces, hard and soft, presumably.
    #[serde(default, deserialize_with = "de::or_default")]
    pub bounce: u64,
    /// Number of permanent delivery failures.
    #[serde(default, deserialize_with = "de::or_default")]
    pub hard_bounce: u64,
    /// Number of temporary delivery failures.
    #[serde(default, deserialize_with = "de::or_default")]
    pub soft_bounce: u64,
    /// Number of complaints: recipients who marked the email as spam.
    #[serde(default, deserialize_with = "de::or_default")]
    pub spam: u64,
    /// Number of unsubscriptions from the list.
    #[serde(default, deserialize_with = "de::or_default")]
    pub unsubscribe: u64,
    /// Number of unsubscriptions from all lists, presumably.
    #[serde(default, deserialize_with = "de::or_default")]
    pub global_unsubscribe: u64,
    /// Rate of emails opened at least once.
    #[serde(default, deserialize_with = "de::or_default")]
    pub unique_open_rate: f64,
    /// Rate of emails with at least one click.
    #[serde(default, deserialize_with = "de::or_default")]
    pub unique_click_rate: f64,
    /// Rate of opens, repeated ones included.
    #[serde(default, deserialize_with = "de::or_default")]
    pub open_rate: f64,
    /// Rate of clicks, repeated ones included.
    #[serde(default, deserialize_with = "de::or_default")]
    pub click_rate: f64,
    /// Rate of clicks to opens, presumably.
    #[serde(default, deserialize_with = "de::or_default")]
    pub clickthru_rate: f64,
    /// Rate of emails delivered.
    #[serde(default, deserialize_with = "de::or_default")]
    pub delivery_rate: f64,
    /// Rate of emails that ended in an error.
    #[serde(default, deserialize_with = "de::or_default")]
    pub error_rate: f64,
    /// Rate of emails rejected.
    #[serde(default, deserialize_with = "de::or_default")]
    pub reject_rate: f64,
    /// Rate of bounces, hard and soft, presumably.
    #[serde(default, deserialize_with = "de::or_default")]
    pub bounce_rate: f64,
    /// Rate of unsubscriptions from all lists, presumably.
    #[serde(default, deserialize_with = "de::or_default")]
    pub global_unsubscribe_rate: f64,
    /// Rate of unsubscriptions from the list.
    #[serde(default, deserialize_with = "de::or_default")]
    pub unsubscribe_rate: f64,
    /// Rate of complaints.
    #[serde(default, deserialize_with = "de::or_default")]
    pub spam_rate: f64,
}

/// Counts and rates of events, interval by interval.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailReport {
    /// What was asked for, as the server understood it. In particular the window of time and the
    /// interval.
    #[serde(default, deserialize_with = "de::or_default")]
    pub parameters: FilterParameters,
    /// The intervals; presumably in order of time.
    #[serde(default, deserialize_with = "de::compact")]
    pub data: Vec<EmailReportInterval>,
}

open_enum! {
    /// Length of the intervals of a report.
    pub enum ReportInterval {
        /// Five minutes.
        FiveMinutes = "5m",
        /// Fifteen minutes.
        FifteenMinutes = "15m",
        /// Half an hour.
        ThirtyMinutes = "30m",
        /// One hour.
        OneHour = "1h",
        /// One day.
        OneDay = "1d",
    }
}

request! {
    /// What [`GetEmailReport`] can be asked for.
    pub struct ReportQuery {
        optional {
            /// Length of the intervals; presumably chosen by the server when left out.
            interval: ReportInterval,
            /// Whether times in the answer are ISO 8601 strings instead of epoch seconds.
            iso_time: bool,
            /// Start of the window, in epoch seconds; presumably seven days ago when left out.
            start_time: Timestamp,
            /// End of the window, in epoch seconds; presumably now when left out.
            end_time: Timestamp,
            /// Restricts the counts to recipients at these mailbox providers. A bare name or a JSON
            /// query, written like that of `tags`. The names are not documented; use those seen in
            /// answers.
            providers: TagFilter,
            /// Restricts the counts to emails with these tags. A bare tag, or a JSON query such as
            /// `{"and":[{"is":"password-reset"},{"not":"test"}]}`, made of `and`, `or`, `not` and
            /// `is`, nested at will; `and` and `or` take an object or a list, `not` and `is` an
            /// object or a string.
            tags: TagFilter,
        }
    }
}

operation! {
    /// Counts events by intervals of time, with rates.
    ///
    /// Every interval is whole but the last, which the end of the window presumably cuts short.
    /// Without `start_time` the window is presumably the last seven days, as for the logs.
    ///
    /// `GET /v2/reports/emails`
    pub struct GetEmailReport = "getEmailAPIStats" Get "/v2/reports/emails" Safe [account] {
        query ReportQuery,
        answer Json EmailReport,
    }
}
