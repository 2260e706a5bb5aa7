//! DKIM keys: they sign the emails of a domain.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Data, DkimKeyId, Idempotency, Method, Operation, Redacted, de, path};

/// A DKIM key to create.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewDkimKey {
    /// Domain whose emails the key signs.
    pub domain: String,
    /// Name under which the public key is published in DNS, below `_domainkey` of the domain. The
    /// server chooses one when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
}

impl fmt::Debug for NewDkimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewDkimKey")
            .field("domain", &Redacted(&self.domain))
            .field("selector", &Redacted(&self.selector))
            .finish()
    }
}

impl NewDkimKey {
    /// Sets the required fields, and no others.
    pub fn new(domain: impl Into<String>) -> Self {
        Self { domain: domain.into(), selector: None }
    }

    /// Name under which the public key is published in DNS, below `_domainkey` of the domain. The
    /// server chooses one when it is left out.
    pub fn selector(mut self, selector: impl Into<String>) -> Self {
        self.selector = Some(selector.into());
        self
    }
}

/// Response to creating a DKIM key.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DkimKeyCreated {
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was created; true in a 201.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// The key, with the public half to publish in DNS.
    pub data: DkimKeySummary,
}

impl fmt::Debug for DkimKeyCreated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DkimKeyCreated")
            .field("object", &Redacted(&self.object))
            .field("created", &self.created)
            .field("data", &self.data)
            .finish()
    }
}

/// Response to deleting a DKIM key.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DkimKeyDeleted {
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was deleted; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
    /// The key that was deleted.
    pub data: DkimKeySummary,
}

impl fmt::Debug for DkimKeyDeleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DkimKeyDeleted")
            .field("object", &Redacted(&self.object))
            .field("deleted", &self.deleted)
            .field("data", &self.data)
            .finish()
    }
}

/// A DKIM key, with which the emails of a domain are signed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DkimKey {
    /// Id of the key.
    pub id: DkimKeyId,
    /// State of the key. The values are undocumented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Name under which the public key is published in DNS, below `_domainkey` of the domain.
    #[serde(default, deserialize_with = "de::or_default")]
    pub selector: String,
    /// Domain whose emails the key signs.
    #[serde(default, deserialize_with = "de::or_default")]
    pub domain: String,
    /// Public half of the key, to be published in DNS.
    #[serde(default, deserialize_with = "de::or_default")]
    pub public_key: String,
    /// Whether the account signs with this key when no other key fits.
    #[serde(default, deserialize_with = "de::scalar")]
    pub account_default: bool,
}

impl fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DkimKey")
            .field("id", &self.id)
            .field("status", &Redacted(&self.status))
            .field("selector", &Redacted(&self.selector))
            .field("domain", &Redacted(&self.domain))
            .field("public_key", &Redacted(&self.public_key))
            .field("account_default", &self.account_default)
            .finish()
    }
}

/// A DKIM key in a list, without `account_default`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DkimKeySummary {
    /// Id of the key.
    pub id: DkimKeyId,
    /// State of the key. The values are undocumented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Name under which the public key is published in DNS, below `_domainkey` of the domain.
    #[serde(default, deserialize_with = "de::or_default")]
    pub selector: String,
    /// Domain whose emails the key signs.
    #[serde(default, deserialize_with = "de::or_default")]
    pub domain: String,
    /// Public half of the key, to be published in DNS.
    #[serde(default, deserialize_with = "de::or_default")]
    pub public_key: String,
}

impl fmt::Debug for DkimKeySummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DkimKeySummary")
            .field("id", &self.id)
            .field("status", &Redacted(&self.status))
            .field("selector", &Redacted(&self.selector))
            .field("domain", &Redacted(&self.domain))
            .field("public_key", &Redacted(&self.public_key))
            .finish()
    }
}

/// Lists the account's DKIM keys.
///
/// Returns all keys at once: the response is not paged.
///
/// `GET /brands/default/dkim`
#[derive(Debug, Clone)]
pub struct ListDkimKeys {}

impl Operation for ListDkimKeys {
    const ID: &'static str = "list_dkim_keys_brands_default_dkim_get";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/brands/default/dkim";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = Data<Vec<DkimKey>>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }
}

/// Creates a DKIM key for a domain.
///
/// The response has the public key. The owner of the domain publishes it in DNS under the selector;
/// before that, receivers cannot verify any signature. The API has no idempotency key: repeating
/// the request creates a second key.
///
/// `POST /brands/default/dkim`
#[derive(Debug, Clone)]
pub struct CreateDkimKey<'a> {
    /// The request's body.
    pub body: &'a NewDkimKey,
}

impl Operation for CreateDkimKey<'_> {
    const ID: &'static str = "create_dkim_key_brands_default_dkim_post";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/brands/default/dkim";
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = NewDkimKey;
    type Output = DkimKeyCreated;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// Shows one DKIM key.
///
/// `GET /brands/default/dkim/{id}`
#[derive(Debug, Clone)]
pub struct GetDkimKey {
    /// Id of the DKIM key.
    pub id: DkimKeyId,
}

impl Operation for GetDkimKey {
    const ID: &'static str = "get_dkim_key_brands_default_dkim__id__get";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/brands/default/dkim/{id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = Data<DkimKey>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.id]))
    }
}

/// Deletes a DKIM key.
///
/// Emails are no longer signed with it. A repeat returns 404 or 400.
///
/// `DELETE /brands/default/dkim/{id}`
#[derive(Debug, Clone)]
pub struct DeleteDkimKey {
    /// Id of the DKIM key.
    pub id: DkimKeyId,
}

impl Operation for DeleteDkimKey {
    const ID: &'static str = "delete_dkim_key_brands_default_dkim__id__delete";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/brands/default/dkim/{id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = DkimKeyDeleted;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.id]))
    }
}
