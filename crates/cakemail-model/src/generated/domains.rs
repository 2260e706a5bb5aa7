//! Domains: where bounces return and clicks are tracked.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Data, Idempotency, Method, Operation, Redacted, de};

/// A DNS record that a domain needs.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DomainRecord {
    /// The expected record, as text.
    #[serde(default, deserialize_with = "de::or_default")]
    pub entry: String,
    /// Whether DNS has the expected record.
    #[serde(default, deserialize_with = "de::scalar")]
    pub valid: bool,
}

impl fmt::Debug for DomainRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DomainRecord").field("entry", &Redacted(&self.entry)).field("valid", &self.valid).finish()
    }
}

/// Domains for an account to send with.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewDomains {
    /// Domain to which bounces are returned; unchanged when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounce: Option<String>,
    /// URL of tracked links, on the branded domain; unchanged when not given. Responses have the
    /// domain alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    /// URL for forwarding an email to a friend; unchanged when not given. Responses do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<String>,
}

impl fmt::Debug for NewDomains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewDomains")
            .field("bounce", &Redacted(&self.bounce))
            .field("tracking", &Redacted(&self.tracking))
            .field("forward", &Redacted(&self.forward))
            .finish()
    }
}

impl NewDomains {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Domain to which bounces are returned; unchanged when not given.
    pub fn bounce(mut self, bounce: impl Into<String>) -> Self {
        self.bounce = Some(bounce.into());
        self
    }

    /// URL of tracked links, on the branded domain; unchanged when not given. Responses have the
    /// domain alone.
    pub fn tracking(mut self, tracking: impl Into<String>) -> Self {
        self.tracking = Some(tracking.into());
        self
    }

    /// URL for forwarding an email to a friend; unchanged when not given. Responses do not have it.
    pub fn forward(mut self, forward: impl Into<String>) -> Self {
        self.forward = Some(forward.into());
        self
    }
}

/// The domains that an account sends with.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Domains {
    /// Domain that authenticates the sending, by SPF.
    #[serde(default, deserialize_with = "de::or_default")]
    pub auth: String,
    /// Domain to which bounces are returned.
    #[serde(default, deserialize_with = "de::or_default")]
    pub bounce: String,
    /// Domain with which emails are signed.
    #[serde(default, deserialize_with = "de::or_default")]
    pub dkim: String,
    /// Domain of tracked links.
    #[serde(default, deserialize_with = "de::or_default")]
    pub tracking: String,
}

impl fmt::Debug for Domains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Domains")
            .field("auth", &Redacted(&self.auth))
            .field("bounce", &Redacted(&self.bounce))
            .field("dkim", &Redacted(&self.dkim))
            .field("tracking", &Redacted(&self.tracking))
            .finish()
    }
}

/// The DNS records that an account's domains need, and whether DNS has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DomainsValidation {
    /// Records of the domain for bounces.
    #[serde(default, deserialize_with = "de::compact")]
    pub bounce: Vec<DomainRecord>,
    /// Records of the domain for tracked links.
    #[serde(default, deserialize_with = "de::compact")]
    pub tracking: Vec<DomainRecord>,
}

/// Changes to the domains that an account sends with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DomainsPatch {
    /// The domains to change.
    pub domains: NewDomains,
}

impl DomainsPatch {
    /// Sets the required fields, and no others.
    pub fn new(domains: impl Into<NewDomains>) -> Self {
        Self { domains: domains.into() }
    }
}

/// Response to changing the domains of an account.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DomainsPatched {
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was changed; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub patched: Option<bool>,
    /// The domains as they are now.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Domains,
}

impl fmt::Debug for DomainsPatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DomainsPatched")
            .field("object", &Redacted(&self.object))
            .field("patched", &self.patched)
            .field("data", &self.data)
            .finish()
    }
}

/// Shows the domains that the account sends with.
///
/// `GET /brands/default/domains/default/validate` shows whether their DNS records are in place.
///
/// `GET /brands/default/domains/default`
#[derive(Debug, Clone)]
pub struct GetDomains {}

impl Operation for GetDomains {
    const ID: &'static str = "showDomains";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/brands/default/domains/default";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = Data<Domains>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }
}

/// Changes the domains that the account sends with.
///
/// Changes only the given fields. Update the DNS records afterwards: `GET
/// /brands/default/domains/default/validate` shows which are missing.
///
/// `PATCH /brands/default/domains/default`
#[derive(Debug, Clone)]
pub struct PatchDomains<'a> {
    /// The request's body.
    pub body: &'a DomainsPatch,
}

impl Operation for PatchDomains<'_> {
    const ID: &'static str = "patchDomains";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/brands/default/domains/default";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = DomainsPatch;
    type Output = DomainsPatched;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// Checks the DNS records of the account's domains.
///
/// Returns the expected records of the bounce and the tracking domain, and whether each is in
/// place. A missing record is reported with 200, not as an error.
///
/// `GET /brands/default/domains/default/validate`
#[derive(Debug, Clone)]
pub struct ValidateDomains {}

impl Operation for ValidateDomains {
    const ID: &'static str = "validateDomains";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/brands/default/domains/default/validate";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = Data<DomainsValidation>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }
}
