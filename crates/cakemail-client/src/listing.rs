//! Listings: pages that follow one another, as one stream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use cakemail_model::{Operation, Page, Pagination};
use futures_core::Stream;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};

use crate::{Client, Result};

/// A call that answers one page, and can be asked for the next.
pub(crate) trait Paged: Operation<Output = Page<Self::Item>> + Clone + Send + 'static {
    type Item: Send + 'static;

    /// The page it asks for, counted from 1, and how many items that page may hold.
    fn position(&self) -> (u64, u64);

    /// Moves to the page after `page`.
    fn advance(&mut self, after: &Pagination);
}

/// Implements [`Paged`] for operations whose query has `page` and `per_page`.
macro_rules! paged {
    ($($operation:ty => $item:ty),+ $(,)?) => {$(
        impl $crate::listing::Paged for $operation {
            type Item = $item;

            fn position(&self) -> (u64, u64) {
                (self.query.page.unwrap_or(1), self.query.per_page.unwrap_or($crate::listing::PER_PAGE))
            }

            fn advance(&mut self, _: &cakemail_model::Pagination) {
                self.query.page = Some(self.position().0.saturating_add(1));
            }
        }
    )+};
}
pub(crate) use paged;

/// The API's own default.
pub(crate) const PER_PAGE: u64 = 50;

/// Everything that a listing holds, page after page: a [`Stream`].
///
/// A page is asked for when the one before it is used up. After an error the listing is over.
#[must_use = "a listing asks for nothing until it is read"]
pub struct Listing<T> {
    items: BoxStream<'static, Result<T>>,
}

impl<T: Send + 'static> Listing<T> {
    pub(crate) fn new<O: Paged<Item = T>>(client: &Client, operation: O) -> Self {
        let client = client.clone();
        let pages = stream::try_unfold(Some(operation), move |operation| page(client.clone(), operation));
        Self { items: pages.try_flatten().boxed() }
    }

    /// The next item, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T>> {
        self.items.next().await
    }

    /// All that is left, in memory.
    ///
    /// # Errors
    /// When a page cannot be had; what came before it is lost.
    pub async fn all(self) -> Result<Vec<T>> {
        self.items.try_collect().await
    }
}

/// A page's items, and the operation that asks for the page after it.
type Turned<O> = (stream::Iter<std::vec::IntoIter<Result<<O as Paged>::Item>>>, Option<O>);

async fn page<O: Paged>(client: Client, operation: Option<O>) -> Result<Option<Turned<O>>> {
    let Some(mut operation) = operation else { return Ok(None) };
    let Page { pagination, data, .. } = client.execute(&operation).await?;
    let next = follows(&pagination, operation.position(), data.len()).then(|| {
        operation.advance(&pagination);
        operation
    });
    let items: Vec<_> = data.into_iter().map(Ok).collect();
    Ok(Some((stream::iter(items), next)))
}

/// Whether another page follows. The server says so in one of three ways; when it says nothing, a full page does.
fn follows(pagination: &Pagination, (number, per_page): (u64, u64), items: usize) -> bool {
    let items = items as u64;
    if items == 0 {
        return false; // whatever it says: a listing must end
    }
    if let Some(more) = pagination.has_more {
        return more;
    }
    if let Some(cursor) = &pagination.cursor {
        return cursor.next.is_some();
    }
    let per_page = pagination.per_page.unwrap_or(per_page);
    match pagination.count {
        Some(count) => number.saturating_mul(per_page) < count,
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
