//! Listings: pages that are requested one after another, as one stream of items.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use cakemail_model::{Operation, Page, Pagination, Timestamp};
use futures_core::Stream;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};

use crate::client::Client;
use crate::error::Result;

/// An operation that returns one page, and can be changed to ask for the next.
pub(crate) trait Paged: Operation<Output = Page<Self::Item>> + Clone + Send + 'static {
    type Item: Send + 'static;

    /// The page that it asks for, counted from 1.
    fn page(&self) -> u64;

    /// The number of items that it asks for in a page.
    fn per_page(&self) -> Option<u64>;

    /// Ends the window of the next pages here, unless the caller set an end: new items then do not move the others to
    /// other pages. Does nothing for an operation without a window.
    fn pin_end(&mut self, _end: Timestamp) {}

    /// Asks for the next page: by its cursor, if the server gave one and the operation takes it, or by its number.
    fn advance(&mut self, cursor: Option<&str>);
}

/// The number of items in a page that does not ask for another: the API's default.
const PER_PAGE: u64 = 50;

/// The items of all pages of a listing: a [`Stream`].
///
/// The client requests a page when all items of the page before it have been read. After an error the listing ends.
/// A listing of the logs leaves out what is newer than its first page, if the server states the time of that.
#[must_use = "a listing requests nothing until it is read"]
pub struct Listing<T> {
    items: BoxStream<'static, Result<T>>,
}

impl<T: Send + 'static> Listing<T> {
    pub(crate) fn new<O: Paged<Item = T>>(client: &Client, operation: O) -> Self {
        let client = client.clone();
        let pages = stream::try_unfold(Some(operation), move |operation| read_page(client.clone(), operation));
        Self { items: pages.try_flatten().boxed() }
    }

    /// The next item, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T>> {
        self.items.next().await
    }

    /// Collects the remaining items in memory.
    ///
    /// # Errors
    /// The error of the first page that cannot be read. The items before it are lost.
    pub async fn all(self) -> Result<Vec<T>> {
        self.items.try_collect().await
    }
}

/// The items of a page, and the operation that requests the page after it.
type PageAndNext<O> = (stream::Iter<std::vec::IntoIter<Result<<O as Paged>::Item>>>, Option<O>);

async fn read_page<O: Paged>(client: Client, operation: Option<O>) -> Result<Option<PageAndNext<O>>> {
    let Some(mut operation) = operation else { return Ok(None) };
    let Page { pagination, parameters, data, .. } = client.execute(&operation).await?;
    // By the server's clock: the client's may be slow, and would leave out the newest items.
    if let Some(end) = parameters.and_then(|parameters| parameters.end_time) {
        operation.pin_end(end);
    }
    let per_page = operation.per_page().unwrap_or(PER_PAGE);
    let next = has_next(&pagination, operation.page(), per_page, data.len()).then(|| {
        operation.advance(pagination.cursor.and_then(|cursor| cursor.next).as_deref());
        operation
    });
    let items: Vec<_> = data.into_iter().map(Ok).collect();
    Ok(Some((stream::iter(items), next)))
}

/// Whether another page follows. The server says so in one of three ways; if it says nothing, a full page has a next one.
fn has_next(pagination: &Pagination, page: u64, per_page: u64, items: usize) -> bool {
    let items = items as u64;
    if items == 0 {
        return false; // even if the server says otherwise, or a listing might never end
    }
    if let Some(more) = pagination.has_more {
        return more;
    }
    if let Some(cursor) = &pagination.cursor {
        return cursor.next.is_some();
    }
    let per_page = pagination.per_page.unwrap_or(per_page);
    match pagination.count {
        Some(count) => page.saturating_mul(per_page) < count,
        None => items >= per_page,
    }
}

impl<T> Stream for Listing<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.items.as_mut().poll_next(context)
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listing")
    }
}
