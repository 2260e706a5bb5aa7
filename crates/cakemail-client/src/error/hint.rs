//! Hints: the advice of the guide's troubleshooting, given with the error that it applies to.

use super::{Error, ErrorKind, Outcome};

const FIELDS: &str = "Correct these fields and send it again";
const LIST: &str = "List the available lists with `lists().list()`, and check that this one was not deleted";
const SENDER: &str = "Check with `senders().list()` that the sender exists and is confirmed, and that its domain is \
                      authenticated with SPF and DKIM records";
const MAYBE_SENT: &str = "Search the logs for the email before you send it again";
const BASE_URL: &str = "Check the base URL (CAKEMAIL_API_BASE)";

fn names_a_field(error: &Error) -> bool {
    error.fields().iter().any(|field| !field.field.is_empty())
}

/// How to fix the cause of an error.
pub(super) fn hint(error: &Error) -> Option<&'static str> {
    let requests_token = matches!(error.operation(), Some("createToken" | "refreshToken" | "createTokenFromChallenge"));
    let concerns = |word: &str| {
        error.fields().iter().any(|field| field.field.contains(word) || field.message.to_lowercase().contains(word))
    };
    Some(match error.kind() {
        ErrorKind::Authentication if requests_token && error.status().is_none() => {
            "Sign in again: build a client with a new refresh token, or with a password"
        }
        ErrorKind::Authentication if requests_token => {
            "Check the user name and the password, and that API access is enabled for the account"
        }
        ErrorKind::Authentication if error.status().is_none() => {
            "Check the credential provider: the error's source has the cause"
        }
        ErrorKind::Authentication => {
            "The access token has expired, was revoked, or belongs to another server: obtain a new one"
        }
        ErrorKind::MfaRequired => "Pass an MFA prompt to the builder (`mfa_prompt`)",
        ErrorKind::Forbidden => "Check the account's permissions, and that API access is enabled for it",
        ErrorKind::BadRequest | ErrorKind::NotFound if concerns("sender") => SENDER,
        ErrorKind::BadRequest | ErrorKind::NotFound if concerns("list") => LIST,
        ErrorKind::Invalid if error.outcome() == Outcome::Unknown => MAYBE_SENT,
        ErrorKind::Invalid | ErrorKind::BadRequest if names_a_field(error) => FIELDS,
        ErrorKind::NotFound if error.fields().is_empty() => BASE_URL,
        ErrorKind::NotFound => "Check the id, that it belongs to this account, and the base URL (CAKEMAIL_API_BASE)",
        ErrorKind::RateLimited => "Send more slowly",
        ErrorKind::Undeliverable if error.operation() == Some("submitEmail") => {
            "Check that the recipient's address is valid and not suppressed; the logs of the email have the reason"
        }
        ErrorKind::Undeliverable => {
            "Check that the recipient's address is valid, and the bounce reports of the account"
        }
        ErrorKind::KeyConflict if error.outcome() == Outcome::NotDone => "Use a key of its own for each email",
        ErrorKind::Connect => "Check the network, the proxy and the base URL (CAKEMAIL_API_BASE)",
        ErrorKind::Certificate => {
            "Check the base URL (CAKEMAIL_API_BASE), the machine's clock, and its root certificates (SSL_CERT_FILE); a proxy \
             that inspects TLS needs a root certificate of its own"
        }
        ErrorKind::UnexpectedResponse if error.outcome() == Outcome::NotDone => BASE_URL,
        _ if error.outcome() == Outcome::Unknown && error.operation() == Some("submitEmail") => MAYBE_SENT,
        _ => return None,
    })
}
