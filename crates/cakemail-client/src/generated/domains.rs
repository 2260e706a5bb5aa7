//! Domains: where bounces return and clicks are tracked.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::domains::{Domains, DomainsPatch, DomainsValidation, GetDomains, PatchDomains, ValidateDomains};

use crate::{Client, Result};

/// Domains: where bounces return and clicks are tracked.
#[derive(Debug, Clone, Copy)]
pub struct DomainSettings<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Domains: where bounces return and clicks are tracked.
    pub fn domains(&self) -> DomainSettings<'_> {
        DomainSettings { client: self }
    }
}

impl DomainSettings<'_> {
    /// Shows the domains that the account sends with.
    ///
    /// `GET /brands/default/domains/default/validate` shows whether their DNS records are in place.
    ///
    /// `GET /brands/default/domains/default`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn get(&self) -> Result<Domains> {
        Ok(self.client.execute(&GetDomains {}).await?.data)
    }

    /// Changes the domains that the account sends with.
    ///
    /// Changes only the given fields. Update the DNS records afterwards: `GET
    /// /brands/default/domains/default/validate` shows which are missing.
    ///
    /// `PATCH /brands/default/domains/default`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn update(&self, patch: &DomainsPatch) -> Result<Domains> {
        Ok(self.client.execute(&PatchDomains { body: patch }).await?.data)
    }

    /// Checks the DNS records of the account's domains.
    ///
    /// Returns the expected records of the bounce and the tracking domain, and whether each is in
    /// place. A missing record is reported with 200, not as an error.
    ///
    /// `GET /brands/default/domains/default/validate`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn validate(&self) -> Result<DomainsValidation> {
        Ok(self.client.execute(&ValidateDomains {}).await?.data)
    }
}
