//! Domains: where bounces return and clicks are tracked.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::prelude::*;

/// A DNS record that a domain needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DomainRecord {
    /// The record as it has to be, in text.
    #[serde(default, deserialize_with = "de::or_default")]
    pub entry: String,
    /// Whether the record was found in DNS as it has to be.
    #[serde(default, deserialize_with = "de::or_default")]
    pub valid: bool,
}

request! {
    /// Domains for an account to send with.
    pub struct NewDomains {
        optional {
            /// Domain to which bounces are returned; left as it is when not given.
            bounce: String,
            /// URL of tracked links, on the branded domain; left as it is when not given. Answers
            /// have a plain string, presumably the domain.
            tracking: String,
            /// URL for forwarding an email to a friend, presumably; left as it is when not given.
            /// Not shown in answers.
            forward: String,
        }
    }
}

/// The domains that an account sends with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Domains {
    /// Domain that authenticates the sending, presumably by SPF.
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

/// The DNS records that an account's domains need, and whether they are there.
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

request! {
    /// Changes to the domains that an account sends with.
    pub struct DomainsPatch {
        required {
            /// The domains to change.
            domains: NewDomains,
        }
    }
}

/// Answer to changing the domains of an account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DomainsPatched {
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was changed; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patched: Option<bool>,
    /// The domains as they are now.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Domains,
}

operation! {
    /// Shows the domains that the account sends with.
    ///
    /// Whether their DNS records are in place is told by `GET
    /// /brands/default/domains/default/validate`.
    ///
    /// `GET /brands/default/domains/default`
    pub struct GetDomains = "showDomains" Get "/brands/default/domains/default" Safe [account] {
        answer Json Data<Domains>,
    }
}

operation! {
    /// Changes the domains that the account sends with.
    ///
    /// Only the fields given change. The DNS records have to follow; `GET
    /// /brands/default/domains/default/validate` says which are still missing.
    ///
    /// `PATCH /brands/default/domains/default`
    pub struct PatchDomains = "patchDomains" Patch "/brands/default/domains/default" Idempotent [account] {
        body Json DomainsPatch,
        answer Json DomainsPatched,
    }
}

operation! {
    /// Checks the DNS records of the account's domains.
    ///
    /// Answers the records that are expected for the bounce and the tracking domain, each with
    /// whether it is in place. A record that is not is an answer (200), not an error.
    ///
    /// `GET /brands/default/domains/default/validate`
    pub struct ValidateDomains = "validateDomains" Get "/brands/default/domains/default/validate" Safe [account] {
        answer Json Data<DomainsValidation>,
    }
}
