//! The time span and the filters of logs, summaries, reports and tags.

use std::time::Duration;

use cakemail_model::TagFilter;
use serde_json::{Value, json};

use super::call::Call;
use crate::api::response::ApiResponse;
use crate::domain::{Email, Fields, Time, compact, is_key};

/// The default length of a time span.
const DEFAULT: Duration = Duration::from_secs(7 * 24 * 3600);

pub(crate) struct Window {
    /// Seconds, both included.
    pub(crate) start: i64,
    pub(crate) end: i64,
    logged: Time,
    iso: bool,
    tags: Option<TagFilter>,
    providers: Option<TagFilter>,
}

impl Window {
    pub(crate) fn of(call: &Call<'_>) -> Result<Self, ApiResponse> {
        Self::since(call, call.query().integer("start_time"))
    }

    /// From `start`; the last seven days without it.
    pub(crate) fn since(call: &Call<'_>, start: Option<i64>) -> Result<Self, ApiResponse> {
        let query = call.query();
        let end = query.integer("end_time").unwrap_or(call.now.seconds());
        let start = start.unwrap_or(end - DEFAULT.as_secs().cast_signed());
        if start > end {
            return Err(ApiResponse::bad_request(&["query", "start_time"], "start_time is after end_time").assumed());
        }
        let filter = |name: &str| {
            let filter = query.text(name).filter(|text| !text.is_empty()).map(str::parse::<TagFilter>).transpose();
            filter.map_err(|error| ApiResponse::bad_request(&["query", name], error.to_string()).assumed())
        };
        Ok(Self {
            start,
            end,
            logged: call.logged,
            iso: query.flag("iso_time"),
            tags: filter("tags")?,
            providers: filter("providers")?,
        })
    }

    /// Its form in the `parameters` of a response.
    pub(crate) fn parameters(&self, interval: Option<&str>) -> Value {
        compact(json!({
            "start_time": self.seconds(self.start),
            "end_time": self.seconds(self.end),
            "interval": interval,
            "iso_time": self.iso,
            "tags": self.tags.as_ref().map(TagFilter::to_json),
            "providers": self.providers.as_ref().map(TagFilter::to_json),
        }))
    }

    /// Whether an event at this time is in the logs already.
    pub(crate) fn is_logged(&self, time: Time) -> bool {
        time <= self.logged
    }

    pub(crate) fn includes(&self, time: Time) -> bool {
        (self.start..=self.end).contains(&time.seconds()) && self.is_logged(time)
    }

    /// The tag of an idempotency key that all emails have that match.
    pub(crate) fn key(&self) -> Option<&str> {
        match &self.tags {
            Some(TagFilter::Is(tag)) if is_key(tag) => Some(tag),
            _ => None,
        }
    }

    /// Whether an email matches the filters by tag and provider.
    pub(crate) fn matches(&self, email: &Email) -> bool {
        let tagged = |word: &str| email.tags().any(|tag| tag == word);
        let tags_fit = self.tags.as_ref().is_none_or(|it| it.matches_with(&tagged));
        tags_fit && self.providers.as_ref().is_none_or(|it| it.matches_with(&|word| email.provider() == word))
    }

    /// A time, in the format that the caller asks for.
    pub(crate) fn time(&self, time: Time) -> Value {
        self.seconds(time.seconds())
    }

    pub(crate) fn seconds(&self, seconds: i64) -> Value {
        if self.iso { Time::from_seconds(seconds).iso().into() } else { seconds.into() }
    }
}
