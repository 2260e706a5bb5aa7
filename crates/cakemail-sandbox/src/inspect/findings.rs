//! Detects mistakes of clients: one file for each rule.

mod pauses;
mod renewals;
mod repeats;
mod unknown_parameters;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::bounded_log::BoundedLog;
use super::exchange::Exchange;

pub(crate) use unknown_parameters::unknown_parameters;

/// A mistake of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Its number, from 1.
    pub id: u64,
    /// The rule that the client broke.
    pub rule: FindingRule,
    /// When, by the sandbox's clock.
    pub time: SystemTime,
    /// The [request](crate::SeenRequest::id).
    pub request_id: u64,
    /// The account of the request, if known.
    pub account_id: Option<i64>,
    /// The mistake and its fix.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, request {}: {}", self.rule.as_str(), self.request_id, self.message)
    }
}

/// A mistake that a client can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingRule {
    /// A submission was sent again, though an earlier one may have been accepted: it had no whole response, or a 408 or
    /// 5xx. It is no mistake when the client has read the logs in between, successfully and not only for other tags
    /// than the email's, or when the earlier response was 201.
    RepeatedSend,
    /// The same request was sent again before the time in the `Retry-After` of a 429. Other requests may have been in
    /// flight by then.
    RetryAfterIgnored,
    /// A query parameter, or a field of a body, that the document does not have.
    UnknownParameter,
    /// A token, a password or another secret in a URL, where proxies and logs keep it.
    TokenInUrl,
    /// A refresh token was used again within ten seconds, while the access token from its first use was valid; or a
    /// client signed in to an account four times within a second, and hardly used the tokens.
    RefreshStampede,
}

impl FindingRule {
    /// Its name in the control API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RepeatedSend => "repeated_send",
            Self::RetryAfterIgnored => "retry_after_ignored",
            Self::UnknownParameter => "unknown_parameter",
            Self::TokenInUrl => "token_in_url",
            Self::RefreshStampede => "refresh_stampede",
        }
    }
}

/// The latest findings, and the state of each rule.
#[derive(Default)]
pub(crate) struct Findings(Mutex<Log>);

#[derive(Default)]
struct Log {
    last_id: u64,
    findings: BoundedLog<Finding>,
    pauses: pauses::Pauses,
    renewals: renewals::Renewals,
    repeats: repeats::Repeats,
}

impl Findings {
    /// The findings of an account, or all, oldest first.
    pub(crate) fn of(&self, account: Option<i64>) -> Vec<Finding> {
        let log = self.log();
        log.findings.iter().filter(|it| account.is_none() || it.account_id == account).cloned().collect()
    }

    /// Removes the findings of an account, or all.
    pub(crate) fn forget(&self, account: Option<i64>) {
        let mut log = self.log();
        match account {
            Some(_) => log.findings.retain(|it| it.account_id != account),
            None => *log = Log { last_id: log.last_id, ..Log::default() },
        }
    }

    /// Checks a request against all rules, and returns whether there is a new finding. `redacted` removes secrets from a
    /// message.
    pub(crate) fn check(&self, exchange: &Exchange<'_>, redacted: impl Fn(String) -> String) -> bool {
        let message = || {
            format!("{}: the URL has a secret in it, which logs and proxies keep. {FIX}", exchange.method_and_path())
        };
        let has_secret = exchange.path != exchange.request.path || exchange.query != exchange.request.query;
        let secret_in_url = has_secret.then(message);
        let Some(operation) = exchange.trace.operation() else {
            return self.log().add(FindingRule::TokenInUrl, exchange, secret_in_url);
        };
        let unknown_parameters = match exchange.status() {
            422 => unknown_parameters(exchange.document, operation, exchange.request.query, &exchange.body()),
            _ => exchange.trace.unknown_parameters.clone(),
        };
        let unknown_parameters = unknown_parameters.map(redacted);
        let mut log = self.log();
        let repeated = log.repeats.check(exchange, operation);
        let early = log.pauses.check(exchange);
        let renewed = log.renewals.check(exchange, operation);
        let messages = [
            (FindingRule::TokenInUrl, secret_in_url),
            (FindingRule::UnknownParameter, unknown_parameters),
            (FindingRule::RepeatedSend, repeated),
            (FindingRule::RetryAfterIgnored, early),
            (FindingRule::RefreshStampede, renewed),
        ];
        messages.into_iter().fold(false, |any, (rule, message)| log.add(rule, exchange, message) || any)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const FIX: &str = "Send a token as `Authorization: Bearer …`, and other secrets in the body";

impl Log {
    /// Adds a finding, and returns whether it is new: the same message about the same account is added only once.
    fn add(&mut self, rule: FindingRule, exchange: &Exchange<'_>, message: Option<String>) -> bool {
        let account_id = exchange.trace.account;
        let Some(message) = message else { return false };
        if self.findings.iter().any(|it| (it.rule, it.account_id, &it.message) == (rule, account_id, &message)) {
            return false;
        }
        self.last_id += 1;
        let (id, time, request_id) = (self.last_id, exchange.trace.time.system(), exchange.id);
        self.findings.push(Finding { id, rule, time, request_id, account_id, message });
        true
    }
}

/// Panics with all findings, when there are any.
#[track_caller]
#[expect(clippy::panic, reason = "a test is to fail")]
pub(crate) fn assert_none(findings: &[Finding]) {
    if !findings.is_empty() {
        let list: String = findings.iter().map(|finding| format!("\n- {finding}")).collect();
        panic!("{} finding(s) about clients:{list}", findings.len());
    }
}

/// Identifies a value that is too large or too secret to keep in memory. The hash is never stored in a file.
fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
