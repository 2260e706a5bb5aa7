//! Domains: where bounces return and clicks are tracked.

use cakemail_model::domains::{Domains, DomainsPatch, DomainsValidation, GetDomains, PatchDomains, ValidateDomains};

use crate::Result;

group! {
    /// Domains: where bounces return and clicks are tracked.
    DomainSettings, domains
}

impl DomainSettings<'_> {
    /// The domains in use. `GET /brands/default/domains/default`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn get(&self) -> Result<Domains> {
        Ok(self.client.execute(&GetDomains {}).await?.data)
    }

    /// Changes the domains in use. `PATCH /brands/default/domains/default`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn update(&self, patch: &DomainsPatch) -> Result<Domains> {
        Ok(self.client.execute(&PatchDomains { body: patch }).await?.data)
    }

    /// The DNS records that the domains need, and whether each is there.
    /// `GET /brands/default/domains/default/validate`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn validate(&self) -> Result<DomainsValidation> {
        Ok(self.client.execute(&ValidateDomains {}).await?.data)
    }
}
