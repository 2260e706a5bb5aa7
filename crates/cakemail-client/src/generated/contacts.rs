//! Contacts: the people on a list.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::contacts::{
    Contact, ContactCreated, ContactPatch, CreateContact, CreateContactQuery, DeleteContact, GetContact, ListContacts,
    ListContactsQuery, NewContact, PatchContact, UnsubscribeContact,
};
use cakemail_model::{ContactId, ListId};

use crate::listing::Paged;
use crate::{Client, Listing, Result};

/// Contacts: the people on a list.
#[derive(Debug, Clone, Copy)]
pub struct Contacts<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Contacts: the people on a list.
    pub fn contacts(&self) -> Contacts<'_> {
        Contacts { client: self }
    }
}

impl Contacts<'_> {
    /// Lists the contacts of a list.
    ///
    /// Pages by number or, where the response has one, by cursor. Contacts can be searched
    /// (`query`), filtered (`filter`, `fiql`) and selected by a condition (`json`).
    ///
    /// `GET /lists/{list_id}/contacts`
    pub fn list(&self, list_id: ListId, query: ListContactsQuery) -> Listing<Contact> {
        Listing::new(self.client, ListContacts { list_id, query })
    }

    /// Adds a contact to a list.
    ///
    /// Submitting an email adds a recipient who is not on the list, so sending does not need this
    /// call. A contact who had unsubscribed is subscribed again unless `resubscribe` is false.
    ///
    /// `POST /lists/{list_id}/contacts`
    ///
    /// Not idempotent: the client does not repeat the call when its response is lost, and the
    /// error's outcome is [`Unknown`](crate::Outcome::Unknown).
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn create(
        &self,
        list_id: ListId,
        contact: &NewContact,
        query: CreateContactQuery,
    ) -> Result<ContactCreated> {
        self.client.execute(&CreateContact { list_id, body: contact, query }).await
    }

    /// Shows one contact of a list.
    ///
    /// `GET /lists/{list_id}/contacts/{contact_id}`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn get(&self, list_id: ListId, contact_id: ContactId) -> Result<Contact> {
        Ok(self.client.execute(&GetContact { list_id, contact_id }).await?.data)
    }

    /// Deletes a contact from a list.
    ///
    /// Submitting an email to the address adds it to the list again. To stop email to it,
    /// unsubscribe the contact or suppress the address instead. A repeat returns 404 or 400.
    ///
    /// `DELETE /lists/{list_id}/contacts/{contact_id}`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn delete(&self, list_id: ListId, contact_id: ContactId) -> Result<()> {
        self.client.execute_and_discard(&DeleteContact { list_id, contact_id }).await
    }

    /// Changes a contact.
    ///
    /// Changes only the given fields. A given list replaces the contact's. This is the way to set
    /// tags: the operations for tags are deprecated.
    ///
    /// `PATCH /lists/{list_id}/contacts/{contact_id}`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn update(&self, list_id: ListId, contact_id: ContactId, patch: &ContactPatch) -> Result<Contact> {
        Ok(self.client.execute(&PatchContact { list_id, contact_id, body: patch }).await?.data)
    }

    /// Unsubscribes a contact from a list.
    ///
    /// The contact stays on the list, unsubscribed. Other lists do not change.
    ///
    /// `POST /lists/{list_id}/contacts/{contact_id}/unsubscribe`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn unsubscribe(&self, list_id: ListId, contact_id: ContactId) -> Result<Contact> {
        Ok(self.client.execute(&UnsubscribeContact { list_id, contact_id }).await?.data)
    }
}

impl Paged for ListContacts {
    type Item = Contact;

    fn page(&self) -> u64 {
        self.query.page.unwrap_or(1)
    }

    fn per_page(&self) -> Option<u64> {
        self.query.per_page
    }

    fn advance(&mut self, cursor: Option<&str>) {
        match cursor {
            Some(cursor) => {
                self.query.page = None;
                self.query.cursor = Some(cursor.to_owned());
            }
            None => self.query.page = Some(self.page().saturating_add(1)),
        }
    }
}
