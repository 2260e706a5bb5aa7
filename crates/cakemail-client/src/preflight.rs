//! Preflight: checks whether a sender can send to a list, before any email is sent.

use std::fmt;

use cakemail_model::accounts::AccountStatus;
use cakemail_model::suppressions::ListSuppressionsQuery;
use cakemail_model::{Filter, ListId, Redacted, SenderId, SuppressionPattern, check_address};

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};

/// The sender and the list to check, and optionally a recipient.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preflight {
    /// The sender.
    pub sender: SenderId,
    /// The list.
    pub list: ListId,
    /// A recipient, whose address is looked up in the suppressions.
    pub recipient: Option<String>,
}

impl Preflight {
    /// Checks a sender and a list.
    pub fn new(sender: impl Into<SenderId>, list: ListId) -> Self {
        Self { sender: sender.into(), list, recipient: None }
    }

    /// Adds a recipient.
    #[must_use]
    pub fn recipient(mut self, address: impl Into<String>) -> Self {
        self.recipient = Some(address.into());
        self
    }
}

impl fmt::Debug for Preflight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preflight")
            .field("sender", &self.sender)
            .field("list", &self.list)
            .field("recipient", &Redacted(&self.recipient))
            .finish()
    }
}

/// The result of a preflight.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreflightReport {
    /// The checks, in the order in which they were made.
    pub checks: Vec<Check>,
}

impl PreflightReport {
    /// Whether an email can be sent: every check passed or was not needed. A check that could not be made is not passed.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| matches!(check.state, CheckState::Passed | CheckState::NotNeeded))
    }

    /// The checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.in_state(CheckState::Failed)
    }

    /// The checks that could not be made, for example because the API did not respond. Nothing is known about these.
    pub fn not_checked(&self) -> impl Iterator<Item = &Check> {
        self.in_state(CheckState::NotChecked)
    }

    fn in_state(&self, state: CheckState) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |check| check.state == state)
    }
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// The name of the check, such as `sender`.
    pub name: &'static str,
    /// Whether the check passed.
    pub state: CheckState,
    /// The finding, such as `the sender is registered`.
    pub found: String,
    /// How to fix it. `None` if the check passed or was not needed.
    pub fix: Option<&'static str>,
}

/// The state of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckState {
    /// It passed.
    Passed,
    /// It failed: emails will be rejected or not delivered.
    Failed,
    /// It could not be made: nothing is known.
    NotChecked,
    /// The account does not use what it checks, and sending does not need it.
    NotNeeded,
}

impl fmt::Display for CheckState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotChecked => "not checked",
            Self::NotNeeded => "not needed",
        })
    }
}

impl Check {
    fn new(name: &'static str, passed: bool, found: impl Into<String>, fix: &'static str) -> Self {
        let state = if passed { CheckState::Passed } else { CheckState::Failed };
        Self { name, state, found: found.into(), fix: (!passed).then_some(fix) }
    }

    fn not_needed(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: CheckState::NotNeeded, found: found.into(), fix: None }
    }

    fn not_checked(name: &'static str, found: impl Into<String>, fix: &'static str) -> Self {
        Self { name, state: CheckState::NotChecked, found: found.into(), fix: Some(fix) }
    }

    /// A check whose call failed: it failed if the kind of the error answers the question, and was not made otherwise.
    fn from_error(name: &'static str, error: &Error, answers: &[ErrorKind], fix: &'static str) -> Self {
        let found = error.reason().to_string();
        match answers.contains(&error.kind()) {
            true => Self::new(name, false, found, fix),
            false => Self::not_checked(name, found, error.hint().unwrap_or("Try again later")),
        }
    }
}

/// The server, or the client itself, refused the credentials.
const REFUSED: &[ErrorKind] = &[
    ErrorKind::Authentication,
    ErrorKind::BadRequest,
    ErrorKind::Configuration,
    ErrorKind::Forbidden,
    ErrorKind::MfaRequired,
];
/// There is no resource with this id, or none can have it.
const MISSING: &[ErrorKind] = &[ErrorKind::NotFound, ErrorKind::BadRequest, ErrorKind::Invalid];

const CREDENTIALS: &str = "Verify the user name and password, or obtain a new token";
const ACCESS: &str = "Ask Cakemail to enable API access for the account";
const SENDER: &str = "Register the sender (`senders().create(…)`), or use an id from `senders().list(…)`";
const CONFIRM: &str =
    "Have its recipient follow the link in the confirmation email; `senders().resend_confirmation(…)` sends it again";
const DOMAIN: &str = "Add the named DNS records to the domain (SPF, DKIM, tracking)";
const RECIPIENT: &str = "Correct the address";
const LIST: &str = "Use an id from `lists().list(…)`: a deleted list cannot be sent to";
const SUPPRESSED: &str =
    "Nothing is sent to this address. Remove the suppression (`suppressions().remove(…)`) if its owner agrees";

impl Client {
    /// Checks, before any email is sent, the causes of most failures: the credentials, API access, the sender and its
    /// confirmation, its domain, the list, and the recipient if one is given.
    ///
    /// A check that cannot be made is not an error: its state is [`CheckState::NotChecked`], and the report has not passed.
    pub async fn preflight(&self, preflight: &Preflight) -> PreflightReport {
        run(self, preflight).await
    }
}

/// Makes all checks. When the credentials fail, the others are skipped.
async fn run(client: &Client, preflight: &Preflight) -> PreflightReport {
    let mut checks = vec![credentials(client).await];
    if checks[0].state == CheckState::Passed {
        checks.push(access(client).await);
        let address = sender(client, &preflight.sender, &mut checks).await;
        checks.extend(domain(client, address.as_deref()).await);
        checks.push(list(client, preflight.list).await);
        if let Some(recipient) = &preflight.recipient {
            checks.push(recipient_check(client, recipient).await);
        }
    }
    PreflightReport { checks }
}

async fn credentials(client: &Client) -> Check {
    match client.authenticate().await {
        Ok(()) => Check::new("credentials", true, "an access token was obtained", CREDENTIALS),
        Err(error) => Check::from_error("credentials", &error, REFUSED, CREDENTIALS),
    }
}

async fn access(client: &Client) -> Check {
    let account = match client.accounts().me().await {
        Ok(account) => account,
        Err(error) => return Check::from_error("API access", &error, REFUSED, ACCESS),
    };
    if !matches!(account.status, AccountStatus::Active | AccountStatus::Trial) {
        return Check::new("API access", false, format!("the account is {}", account.status), ACCESS);
    }
    match account.usage_limits.use_email_api {
        Some(enabled) => {
            let found =
                if enabled { "the account may use the Email API" } else { "the plan does not include the Email API" };
            Check::new("API access", enabled, found, ACCESS)
        }
        None => {
            let found = "the response does not say whether the account may use the Email API";
            Check::not_checked("API access", found, ACCESS)
        }
    }
}

/// Adds two checks. Returns the sender's address if it is registered.
async fn sender(client: &Client, id: &SenderId, checks: &mut Vec<Check>) -> Option<String> {
    match client.senders().get(id).await {
        Ok(sender) => {
            checks.push(Check::new("sender", true, "the sender is registered", SENDER));
            let found = if sender.confirmed { "the sender is confirmed" } else { "the sender is not confirmed" };
            checks.push(Check::new("confirmation", sender.confirmed, found, CONFIRM));
            Some(sender.email)
        }
        Err(error) => {
            checks.push(Check::from_error("sender", &error, MISSING, SENDER));
            None
        }
    }
}

/// The two checks of the sender's domain. Without a sender there is nothing to check.
async fn domain(client: &Client, sender: Option<&str>) -> [Check; 2] {
    let Some((_, domain)) = sender.and_then(|address| address.rsplit_once('@')) else {
        return ["DNS records", "DKIM"].map(|name| Check::not_checked(name, "the sender is not known", SENDER));
    };
    [records(client).await, dkim(client, domain).await]
}

async fn records(client: &Client) -> Check {
    const NAME: &str = "DNS records";
    let validation = match client.domains().validate().await {
        Ok(validation) => validation,
        Err(error) => return Check::from_error(NAME, &error, &[], DOMAIN),
    };
    let records: Vec<_> = validation.bounce.iter().chain(&validation.tracking).collect();
    let missing: Vec<_> = records.iter().filter(|record| !record.valid).map(|record| record.entry.as_str()).collect();
    match (records.is_empty(), missing.is_empty()) {
        (true, _) => Check::not_needed(NAME, "no custom domain is configured: Cakemail's domains are used"),
        (false, true) => Check::new(NAME, true, "the bounce and tracking domains are in DNS", DOMAIN),
        (false, false) => Check::new(NAME, false, format!("not in DNS: {}", missing.join(", ")), DOMAIN),
    }
}

async fn dkim(client: &Client, domain: &str) -> Check {
    match client.dkim().list().await {
        Ok(keys) if keys.iter().any(|key| key.domain.eq_ignore_ascii_case(domain)) => {
            Check::new("DKIM", true, format!("there is a key for {domain}"), SENDER)
        }
        Ok(_) => Check::not_needed("DKIM", format!("there is no key for {domain}: Cakemail's own is used")),
        Err(error) => Check::from_error("DKIM", &error, &[], SENDER),
    }
}

async fn list(client: &Client, id: ListId) -> Check {
    match client.lists().get(id).await {
        Ok(list) => {
            let active = list.status.is_empty() || list.status == "active";
            Check::new("list", active, format!("the list is {}", if active { "active" } else { &list.status }), LIST)
        }
        Err(error) => Check::from_error("list", &error, MISSING, LIST),
    }
}

async fn recipient_check(client: &Client, recipient: &str) -> Check {
    if let Some(problem) = check_address(recipient) {
        return Check::new("recipient", false, format!("the recipient {problem}"), RECIPIENT);
    }
    match is_suppressed(client, recipient).await {
        Ok(suppressed) => {
            let found = if suppressed { "the recipient is suppressed" } else { "the recipient is not suppressed" };
            Check::new("recipient", !suppressed, found, SUPPRESSED)
        }
        Err(error) => Check::from_error("recipient", &error, &[], SUPPRESSED),
    }
}

/// Asks for the three patterns that match the address, and for no other entry of the account.
async fn is_suppressed(client: &Client, recipient: &str) -> Result<bool> {
    for pattern in SuppressionPattern::matching(recipient) {
        let mut query = ListSuppressionsQuery::new();
        // A pattern that a filter cannot express is searched for in all entries.
        query.filter = Filter::equal("email", pattern.as_str()).ok();
        let mut entries = client.suppressions().list(query);
        // The server may ignore the filter: only an entry that matches counts.
        while let Some(entry) = entries.next().await {
            if SuppressionPattern::new(&entry?.email).matches(recipient) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
