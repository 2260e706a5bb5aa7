//! Pages: the four ways in which servers say that there are more.

use cakemail_client::ErrorKind;
use cakemail_model::contacts::ListContactsQuery;
use cakemail_model::senders::ListSendersQuery;
use cakemail_model::tags::ListEmailTagsQuery;
use serde_json::{Value, json};

use crate::support::{Answer, Server, respond, status};

fn page(pagination: Value, tags: &[&str]) -> Answer {
    status(200, json!({"pagination": pagination, "data": tags}))
}

/// The tags that a listing of two to a page finds, and what was asked for.
async fn read(answers: Vec<Answer>) -> (Vec<String>, Vec<String>) {
    let server = Server::script(answers);
    let query = ListEmailTagsQuery::new().per_page(2);
    let tags = server.client().tags().list(query).all().await.unwrap();
    let lines = server.asked().into_iter().map(|asked| asked.line.replace("GET /email-tags?", "")).collect();
    (tags, lines)
}

#[tokio::test(start_paused = true)]
async fn by_has_more() {
    let answers = vec![page(json!({"has_more": true}), &["a"]), page(json!({"has_more": false}), &["b", "c"])];
    let (tags, lines) = read(answers).await;
    assert_eq!((tags.len(), lines.len()), (3, 2));
    assert_eq!(lines, ["per_page=2", "page=2&per_page=2"]);
}

#[tokio::test(start_paused = true)]
async fn by_the_count() {
    let count = json!({"page": 1, "per_page": 2, "count": 4});
    let answers = vec![page(count.clone(), &["a", "b"]), page(count, &["c", "d"])];
    assert_eq!(read(answers).await.0, ["a", "b", "c", "d"]);
}

/// The server's own page size counts, when it gives less than it was asked for.
#[tokio::test(start_paused = true)]
async fn by_the_count_of_smaller_pages() {
    let answers = ["a", "b", "c"].map(|tag| page(json!({"per_page": 1, "count": 3}), &[tag]));
    assert_eq!(read(answers.into()).await.0, ["a", "b", "c"]);
}

/// Nothing is said: a full page may be followed by another, and the last one may be empty.
#[tokio::test(start_paused = true)]
async fn by_full_pages() {
    for nothing in [json!({}), Value::Null, json!({"page": null, "per_page": null, "count": null})] {
        let answers = vec![page(nothing.clone(), &["a", "b"]), page(nothing.clone(), &["c"])];
        assert_eq!(read(answers).await.0, ["a", "b", "c"]);
        let answers = vec![page(nothing.clone(), &["a", "b"]), page(nothing, &[])];
        assert_eq!(read(answers).await.0, ["a", "b"]);
    }
}

#[tokio::test(start_paused = true)]
async fn by_a_cursor() {
    let contact = |id: u64, cursor: Value| status(200, json!({"pagination": {"cursor": cursor}, "data": [{"id": id}]}));
    let server = Server::script([
        contact(1, json!({"next": "n/1=="})),
        contact(2, json!({"previous": "p1", "next": "n2"})),
        contact(3, json!({"previous": "p2", "next": null})),
    ]);
    let query = ListContactsQuery::new().page(1).per_page(1);
    let contacts = server.client().contacts().list(7_u64.into(), query).all().await.unwrap();
    assert_eq!(contacts.iter().map(|contact| contact.id.get()).collect::<Vec<_>>(), [1, 2, 3]);
    let lines: Vec<_> = server.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(
        lines,
        [
            "GET /lists/7/contacts?page=1&per_page=1",
            "GET /lists/7/contacts?cursor=n%2F1%3D%3D&per_page=1",
            "GET /lists/7/contacts?cursor=n2&per_page=1",
        ]
    );
}

/// A server that says "more" for ever, with nothing on the page, is not believed.
#[tokio::test(start_paused = true)]
async fn a_listing_ends() {
    let more = || page(json!({"has_more": true, "count": 1000, "cursor": {"next": "x"}}), &[]);
    let server = Server::script([more(), more()]);
    assert!(server.client().tags().list(ListEmailTagsQuery::new()).all().await.unwrap().is_empty());
    assert_eq!(server.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn it_begins_where_it_is_told() {
    let server = Server::script([page(json!({"has_more": true}), &["c"]), page(json!({}), &[])]);
    let query = ListEmailTagsQuery::new().page(3).per_page(2);
    server.client().tags().list(query).all().await.unwrap();
    assert!(server.asked()[1].line.contains("page=4"));
}

#[tokio::test(start_paused = true)]
async fn what_was_had_before_a_failure_is_had() {
    let sender = status(200, json!({"pagination": {"count": 2, "per_page": 1}, "data": [{"id": 7}]}));
    let server = Server::script([sender, respond(404, &[], r#"{"detail": []}"#)]);
    let mut listing = server.client().senders().list(ListSendersQuery::new().per_page(1));
    assert_eq!(listing.next().await.unwrap().unwrap().id.as_str(), "7");
    assert_eq!(listing.next().await.unwrap().unwrap_err().kind(), ErrorKind::NotFound);
    assert!(listing.next().await.is_none());
    assert_eq!(server.count(), 2);
}
