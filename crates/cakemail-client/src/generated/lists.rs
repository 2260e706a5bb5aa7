//! Lists: the contact lists that recipients belong to.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::ListId;
use cakemail_model::lists::{
    AcceptListPolicy, ArchiveList, CreateList, DeleteList, GetList, List, ListLists, ListListsQuery, ListPatch,
    ListSummary, NewList, PatchList,
};

use crate::listing::Paged;
use crate::{Client, Listing, Result};

/// Lists: the contact lists that recipients belong to.
#[derive(Debug, Clone, Copy)]
pub struct Lists<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Lists: the contact lists that recipients belong to.
    pub fn lists(&self) -> Lists<'_> {
        Lists { client: self }
    }
}

impl Lists<'_> {
    /// Lists the account's lists.
    ///
    /// Submitting an email needs the `id` of a list. Returns a summary of each; `GET
    /// /lists/{list_id}` has the rest.
    ///
    /// `GET /lists`
    pub fn list(&self, query: ListListsQuery) -> Listing<ListSummary> {
        Listing::new(self.client, ListLists { query })
    }

    /// Creates a list.
    ///
    /// Needs a name and a default sender. The API has no idempotency key: repeating the request
    /// creates a second list.
    ///
    /// `POST /lists`
    ///
    /// Not idempotent: the client does not repeat the call when its response is lost, and the
    /// error's outcome is [`Unknown`](crate::Outcome::Unknown).
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn create(&self, list: &NewList) -> Result<List> {
        Ok(self.client.execute(&CreateList { body: list }).await?.data)
    }

    /// Shows one list.
    ///
    /// `GET /lists/{list_id}`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn get(&self, list_id: ListId) -> Result<List> {
        Ok(self.client.execute(&GetList { list_id }).await?.data)
    }

    /// Deletes a list.
    ///
    /// Emails can no longer be submitted with it: a deleted list is one of the causes of "list not
    /// found". A repeat returns 404 or 400.
    ///
    /// `DELETE /lists/{list_id}`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn delete(&self, list_id: ListId) -> Result<()> {
        self.client.execute_and_discard(&DeleteList { list_id }).await
    }

    /// Changes a list.
    ///
    /// Changes only the given fields.
    ///
    /// `PATCH /lists/{list_id}`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn update(&self, list_id: ListId, patch: &ListPatch) -> Result<List> {
        Ok(self.client.execute(&PatchList { list_id, body: patch }).await?.data)
    }

    /// Accepts the policy for a list.
    ///
    /// Campaigns need it; submitting single emails does not. Accepting again changes nothing.
    ///
    /// `POST /lists/{list_id}/accept-policy`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn accept_policy(&self, list_id: ListId) -> Result<()> {
        self.client.execute_and_discard(&AcceptListPolicy { list_id }).await
    }

    /// Archives a list.
    ///
    /// The list stays, with the status `archived`. The server rejects emails submitted with it.
    ///
    /// `POST /lists/{list_id}/archive`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn archive(&self, list_id: ListId) -> Result<()> {
        self.client.execute_and_discard(&ArchiveList { list_id }).await
    }
}

impl Paged for ListLists {
    type Item = ListSummary;

    fn page(&self) -> u64 {
        self.query.page.unwrap_or(1)
    }

    fn per_page(&self) -> Option<u64> {
        self.query.per_page
    }

    fn advance(&mut self, _: Option<&str>) {
        self.query.page = Some(self.page().saturating_add(1));
    }
}
