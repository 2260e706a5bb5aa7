//! The guide's troubleshooting, said at the moment it is needed.

use super::{Error, ErrorKind, Outcome};

const FIELDS: &str = "Correct these fields and send it again";
const LIST: &str = "List the available lists with `lists().list()`, and check that this one was not deleted";
const SENDER: &str = "Check with `senders().list()` that the sender exists and is confirmed, and that its domain is \
                      authenticated with SPF and DKIM records";
const LOST: &str = "Search the logs for the email before you send it again";
const BASE: &str = "Check the base URL (CAKEMAIL_API_BASE)";

/// What to do about an error.
pub(crate) fn of(error: &Error) -> Option<&'static str> {
    let on_token = matches!(error.operation(), Some("createToken" | "refreshToken" | "createTokenFromChallenge"));
    let concerns = |word: &str| {
        error.fields().iter().any(|fault| fault.field.contains(word) || fault.message.to_lowercase().contains(word))
    };
    Some(match error.kind() {
        ErrorKind::Authentication if on_token => {
            "Check the user name and the password, and that API access is enabled for the account"
        }
        ErrorKind::Authentication => {
            "The access token has expired, was revoked, or belongs to another server: obtain a new one"
        }
        ErrorKind::MfaRequired => "Pass an MFA prompt to the builder (`mfa_prompt`)",
        ErrorKind::Forbidden => "Check the account's permissions, and that API access is enabled for it",
        ErrorKind::BadRequest | ErrorKind::NotFound if concerns("sender") => SENDER,
        ErrorKind::BadRequest | ErrorKind::NotFound if concerns("list") => LIST,
        ErrorKind::Invalid if error.outcome() == Outcome::Unknown => LOST,
        ErrorKind::Invalid | ErrorKind::BadRequest if !error.fields().is_empty() => FIELDS,
        ErrorKind::NotFound if error.fields().is_empty() => BASE,
        ErrorKind::NotFound => "Check the id, that it belongs to this account, and the base URL (CAKEMAIL_API_BASE)",
        ErrorKind::RateLimited => "Send more slowly",
        ErrorKind::Undeliverable => {
            "Check that the recipient's address is valid, and the bounce reports of the account"
        }
        ErrorKind::Connect => "Check the network, the proxy and the base URL (CAKEMAIL_API_BASE)",
        ErrorKind::UnexpectedResponse if error.outcome() == Outcome::NotDone => BASE,
        _ if error.outcome() == Outcome::Unknown && error.operation() == Some("submitEmail") => LOST,
        _ => return None,
    })
}
