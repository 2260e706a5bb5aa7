//! Parsing and serializing events in both formats.

use cakemail_model::webhooks::WebhookEvent;
use cakemail_model::{AccountId, EmailId, EmailStatus, ListId, Timestamp, UserId};
use cakemail_webhook::{Dialect, Event};
use proptest::prelude::*;
use serde_json::{Value, json};

fn parse(payload: &Value) -> Event {
    serde_json::from_str(&payload.to_string()).unwrap()
}

fn serialized(event: &Event) -> Value {
    serde_json::to_value(event).unwrap()
}

#[test]
fn the_documented_format_round_trips() {
    let payload = json!({
        "event": "User.LoggedIn", "account_id": 42, "ip": "203.0.113.7",
        "user": {"id": null, "email": null, "account_id": null},
        "created_on": 1_627_069_315,
        "data": {"email": "ada@example.com", "grant_type": "password", "scopes": "user"}
    });
    let event = parse(&payload);
    assert_eq!(event.dialect(), Dialect::Documented);
    assert_eq!(event.kind, WebhookEvent::UserLoggedIn);
    assert_eq!(event.account_id, Some(AccountId::from("42")));
    assert_eq!(event.ip.as_deref(), Some("203.0.113.7"));
    assert_eq!(event.user.as_ref().unwrap().id, None);
    assert_eq!(event.created_on, Some(Timestamp::from_second(1_627_069_315)));
    assert_eq!(event.email(), Some("ada@example.com"));
    assert_eq!(event.data_field::<String>("grant_type").as_deref(), Some("password"));
    assert_eq!((event.status(), event.email_id()), (None, None));
    assert!(event.other.is_empty());
    assert_eq!(serialized(&event), payload);
}

#[test]
fn the_newer_format_round_trips() {
    let payload = json!({
        "event": "Email.Opened", "timestamp": "2026-04-10T14:32:00Z",
        "data": {"email_id": "e_abc123", "email": "ada@example.com", "tags": ["auth", "password-reset"], "list_id": 7}
    });
    let event = parse(&payload);
    assert_eq!(event.dialect(), Dialect::Newer);
    assert_eq!(event.kind, WebhookEvent::EmailOpened);
    assert_eq!(event.status(), Some(EmailStatus::Opened));
    assert_eq!(event.email_id(), Some(EmailId::from("e_abc123")));
    assert_eq!(event.email(), Some("ada@example.com"));
    assert_eq!(event.tags(), ["auth", "password-reset"]);
    assert_eq!(event.data_field("list_id"), Some(ListId::new(7)));
    assert_eq!(event.created_on, Some("2026-04-10T14:32:00Z".parse().unwrap()));
    assert_eq!(serialized(&event), payload);
}

#[test]
fn a_logged_in_user_round_trips() {
    let payload = json!({
        "event": "List.Created", "created_on": 1,
        "user": {"id": "u-1", "email": "ada@example.com", "account_id": 42, "role": "owner"}, "data": {}
    });
    let event = parse(&payload);
    let user = event.user.as_ref().unwrap();
    assert_eq!(user.id, Some(UserId::from("u-1")));
    assert_eq!(user.email.as_deref(), Some("ada@example.com"));
    assert_eq!(user.account_id, Some(AccountId::from("42")));
    assert_eq!(user.other["role"], "owner");
    assert_eq!(serialized(&event), payload);
}

#[test]
fn each_email_event_has_a_status_in_both_formats() {
    let statuses = [
        ("Email.Submitted", EmailStatus::Submitted),
        ("Email.Queued", EmailStatus::Queued),
        ("Email.Processing", EmailStatus::Processing),
        ("Email.Rejected", EmailStatus::Rejected),
        ("Email.Sent", EmailStatus::Sent),
        ("Email.Delivered", EmailStatus::Delivered),
        ("Email.Error", EmailStatus::Error),
        ("Email.Opened", EmailStatus::Opened),
        ("Email.Clicked", EmailStatus::Clicked),
        ("Email.Bounced", EmailStatus::Bounced),
        ("Email.ReportedAsSpam", EmailStatus::Complained),
        ("Email.Unsubscribed", EmailStatus::Unsubscribed),
        ("Email.GlobalUnsubscribed", EmailStatus::GloballyUnsubscribed),
    ];
    let emails = WebhookEvent::KNOWN.iter().filter(|kind| kind.as_str().starts_with("Email."));
    assert_eq!(emails.count(), statuses.len(), "the model has other email events");
    for (name, status) in statuses {
        for time in ["created_on", "timestamp"] {
            let event = parse(&json!({"event": name, time: 1_800_000_000, "data": {"email_id": "e"}}));
            assert!(WebhookEvent::KNOWN.contains(&event.kind), "{name}");
            assert_eq!(event.status().as_ref(), Some(&status), "{name}");
            assert_eq!(event.email_id(), Some(EmailId::from("e")));
        }
    }
}

#[test]
fn each_kind_round_trips_and_only_email_events_have_a_status() {
    for kind in WebhookEvent::KNOWN {
        let event = parse(&json!({"event": kind.as_str(), "data": {}}));
        assert_eq!(event.kind, *kind);
        assert_eq!(event.status().is_some(), kind.as_str().starts_with("Email."), "{kind}");
        assert_eq!(serialized(&event)["event"], kind.as_str());
    }
}

#[test]
fn unknown_fields_and_kinds_are_preserved() {
    let payload = json!({
        "event": "Email.Teleported", "event_id": "ev-1", "timestamp": 1, "attempt": {"number": 2},
        "data": {"planet": "Mars"}
    });
    let event = parse(&payload);
    assert_eq!(event.kind.as_str(), "Email.Teleported");
    assert_eq!(event.status().unwrap().as_str(), "Email.Teleported");
    assert_eq!((&event.other["event_id"], &event.other["attempt"]["number"]), (&json!("ev-1"), &json!(2)));
    assert_eq!(serialized(&event), payload);
}

#[test]
fn a_field_of_an_unexpected_type_is_preserved() {
    for value in [json!(null), json!(true), json!([1]), json!({"a": null}), json!(1e300), json!("soon")] {
        for name in ["account_id", "ip", "user", "created_on", "timestamp", "data"] {
            let payload = json!({"event": "Contact.Added", name: value});
            let event = parse(&payload);
            assert_eq!(event.kind, WebhookEvent::ContactAdded);
            assert_eq!(serialized(&event), payload, "{name}: {value}");
        }
        let event =
            parse(&json!({"event": "Email.Opened", "data": {"email_id": value, "email": value, "tags": value}}));
        assert!(event.tags().is_empty());
        assert_eq!(event.email_id().is_some(), value.is_string());
    }
    let event = parse(&json!({"event": "Email.Opened", "data": {"email_id": 7, "tags": ["a", null, 1, "b"]}}));
    assert_eq!(event.email_id(), Some(EmailId::from("7")));
    assert_eq!(event.tags(), ["a", "b"]);
}

#[test]
fn created_on_wins_over_timestamp_if_it_is_a_date() {
    for (created_on, dialect, expected) in [(json!(7), Dialect::Documented, 7), (json!(null), Dialect::Newer, 1)] {
        let payload = json!({"event": "A", "created_on": created_on, "timestamp": "1970-01-01T00:00:01Z", "data": {}});
        let event = parse(&payload);
        assert_eq!(event.dialect(), dialect);
        assert_eq!(event.created_on, Some(Timestamp::from_second(expected)));
        assert_eq!(serialized(&event), payload);
    }
}

#[test]
fn a_numeric_id_is_serialized_as_a_number() {
    for (id, expected) in [("42", json!(42)), ("007", json!("007")), ("+1", json!("+1")), ("a", json!("a"))] {
        let mut event = Event::new(WebhookEvent::EmailSent, Dialect::Documented);
        event.account_id = Some(id.into());
        assert_eq!(serialized(&event)["account_id"], expected);
        assert_eq!(parse(&serialized(&event)), event);
    }
}

#[test]
fn a_new_event_serializes_in_its_dialect() {
    let mut event = Event::new("Email.Clicked", Dialect::Newer);
    event.created_on = Some(Timestamp::from_second(1_800_000_000));
    event.data.insert("email_id".into(), "e".into());
    let payload = json!({"event": "Email.Clicked", "timestamp": "2027-01-15T08:00:00Z", "data": {"email_id": "e"}});
    assert_eq!(serialized(&event), payload);
    assert_eq!(parse(&payload), event);
    let bare = Event::new("Email.Clicked", Dialect::Documented);
    assert_eq!(parse(&serialized(&bare)), bare);
}

#[test]
fn a_changed_field_is_written_and_the_others_stay_verbatim() {
    let payload = json!({
        "event": "Email.Sent", "account_id": "42", "user": {"id": "7"}, "ip": "::1", "timestamp": "2027-01-15 08:00:00"
    });
    let mut event = parse(&payload);
    assert_eq!(serialized(&event), payload);
    event.created_on = Some(Timestamp::from_second(1_800_000_001));
    event.data.insert("email_id".into(), "e".into());
    let mut expected = payload;
    expected["timestamp"] = "2027-01-15T08:00:01Z".into();
    expected["data"] = json!({"email_id": "e"});
    assert_eq!(serialized(&event), expected);
    event.account_id = Some("43".into());
    expected["account_id"] = 43.into();
    assert_eq!(serialized(&event), expected);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("2026-04-10T14:32:00Z")),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        let name = prop_oneof!["[a-z]{0,3}", Just("id".to_owned()), Just("email".to_owned())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..4).prop_map(|it| it.into_iter().collect::<Value>()),
        ]
    })
}

proptest! {
    #[test]
    fn an_event_that_is_not_changed_serializes_verbatim(
        kind in any::<String>(),
        fields in prop::collection::btree_map(
            prop_oneof![
                "account_id|ip|user|created_on|timestamp|data",
                "[a-z]{1,4}",
            ],
            value(),
            0..8,
        ),
    ) {
        let mut payload: Value = fields.into_iter().collect();
        payload["event"] = kind.into();
        let event = parse(&payload);
        let back = serialized(&event);
        prop_assert_eq!(&back, &payload);
        prop_assert_eq!(parse(&back), event);
    }
}
