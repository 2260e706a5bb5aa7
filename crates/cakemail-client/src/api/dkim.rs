//! DKIM keys: what signs the email of a domain.

use cakemail_model::DkimKeyId;
use cakemail_model::dkim::{
    CreateDkimKey, DeleteDkimKey, DkimKey, DkimKeySummary, GetDkimKey, ListDkimKeys, NewDkimKey,
};

use crate::Result;

group! {
    /// DKIM keys: what signs the email of a domain.
    Dkim, dkim
}

impl Dkim<'_> {
    /// The keys there are. `GET /brands/default/dkim`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn list(&self) -> Result<Vec<DkimKey>> {
        Ok(self.client.execute(&ListDkimKeys {}).await?.data)
    }

    /// One key. `GET /brands/default/dkim/{id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn get(&self, id: DkimKeyId) -> Result<DkimKey> {
        Ok(self.client.execute(&GetDkimKey { id }).await?.data)
    }

    /// Creates a key for a domain, whose public half then belongs into the domain's DNS. `POST /brands/default/dkim`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn create(&self, key: &NewDkimKey) -> Result<DkimKeySummary> {
        Ok(self.client.execute(&CreateDkimKey { body: key }).await?.data)
    }

    /// Deletes a key. `DELETE /brands/default/dkim/{id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn delete(&self, id: DkimKeyId) -> Result<()> {
        self.client.execute(&DeleteDkimKey { id }).await.map(drop)
    }
}
