//! Lists: the contact lists that recipients belong to.

use cakemail_model::ListId;
use cakemail_model::lists::{
    AcceptListPolicy, ArchiveList, CreateList, DeleteList, GetList, List, ListLists, ListListsQuery, ListPatch,
    ListSummary, NewList, PatchList,
};

use crate::listing::paged;
use crate::{Listing, Result};

group! {
    /// Lists: the contact lists that recipients belong to.
    Lists, lists
}

paged!(ListLists => ListSummary);

impl Lists<'_> {
    /// The lists there are. `GET /lists`
    pub fn list(&self, query: ListListsQuery) -> Listing<ListSummary> {
        Listing::new(self.client, ListLists { query })
    }

    /// One list. `GET /lists/{list_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn get(&self, id: ListId) -> Result<List> {
        Ok(self.client.execute(&GetList { list_id: id }).await?.data)
    }

    /// Creates a list. `POST /lists`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn create(&self, list: &NewList) -> Result<List> {
        Ok(self.client.execute(&CreateList { body: list }).await?.data)
    }

    /// Changes a list. `PATCH /lists/{list_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn update(&self, id: ListId, patch: &ListPatch) -> Result<List> {
        Ok(self.client.execute(&PatchList { list_id: id, body: patch }).await?.data)
    }

    /// Deletes a list. `DELETE /lists/{list_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn delete(&self, id: ListId) -> Result<()> {
        self.client.execute(&DeleteList { list_id: id }).await.map(drop)
    }

    /// Archives a list: it is kept, and nothing can be sent to it. `POST /lists/{list_id}/archive`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn archive(&self, id: ListId) -> Result<()> {
        self.client.execute(&ArchiveList { list_id: id }).await.map(drop)
    }

    /// Accepts the anti-spam policy for a list, as campaigns need. `POST /lists/{list_id}/accept-policy`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn accept_policy(&self, id: ListId) -> Result<()> {
        self.client.execute(&AcceptListPolicy { list_id: id }).await.map(drop)
    }
}
