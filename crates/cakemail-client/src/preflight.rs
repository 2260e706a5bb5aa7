//! What can be checked before anything is sent: the guide's troubleshooting, asked of the account.

use std::fmt;

use cakemail_model::accounts::AccountStatus;
use cakemail_model::suppressions::ListSuppressionsQuery;
use cakemail_model::{ListId, SenderId};

use crate::{Client, Error, ErrorKind, Result};

/// What to check: whether this sender can send to this list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preflight {
    /// The sender.
    pub sender: SenderId,
    /// The list.
    pub list: ListId,
    /// A recipient, to see whether nothing is sent to that address.
    pub recipient: Option<String>,
}

impl Preflight {
    /// Checks a sender and a list.
    pub fn new(sender: impl Into<SenderId>, list: ListId) -> Self {
        Self { sender: sender.into(), list, recipient: None }
    }

    /// And a recipient.
    #[must_use]
    pub fn recipient(mut self, address: impl Into<String>) -> Self {
        self.recipient = Some(address.into());
        self
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreflightReport {
    /// Each check, in the order in which they were made.
    pub checks: Vec<Check>,
}

impl PreflightReport {
    /// Whether nothing stands in the way: no check has failed.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.state != CheckState::Failed)
    }
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub state: CheckState,
    /// What was found.
    pub found: String,
    /// What to do, unless it has passed.
    pub fix: Option<&'static str>,
}

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckState {
    /// It is.
    Passed,
    /// It is not, and emails will be refused or not delivered.
    Failed,
    /// It could not be told.
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

    /// A call that failed: a failed check when it answers the question, an unknown one when it does not.
    fn from_error(name: &'static str, error: &Error, fix: &'static str) -> Self {
        let answers = matches!(
            error.kind(),
            ErrorKind::Authentication
                | ErrorKind::MfaRequired
                | ErrorKind::Forbidden
                | ErrorKind::NotFound
                | ErrorKind::BadRequest
                | ErrorKind::Invalid
        );
        match answers {
            true => Self::new(name, false, error.brief().to_string(), fix),
            false => Self::unknown(name, error.brief().to_string(), "Try again: this could not be found out now"),
        }
    }
}

const CREDENTIALS: &str = "Verify the user name and password, or obtain a new token";
const ACCESS: &str = "Ask Cakemail to enable API access for the account";
const SENDER: &str = "Register the sender (`senders().create(…)`), or take an id from `senders().list(…)`";
const CONFIRM: &str =
    "Have its recipient follow the link in the confirmation email; `senders().resend_confirmation(…)` sends it again";
const DOMAIN: &str = "Add the DNS records named to the domain (SPF, DKIM, tracking)";
const DKIM: &str = "Create a DKIM key for the sender's domain (`dkim().create(…)`) and publish it in DNS";
const LIST: &str = "Take an id from `lists().list(…)`; a list that was deleted cannot be sent to";
const SUPPRESSED: &str =
    "Nothing is sent to this address: lift the suppression (`suppressions().remove(…)`) if its owner agrees";

/// Makes all checks. Once the credentials have failed the rest is not asked.
pub(crate) async fn preflight(client: &Client, what: &Preflight) -> PreflightReport {
    let mut checks = vec![credentials(client).await];
    if checks[0].state == CheckState::Passed {
        checks.push(access(client).await);
        let address = sender(client, &what.sender, &mut checks).await;
        checks.push(records(client).await);
        checks.push(dkim(client, address.as_deref()).await);
        checks.push(list(client, what.list).await);
        if let Some(recipient) = &what.recipient {
            checks.push(recipient_is_open(client, recipient).await);
        }
    }
    PreflightReport { checks }
}

async fn credentials(client: &Client) -> Check {
    match client.authenticate().await {
        Ok(()) => Check::new("credentials", true, "an access token is at hand", CREDENTIALS),
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
            let found = if enabled { "the account may use the Email API" } else { "the plan is without the Email API" };
            Check::new("API access", enabled, found, ACCESS)
        }
        None => Check::unknown("API access", "the account does not say whether it may use the Email API", ACCESS),
    }
}

/// Two checks, and the sender's address when there is one.
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
        (true, _) => Check::unknown("DNS records", "no domain of one's own is set up: Cakemail's are used", DOMAIN),
        (false, true) => Check::new("DNS records", true, "bounce and tracking domains are in DNS", DOMAIN),
        (false, false) => Check::new("DNS records", false, format!("not in DNS: {}", missing.join(", ")), DOMAIN),
    }
}

async fn dkim(client: &Client, sender: Option<&str>) -> Check {
    let Some((_, domain)) = sender.and_then(|address| address.rsplit_once('@')) else {
        return Check::unknown("DKIM", "there is no sender to look for", DKIM);
    };
    match client.dkim().list().await {
        Ok(keys) if keys.iter().any(|key| key.domain.eq_ignore_ascii_case(domain)) => {
            Check::new("DKIM", true, format!("there is a key for {domain}"), DKIM)
        }
        // Cakemail may sign with a key of its own.
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

async fn recipient_is_open(client: &Client, recipient: &str) -> Check {
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
        if covers(&suppression?.email, recipient) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an address, `*@domain` or `name@*` covers a recipient.
fn covers(pattern: &str, recipient: &str) -> bool {
    let (Some((name, domain)), Some((local, host))) = (pattern.rsplit_once('@'), recipient.rsplit_once('@')) else {
        return false;
    };
    (name == "*" || name.eq_ignore_ascii_case(local)) && (domain == "*" || domain.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn suppressions_cover_addresses_domains_and_names() {
        for (pattern, covered) in [
            ("ada@example.com", true),
            ("ADA@Example.com", true),
            ("*@example.com", true),
            ("ada@*", true),
            ("bob@example.com", false),
            ("*@example.org", false),
            ("a@*", false),
            ("nonsense", false),
        ] {
            assert_eq!(covers(pattern, "ada@example.com"), covered, "{pattern}");
        }
    }
}
