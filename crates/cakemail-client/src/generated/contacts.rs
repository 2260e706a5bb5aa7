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
    /// Pages by number or, where the answer holds one, by cursor. Contacts can be searched
    /// (`query`), filtered (`filter`, `fiql`) and selected by a condition (`json`); how these
    /// combine is not documented.
    ///
    /// `GET /lists/{list_id}/contacts`
    pub fn list(&self, list_id: ListId, query: ListContactsQuery) -> Listing<Contact> {
        Listing::new(self.client, ListContacts { list_id, query })
    }

    /// Adds a contact to a list.
    ///
    /// Rarely needed for sending: a recipient who is not on the list is added when an email is
    /// submitted. A contact who had unsubscribed is subscribed again unless `resubscribe` is false.
    /// Whether adding an address that is already on the list is an error or an update is not
    /// documented.
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
    /// An email to the address would add it to the list again: to keep it from being mailed,
    /// unsubscribe the contact or suppress the address instead. A repeat finds nothing to delete
    /// and presumably answers 404 or 400.
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
        self.client.execute(&DeleteContact { list_id, contact_id }).await.map(drop)
    }

    /// Changes a contact.
    ///
    /// Only the fields given change; lists given here presumably replace those of the contact. With
    /// the operations for tags deprecated, this is the way to set them.
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
    /// The contact stays on the list, without a subscription. Other lists are presumably not
    /// touched.
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
