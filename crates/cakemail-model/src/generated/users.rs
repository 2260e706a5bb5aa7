//! Users: the people who sign in.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::shared::Language;
use crate::{Data, Idempotency, Method, Operation, Redacted, Timestamp, UserId, de};

/// A user: a person who can log in to an account.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Id of the user. A string, even where it consists of digits.
    pub id: UserId,
    /// Address of the user, which is also the user name to log in with.
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// State of the user. The values are undocumented.
    #[serde(default, deserialize_with = "de::or_default")]
    pub status: String,
    /// When the user was created, in epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub created_on: Option<Timestamp>,
    /// When the user was last active, in epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub last_activity_on: Option<Timestamp>,
    /// When the user's access ends, in epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Timestamp>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Language, as a code such as `en_US` or `fr_CA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Name of the time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Telephone number at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office_phone: Option<String>,
    /// Mobile telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile_phone: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("email", &Redacted(&self.email))
            .field("status", &Redacted(&self.status))
            .field("created_on", &self.created_on)
            .field("last_activity_on", &self.last_activity_on)
            .field("expires_on", &self.expires_on)
            .field("first_name", &Redacted(&self.first_name))
            .field("last_name", &Redacted(&self.last_name))
            .field("title", &Redacted(&self.title))
            .field("language", &self.language)
            .field("timezone", &Redacted(&self.timezone))
            .field("office_phone", &Redacted(&self.office_phone))
            .field("mobile_phone", &Redacted(&self.mobile_phone))
            .finish()
    }
}

/// Shows the user to whom the access token belongs.
///
/// `GET /users/self`
#[derive(Debug, Clone)]
pub struct GetSelfUser {}

impl Operation for GetSelfUser {
    const ID: &'static str = "getSelfUser";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/users/self";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    type Query = ();
    type Body = ();
    type Output = Data<User>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }
}
