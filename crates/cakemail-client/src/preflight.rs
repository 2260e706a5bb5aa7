//! Preflight: checks whether a sender can send to a list, before any email is sent.

use std::fmt;

use cakemail_model::accounts::AccountStatus;
use cakemail_model::suppressions::ListSuppressionsQuery;
use cakemail_model::{ListId, SenderId, SuppressionPattern};

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};

/// The sender and the list to check, and optionally a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// The result of a preflight.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreflightReport {
    /// The checks, in the order in which they were made.
    pub checks: Vec<Check>,
}

impl PreflightReport {
    /// Whether no check failed.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.state != CheckState::Failed)
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
    /// How to fix it, unless the check passed.
    pub fix: Option<&'static str>,
}

/// Whether a check passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckState {
    /// It passed.
    Passed,
    /// It failed: emails will be rejected or not delivered.
    Failed,
    /// It could not be made.
    Unknown,
}

impl fmt::Display for CheckState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        })
    }
}

impl Check {
    fn new(name: &'static str, passed: bool, found: impl Into<String>, fix: &'static str) -> Self {
        let state = if passed { CheckState::Passed } else { CheckState::Failed };
        Self { name, state, found: found.into(), fix: (!passed).then_some(fix) }
    }

    fn unknown(name: &'static str, found: impl Into<String>, fix: &'static str) -> Self {
        Self { name, state: CheckState::Unknown, found: found.into(), fix: Some(fix) }
    }

    /// A check whose call failed: failed when the error answers the question, otherwise unknown.
    fn from_error(name: &'static str, error: &Error, fix: &'static str) -> Self {
        let is_answer = matches!(
            error.kind(),
            ErrorKind::Authentication
                | ErrorKind::MfaRequired
                | ErrorKind::Forbidden
                | ErrorKind::NotFound
                | ErrorKind::BadRequest
                | ErrorKind::Invalid
        );
        match is_answer {
            true => Self::new(name, false, error.reason().to_string(), fix),
            false => Self::unknown(name, error.reason().to_string(), "Try again later"),
        }
    }
}

const CREDENTIALS: &str = "Verify the user name and password, or obtain a new token";
const ACCESS: &str = "Ask Cakemail to enable API access for the account";
const SENDER: &str = "Register the sender (`senders().create(…)`), or use an id from `senders().list(…)`";
const CONFIRM: &str =
    "Have its recipient follow the link in the confirmation email; `senders().resend_confirmation(…)` sends it again";
const DOMAIN: &str = "Add the named DNS records to the domain (SPF, DKIM, tracking)";
const DKIM: &str = "Create a DKIM key for the sender's domain (`dkim().create(…)`) and publish it in DNS";
const LIST: &str = "Use an id from `lists().list(…)`: a deleted list cannot be sent to";
const SUPPRESSED: &str =
    "Nothing is sent to this address. Remove the suppression (`suppressions().remove(…)`) if its owner agrees";

impl Client {
    /// Checks, before any email is sent, the causes of most failures: the credentials, API access, the sender and its
    /// confirmation, its domain, the list, and the recipient if one is given.
    ///
    /// A check that cannot be made is not an error: its state is [`CheckState::Unknown`].
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
        checks.push(records(client).await);
        checks.push(dkim(client, address.as_deref()).await);
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
        Err(error) => Check::from_error("credentials", &error, CREDENTIALS),
    }
}

async fn access(client: &Client) -> Check {
    let account = match client.accounts().me().await {
        Ok(account) => account,
        Err(error) => return Check::from_error("API access", &error, ACCESS),
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
            Check::unknown("API access", "the response does not say whether the account may use the Email API", ACCESS)
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
            checks.push(Check::from_error("sender", &error, SENDER));
            None
        }
    }
}

async fn records(client: &Client) -> Check {
    let validation = match client.domains().validate().await {
        Ok(validation) => validation,
        Err(error) => return Check::from_error("DNS records", &error, DOMAIN),
    };
    let records: Vec<_> = validation.bounce.iter().chain(&validation.tracking).collect();
    let missing: Vec<_> = records.iter().filter(|record| !record.valid).map(|record| record.entry.as_str()).collect();
    match (records.is_empty(), missing.is_empty()) {
        (true, _) => {
            Check::unknown("DNS records", "no custom domain is configured: Cakemail's domains are used", DOMAIN)
        }
        (false, true) => Check::new("DNS records", true, "the bounce and tracking domains are in DNS", DOMAIN),
        (false, false) => Check::new("DNS records", false, format!("not in DNS: {}", missing.join(", ")), DOMAIN),
    }
}

async fn dkim(client: &Client, sender: Option<&str>) -> Check {
    let Some((_, domain)) = sender.and_then(|address| address.rsplit_once('@')) else {
        return Check::unknown("DKIM", "the sender is unknown", DKIM);
    };
    match client.dkim().list().await {
        Ok(keys) if keys.iter().any(|key| key.domain.eq_ignore_ascii_case(domain)) => {
            Check::new("DKIM", true, format!("there is a key for {domain}"), DKIM)
        }
        // Cakemail may sign with its own key.
        Ok(_) => Check::unknown("DKIM", format!("there is no key for {domain}"), DKIM),
        Err(error) => Check::from_error("DKIM", &error, DKIM),
    }
}

async fn list(client: &Client, id: ListId) -> Check {
    match client.lists().get(id).await {
        Ok(list) => {
            let active = list.status.is_empty() || list.status == "active";
            Check::new("list", active, format!("the list is {}", if active { "active" } else { &list.status }), LIST)
        }
        Err(error) => Check::from_error("list", &error, LIST),
    }
}

async fn recipient_check(client: &Client, recipient: &str) -> Check {
    match is_suppressed(client, recipient).await {
        Ok(suppressed) => {
            let found = if suppressed { "the recipient is suppressed" } else { "the recipient is not suppressed" };
            Check::new("recipient", !suppressed, found, SUPPRESSED)
        }
        Err(error) => Check::from_error("recipient", &error, SUPPRESSED),
    }
}

async fn is_suppressed(client: &Client, recipient: &str) -> Result<bool> {
    let mut suppressions = client.suppressions().list(ListSuppressionsQuery::new().per_page(500));
    while let Some(suppression) = suppressions.next().await {
        if SuppressionPattern::new(&suppression?.email).matches(recipient) {
            return Ok(true);
        }
    }
    Ok(false)
}
