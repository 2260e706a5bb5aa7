//! The tags of contacts.

use cakemail_model::contacts::{ContactTags, TagContact, UntagContact};
use cakemail_model::{ContactId, ListId};

use crate::{Contacts, Result};

impl Contacts<'_> {
    /// Adds tags to a contact. `POST /lists/{list_id}/contacts/{contact_id}/tag`
    ///
    /// These are the contact's tags, not those of emails.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the contact does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn tag<T: Into<String>>(
        &self,
        list_id: ListId,
        contact_id: ContactId,
        tags: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        let body = contact_tags(tags);
        self.client.execute(&TagContact { list_id, contact_id, body: &body }).await.map(drop)
    }

    /// Removes tags from a contact. `POST /lists/{list_id}/contacts/{contact_id}/untag`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the contact does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn untag<T: Into<String>>(
        &self,
        list_id: ListId,
        contact_id: ContactId,
        tags: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        let body = contact_tags(tags);
        self.client.execute(&UntagContact { list_id, contact_id, body: &body }).await.map(drop)
    }
}

fn contact_tags<T: Into<String>>(tags: impl IntoIterator<Item = T>) -> ContactTags {
    ContactTags::new(tags)
}
