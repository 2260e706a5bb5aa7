//! Choices where the sources of the API contradict each other or are silent.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How the sandbox behaves where the public sources disagree or are silent. [`Profile::default`] follows the guide,
/// then the documentation, then the most plausible assumption; each field says which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Profile {
    /// The response to an id that does not exist. Assumed: 404.
    pub missing_object: Missing,
    /// Whether a refresh token can be used again. Assumed: it is rotated.
    pub refresh_tokens: RefreshTokens,
    /// How long an access token is valid. One source saw 432,000 s (the default), another assumes 3,600 s.
    #[serde(rename = "token_lifetime_s", with = "seconds")]
    pub token_lifetime: Duration,
    /// How a second factor is required: documented as a 401 (the default), declared as a 200.
    pub challenge: Challenge,
    /// Whether the scope `email_api` may be requested with a password, which the documented pattern excludes. Default:
    /// yes.
    pub email_api_scope: bool,
    /// How long a sender's confirmation link is valid; documented as 24 to 48 hours. Default: 48 hours.
    #[serde(rename = "confirmation_lifetime_s", with = "seconds")]
    pub confirmation_lifetime: Duration,
    /// Whether a request may write a sender's id as a bare number, as the guide does, though it is a string. Default:
    /// yes.
    pub bare_sender_ids: bool,
    /// The fields that an email needs besides its recipient. The guide requires `list_id`; the specification lets
    /// `contact_id` or
    /// `without_list_management` stand in (the default).
    pub list: ListRule,
    /// Whether `content.encoding` must be given with html or text, as a live server is known to require. The guide says
    /// that it defaults to utf-8 (the default here).
    pub encoding_required: bool,
    /// How an email from an unconfirmed sender is treated. Default: refused.
    pub unconfirmed_sender: Verdict,
    /// How an email is treated when the account's domains do not pass their checks (see
    /// [`Sandbox::set_domains_valid`](crate::Sandbox::set_domains_valid)). Default: refused.
    pub unauthenticated_domain: Verdict,
    /// How an email to a suppressed recipient is treated. Assumed: accepted with the status `rejected`.
    pub suppressed_recipient: Verdict,
    /// Whether a list's policy must be accepted before it can be sent to. Assumed: no.
    pub policy_required: bool,
    /// Whether a webhook can be created for any event of an email. The specification declares `Email.Clicked` and
    /// `Email.Bounced` only. Assumed: yes.
    pub email_webhooks: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            missing_object: Missing::NotFound,
            refresh_tokens: RefreshTokens::Rotated,
            token_lifetime: Duration::from_secs(432_000),
            challenge: Challenge::Unauthorized,
            email_api_scope: true,
            confirmation_lifetime: Duration::from_secs(48 * 3600),
            bare_sender_ids: true,
            list: ListRule::StandIn,
            encoding_required: false,
            unconfirmed_sender: Verdict::Refused,
            unauthenticated_domain: Verdict::Refused,
            suppressed_recipient: Verdict::Rejected,
            policy_required: false,
            email_webhooks: true,
        }
    }
}

/// The response to an id that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// 404.
    NotFound,
    /// 400.
    BadRequest,
}

/// Whether a refresh token can be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshTokens {
    /// Each use returns a new one and revokes the old one.
    Rotated,
    /// It stays valid after a use.
    Reusable,
}

/// How a second factor is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Challenge {
    /// 401, with `challenge` in the body.
    Unauthorized,
    /// 200, with `challenge` in the body.
    Ok,
}

/// The fields that an email needs besides its recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListRule {
    /// `list_id`, always.
    Required,
    /// `list_id`, `contact_id` or `without_list_management`.
    StandIn,
    /// Nothing.
    Optional,
}

/// The treatment of an email that should not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 400, and no email is stored.
    Refused,
    /// 201 with the status `rejected`; the reason is in the logs.
    Rejected,
}

/// A duration as whole seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}
