//! Every operation, held against the document: its route, what it needs, and what a second call does.

use std::collections::BTreeSet;

use cakemail_model::{Format, Idempotency};
use percent_encoding::percent_decode_str;

use crate::calls::{HOSTILE, calls};
use crate::document::{needs_token, routes};

/// Whether the client may repeat an operation after a lost response.
const IDEMPOTENCY: [(Idempotency, &[&str]); 3] = [
    (
        Idempotency::Safe,
        &[
            "GET /accounts/self",
            "GET /brands/default/dkim",
            "GET /brands/default/dkim/{id}",
            "GET /brands/default/domains/default",
            "GET /brands/default/domains/default/validate",
            "GET /brands/default/senders",
            "GET /brands/default/senders/{sender_id}",
            "GET /email-tags",
            "GET /lists",
            "GET /lists/{list_id}",
            "GET /lists/{list_id}/contacts",
            "GET /lists/{list_id}/contacts/{contact_id}",
            "GET /logs/emails-summary",
            "GET /suppressed-emails",
            "GET /users/self",
            "GET /v2/emails/{email_id}",
            "GET /v2/emails/{email_id}/render",
            "GET /v2/logs/emails",
            "GET /v2/reports/emails",
            "GET /webhooks",
            "GET /webhooks/{webhook_id}",
        ],
    ),
    (
        Idempotency::Idempotent,
        &[
            "DELETE /brands/default/dkim/{id}",
            "DELETE /brands/default/senders/{sender_id}",
            "DELETE /lists/{list_id}",
            "DELETE /lists/{list_id}/contacts/{contact_id}",
            "DELETE /suppressed-emails/{email}",
            "PATCH /brands/default/domains/default",
            "PATCH /brands/default/senders/{sender_id}",
            "PATCH /lists/{list_id}",
            "PATCH /lists/{list_id}/contacts/{contact_id}",
            "PATCH /webhooks/{webhook_id}",
            "POST /brands/default/senders/confirm-email",
            "POST /lists/{list_id}/accept-policy",
            "POST /lists/{list_id}/archive",
            "POST /lists/{list_id}/contacts/{contact_id}/tag",
            "POST /lists/{list_id}/contacts/{contact_id}/unsubscribe",
            "POST /lists/{list_id}/contacts/{contact_id}/untag",
            "POST /suppressed-emails",
            "POST /token",
            "POST /webhooks/{webhook_id}/archive",
            "POST /webhooks/{webhook_id}/unarchive",
        ],
    ),
    (
        Idempotency::NonIdempotent,
        &[
            "POST /brands/default/dkim",
            "POST /brands/default/senders",
            "POST /brands/default/senders/{sender_id}/resend-confirmation-email",
            "POST /lists",
            "POST /lists/{list_id}/contacts",
            "POST /token/challenge",
            "POST /v2/emails",
            "POST /webhooks",
            "PUT /token",
        ],
    ),
];

#[test]
fn each_operation_has_the_idempotency_that_decides_its_retries() {
    let calls = calls();
    for (idempotency, expected) in IDEMPOTENCY {
        let mut found: Vec<_> = calls.iter().filter(|call| call.idempotency == idempotency).collect();
        found.sort_by_key(|call| (call.method.as_str(), call.template));
        let found: Vec<_> = found.iter().map(|call| format!("{} {}", call.method, call.template)).collect();
        assert_eq!(found, expected, "{idempotency:?}");
    }
}

#[test]
fn every_operation_of_the_document_is_here() {
    let ours: Vec<_> = calls().iter().map(|call| call.id).collect();
    assert_eq!(ours.len(), 50);
    assert_eq!(ours.into_iter().collect::<BTreeSet<_>>(), routes().into_keys().collect());
}

#[test]
fn every_operation_is_as_the_document_says() {
    let routes = routes();
    for call in calls() {
        let (id, route) = (call.id, &routes[call.id]);
        assert_eq!((call.method.as_str(), call.template), (route.method.to_uppercase().as_str(), route.path), "{id}");
        assert_eq!(idempotency(call.idempotency), route.operation["x-idempotency"], "{id}");
        assert_eq!(call.auth, needs_token(route), "{id}");
        assert_eq!(call.account, route.parameters("query").contains(&"account_id"), "{id}");
        assert_eq!(call.body.map(|(format, _)| media(format)), route.body().map(|(media, _)| media), "{id}");
        assert_eq!(media(call.output), route.answer().0, "{id}");
        assert!(route.parameters("header").is_empty(), "{id}: headers have no place in an operation");
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
