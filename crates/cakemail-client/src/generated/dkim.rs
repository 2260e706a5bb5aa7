//! DKIM keys: they sign the emails of a domain.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::DkimKeyId;
use cakemail_model::dkim::{
    CreateDkimKey, DeleteDkimKey, DkimKey, DkimKeySummary, GetDkimKey, ListDkimKeys, NewDkimKey,
};

use crate::{Client, Result};

/// DKIM keys: they sign the emails of a domain.
#[derive(Debug, Clone, Copy)]
pub struct Dkim<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// DKIM keys: they sign the emails of a domain.
    pub fn dkim(&self) -> Dkim<'_> {
        Dkim { client: self }
    }
}

impl Dkim<'_> {
    /// Lists the account's DKIM keys.
    ///
    /// Returns all keys at once: the response is not paged.
    ///
    /// `GET /brands/default/dkim`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn list(&self) -> Result<Vec<DkimKey>> {
        Ok(self.client.execute(&ListDkimKeys {}).await?.data)
    }

    /// Creates a DKIM key for a domain.
    ///
    /// The response has the public key. The owner of the domain publishes it in DNS under the
    /// selector; before that, receivers cannot verify any signature. The API has no idempotency
    /// key: repeating the request creates a second key.
    ///
    /// `POST /brands/default/dkim`
    ///
    /// Not idempotent: the client does not repeat the call when its response is lost, and the
    /// error's outcome is [`Unknown`](crate::Outcome::Unknown).
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn create(&self, dkim_key: &NewDkimKey) -> Result<DkimKeySummary> {
        Ok(self.client.execute(&CreateDkimKey { body: dkim_key }).await?.data)
    }

    /// Shows one DKIM key.
    ///
    /// `GET /brands/default/dkim/{id}`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn get(&self, id: DkimKeyId) -> Result<DkimKey> {
        Ok(self.client.execute(&GetDkimKey { id }).await?.data)
    }

    /// Deletes a DKIM key.
    ///
    /// Emails are no longer signed with it. A repeat returns 404 or 400.
    ///
    /// `DELETE /brands/default/dkim/{id}`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn delete(&self, id: DkimKeyId) -> Result<()> {
        self.client.execute_and_discard(&DeleteDkimKey { id }).await
    }
}
