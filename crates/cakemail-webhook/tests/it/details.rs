//! Typed details of events, whose data stays as it is.

use cakemail_model::webhooks::WebhookEvent;
use cakemail_model::{ContactId, EmailId, EmailStatus, ListId};
use cakemail_webhook::{Details, Event};
use serde_json::{Value, json};

fn event(kind: &str, data: Value) -> Event {
    let payload = json!({"event": kind, "created_on": 1_800_000_000, "data": data});
    let event: Event = serde_json::from_value(payload.clone()).unwrap();
    assert_eq!(serde_json::to_value(&event).unwrap(), payload, "it serializes verbatim");
    event
}

#[test]
fn the_details_of_an_email() {
    let data = json!({
        "email_id": "e", "email": "ada@example.com", "list_id": 7, "tags": ["auth"],
        "metadata": {"bounce_type": "hard"}, "more": true
    });
    let event = event("Email.Bounced", data);
    let Details::Email { status, id, recipient, list_id, tags, metadata, .. } = event.details() else {
        panic!("{:?}", event.details());
    };
    assert_eq!((status, id), (EmailStatus::Bounced, Some(EmailId::from("e"))));
    assert_eq!((recipient, list_id, tags), (Some("ada@example.com"), Some(ListId::new(7)), vec!["auth"]));
    assert_eq!(metadata.unwrap()["bounce_type"], "hard");
    assert_eq!(format!("{:?}", event.details()), "Email { .. }");
}

#[test]
fn the_details_of_each_known_kind() {
    let data = json!({"id": 1, "list_id": 2, "email": "ada@example.com", "name": "Ada"});
    for kind in WebhookEvent::KNOWN {
        let event = event(kind.as_str(), data.clone());
        let details = event.details();
        let object = kind.as_str().split('.').next().unwrap();
        let complete = match &details {
            Details::Email { recipient, list_id, .. } => recipient.is_some() && list_id.is_some(),
            Details::Contact { id, list_id, email, .. } => {
                (*id, *list_id, *email) == (Some(ContactId::new(1)), Some(ListId::new(2)), Some("ada@example.com"))
            }
            Details::List { id, name, .. } => (*id, *name) == (Some(ListId::new(1)), Some("Ada")),
            Details::Campaign { id, name, .. } => (*id, *name) == (Some(1), Some("Ada")),
            Details::Sender { id, email, .. } => id.is_some() && email.is_some(),
            Details::SuppressedEmail { email, .. } => email.is_some(),
            Details::User { id, email, .. } => id.is_some() && email.is_some(),
            Details::Account { id, name, .. } => id.is_some() && name.is_some(),
            Details::Other(data) => **data == event.data,
            _ => false,
        };
        assert!(complete, "{kind}: {details:?}");
        let other = object.contains("Export") || ["MFA", "Segment"].contains(&object);
        assert_eq!(matches!(details, Details::Other(_)), other, "{kind}: {details:?}");
        assert!(!format!("{details:?}{details:#?}").contains("ada"), "{details:?}");
    }
}

#[test]
fn unknown_kinds_and_fields_of_another_type_are_no_error() {
    for kind in ["", "Email", "Planet.Moved", "email.bounced", "Contact"] {
        let event = event(kind, json!({"id": 1}));
        assert_eq!(event.details(), Details::Other(&event.data), "{kind}");
    }
    for value in [json!(null), json!(true), json!([1]), json!({"a": 1})] {
        let event = event("Contact.Added", json!({"id": value, "list_id": value, "email": value}));
        assert!(matches!(event.details(), Details::Contact { id: None, list_id: None, email: None, .. }), "{value}");
    }
}
