//! The operations of the API as data.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::FieldErrors;

/// A call of the API: its request, and the type of its response.
///
/// An operation holds no connection and sends nothing. It describes its route, its request, its response, and whether it
/// can be repeated safely ([`Idempotency`]).
pub trait Operation: Send + Sync {
    /// The `operationId` in [`OPENAPI`](crate::OPENAPI).
    const ID: &'static str;
    /// The HTTP method.
    const METHOD: Method;
    /// The route's template, such as `/v2/emails/{email_id}`. It contains no values, so it can be logged.
    const PATH: &'static str;
    /// Whether every call of the operation can be repeated without repeating its effect.
    const IDEMPOTENCY: Idempotency;
    /// Whether the call accepts `account_id`, to act on a sub-account.
    const ACCOUNT: bool = false;
    /// Whether the call needs an access token.
    const AUTH: bool = true;
    /// The format of the request's body.
    const BODY: Format = Format::Json;
    /// The format of the response's body.
    const OUTPUT: Format = Format::Json;

    /// The type of the query string.
    type Query: Serialize + Sync + ?Sized;
    /// The type of the request's body.
    type Body: Serialize + Sync + ?Sized;
    /// The type of a successful response's body.
    type Output: DeserializeOwned + Send + 'static;

    /// Whether this call can be repeated without repeating its effect. Some operations depend on the request: a token
    /// can be requested twice with a password, but only once with a refresh token.
    fn idempotency(&self) -> Idempotency {
        Self::IDEMPOTENCY
    }

    /// Validates the request as far as that is possible without the server.
    ///
    /// # Errors
    /// All wrong fields of the body.
    fn validate(&self) -> Result<(), FieldErrors> {
        Ok(())
    }

    /// The path with its values, each percent-encoded within its segment.
    fn path(&self) -> Cow<'static, str>;

    /// The query, or `None` if the operation has none.
    fn query(&self) -> Option<&Self::Query> {
        None
    }

    /// The body, or `None` if the operation has none.
    fn body(&self) -> Option<&Self::Body> {
        None
    }
}

/// An HTTP method that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The method's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a call can be repeated without repeating its effect (RFC 9110, section 9.2).
///
/// It decides whether the client may repeat a call whose response was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Idempotency {
    /// The call changes nothing.
    Safe,
    /// Two identical calls have the effect of one.
    Idempotent,
    /// A second call has a second effect: another email, another contact.
    NonIdempotent,
}

/// The format of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// Text, such as `text/html`.
    Text,
}
