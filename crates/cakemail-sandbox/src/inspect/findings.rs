//! What clients did wrong, noted as it happens: one file for each rule.

mod pauses;
mod renewals;
mod repeats;
mod unknown_parameters;

use std::collections::VecDeque;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Response};
use serde_json::{Map, Value};

use crate::api::document::{Document, Operation};
use crate::api::validation;
use crate::app::context::Incoming;
use crate::inspect::requests::Trace;

pub(crate) use unknown_parameters::strays;

/// How many findings are kept, and how much a rule remembers of what might become one.
const MOST: usize = 1_000;

/// Something that a client did wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Its number, from 1.
    pub id: u64,
    /// What was done wrong.
    pub rule: FindingRule,
    /// When, by the sandbox's clock.
    pub time: SystemTime,
    /// The [request](crate::SeenRequest::id).
    pub request_id: u64,
    /// The request's account, when that is known.
    pub account_id: Option<i64>,
    /// What was wrong, and the mend.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, request {}: {}", self.rule.word(), self.request_id, self.message)
    }
}

/// What a client can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingRule {
    /// A submission was posted again, though an earlier one may have been accepted: it had no whole answer, or a 408 or
    /// 5xx. Whoever has asked the logs in between, successfully and not for other tags than the email's, is innocent; so
    /// is whoever was answered with 201, and sends the same on purpose.
    RepeatedSend,
    /// The same request was made again before the time that a 429's `Retry-After` named. Other requests may have been under
    /// way by then.
    RetryAfterIgnored,
    /// A query parameter, or a field of a body, that the document does not know.
    UnknownParameter,
    /// A token, a password or another secret in a URL, where proxies and logs keep it.
    TokenInUrl,
    /// A refresh token was used again within ten seconds, while the access token that it had brought was good; or an
    /// account was signed in to four times within a second, and hardly used any of the tokens.
    RefreshStampede,
}

impl FindingRule {
    /// Its word in the control API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::RepeatedSend => "repeated_send",
            Self::RetryAfterIgnored => "retry_after_ignored",
            Self::UnknownParameter => "unknown_parameter",
            Self::TokenInUrl => "token_in_url",
            Self::RefreshStampede => "refresh_stampede",
        }
    }
}

/// A request and its answer, as the rules look at them.
pub(crate) struct Seen<'a> {
    pub(crate) id: u64,
    pub(crate) document: &'a Document,
    pub(crate) request: &'a Incoming<'a>,
    pub(crate) trace: &'a Trace,
    pub(crate) answer: Option<&'a Response<Bytes>>,
    /// Its path and its query without secrets.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
}

impl Seen<'_> {
    /// The answer's status; 0 when there was no whole answer.
    fn status(&self) -> u16 {
        self.answer.map_or(0, |answer| answer.status().as_u16())
    }

    fn headers(&self) -> Option<&HeaderMap> {
        self.answer.map(Response::headers)
    }

    /// What it was answered with success, in JSON.
    fn success(&self) -> Option<Value> {
        serde_json::from_slice(self.answer.filter(|it| it.status().is_success())?.body()).ok()
    }

    /// Whether its client knows that it was done.
    fn is_done(&self) -> bool {
        let whole = |answer: &Response<Bytes>| serde_json::from_slice::<serde::de::IgnoredAny>(answer.body()).is_ok();
        let success = self.answer.filter(|answer| answer.status().is_success());
        // Without a fault the answer is as it should be.
        success.is_some_and(|answer| self.trace.fault.is_none() || whole(answer))
    }

    /// Whether its client can only guess whether it was done.
    fn is_doubtful(&self) -> bool {
        match self.status() {
            0 | 408 | 500.. => true,
            200..300 => !self.is_done(),
            _ => false,
        }
    }

    /// What was sent, as far as it can be read.
    fn body(&self, operation: &Operation) -> Map<String, Value> {
        match validation::sent(operation, self.request) {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    fn url(&self) -> String {
        format!("{} {}", self.request.method, self.path)
    }
}

/// The last findings, and what may become one.
#[derive(Default)]
pub(crate) struct Findings(Mutex<Book>);

#[derive(Default)]
struct Book {
    last: u64,
    found: VecDeque<Finding>,
    pauses: pauses::Pauses,
    renewals: renewals::Renewals,
    repeats: repeats::Repeats,
}

impl Findings {
    /// Those of an account, or all, oldest first.
    pub(crate) fn of(&self, account: Option<i64>) -> Vec<Finding> {
        let book = self.book();
        book.found.iter().filter(|it| account.is_none() || it.account_id == account).cloned().collect()
    }

    /// Forgets those of an account, or all, and what led to them.
    pub(crate) fn forget(&self, account: Option<i64>) {
        let mut book = self.book();
        match account {
            Some(_) => book.found.retain(|it| it.account_id != account),
            None => *book = Book { last: book.last, ..Book::default() },
        }
    }

    /// Looks at a request with all rules. What is said of it is passed through `redacted`.
    pub(crate) fn note(&self, seen: &Seen<'_>, redacted: impl Fn(String) -> String) {
        let secret = || format!("{}: the URL has a secret in it, which logs and proxies keep. {SECRETS}", seen.url());
        let revealed = (seen.path != seen.request.path || seen.query != seen.request.query).then(secret);
        let Some(operation) = seen.trace.operation else {
            return self.book().found(FindingRule::TokenInUrl, seen, revealed);
        };
        let strays = match seen.status() {
            422 => strays(seen.document, operation, seen.request.query, &seen.body(operation)),
            _ => seen.trace.strays.clone(),
        };
        let strays = strays.map(redacted);
        let mut book = self.book();
        book.found(FindingRule::TokenInUrl, seen, revealed);
        book.found(FindingRule::UnknownParameter, seen, strays);
        let repeated = book.repeats.note(seen, operation);
        book.found(FindingRule::RepeatedSend, seen, repeated);
        let early = book.pauses.note(seen);
        book.found(FindingRule::RetryAfterIgnored, seen, early);
        let renewed = book.renewals.note(seen, operation);
        book.found(FindingRule::RefreshStampede, seen, renewed);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const SECRETS: &str = "Send a token as `Authorization: Bearer …`, and other secrets in the body";

impl Book {
    /// Notes what a rule found, once for all requests of an account with the same words.
    fn found(&mut self, rule: FindingRule, seen: &Seen<'_>, message: Option<String>) {
        let account_id = seen.trace.account;
        let Some(message) = message else { return };
        if self.found.iter().any(|it| (it.rule, it.account_id, &it.message) == (rule, account_id, &message)) {
            return;
        }
        self.last += 1;
        let (id, time, request_id) = (self.last, seen.trace.time.system(), seen.id);
        push(&mut self.found, Finding { id, rule, time, request_id, account_id, message });
    }
}

/// Fails a test with all findings in words, when there are any.
#[track_caller]
#[expect(clippy::panic, reason = "a test is to fail")]
pub(crate) fn assert_none(findings: &[Finding]) {
    if !findings.is_empty() {
        let words: String = findings.iter().map(|finding| format!("\n- {finding}")).collect();
        panic!("clients did {} thing(s) wrong:{words}", findings.len());
    }
}

/// Adds to what is bounded.
fn push<T>(to: &mut VecDeque<T>, it: T) {
    if to.len() == MOST {
        to.pop_front();
    }
    to.push_back(it);
}

/// What stands for something that is not to be kept.
fn hash(it: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    it.hash(&mut hasher);
    hasher.finish()
}
