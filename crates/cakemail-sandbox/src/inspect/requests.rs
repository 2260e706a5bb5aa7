//! What was asked and answered: remembered without secrets, within bounds, and apart from the state.

mod curl;
mod redact;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, Response};

use crate::api::document::Operation;
use crate::app::context::{Core, Incoming};
use crate::domain::Time;
use crate::inspect::findings::Seen;
use redact::Redactor;

/// How many requests are remembered.
const MOST: usize = 10_000;

/// What they may take in memory, all together, in bytes.
pub(crate) const MEMORY: usize = 32 * 1024 * 1024;

/// What one costs besides its texts, in bytes, about.
const OVERHEAD: usize = 512;

/// A request, and what it was answered. Secrets are taken out before it is remembered: tokens, passwords, codes and keys
/// read `***`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenRequest {
    /// Its number, from 1.
    pub id: u64,
    /// The account whose token or login it carried, when that was known.
    pub account_id: Option<i64>,
    /// When it came, by the sandbox's clock.
    pub time: SystemTime,
    /// The method.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// The answer's status; 0 when a fault left it without an answer that was whole and HTTP.
    pub status: u16,
    /// The operation's id in the OpenAPI document, when the request was for one.
    pub operation: Option<&'static str>,
    /// How long the answer took, in real time.
    pub took: Duration,
    /// The fault or the limit that struck, as it displays.
    pub fault: Option<String>,
    texts: Arc<Texts>,
}

/// What is long, shared by clones.
#[derive(PartialEq, Eq)]
struct Texts {
    base: Arc<str>,
    query: String,
    /// A line for each header: its name, a colon and a space, its value.
    headers: String,
    body: redact::Body,
    answer_headers: String,
    answer_body: redact::Body,
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

    /// What was sent: the first 16 KiB, and then how much more there was.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.texts.body.text
    }

    /// The answer's headers.
    pub fn answer_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        fields(&self.texts.answer_headers)
    }

    /// What was answered: the first 16 KiB, and then how much more there was.
    #[must_use]
    pub fn answer_body(&self) -> &str {
        &self.texts.answer_body.text
    }

    /// The client's name for itself.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.headers().find(|(name, _)| *name == USER_AGENT.as_str()).map(|(_, value)| value)
    }

    /// The same request as a command for a POSIX shell, in which `$TOKEN` is the access token. A first line says so when
    /// the body could not be kept whole.
    #[must_use]
    pub fn curl(&self) -> String {
        curl::command(self, &self.texts)
    }

    fn cost(&self) -> usize {
        let Texts { query, headers, body, answer_headers, answer_body, base: _ } = &*self.texts;
        let texts = [&self.path, query, headers, &body.text, answer_headers, &answer_body.text];
        OVERHEAD + texts.into_iter().map(String::len).sum::<usize>()
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

/// The last requests.
pub(crate) struct Requests {
    base: Arc<str>,
    most: usize,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    last: u64,
    bytes: usize,
    kept: VecDeque<SeenRequest>,
}

impl Requests {
    pub(crate) fn new(base: &str, keep: Option<usize>) -> Self {
        Self { base: base.into(), most: keep.unwrap_or(MOST).min(MOST), log: Mutex::default() }
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<SeenRequest> {
        self.log().kept.iter().cloned().collect()
    }

    pub(crate) fn get(&self, id: u64) -> Option<SeenRequest> {
        let log = self.log();
        log.kept.binary_search_by_key(&id, |it| it.id).ok().map(|place| log.kept[place].clone())
    }

    pub(crate) fn bytes(&self) -> usize {
        self.log().bytes
    }

    /// Forgets those of an account, or all.
    pub(crate) fn forget(&self, account: Option<i64>) {
        let mut log = self.log();
        log.kept.retain(|it| account.is_some() && it.account_id != account);
        log.bytes = log.kept.iter().map(SeenRequest::cost).sum();
    }

    /// Gives it its number, and keeps it.
    fn push(&self, mut request: SeenRequest) -> u64 {
        let mut log = self.log();
        log.last += 1;
        request.id = log.last;
        log.bytes += request.cost();
        log.kept.push_back(request);
        while log.kept.len() > self.most || log.bytes > MEMORY {
            let Some(oldest) = log.kept.pop_front() else { break };
            log.bytes -= oldest.cost();
        }
        log.last
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of a request on its road, to be remembered with its answer.
pub(crate) struct Trace {
    pub(crate) time: Time,
    pub(crate) account: Option<i64>,
    pub(crate) operation: Option<&'static Operation>,
    /// What struck it.
    pub(crate) fault: Option<String>,
    /// The names in it that the document does not know, in words.
    pub(crate) strays: Option<String>,
}

impl Trace {
    pub(crate) fn at(time: Time) -> Self {
        Self { time, account: None, operation: None, fault: None, strays: None }
    }
}

impl Core {
    /// Remembers a request and its answer, and what was wrong with it.
    pub(crate) fn note(&self, request: &Incoming<'_>, trace: &Trace, answer: Option<&Response<Bytes>>) {
        let id = trace.operation.map(|operation| operation.id.as_str());
        if id == Some("submitEmail") {
            self.state().posts += 1;
        }
        let known = |word: &str| self.state().knows_secret(word);
        let (asked, answered) = (Redactor::of_request(&known), Redactor::of_answer(&known));
        let (path, query) = (asked.url(request.path, '/'), asked.url(request.query, '&'));
        let texts = Texts {
            base: Arc::clone(&self.requests.base),
            headers: headers(&asked, request.headers),
            body: asked.body(request.header(CONTENT_TYPE), request.body),
            answer_headers: answer.map(|it| headers(&answered, it.headers())).unwrap_or_default(),
            answer_body: answer.map(|it| answered.body(None, it.body())).unwrap_or_default(),
            query: query.into_owned(),
        };
        let texts = Arc::new(texts);
        let status = answer.map_or(0, |it| it.status().as_u16());
        let number = self.requests.push(SeenRequest {
            id: 0,
            account_id: trace.account,
            time: trace.time.system(),
            method: request.method.into(),
            path: path.clone().into_owned(),
            status,
            operation: id,
            took: request.came.elapsed(),
            fault: trace.fault.clone(),
            texts: Arc::clone(&texts),
        });
        let (path, query) = (&*path, texts.query.as_str());
        let seen = Seen { id: number, document: self.document, request, trace, answer, path, query };
        self.findings.note(&seen, |words| asked.words(words.into()).into_owned());
        self.changed();
    }
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

    fn seen(answer: usize) -> SeenRequest {
        let body = redact::Body { text: "x".repeat(answer), cut: false };
        let (query, headers, answer_headers) = Default::default();
        let texts =
            Texts { base: "".into(), query, headers, body: redact::Body::default(), answer_headers, answer_body: body };
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
    fn the_oldest_go_when_there_are_too_many_or_they_take_too_much() {
        let requests = Requests::new("", Some(50));
        for _ in 0..60 {
            requests.push(seen(1));
        }
        assert_eq!(requests.all().iter().map(|it| it.id).collect::<Vec<_>>(), (11..=60).collect::<Vec<_>>());
        for _ in 0..40 {
            requests.push(seen(1024 * 1024));
        }
        let ids: Vec<_> = requests.all().iter().map(|it| it.id).collect();
        assert_eq!(ids, (70..=100).collect::<Vec<_>>());
        assert!(requests.bytes() <= MEMORY && requests.bytes() > MEMORY - 2 * 1024 * 1024);
        assert!(requests.get(69).is_none() && requests.get(70).is_some() && requests.get(101).is_none());
        requests.forget(Some(1));
        assert_eq!(requests.all().len(), 31, "they are of no account");
        requests.forget(None);
        assert_eq!((requests.all().len(), requests.bytes()), (0, 0));
    }
}
