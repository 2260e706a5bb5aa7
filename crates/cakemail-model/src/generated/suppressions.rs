//! Suppressions: the addresses that receive no email.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Filter, Idempotency, Method, Operation, Page, Redacted, de, path};

/// Response to suppressing an address or a pattern.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SuppressionCreated {
    /// Address (`a@b.c`) or pattern (`*@b.c`, `a@*`).
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Whether it was created; true in a 201.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
}

impl fmt::Debug for SuppressionCreated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuppressionCreated")
            .field("email", &Redacted(&self.email))
            .field("created", &self.created)
            .finish()
    }
}

/// Response to lifting a suppression.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SuppressionDeleted {
    /// Address (`a@b.c`) or pattern (`*@b.c`, `a@*`).
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Whether it was deleted; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
}

impl fmt::Debug for SuppressionDeleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuppressionDeleted")
            .field("email", &Redacted(&self.email))
            .field("deleted", &self.deleted)
            .finish()
    }
}

/// An address or a pattern of addresses to suppress.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewSuppression {
    /// Address (`a@b.c`) or pattern (`*@b.c`, `a@*`).
    pub email: String,
}

impl fmt::Debug for NewSuppression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSuppression").field("email", &Redacted(&self.email)).finish()
    }
}

impl NewSuppression {
    /// Sets the required fields, and no others.
    pub fn new(email: impl Into<String>) -> Self {
        Self { email: email.into() }
    }
}

/// An address or a pattern of addresses to which nothing is delivered.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Suppression {
    /// Address (`a@b.c`) or pattern (`*@b.c`, `a@*`).
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Where the entry came from. The values are undocumented. Entries of the system and of
    /// complaints cannot be removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl fmt::Debug for Suppression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suppression")
            .field("email", &Redacted(&self.email))
            .field("source", &Redacted(&self.source))
            .finish()
    }
}

/// The query string of [`ListSuppressions`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSuppressionsQuery {
    /// Page to return, counted from 1. Default: `1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// Number of rows in a page. Default: `50`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u64>,
    /// Whether to count all rows and return the total in the pagination's `count`. Default:
    /// `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_count: Option<bool>,
    /// Restricts the rows, as `term==value;term==value`. The only term is `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

impl ListSuppressionsQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Page to return, counted from 1. Default: `1`.
    pub fn page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }

    /// Number of rows in a page. Default: `50`.
    pub fn per_page(mut self, per_page: u64) -> Self {
        self.per_page = Some(per_page);
        self
    }

    /// Whether to count all rows and return the total in the pagination's `count`. Default:
    /// `false`.
    pub fn with_count(mut self, with_count: bool) -> Self {
        self.with_count = Some(with_count);
        self
    }

    /// Restricts the rows, as `term==value;term==value`. The only term is `email`.
    pub fn filter(mut self, filter: impl Into<Filter>) -> Self {
        self.filter = Some(filter.into());
        self
    }
}

/// Lists the addresses and patterns to which nothing is delivered.
///
/// Entries made by the system and by complaints are among them.
///
/// `GET /suppressed-emails`
#[derive(Debug, Clone)]
pub struct ListSuppressions {
    /// The query string.
    pub query: ListSuppressionsQuery,
}

impl Operation for ListSuppressions {
    const ID: &'static str = "listSuppressedEmails";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/suppressed-emails";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ListSuppressionsQuery;
    type Body = ();
    type Output = Page<Suppression>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }
}

/// Suppresses an address or a pattern of addresses.
///
/// An email to a suppressed address is accepted with 201 and the status `rejected`. Suppressing a
/// suppressed address again changes nothing.
///
/// `POST /suppressed-emails`
#[derive(Debug, Clone)]
pub struct CreateSuppression<'a> {
    /// The request's body.
    pub body: &'a NewSuppression,
}

impl Operation for CreateSuppression<'_> {
    const ID: &'static str = "createSuppressedEmail";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/suppressed-emails";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = NewSuppression;
    type Output = SuppressionCreated;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// Lifts the suppression of an address or a pattern.
///
/// Entries that came from the system or from a complaint cannot be removed. A repeat returns 404 or
/// 400.
///
/// `DELETE /suppressed-emails/{email}`
#[derive(Clone)]
pub struct DeleteSuppression {
    /// Address or pattern to lift, exactly as it is listed: `a@b.c`, `*@b.c` or `a@*`.
    pub email: String,
}

impl fmt::Debug for DeleteSuppression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeleteSuppression").field("email", &Redacted(&self.email)).finish()
    }
}

impl Operation for DeleteSuppression {
    const ID: &'static str = "deleteSuppressedEmail";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/suppressed-emails/{email}";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = SuppressionDeleted;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.email]))
    }
}
