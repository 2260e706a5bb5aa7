//! The time span and the filters of logs, summaries, reports and tags.

use std::borrow::Cow;
use std::time::Duration;

use cakemail_model::TagFilter;
use serde_json::{Value, json};

use super::call::Call;
use crate::api::response::ApiResponse;
use crate::domain::index::{Numbers, within};
use crate::domain::{Emails, Fields, Time, compact};

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

    /// The emails that were submitted in it and match its filters.
    pub(crate) fn emails(&self, emails: &Emails) -> Numbers {
        let start = Time::from_seconds(self.start);
        // In milliseconds, the first time after the end.
        let after = Time(Time::from_seconds(self.end.saturating_add(1)).0.min(self.logged.0.saturating_add(1)));
        let (first, end) = (emails.since(start), emails.since(after));
        let mut found = within(emails.numbers(), first..end);
        let index = emails.index();
        self.filter(&mut found, |tag| index.tags.with(tag), |provider| index.providers.with(provider));
        found
    }

    /// The events in it of emails that match its filters. It begins at `start`, in seconds.
    pub(crate) fn events_since(&self, start: i64, emails: &Emails) -> Numbers {
        let log = emails.log();
        let mut range = log.between(start, self.end);
        range.end = range.end.min(emails.events_after(self.logged)).max(range.start);
        let mut found = within(log.numbers(), range);
        self.filter(&mut found, |tag| emails.events_with_tag(tag), |provider| log.providers.with(provider));
        found
    }

    /// The events in it of emails that match its filters.
    pub(crate) fn events(&self, emails: &Emails) -> Numbers {
        self.events_since(self.start, emails)
    }

    fn filter<'a>(
        &self,
        found: &mut Numbers,
        with_tag: impl Fn(&str) -> Cow<'a, Numbers>,
        with_provider: impl Fn(&str) -> Cow<'a, Numbers>,
    ) {
        if let Some(filter) = &self.tags {
            *found = select(filter, found, &with_tag);
        }
        if let Some(filter) = &self.providers {
            *found = select(filter, found, &with_provider);
        }
    }

    /// A time, in the format that the caller asks for.
    pub(crate) fn time(&self, time: Time) -> Value {
        self.seconds(time.seconds())
    }

    pub(crate) fn seconds(&self, seconds: i64) -> Value {
        if self.iso { Time::from_seconds(seconds).iso().into() } else { seconds.into() }
    }
}

/// The numbers among `all` that match a filter. `with` returns those that have a tag or provider.
fn select<'a>(filter: &TagFilter, all: &Numbers, with: &impl Fn(&str) -> Cow<'a, Numbers>) -> Numbers {
    match filter {
        TagFilter::Is(value) => all & with(value).as_ref(),
        TagFilter::Not(filter) => all - select(filter, all, with),
        TagFilter::And(filters) => filters.iter().fold(all.clone(), |found, filter| select(filter, &found, with)),
        TagFilter::Or(filters) => {
            filters.iter().fold(Numbers::new(), |found, filter| found | select(filter, all, with))
        }
        // A filter of a later version of the model.
        _ => Numbers::new(),
    }
}
