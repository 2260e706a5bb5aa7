//! Stores requests and their responses: without secrets, in bounded memory, and not as part of the state.

mod curl;
mod log;
mod redact;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderMap, Response};
use log::Log;
use redact::Redactor;

use super::exchange::Trace;
use crate::api::request::Request;
use crate::domain::index::page;

/// How many requests are stored.
const MAX_COUNT: usize = 10_000;

/// The memory that they may take, in bytes.
pub(crate) const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A request and its response. Secrets are removed before it is stored: tokens, passwords, codes and keys read `***`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenRequest {
    /// Its number, from 1.
    pub id: u64,
    /// The account of its token or sign-in, if known.
    pub account_id: Option<i64>,
    /// When it arrived, by the sandbox's clock.
    pub time: SystemTime,
    /// The method.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// The status of the response; 0 when a fault prevented a whole response.
    pub status: u16,
    /// The operation's id in the OpenAPI document, if the request was for one.
    pub operation: Option<&'static str>,
    /// How long the response took, in real time.
    pub took: Duration,
    /// The description of the fault or limit that was applied.
    pub fault: Option<String>,
    texts: Arc<Texts>,
}

/// The long texts, which clones share.
#[derive(PartialEq, Eq)]
struct Texts {
    base: Arc<str>,
    query: String,
    /// A line for each header: `name: value`.
    headers: String,
    body: redact::Body,
    response_headers: String,
    response_body: redact::Body,
}

impl SeenRequest {
    /// The query, without its question mark.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.texts.query
    }

    /// The request's headers: names in lower case, and values.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        fields(&self.texts.headers)
    }

    /// The body of the request: its first 16 KiB, and a note when there was more.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.texts.body.text
    }

    /// The headers of the response.
    pub fn response_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        fields(&self.texts.response_headers)
    }

    /// The body of the response: its first 16 KiB, and a note when there was more.
    #[must_use]
    pub fn response_body(&self) -> &str {
        &self.texts.response_body.text
    }

    /// The client's `User-Agent`.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.headers().find(|(name, _)| *name == USER_AGENT.as_str()).map(|(_, value)| value)
    }

    /// The same request as a curl command for a POSIX shell, in which `$TOKEN` is the access token. A comment in the
    /// first line says when the body is incomplete.
    #[must_use]
    pub fn curl(&self) -> String {
        curl::command(self, &self.texts)
    }
}

impl fmt::Debug for SeenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, method, path, status, .. } = self;
        write!(f, "SeenRequest({id}: {method} {path}, {status})")
    }
}

fn fields(lines: &str) -> impl Iterator<Item = (&str, &str)> {
    lines.lines().filter_map(|line| line.split_once(": "))
}

/// The latest requests.
pub(crate) struct Requests {
    base: Arc<str>,
    log: Mutex<Log>,
}

impl Requests {
    pub(crate) fn new(base: &str, max: Option<usize>) -> Self {
        let max = max.unwrap_or(MAX_COUNT).min(MAX_COUNT);
        Self { base: base.into(), log: Mutex::new(Log::new(max)) }
    }

    /// Those of an account, or all; oldest first.
    pub(crate) fn all(&self, account: Option<i64>) -> Vec<SeenRequest> {
        let log = self.log();
        let selection = log.selection(account, "");
        selection.iter().filter_map(|number| log.get(number)).cloned().collect()
    }

    /// A page of those of an account, or of all, with a part of their method, path, operation or status; newest first.
    /// And how many there are on all pages.
    pub(crate) fn page(&self, account: Option<i64>, part: &str, skip: usize, count: usize) -> (Vec<SeenRequest>, u64) {
        let log = self.log();
        let selection = log.selection(account, &part.to_lowercase());
        let page = page(&selection, skip, count, true);
        (page.into_iter().filter_map(|number| log.get(number)).cloned().collect(), selection.len())
    }

    pub(crate) fn get(&self, id: u64) -> Option<SeenRequest> {
        self.log().get(u32::try_from(id.checked_sub(1)?).ok()?).cloned()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.log().bytes()
    }

    /// Removes the requests of an account, or all.
    pub(crate) fn forget(&self, account: Option<i64>) {
        self.log().forget(account);
    }

    /// Numbers a request and stores it. Returns the number.
    fn push(&self, request: SeenRequest) -> u64 {
        self.log().push(request)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Requests {
    /// Stores a request and its response without secrets. `is_issued` tells whether a word is a secret that the
    /// sandbox has issued.
    pub(crate) fn record(
        &self,
        request: &Request<'_>,
        trace: &Trace<'_>,
        response: Option<&Response<Bytes>>,
        is_issued: &dyn Fn(&str) -> bool,
    ) -> Recorded {
        let (of_request, of_response) = (Redactor::of_request(is_issued), Redactor::of_response(is_issued));
        let texts = Arc::new(Texts {
            base: Arc::clone(&self.base),
            query: of_request.url(request.query, '&').into_owned(),
            headers: headers(&of_request, request.headers),
            body: of_request.body(request.content_type(), request.body),
            response_headers: response.map(|it| headers(&of_response, it.headers())).unwrap_or_default(),
            response_body: response.map(|it| of_response.body(None, it.body())).unwrap_or_default(),
        });
        let path = of_request.url(request.path, '/').into_owned();
        let id = self.push(SeenRequest {
            id: 0,
            account_id: trace.account,
            time: trace.time.system(),
            method: request.method.into(),
            path: path.clone(),
            status: response.map_or(0, |response| response.status().as_u16()),
            operation: trace.operation().map(|operation| operation.id.as_str()),
            took: request.received.elapsed(),
            fault: trace.fault.clone(),
            texts: Arc::clone(&texts),
        });
        Recorded { id, path, texts }
    }
}

/// The stored parts of a request.
pub(crate) struct Recorded {
    pub(crate) id: u64,
    pub(crate) path: String,
    texts: Arc<Texts>,
}

impl Recorded {
    pub(crate) fn query(&self) -> &str {
        &self.texts.query
    }
}

/// A message about a request without secrets.
pub(crate) fn redacted(message: String, is_issued: &dyn Fn(&str) -> bool) -> String {
    Redactor::of_request(is_issued).words(message.into()).into_owned()
}

fn headers(redactor: &Redactor<'_>, headers: &HeaderMap) -> String {
    let mut lines = String::with_capacity(512);
    for (name, value) in headers {
        let value = redact::text(value.as_bytes());
        for piece in [name.as_str(), ": ", &redactor.header(name.as_str(), &value), "\n"] {
            lines.push_str(piece);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(response: usize) -> SeenRequest {
        let body = redact::Body { text: "x".repeat(response), cut: false };
        let (query, headers, response_headers) = Default::default();
        let texts = Texts {
            base: "".into(),
            query,
            headers,
            body: redact::Body::default(),
            response_headers,
            response_body: body,
        };
        SeenRequest {
            id: 0,
            account_id: None,
            time: SystemTime::UNIX_EPOCH,
            method: "GET".into(),
            path: "/".into(),
            status: 200,
            operation: None,
            took: Duration::ZERO,
            fault: None,
            texts: Arc::new(texts),
        }
    }

    #[test]
    fn the_oldest_are_dropped_beyond_the_count_or_the_memory() {
        let requests = Requests::new("", Some(50));
        for _ in 0..60 {
            requests.push(seen(1));
        }
        assert_eq!(requests.all(None).iter().map(|it| it.id).collect::<Vec<_>>(), (11..=60).collect::<Vec<_>>());
        for _ in 0..40 {
            requests.push(seen(1024 * 1024));
        }
        let ids: Vec<_> = requests.all(None).iter().map(|it| it.id).collect();
        assert_eq!(ids, (70..=100).collect::<Vec<_>>());
        assert!(requests.bytes() <= MAX_BYTES && requests.bytes() > MAX_BYTES - 2 * 1024 * 1024);
        assert!(requests.get(69).is_none() && requests.get(70).is_some() && requests.get(101).is_none());
        requests.forget(Some(1));
        assert_eq!(requests.all(None).len(), 31, "they belong to no account");
        requests.forget(None);
        assert_eq!((requests.all(None).len(), requests.bytes()), (0, 0));
    }

    #[test]
    fn pages_and_filters_are_those_of_a_plain_list() {
        let requests = Requests::new("", Some(200));
        let mut model = Vec::new();
        for number in 0..250_i64 {
            let mut request = seen(1);
            request.account_id = (number % 3 > 0).then_some(number % 3);
            request.path = format!("/V2/emails/{number}");
            request.status = if number % 7 == 0 { 404 } else { 200 };
            request.id = requests.push(request.clone());
            model.insert(0, request);
        }
        requests.forget(Some(2));
        model.truncate(200);
        model.retain(|request| request.account_id != Some(2));
        for account in [None, Some(1), Some(2)] {
            for part in ["", "/v2", "Emails/1", "404", "get", "nothing"] {
                let has = |text: String| text.to_lowercase().contains(&part.to_lowercase());
                let matching = |request: &&SeenRequest| {
                    let texts = [request.method.clone(), request.path.clone(), request.status.to_string()];
                    (account.is_none() || request.account_id == account) && texts.into_iter().any(has)
                };
                let expected: Vec<_> = model.iter().filter(matching).cloned().collect();
                let (page, total) = requests.page(account, part, 3, 20);
                assert_eq!(page, expected.iter().skip(3).take(20).cloned().collect::<Vec<_>>(), "{account:?} {part}");
                assert_eq!(total, expected.len() as u64, "{account:?} {part}");
            }
        }
    }
}
