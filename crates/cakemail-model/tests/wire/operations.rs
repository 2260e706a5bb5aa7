//! Every operation, compared with the document: its route, its needs, its idempotency and its fixture.

use std::collections::BTreeSet;

use cakemail_model::tokens::{CreateToken, CreateTokenQuery, GrantType, TokenRequest};
use cakemail_model::{Format, Idempotency, Method, Operation};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::call::{HOSTILE, fixture};
use crate::document::{complaints, needs_token, routes};
use crate::generated::calls;

/// The operations whose idempotency is not that of their method (RFC 9110, section 9.2): each is a decision.
const EXCEPTIONS: [(Idempotency, &str); 10] = [
    (Idempotency::NonIdempotent, "PUT /token"),
    (Idempotency::Idempotent, "POST /brands/default/senders/confirm-email"),
    (Idempotency::Idempotent, "POST /lists/{list_id}/accept-policy"),
    (Idempotency::Idempotent, "POST /lists/{list_id}/archive"),
    (Idempotency::Idempotent, "POST /lists/{list_id}/contacts/{contact_id}/tag"),
    (Idempotency::Idempotent, "POST /lists/{list_id}/contacts/{contact_id}/unsubscribe"),
    (Idempotency::Idempotent, "POST /lists/{list_id}/contacts/{contact_id}/untag"),
    (Idempotency::Idempotent, "POST /suppressed-emails"),
    (Idempotency::Idempotent, "POST /webhooks/{webhook_id}/archive"),
    (Idempotency::Idempotent, "POST /webhooks/{webhook_id}/unarchive"),
];

#[test]
fn a_post_is_non_idempotent_unless_it_is_an_exception() {
    let expected: BTreeSet<_> =
        EXCEPTIONS.iter().map(|(idempotency, route)| format!("{route} {idempotency:?}")).collect();
    let found = calls().into_iter().filter(|call| {
        call.idempotency
            != match call.method {
                Method::Get => Idempotency::Safe,
                Method::Put | Method::Patch | Method::Delete => Idempotency::Idempotent,
                Method::Post => Idempotency::NonIdempotent,
            }
    });
    let found: BTreeSet<_> =
        found.map(|call| format!("{} {} {:?}", call.method, call.template, call.idempotency)).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_operation_of_the_document_has_a_type() {
    let ours: Vec<_> = calls().iter().map(|call| call.id).collect();
    assert_eq!(ours.into_iter().collect::<BTreeSet<_>>(), routes().into_keys().collect());
}

#[test]
fn every_operation_matches_the_document() {
    let routes = routes();
    for call in calls() {
        let (id, route) = (call.id, &routes[call.id]);
        assert_eq!((call.method.as_str(), call.template), (route.method.to_uppercase().as_str(), route.path), "{id}");
        assert_eq!(idempotency(call.idempotency), route.operation["x-idempotency"], "{id}");
        assert_eq!(call.auth, needs_token(route), "{id}");
        assert_eq!(call.account, route.parameters("query").contains(&"account_id"), "{id}");
        assert_eq!(call.body.map(|(format, _)| media(format)), route.body().map(|(media, _)| media), "{id}");
        assert_eq!(media(call.output), route.response().0, "{id}");
        assert!(route.parameters("header").is_empty(), "{id}: an operation has no headers");
    }
}

fn idempotency(idempotency: Idempotency) -> &'static str {
    match idempotency {
        Idempotency::Safe => "safe",
        Idempotency::Idempotent => "idempotent",
        Idempotency::NonIdempotent => "non-idempotent",
    }
}

fn media(format: Format) -> &'static str {
    match format {
        Format::Json => "application/json",
        Format::Form => "application/x-www-form-urlencoded",
        Format::Text => "text/html",
    }
}

#[test]
fn no_id_leaves_its_segment() {
    let routes = routes();
    for call in calls() {
        let template: Vec<_> = call.template.split('/').collect();
        let path: Vec<_> = call.path.split('/').collect();
        assert_eq!(path.len(), template.len(), "{}", call.path);
        assert!(!call.path.contains(['?', '#', '\\', ' ', '{', ';']), "{}", call.path);
        let mut filled = 0;
        for (segment, place) in path.into_iter().zip(template) {
            if place.starts_with('{') {
                let value = percent_decode_str(segment).decode_utf8().unwrap();
                assert!(value == HOSTILE || value == u64::MAX.to_string(), "{}", call.path);
                filled += 1;
            } else {
                assert_eq!(segment, place, "{}", call.path);
            }
        }
        assert_eq!(filled, routes[call.id].parameters("path").len(), "{}", call.path);
    }
}

#[test]
fn every_fixture_survives_reading_and_writing() {
    for call in calls() {
        let fixture = fixture(call.id);
        for (part, read, json) in [
            ("query", call.read_query, &fixture["request"]["query"]),
            ("body", call.read_body, &fixture["request"]["body"]),
            ("response", call.read, &fixture["response"]["body"]),
        ] {
            let back = read(json).unwrap_or_else(|error| panic!("{} {part}: {error}", call.id));
            assert_eq!(back, with_text_ids(json.clone()), "{} {part}", call.id);
        }
    }
}

/// The API has ids of accounts as numbers in some places; the model writes them as text.
fn with_text_ids(mut json: Value) -> Value {
    for (name, value) in json.as_object_mut().into_iter().flatten() {
        match value {
            Value::Number(id) if name == "account_id" => *value = id.to_string().into(),
            Value::Array(ids) if name == "accounts" => ids.iter_mut().for_each(|id| *id = id.to_string().into()),
            _ => {}
        }
    }
    json
}

#[test]
fn every_fixture_is_valid() {
    let routes = routes();
    for call in calls() {
        let (fixture, route) = (fixture(call.id), &routes[call.id]);
        if let Some((_, schema)) = route.body() {
            let errors = complaints(schema, &fixture["request"]["body"]);
            assert_eq!(errors, [""; 0], "{}", call.id);
        }
        let errors = complaints(route.response().1, &fixture["response"]["body"]);
        assert_eq!(errors, [""; 0], "{}", call.id);
        for parameter in route.operation["parameters"].as_array().into_iter().flatten() {
            if let Some(value) = fixture["request"]["query"].get(parameter["name"].as_str().unwrap()) {
                assert_eq!(complaints(&parameter["schema"], value), [""; 0], "{}: {}", call.id, parameter["name"]);
            }
        }
    }
}

/// A password can be sent again; a refresh token is used up by the first request that arrives.
#[test]
fn a_request_for_a_token_is_idempotent_with_a_password_only() {
    for (request, idempotency) in [
        (TokenRequest::new().grant_type(GrantType::Password), Idempotency::Idempotent),
        (TokenRequest::new().grant_type(GrantType::RefreshToken), Idempotency::NonIdempotent),
        (TokenRequest::new().grant_type("device_code"), Idempotency::NonIdempotent),
        (TokenRequest::new(), Idempotency::NonIdempotent),
    ] {
        let operation = CreateToken { query: CreateTokenQuery::new(), body: &request };
        assert_eq!(operation.idempotency(), idempotency, "{request:?}");
    }
}
