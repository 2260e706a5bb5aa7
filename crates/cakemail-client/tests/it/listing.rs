//! Listings: the four ways in which a server says that there is another page.

use cakemail_client::ErrorKind;
use cakemail_model::Timestamp;
use cakemail_model::contacts::ListContactsQuery;
use cakemail_model::logs::{LogQuery, SummaryQuery};
use cakemail_model::senders::ListSendersQuery;
use cakemail_model::tags::ListEmailTagsQuery;
use serde_json::{Value, json};

use crate::support::{Reply, StubServer, respond, status};

fn page(pagination: Value, tags: &[&str]) -> Reply {
    status(200, json!({"pagination": pagination, "data": tags}))
}

/// The tags of a listing with two items in a page, and the queries of its requests.
async fn read(replies: Vec<Reply>) -> (Vec<String>, Vec<String>) {
    let server = StubServer::script(replies);
    let query = ListEmailTagsQuery::new().per_page(2);
    let tags = server.client().tags().list(query).all().await.unwrap();
    let lines = server.requests().into_iter().map(|request| request.line.replace("GET /email-tags?", "")).collect();
    (tags, lines)
}

#[tokio::test(start_paused = true)]
async fn the_next_page_is_requested_while_has_more_is_true() {
    let replies = vec![page(json!({"has_more": true}), &["a"]), page(json!({"has_more": false}), &["b", "c"])];
    let (tags, lines) = read(replies).await;
    assert_eq!((tags.len(), lines.len()), (3, 2));
    assert_eq!(lines, ["per_page=2", "page=2&per_page=2"]);
}

#[tokio::test(start_paused = true)]
async fn the_next_page_is_requested_until_the_count_is_reached() {
    let count = json!({"page": 1, "per_page": 2, "count": 4});
    let replies = vec![page(count.clone(), &["a", "b"]), page(count, &["c", "d"])];
    assert_eq!(read(replies).await.0, ["a", "b", "c", "d"]);
}

#[tokio::test(start_paused = true)]
async fn the_servers_page_size_counts_when_it_is_smaller_than_requested() {
    let replies = ["a", "b", "c"].map(|tag| page(json!({"per_page": 1, "count": 3}), &[tag]));
    assert_eq!(read(replies.into()).await.0, ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn without_any_information_a_full_page_has_a_next_one() {
    for pagination in [json!({}), Value::Null, json!({"page": null, "per_page": null, "count": null})] {
        let replies = vec![page(pagination.clone(), &["a", "b"]), page(pagination.clone(), &["c"])];
        assert_eq!(read(replies).await.0, ["a", "b", "c"]);
        let replies = vec![page(pagination.clone(), &["a", "b"]), page(pagination, &[])];
        assert_eq!(read(replies).await.0, ["a", "b"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_page_is_requested_by_its_cursor() {
    let contact = |id: u64, cursor: Value| status(200, json!({"pagination": {"cursor": cursor}, "data": [{"id": id}]}));
    let server = StubServer::script([
        contact(1, json!({"next": "n/1=="})),
        contact(2, json!({"previous": "p1", "next": "n2"})),
        contact(3, json!({"previous": "p2", "next": null})),
    ]);
    let query = ListContactsQuery::new().page(1).per_page(1);
    let contacts = server.client().contacts().list(7_u64.into(), query).all().await.unwrap();
    assert_eq!(contacts.iter().map(|contact| contact.id.get()).collect::<Vec<_>>(), [1, 2, 3]);
    let lines: Vec<_> = server.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(
        lines,
        [
            "GET /lists/7/contacts?page=1&per_page=1",
            "GET /lists/7/contacts?cursor=n%2F1%3D%3D&per_page=1",
            "GET /lists/7/contacts?cursor=n2&per_page=1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_pages_of_a_log_listing_end_at_the_time_of_the_first_one() {
    let first = |parameters: Value| {
        let row = json!({"id": "l1", "type": "queued", "email_id": "e1"});
        status(200, json!({"pagination": {"has_more": true}, "parameters": parameters, "data": [row]}))
    };
    let later = |end: &str, more: bool| {
        let row = json!({"id": end, "type": "queued", "email_id": "e2"});
        let page = json!({"pagination": {"has_more": more}, "parameters": {"end_time": end}, "data": [row]});
        status(200, page)
    };
    let (unset, set) = (LogQuery::new(), LogQuery::new().end_time(Timestamp::from_second(900)));
    for (query, parameters, expected) in [
        (unset.clone(), json!({"end_time": "1970-01-01T00:16:40Z"}), Some("end_time=1000")),
        (unset.clone(), json!({"end_time": 1000, "iso_time": false}), Some("end_time=1000")),
        (set, json!({"end_time": 900}), Some("end_time=900")),
        (unset.clone(), json!({}), None),
        (unset, Value::Null, None),
    ] {
        let server = StubServer::script([first(parameters), later("1001", expected.is_some()), later("1002", false)]);
        let rows = server.client().logs().list(query).all().await.unwrap();
        let pages = &server.requests()[1..];
        assert_eq!(pages.len() + 1, rows.len());
        for request in pages {
            assert_eq!(request.line.split(['?', '&']).find(|part| part.starts_with("end_time")), expected);
        }
    }
    let summary = json!({"email_id": "e1"});
    let page = json!({"pagination": {"has_more": true}, "parameters": {"end_time": 7}, "data": [summary]});
    let server = StubServer::script([status(200, page), status(200, json!({"data": []}))]);
    server.client().logs().summaries(SummaryQuery::new()).all().await.unwrap();
    assert!(server.requests()[1].line.contains("end_time=7"));
}

#[tokio::test(start_paused = true)]
async fn an_empty_page_is_an_error_if_the_server_says_that_more_items_follow() {
    for pagination in [json!({"has_more": true}), json!({"count": 1}), json!({"cursor": {"next": "x"}})] {
        let server = StubServer::script([page(pagination, &[])]);
        let error = server.client().tags().list(ListEmailTagsQuery::new()).all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(error.to_string().contains("does not advance"), "{error}");
        assert_eq!(error.operation(), Some("listEmailTags"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_starts_at_the_requested_page() {
    let server = StubServer::script([page(json!({"has_more": true}), &["c"]), page(json!({}), &[])]);
    let query = ListEmailTagsQuery::new().page(3).per_page(2);
    server.client().tags().list(query).all().await.unwrap();
    assert!(server.requests()[1].line.contains("page=4"));
}

#[tokio::test(start_paused = true)]
async fn items_before_a_failed_page_are_returned_and_the_listing_ends_after_it() {
    let sender = status(200, json!({"pagination": {"count": 2, "per_page": 1}, "data": [{"id": 7}]}));
    let server = StubServer::script([sender, respond(404, &[], r#"{"detail": []}"#)]);
    let mut listing = server.client().senders().list(ListSendersQuery::new().per_page(1));
    assert_eq!(listing.next().await.unwrap().unwrap().id.as_str(), "7");
    assert_eq!(listing.next().await.unwrap().unwrap_err().kind(), ErrorKind::NotFound);
    assert!(listing.next().await.is_none());
    assert_eq!(server.count(), 2);
}
