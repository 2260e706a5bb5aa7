//! Contacts: the people on a list.

use cakemail_model::contacts::{
    Contact, ContactCreated, ContactPatch, ContactTags, CreateContact, CreateContactQuery, DeleteContact, GetContact,
    ListContacts, ListContactsQuery, NewContact, PatchContact, TagContact, UnsubscribeContact, UntagContact,
};
use cakemail_model::{ContactId, ListId, Pagination};

use crate::listing::{PER_PAGE, Paged};
use crate::{Listing, Result};

group! {
    /// Contacts: the people on a list.
    Contacts, contacts
}

impl Paged for ListContacts {
    type Item = Contact;

    fn position(&self) -> (u64, u64) {
        (self.query.page.unwrap_or(1), self.query.per_page.unwrap_or(PER_PAGE))
    }

    /// By the cursor when there is one: it stays put while the list changes.
    fn advance(&mut self, after: &Pagination) {
        match after.cursor.as_ref().and_then(|cursor| cursor.next.clone()) {
            Some(next) => {
                self.query.page = None;
                self.query.cursor = Some(next);
            }
            None => self.query.page = Some(self.position().0.saturating_add(1)),
        }
    }
}

impl Contacts<'_> {
    /// The contacts on a list. `GET /lists/{list_id}/contacts`
    pub fn list(&self, list: ListId, query: ListContactsQuery) -> Listing<Contact> {
        Listing::new(self.client, ListContacts { list_id: list, query })
    }

    /// One contact. `GET /lists/{list_id}/contacts/{contact_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn get(&self, list: ListId, id: ContactId) -> Result<Contact> {
        Ok(self.client.execute(&GetContact { list_id: list, contact_id: id }).await?.data)
    }

    /// Puts a contact on a list. `POST /lists/{list_id}/contacts`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn create(
        &self,
        list: ListId,
        contact: &NewContact,
        query: CreateContactQuery,
    ) -> Result<ContactCreated> {
        self.client.execute(&CreateContact { list_id: list, query, body: contact }).await
    }

    /// Changes a contact. `PATCH /lists/{list_id}/contacts/{contact_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn update(&self, list: ListId, id: ContactId, patch: &ContactPatch) -> Result<Contact> {
        Ok(self.client.execute(&PatchContact { list_id: list, contact_id: id, body: patch }).await?.data)
    }

    /// Removes a contact from a list. `DELETE /lists/{list_id}/contacts/{contact_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn delete(&self, list: ListId, id: ContactId) -> Result<()> {
        self.client.execute(&DeleteContact { list_id: list, contact_id: id }).await.map(drop)
    }

    /// Unsubscribes a contact. `POST /lists/{list_id}/contacts/{contact_id}/unsubscribe`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn unsubscribe(&self, list: ListId, id: ContactId) -> Result<Contact> {
        Ok(self.client.execute(&UnsubscribeContact { list_id: list, contact_id: id }).await?.data)
    }

    /// Gives a contact tags. `POST /lists/{list_id}/contacts/{contact_id}/tag`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn tag<T: Into<String>>(
        &self,
        list: ListId,
        id: ContactId,
        tags: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        let body = ContactTags::new(tags.into_iter().map(Into::into).collect::<Vec<_>>());
        self.client.execute(&TagContact { list_id: list, contact_id: id, body: &body }).await.map(drop)
    }

    /// Takes tags from a contact. `POST /lists/{list_id}/contacts/{contact_id}/untag`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn untag<T: Into<String>>(
        &self,
        list: ListId,
        id: ContactId,
        tags: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        let body = ContactTags::new(tags.into_iter().map(Into::into).collect::<Vec<_>>());
        self.client.execute(&UntagContact { list_id: list, contact_id: id, body: &body }).await.map(drop)
    }
}
