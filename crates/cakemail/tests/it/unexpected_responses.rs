//! The API's own answers, each value of them in turn changed into what a later or another server might send.

use cakemail::accounts::GetSelfAccount;
use cakemail::contacts::{CreateContactQuery, ListContacts, ListContactsQuery, NewContact};
use cakemail::dkim::{ListDkimKeys, NewDkimKey};
use cakemail::domains::ValidateDomains;
use cakemail::emails::{GetEmail, SubmitEmail};
use cakemail::lists::{GetList, ListLists, ListListsQuery};
use cakemail::logs::{ListEmailLogs, ListEmailSummaries, LogQuery, SummaryQuery};
use cakemail::model::Operation;
use cakemail::reports::{GetEmailReport, ReportQuery};
use cakemail::senders::{ListSenders, ListSendersQuery};
use cakemail::suppressions::{ListSuppressions, ListSuppressionsQuery};
use cakemail::users::GetSelfUser;
use cakemail::webhooks::{ListWebhooks, ListWebhooksQuery, NewWebhook, SubscribableEvent};
use cakemail::{Client, Credentials, Email, EmailStatus, Error, ErrorKind, Outcome, ReplayTransport};
use serde_json::{Value, json};

use crate::support::TestBed;

/// The places of all values in a JSON value, as JSON pointers.
fn places(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let inside = |(name, value): (String, &Value)| {
        let deeper = places(value).into_iter().map(move |place| format!("/{name}{place}"));
        deeper.collect::<Vec<_>>()
    };
    std::iter::once(String::new()).chain(children.into_iter().flat_map(inside)).collect()
}

/// Takes away what is at a place.
fn remove(value: &mut Value, place: &str) {
    let (parent, name) = place.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        _ => unreachable!("what holds a place is an object or a list"),
    }
}

async fn read<O: Operation>(operation: &O, answer: &Value) -> Result<O::Output, Error> {
    let transport = ReplayTransport::new().respond(200, answer.to_string());
    let client = Client::builder().credentials(Credentials::access_token("any")).transport(transport).build().unwrap();
    client.execute(operation).await
}

/// Nothing can stand in for an identifier, nor for what an answer is all about: in a list without pages, each thing.
fn is_vital(operation: &str, place: &str) -> bool {
    let all = if operation == ListDkimKeys::ID { place.trim_end_matches("/0") } else { place };
    matches!(all, "" | "/data") || matches!(place.rsplit('/').next(), Some("id" | "email_id"))
}

/// Checks that an answer reads, whatever of it is `null`, missing or a word never heard of; and that where it cannot,
/// the error says where.
async fn holds_up<O: Operation>(bed: &TestBed, operation: &O) {
    let answer = bed.client.execute_raw(operation).await.unwrap();
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    let all = places(&answer);
    assert!(all.len() > 5, "{}: there is next to nothing in {answer}", O::ID);
    for place in &all {
        let mut changes = Vec::new();
        let mut null = answer.clone();
        *null.pointer_mut(place).unwrap() = Value::Null;
        changes.push(null);
        if !place.is_empty() {
            let mut without = answer.clone();
            remove(&mut without, place);
            changes.push(without);
        }
        for changed in changes {
            if let Err(error) = read(operation, &changed).await {
                assert!(is_vital(O::ID, place), "{}: {place} was needed: {error}", O::ID);
                assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnexpectedResponse, Outcome::Done));
                let name = place.rsplit('/').next().unwrap();
                assert!(error.to_string().contains(name), "{place}: {error}");
            }
        }
        if answer.pointer(place).unwrap().is_string() {
            let mut new = answer.clone();
            *new.pointer_mut(place).unwrap() = "teleported".into();
            read(operation, &new).await.unwrap_or_else(|error| panic!("{}: a new word at {place}: {error}", O::ID));
        }
        if answer.pointer(place).unwrap().is_object() {
            let mut more = answer.clone();
            more.pointer_mut(place).unwrap()["tomorrow"] = json!({"new": [1, null]});
            read(operation, &more).await.unwrap_or_else(|error| panic!("{}: one more at {place}: {error}", O::ID));
        }
    }
}

#[tokio::test]
async fn null_missing_and_new_values_anywhere() {
    let bed = TestBed::new().await;
    let (client, list) = (&bed.client, bed.list().await);
    let new = NewContact::new("ada@example.net");
    client.contacts().create(list, &new, CreateContactQuery::new()).await.unwrap();
    client.suppressions().add("*@example.org").await.unwrap();
    let new = NewWebhook::new(SubscribableEvent::EmailBounced, "https://example.com/hook");
    client.webhooks().create(&new).await.unwrap();
    client.dkim().create(&NewDkimKey::new("example.com")).await.unwrap();
    let email = bed.email("clicked@example.com").await.tag("welcome").attribute("name", "Ada").header("X-Order", "42");
    let id = client.emails().send(&email).await.unwrap().id;
    bed.advance(3);

    holds_up(&bed, &SubmitEmail { body: &email }).await;
    holds_up(&bed, &GetEmail { email_id: id }).await;
    holds_up(&bed, &ListEmailLogs { query: LogQuery::new() }).await;
    holds_up(&bed, &ListEmailSummaries { query: SummaryQuery::new() }).await;
    holds_up(&bed, &GetEmailReport { query: ReportQuery::new() }).await;
    holds_up(&bed, &ListSenders { query: ListSendersQuery::new() }).await;
    holds_up(&bed, &ListLists { query: ListListsQuery::new() }).await;
    holds_up(&bed, &GetList { list_id: list }).await;
    holds_up(&bed, &ListContacts { list_id: list, query: ListContactsQuery::new() }).await;
    holds_up(&bed, &ListSuppressions { query: ListSuppressionsQuery::new() }).await;
    holds_up(&bed, &ListWebhooks { query: ListWebhooksQuery::new() }).await;
    holds_up(&bed, &ListDkimKeys {}).await;
    holds_up(&bed, &ValidateDomains {}).await;
    holds_up(&bed, &GetSelfUser {}).await;
    holds_up(&bed, &GetSelfAccount {}).await;
}

#[tokio::test]
async fn a_new_status_is_kept_as_it_came() {
    let answer = json!({"email_id": "e1", "status": "teleported", "click": null});
    let email: Email = read(&GetEmail { email_id: "e1".into() }, &answer).await.unwrap();
    assert_eq!(email.status.as_str(), "teleported");
    assert!(!EmailStatus::KNOWN.contains(&email.status));
    assert_eq!((email.clicks, email.tags.len(), email.submitted_time), (0, 0, None));
}

/// The email was accepted: that is said, and what is wrong with the answer.
#[tokio::test]
async fn a_submission_without_an_id_was_done_all_the_same() {
    let email = TestBed::new().await.email("ada@example.com").await;
    let error = read(&SubmitEmail { body: &email }, &json!({"data": {"status": "queued"}})).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "submitEmail: the request succeeded, but its response cannot be read: missing field `id` in `data` (200)"
    );
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::UnexpectedResponse, Outcome::Done, 1));
}
