//! Responses of the API with one value changed: absent, null, or unknown to this version.

use cakemail::accounts::GetSelfAccount;
use cakemail::contacts::{CreateContactQuery, ListContacts, ListContactsQuery, NewContact};
use cakemail::dkim::{ListDkimKeys, NewDkimKey};
use cakemail::domains::ValidateDomains;
use cakemail::emails::{GetEmail, SubmitEmail};
use cakemail::lists::{GetList, ListLists, ListListsQuery};
use cakemail::logs::{ListEmailLogs, ListEmailSummaries, LogQuery, SummaryQuery};
use cakemail::model::{Idempotency, Operation};
use cakemail::reports::{GetEmailReport, ReportQuery};
use cakemail::senders::{ListSenders, ListSendersQuery};
use cakemail::suppressions::{ListSuppressions, ListSuppressionsQuery};
use cakemail::users::GetSelfUser;
use cakemail::webhooks::{ListWebhooks, ListWebhooksQuery, NewWebhook, SubscribableEvent};
use cakemail::{Client, Credentials, Email, EmailStatus, Error, ErrorKind, Outcome, ReplayTransport};
use serde_json::{Value, json};

use crate::support::TestBed;

/// The JSON pointers to all values in a value.
fn pointers(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let inside = |(name, value): (String, &Value)| {
        let deeper = pointers(value).into_iter().map(move |pointer| format!("/{name}{pointer}"));
        deeper.collect::<Vec<_>>()
    };
    std::iter::once(String::new()).chain(children.into_iter().flat_map(inside)).collect()
}

/// Removes the value at a pointer.
fn remove(value: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        _ => unreachable!("the parent is an object or an array"),
    }
}

async fn read<O: Operation>(operation: &O, response: &Value) -> Result<O::Output, Error> {
    let transport = ReplayTransport::new().respond(200, response.to_string());
    let client = Client::builder().credentials(Credentials::access_token("any")).transport(transport).build().unwrap();
    client.execute(operation).await
}

/// Whether the value is required: an ID, the data of a response, or an item of a list without pages.
fn is_required(operation: &str, pointer: &str) -> bool {
    let all = if operation == ListDkimKeys::ID { pointer.trim_end_matches("/0") } else { pointer };
    matches!(all, "" | "/data") || matches!(pointer.rsplit('/').next(), Some("id" | "email_id"))
}

/// Checks that a response decodes when a value is null, missing or unknown; or that the error names the required value.
async fn check_tolerance<O: Operation>(bed: &TestBed, operation: &O) {
    let response = bed.client.execute_raw(operation).await.unwrap();
    let response: Value = serde_json::from_slice(response.body()).unwrap();
    let all = pointers(&response);
    assert!(all.len() > 5, "{}: {response} has too few values", O::ID);
    for pointer in &all {
        let mut changes = Vec::new();
        let mut null = response.clone();
        *null.pointer_mut(pointer).unwrap() = Value::Null;
        changes.push(null);
        if !pointer.is_empty() {
            let mut without = response.clone();
            remove(&mut without, pointer);
            changes.push(without);
        }
        for changed in changes {
            if let Err(error) = read(operation, &changed).await {
                assert!(is_required(O::ID, pointer), "{}: {pointer} is not required: {error}", O::ID);
                let outcome = if O::IDEMPOTENCY == Idempotency::Safe { Outcome::NotDone } else { Outcome::Unknown };
                assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnexpectedResponse, outcome));
                let name = pointer.rsplit('/').next().unwrap();
                assert!(error.to_string().contains(name), "{pointer}: {error}");
            }
        }
        if response.pointer(pointer).unwrap().is_string() {
            let mut new = response.clone();
            *new.pointer_mut(pointer).unwrap() = "teleported".into();
            read(operation, &new).await.unwrap_or_else(|error| panic!("{}: a new value at {pointer}: {error}", O::ID));
        }
        if response.pointer(pointer).unwrap().is_object() {
            let mut more = response.clone();
            more.pointer_mut(pointer).unwrap()["tomorrow"] = json!({"new": [1, null]});
            read(operation, &more).await.unwrap_or_else(|error| panic!("{}: a new field at {pointer}: {error}", O::ID));
        }
    }
}

#[tokio::test]
async fn null_missing_and_unknown_values_are_tolerated() {
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

    check_tolerance(&bed, &SubmitEmail { body: &email }).await;
    check_tolerance(&bed, &GetEmail { email_id: id }).await;
    check_tolerance(&bed, &ListEmailLogs { query: LogQuery::new() }).await;
    check_tolerance(&bed, &ListEmailSummaries { query: SummaryQuery::new() }).await;
    check_tolerance(&bed, &GetEmailReport { query: ReportQuery::new() }).await;
    check_tolerance(&bed, &ListSenders { query: ListSendersQuery::new() }).await;
    check_tolerance(&bed, &ListLists { query: ListListsQuery::new() }).await;
    check_tolerance(&bed, &GetList { list_id: list }).await;
    check_tolerance(&bed, &ListContacts { list_id: list, query: ListContactsQuery::new() }).await;
    check_tolerance(&bed, &ListSuppressions { query: ListSuppressionsQuery::new() }).await;
    check_tolerance(&bed, &ListWebhooks { query: ListWebhooksQuery::new() }).await;
    check_tolerance(&bed, &ListDkimKeys {}).await;
    check_tolerance(&bed, &ValidateDomains {}).await;
    check_tolerance(&bed, &GetSelfUser {}).await;
    check_tolerance(&bed, &GetSelfAccount {}).await;
}

#[tokio::test]
async fn an_unknown_status_is_preserved() {
    let response = json!({"email_id": "e1", "status": "teleported", "click": null});
    let email: Email = read(&GetEmail { email_id: "e1".into() }, &response).await.unwrap();
    assert_eq!(email.status.as_str(), "teleported");
    assert!(!EmailStatus::KNOWN.contains(&email.status));
    assert_eq!((email.clicks, email.tags.len(), email.submitted_time), (0, 0, None));
}

#[tokio::test]
async fn a_submitted_email_without_an_id_is_an_error_with_the_outcome_done() {
    let email = TestBed::new().await.email("ada@example.com").await;
    let response = json!({"submitted": true, "data": {"status": "queued"}});
    let transport = ReplayTransport::new().respond(201, response.to_string());
    let client = Client::builder().credentials(Credentials::access_token("any")).transport(transport).build().unwrap();
    let error = client.emails().send(&email).await.unwrap_err();
    assert_eq!(error.to_string(), "submitEmail: the response cannot be read: missing field `id` in `data` (201)");
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::UnexpectedResponse, Outcome::Done, 1));
}
