//! One call of the API, as data.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// One call of the API: what to ask, and the type of the answer.
///
/// An operation holds no connection and makes no request. It knows its route, what it sends, what
/// comes back and, above all, what happens when it is made twice ([`Idempotency`]).
pub trait Operation: Send + Sync {
    /// The `operationId` in [`OPENAPI`](crate::OPENAPI).
    const ID: &'static str;
    /// The HTTP method.
    const METHOD: Method;
    /// The route's template, such as `/v2/emails/{email_id}`: a name with no values in it.
    const PATH: &'static str;
    /// Whether the call can be repeated without repeating its effect.
    const IDEMPOTENCY: Idempotency;
    /// Whether the call takes `account_id`, to act on a sub-account.
    const ACCOUNT: bool = false;
    /// Whether the call needs an access token.
    const AUTH: bool = true;
    /// How the body is written.
    const BODY: Format = Format::Json;
    /// How the answer is written.
    const OUTPUT: Format = Format::Json;

    /// What goes into the query string.
    type Query: Serialize + Sync + ?Sized;
    /// What goes into the body.
    type Body: Serialize + Sync + ?Sized;
    /// What a successful answer holds.
    type Output: DeserializeOwned + Send + 'static;

    /// The path with its values filled in, each percent-encoded within its segment.
    fn path(&self) -> Cow<'static, str>;

    /// The query, or `None` when the call has none.
    fn query(&self) -> Option<&Self::Query> {
        None
    }

    /// The body, or `None` when the call has none.
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
    /// The method's name as it is sent.
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

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// Text as it stands, such as `text/html`.
    Text,
}
