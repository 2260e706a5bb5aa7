//! Listings: pages that are requested one after another, as one stream of items.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll};

use cakemail_model::{Operation, Page, Pagination, Timestamp};
use futures_core::Stream;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};

/// An operation that returns one page, and can be changed to ask for the next.
pub(crate) trait Paged: Operation<Output = Page<Self::Item>> + Send + 'static {
    type Item: Serialize + Send + 'static;

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

/// The items of all pages of a listing: a [`Stream`].
///
/// The client requests a page when all items of the page before it have been read. After an error the listing ends.
/// A listing of the logs leaves out what is newer than its first page, if the server states the time of that.
///
/// A listing never ends early in silence: if the server repeats a page, or says that more items follow and returns none,
/// the listing ends with an [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse).
#[must_use = "a listing requests nothing until it is read"]
pub struct Listing<T> {
    items: BoxStream<'static, Result<T>>,
}

impl<T: Send + 'static> Listing<T> {
    pub(crate) fn new<O: Paged<Item = T>>(client: &Client, operation: O) -> Self {
        let pages = stream::try_unfold(Some(Pages::new(client.clone(), operation)), read_page);
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

/// The items of a page, and the pages after it.
type PageAndNext<O> = (stream::Iter<std::vec::IntoIter<Result<<O as Paged>::Item>>>, Option<Pages<O>>);

async fn read_page<O: Paged>(pages: Option<Pages<O>>) -> Result<Option<PageAndNext<O>>> {
    let Some(mut pages) = pages else { return Ok(None) };
    let page = pages.client.execute(&pages.operation).await?;
    let next = pages.advance(&page)?;
    let items: Vec<_> = page.data.into_iter().map(Ok).collect();
    Ok(Some((stream::iter(items), next.then_some(pages))))
}

/// The pages of a listing that have not been read.
struct Pages<O> {
    client: Client,
    /// Requests the next page.
    operation: O,
    /// The number of elements in the pages that were read.
    received: u64,
    /// The page of the listing that was read first, counted from 1.
    first_page: u64,
    /// A hash of each page that was read.
    hashes: HashSet<u64>,
}

/// The API's default for the number of elements in a page. No server is known to have a lower limit.
const PER_PAGE: u64 = 50;

impl<O: Paged> Pages<O> {
    fn new(client: Client, operation: O) -> Self {
        let first_page = operation.page();
        Self { client, operation, received: 0, first_page, hashes: HashSet::new() }
    }

    /// Changes the operation to request the page after this one. Returns whether there is one.
    fn advance(&mut self, page: &Page<O::Item>) -> Result<bool> {
        // By the server's clock: the client's may be slow, and would leave out the newest items.
        if let Some(end) = page.parameters.as_ref().and_then(|parameters| parameters.end_time) {
            self.operation.pin_end(end);
        }
        let elements = page.received() as u64;
        self.received += elements;
        let more = self.has_next(&page.pagination, elements);
        if elements == 0 && more {
            return Err(does_not_advance::<O>("the server says that more items follow, but returned none"));
        }
        if elements > 0 && !self.hashes.insert(hash(page)) {
            return Err(does_not_advance::<O>("the server returned a page twice"));
        }
        if more {
            let cursor = page.pagination.cursor.as_ref().and_then(|cursor| cursor.next.as_deref());
            self.operation.advance(cursor);
        }
        Ok(more)
    }

    /// Whether another page follows. Servers say so in several ways, the most definite of which counts. If a server says
    /// nothing, a full page has a next one.
    fn has_next(&self, pagination: &Pagination, elements: u64) -> bool {
        if let Some(more) = pagination.has_more {
            return more;
        }
        if pagination.cursor.as_ref().is_some_and(|cursor| cursor.next.is_some()) {
            return true;
        }
        if let (Some(count), Some(before)) = (pagination.count, self.before_first_page(pagination)) {
            return before.saturating_add(self.received) < count;
        }
        if pagination.cursor.is_some() {
            return false;
        }
        // A server may limit the size of a page without a word, so a page of the default size is full.
        let full = pagination.per_page.or(self.operation.per_page()).unwrap_or(PER_PAGE).clamp(1, PER_PAGE);
        elements >= full
    }

    /// The number of elements in the pages before the first one that was read, if it is known.
    fn before_first_page(&self, pagination: &Pagination) -> Option<u64> {
        match self.first_page.saturating_sub(1) {
            0 => Some(0),
            pages => Some(pages.saturating_mul(pagination.per_page?)),
        }
    }
}

fn hash<T: Serialize>(page: &Page<T>) -> u64 {
    let mut hasher = DefaultHasher::new();
    page.received().hash(&mut hasher);
    serde_json::to_vec(&page.data).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

fn does_not_advance<O: Operation>(reason: &str) -> Error {
    let message = format!("the listing does not advance: {reason}");
    Error::new(ErrorKind::UnexpectedResponse, message).in_operation(O::ID).with_attempts(1)
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
