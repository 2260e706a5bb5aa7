//! Tokens: authentication of the caller.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{AccountId, Format, Idempotency, Method, Operation, Redacted, Secret, de};

/// Version of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiVersion {
    /// Version 1.
    V1,
    /// Version 2.
    V2,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl ApiVersion {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::V1, Self::V2];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for ApiVersion {
    fn from(value: &str) -> Self {
        match value {
            "v1" => Self::V1,
            "v2" => Self::V2,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for ApiVersion {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for ApiVersion {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ApiVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ApiVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// Login with a password, or renewal with a refresh token, as a form.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenRequest {
    /// The credential: a password or a refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_type: Option<GrantType>,
    /// Email address of the user; a `+` in it must arrive as `%2B`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Password of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// Account to obtain the token for; the user's own by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// Scopes of the token, separated by commas. `email_api` does not fit the declared pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<String>,
    /// Requested lifetime of the access token, in seconds. The server decides by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_seconds: Option<u64>,
    /// Refresh token of an earlier response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("grant_type", &self.grant_type)
            .field("username", &Redacted(&self.username))
            .field("password", &self.password)
            .field("account_id", &self.account_id)
            .field("scopes", &Redacted(&self.scopes))
            .field("expiration_seconds", &self.expiration_seconds)
            .field("refresh_token", &self.refresh_token)
            .finish()
    }
}

impl TokenRequest {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// The credential: a password or a refresh token.
    pub fn grant_type(mut self, grant_type: impl Into<GrantType>) -> Self {
        self.grant_type = Some(grant_type.into());
        self
    }

    /// Email address of the user; a `+` in it must arrive as `%2B`.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Password of the user.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Account to obtain the token for; the user's own by default.
    pub fn account_id(mut self, account_id: impl Into<AccountId>) -> Self {
        self.account_id = Some(account_id.into());
        self
    }

    /// Scopes of the token, separated by commas. `email_api` does not fit the declared pattern.
    pub fn scopes(mut self, scopes: impl Into<String>) -> Self {
        self.scopes = Some(scopes.into());
        self
    }

    /// Requested lifetime of the access token, in seconds. The server decides by default.
    pub fn expiration_seconds(mut self, expiration_seconds: u64) -> Self {
        self.expiration_seconds = Some(expiration_seconds);
        self
    }

    /// Refresh token of an earlier response.
    pub fn refresh_token(mut self, refresh_token: impl Into<Secret>) -> Self {
        self.refresh_token = Some(refresh_token.into());
        self
    }
}

/// Renewal of an access token with a refresh token, as a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenRefresh {
    /// Refresh token of an earlier response.
    pub refresh_token: Secret,
    /// The credential: always a refresh token here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_type: Option<RefreshGrantType>,
    /// Requested lifetime of the access token, in seconds. The server decides by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_seconds: Option<u64>,
}

impl TokenRefresh {
    /// Sets the required fields, and no others.
    pub fn new(refresh_token: impl Into<Secret>) -> Self {
        Self { refresh_token: refresh_token.into(), grant_type: None, expiration_seconds: None }
    }

    /// The credential: always a refresh token here.
    pub fn grant_type(mut self, grant_type: impl Into<RefreshGrantType>) -> Self {
        self.grant_type = Some(grant_type.into());
        self
    }

    /// Requested lifetime of the access token, in seconds. The server decides by default.
    pub fn expiration_seconds(mut self, expiration_seconds: u64) -> Self {
        self.expiration_seconds = Some(expiration_seconds);
        self
    }
}

/// A challenge in place of a token: the user has multi-factor authentication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Challenge {
    /// Opaque challenge that identifies the login in progress. A secret.
    pub challenge: Secret,
}

/// The user's response to a challenge of multi-factor authentication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChallengeResponse {
    /// Opaque challenge that identifies the login in progress. A secret.
    pub challenge: Secret,
    /// Code from the user: six digits, or twelve hexadecimal digits of a recovery code.
    pub code: Secret,
    /// Scopes of the token. A list here; a string with commas in a request with a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Scope>>,
    /// Requested lifetime of the access token, in seconds. The server decides by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_seconds: Option<u64>,
}

impl ChallengeResponse {
    /// Sets the required fields, and no others.
    pub fn new(challenge: impl Into<Secret>, code: impl Into<Secret>) -> Self {
        Self { challenge: challenge.into(), code: code.into(), scopes: None, expiration_seconds: None }
    }

    /// Scopes of the token. A list here; a string with commas in a request with a password.
    ///
    /// Adds to those that are already set.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<Scope>>) -> Self {
        self.scopes.get_or_insert_default().extend(scopes.into_iter().map(Into::into));
        self
    }

    /// Requested lifetime of the access token, in seconds. The server decides by default.
    pub fn expiration_seconds(mut self, expiration_seconds: u64) -> Self {
        self.expiration_seconds = Some(expiration_seconds);
        self
    }
}

/// The credential that an access token is granted for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GrantType {
    /// A user name and a password.
    Password,
    /// A refresh token.
    RefreshToken,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl GrantType {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::Password, Self::RefreshToken];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Password => "password",
            Self::RefreshToken => "refresh_token",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for GrantType {
    fn from(value: &str) -> Self {
        match value {
            "password" => Self::Password,
            "refresh_token" => Self::RefreshToken,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for GrantType {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for GrantType {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for GrantType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for GrantType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for GrantType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// The credential that a renewed access token is granted for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefreshGrantType {
    /// A refresh token.
    RefreshToken,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl RefreshGrantType {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::RefreshToken];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::RefreshToken => "refresh_token",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for RefreshGrantType {
    fn from(value: &str) -> Self {
        match value {
            "refresh_token" => Self::RefreshToken,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for RefreshGrantType {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for RefreshGrantType {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for RefreshGrantType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RefreshGrantType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RefreshGrantType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// A part of the API that an access token gives access to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// The operations of users. The default.
    User,
    /// Administration.
    Admin,
    /// Cakemail's internal use.
    Internal,
    /// Authentication alone.
    Auth,
    /// The Email API.
    EmailApi,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl Scope {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::User, Self::Admin, Self::Internal, Self::Auth, Self::EmailApi];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
            Self::Internal => "internal",
            Self::Auth => "auth",
            Self::EmailApi => "email_api",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for Scope {
    fn from(value: &str) -> Self {
        match value {
            "user" => Self::User,
            "admin" => Self::Admin,
            "internal" => Self::Internal,
            "auth" => Self::Auth,
            "email_api" => Self::EmailApi,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for Scope {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for Scope {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// An access token, and the refresh token to renew it with.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Token {
    /// Token to send as `Authorization: Bearer …`; opaque, although it is a JWT.
    pub access_token: Secret,
    /// How the token is sent: `bearer`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub token_type: String,
    /// Lifetime of the access token, in seconds.
    #[serde(default, deserialize_with = "de::scalar")]
    pub expires_in: u64,
    /// Token to obtain the next access token with. Use it once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    /// Accounts that the token gives access to.
    #[serde(default, deserialize_with = "de::compact")]
    pub accounts: Vec<AccountId>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("access_token", &self.access_token)
            .field("token_type", &Redacted(&self.token_type))
            .field("expires_in", &self.expires_in)
            .field("refresh_token", &self.refresh_token)
            .field("accounts", &self.accounts)
            .finish()
    }
}

/// The query string of [`RefreshToken`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RefreshTokenQuery {
    /// Version of the token to issue. Default: `v1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<ApiVersion>,
}

impl RefreshTokenQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Version of the token to issue. Default: `v1`.
    pub fn version(mut self, version: impl Into<ApiVersion>) -> Self {
        self.version = Some(version.into());
        self
    }
}

/// Renews an access token with a refresh token.
///
/// Deprecated in favour of `POST /token` with the grant type `refresh_token`. Keep the refresh
/// token in the response and treat the old one as used.
///
/// `PUT /token`
#[derive(Debug, Clone)]
pub struct RefreshToken<'a> {
    /// The query string.
    pub query: RefreshTokenQuery,
    /// The request's body.
    pub body: &'a TokenRefresh,
}

impl Operation for RefreshToken<'_> {
    const ID: &'static str = "refreshToken";
    const METHOD: Method = Method::Put;
    const PATH: &'static str = "/token";
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;
    const AUTH: bool = false;
    const BODY: Format = Format::Form;

    type Query = RefreshTokenQuery;
    type Body = TokenRefresh;
    type Output = Token;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// The query string of [`CreateToken`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateTokenQuery {
    /// Version of the token to issue. Default: `v2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<ApiVersion>,
}

impl CreateTokenQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Version of the token to issue. Default: `v2`.
    pub fn version(mut self, version: impl Into<ApiVersion>) -> Self {
        self.version = Some(version.into());
        self
    }
}

/// Obtains an access token, with a password or a refresh token.
///
/// The body is form-encoded; in particular a `+` in the user name must be sent as `%2B`. With the
/// grant type `password` give `username` and `password`, with `refresh_token` give `refresh_token`.
/// No bearer token is needed.
///
/// `expires_in` is the lifetime of the token. Keep the refresh token in the response and treat the
/// old one as used. For a user with multi-factor authentication the response is a challenge, to
/// complete with `POST /token/challenge`. It comes with 200 or 401: handle both.
///
/// `POST /token`
#[derive(Debug, Clone)]
pub struct CreateToken<'a> {
    /// The query string.
    pub query: CreateTokenQuery,
    /// The request's body.
    pub body: &'a TokenRequest,
}

impl Operation for CreateToken<'_> {
    const ID: &'static str = "createToken";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/token";
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;
    const AUTH: bool = false;
    const BODY: Format = Format::Form;

    type Query = CreateTokenQuery;
    type Body = TokenRequest;
    type Output = CreateTokenResponse;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }

    fn idempotency(&self) -> Idempotency {
        match self.body.grant_type.as_ref().map(|word| word.as_str()) {
            Some("password") => Idempotency::Idempotent,
            _ => Self::IDEMPOTENCY,
        }
    }
}

/// Completes multi-factor authentication and obtains an access token.
///
/// Takes the challenge in the response of `POST /token` and a code from the user. A recovery code
/// works once: do not repeat the request blindly.
///
/// `POST /token/challenge`
#[derive(Debug, Clone)]
pub struct AnswerChallenge<'a> {
    /// The request's body.
    pub body: &'a ChallengeResponse,
}

impl Operation for AnswerChallenge<'_> {
    const ID: &'static str = "createTokenFromChallenge";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/token/challenge";
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;
    const AUTH: bool = false;

    type Query = ();
    type Body = ChallengeResponse;
    type Output = Token;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// A value of one of several types: the first that fits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum CreateTokenResponse {
    /// [`Token`]
    Token(Token),
    /// [`Challenge`]
    Challenge(Challenge),
    /// JSON that fits none of them, preserved verbatim.
    Other(de::Unknown),
}
