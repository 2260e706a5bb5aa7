//! Listings over several pages.

use std::fmt::Debug;

use cakemail::contacts::{CreateContactQuery, ListContactsQuery, NewContact};
use cakemail::lists::{DefaultSender, ListListsQuery, NewList};
use cakemail::logs::{LogQuery, SummaryQuery};
use cakemail::senders::{ListSendersQuery, NewSender};
use cakemail::suppressions::ListSuppressionsQuery;
use cakemail::tags::ListEmailTagsQuery;
use cakemail::webhooks::{ListWebhooksQuery, NewWebhook, SubscribableEvent};
use cakemail::{ErrorKind, Listing};
use futures_util::TryStreamExt;

use crate::support::{TRANSPORTS, TestBed};

/// Reads `count` items with `all`, with `next` and as a stream.
async fn check_listing<T: Send + Debug + PartialEq + 'static>(count: usize, listing: impl Fn() -> Listing<T>) {
    let all = listing().all().await.unwrap();
    assert_eq!(all.len(), count);

    let mut one_by_one = listing();
    for expected in &all {
        assert_eq!(one_by_one.next().await.unwrap().unwrap(), *expected);
    }
    assert!(one_by_one.next().await.is_none());
    assert!(one_by_one.next().await.is_none(), "no item follows the end");

    let streamed: Vec<T> = listing().try_collect().await.unwrap();
    assert_eq!(streamed, all);
}

/// Five items or more, two per page.
#[tokio::test]
async fn every_listing_reads_all_pages() {
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let client = &bed.client;
        let (sender, list) = (bed.sender().await, bed.list().await);
        for number in 0..5 {
            let new = NewSender::new("Ada", format!("sender{number}@example.org"));
            client.senders().create(&new).await.unwrap();
            let new = NewList::new(format!("List {number}"), DefaultSender::new(sender.clone()));
            client.lists().create(&new).await.unwrap();
            let new = NewContact::new(format!("contact{number}@example.org"));
            client.contacts().create(list, &new, CreateContactQuery::new()).await.unwrap();
            client.suppressions().add(format!("*@example{number}.org")).await.unwrap();
            let new = NewWebhook::new(SubscribableEvent::EmailBounced, format!("https://example.com/{number}"));
            client.webhooks().create(&new).await.unwrap();
        }
        check_listing(6, || client.senders().list(ListSendersQuery::new().per_page(2))).await;
        check_listing(6, || client.lists().list(ListListsQuery::new().per_page(2))).await;
        check_listing(5, || client.contacts().list(list, ListContactsQuery::new().per_page(2))).await;
        check_listing(5, || client.suppressions().list(ListSuppressionsQuery::new().per_page(2))).await;
        check_listing(5, || client.webhooks().list(ListWebhooksQuery::new().per_page(2))).await;

        for number in 0..5 {
            let email = bed.email("ada@example.com").await.tag(format!("tag{number}"));
            client.emails().send(&email).await.unwrap();
        }
        check_listing(10, || client.logs().list(LogQuery::new().per_page(3))).await; // a submitted and a queued entry for each
        check_listing(5, || client.logs().summaries(SummaryQuery::new().per_page(2))).await;
        check_listing(5, || client.tags().list(ListEmailTagsQuery::new().per_page(2))).await;
    }
}

#[tokio::test]
async fn a_page_is_requested_when_its_first_item_is_needed() {
    let bed = TestBed::new().await;
    bed.sender().await;
    for number in 0..3 {
        let new = NewSender::new("Ada", format!("sender{number}@example.org"));
        bed.client.senders().create(&new).await.unwrap();
    }
    let mut listing = bed.client.senders().list(ListSendersQuery::new().per_page(2).with_count(true));
    assert_eq!(bed.request_count("listSenders"), 0);
    for pages in [1, 1, 2, 2] {
        listing.next().await.unwrap().unwrap();
        assert_eq!(bed.request_count("listSenders"), pages);
    }
    // The total count shows that there is no third page.
    assert!(listing.next().await.is_none());
    assert_eq!(bed.request_count("listSenders"), 2);
}

#[tokio::test]
async fn an_error_ends_the_listing() {
    let bed = TestBed::new().await;
    let mut listing = bed.client.lists().list(ListListsQuery::new().sort("colour"));
    assert_eq!(listing.next().await.unwrap().unwrap_err().kind(), ErrorKind::BadRequest);
    assert!(listing.next().await.is_none());
    let listing = bed.client.lists().list(ListListsQuery::new().sort("colour"));
    assert_eq!(listing.all().await.unwrap_err().fields()[0].field, "sort");
}
