//! Request bodies and queries: with the required fields alone, with every field, and as patches.

use std::collections::BTreeSet;

use cakemail_model::contacts::{ContactPatch, ContactTags, NewContact};
use cakemail_model::dkim::NewDkimKey;
use cakemail_model::domains::{DomainsPatch, NewDomains};
use cakemail_model::emails::{EmailContent, EmailType, NewEmail, SenderRef};
use cakemail_model::lists::{DefaultSender, ListPatch, NewList};
use cakemail_model::senders::{NewSender, SenderConfirmation, SenderPatch};
use cakemail_model::suppressions::NewSuppression;
use cakemail_model::tokens::{ChallengeResponse, GrantType, TokenRefresh, TokenRequest};
use cakemail_model::webhooks::{NewWebhook, SubscribableEvent, WebhookPatch};
use cakemail_model::{Format, Method, Patch};
use serde::Serialize;
use serde_json::{Value, json};

use crate::built::{built, email, token_request};
use crate::document::{Extent, complaints, component, example, resolve, routes};
use crate::generated::calls;

/// The fields of a schema, at any depth, that a value does not have.
fn unset(schema: &'static Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolve(schema);
    if let Some(items) = value.as_array() {
        let item = if schema["anyOf"].is_array() { &schema["anyOf"][0] } else { &schema["items"] };
        return items.iter().flat_map(|value| unset(item, value, at)).collect();
    }
    let properties = schema["properties"].as_object().into_iter().flatten();
    let missing = properties.flat_map(|(name, property)| match value.get(name) {
        Some(value) => unset(property, value, &format!("{at}.{name}")),
        None => vec![format!("{at}.{name}")],
    });
    missing.collect()
}

#[test]
fn a_body_with_every_field_set_is_valid() {
    let routes = routes();
    for call in built() {
        let Some((format, mut body)) = call.body else { continue };
        let (_, schema) = routes[call.id].body().unwrap();
        if format == Format::Form && body["account_id"].is_string() {
            body["account_id"] = 12.into(); // a form makes no difference between the two
        }
        assert_eq!(unset(schema, &body, ""), Vec::<String>::new(), "{}", call.id);
        assert_eq!(complaints(schema, &body), Vec::<String>::new(), "{}: {body}", call.id);
    }
}

#[test]
fn every_query_parameter_has_a_setter() {
    let routes = routes();
    for call in built() {
        let query: Vec<(String, String)> = serde_urlencoded::from_str(&call.query.unwrap_or_default()).unwrap();
        let ours: BTreeSet<_> = query.iter().map(|(name, _)| name.as_str()).collect();
        let mut document: BTreeSet<_> = routes[call.id].parameters("query").into_iter().collect();
        document.remove("account_id"); // given with every call
        assert_eq!(ours, document, "{}", call.id);
        assert_eq!(ours.len(), query.len(), "{}: a parameter is sent twice", call.id);
    }
}

#[test]
fn queries_have_the_spelling_of_the_api() {
    let query = |id: &str| built().into_iter().find(|call| call.id == id).unwrap().query.unwrap();
    assert_eq!(
        query("getEmailAPILogs"),
        "log_type=bounce&email_id=3fbfa67e&iso_time=true&page=2&per_page=10&start_time=1795453200&end_time=1795453200\
         &tags=%7B%22and%22%3A%5B%7B%22or%22%3A%5B%7B%22is%22%3A%22welcome%22%7D%2C%7B%22is%22%3A%22reset%22%7D%5D%7D\
         %2C%7B%22not%22%3A%7B%22is%22%3A%22test%22%7D%7D%5D%7D&providers=gmail&sort=-time"
    );
    assert_eq!(query("getEmailAPIStats"), {
        "interval=1h&iso_time=true&start_time=1795453200&end_time=1795453200&providers=gmail&tags=welcome"
    });
    assert_eq!(query("listLists"), "page=2&per_page=10&with_count=true&filter=status%3D%3Dactive&sort=-created_on");
    assert!(query("listContactsOfList").contains("&sort=%2Bemail"), "a plus is not a space");
}

fn sends(value: &impl Serialize, schema: &str, json: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), json);
    assert_eq!(complaints(component(schema), &json), Vec::<String>::new(), "{schema}");
}

#[test]
fn fields_that_are_not_set_are_not_sent() {
    let address = "ada@example.com";
    let content = EmailContent::new("Hello", EmailType::Marketing);
    let url = "https://example.com/hook";
    sends(&NewContact::new(address), "Contact", json!({ "email": address }));
    sends(&ContactTags::new(["a".to_owned()]), "Tags", json!({ "tags": ["a"] }));
    sends(&NewDkimKey::new("example.com"), "CreateDkim", json!({ "domain": "example.com" }));
    sends(&DomainsPatch::new(NewDomains::new()), "PatchDomains", json!({ "domains": {} }));
    sends(
        &NewEmail::new(SenderRef::new("7"), content),
        "SubmitEmail",
        json!({ "sender": { "id": "7" }, "content": { "subject": "Hello", "type": "marketing" } }),
    );
    sends(
        &NewList::new("News", DefaultSender::new("7")),
        "List",
        json!({ "name": "News", "default_sender": { "id": "7" } }),
    );
    sends(&NewSender::new("Ada", address), "CreateSender", json!({ "name": "Ada", "email": address }));
    sends(&SenderConfirmation::new("c1"), "ConfirmSender", json!({ "confirmation_id": "c1" }));
    sends(&NewSuppression::new("*@b.c"), "SuppressedEmail", json!({ "email": "*@b.c" }));
    sends(&TokenRequest::new(), "Body_createToken", json!({}));
    sends(&TokenRefresh::new("r1"), "Body_refreshToken", json!({ "refresh_token": "r1" }));
    sends(
        &ChallengeResponse::new("c1", "123456"),
        "ChallengeResponseRequest",
        json!({ "challenge": "c1", "code": "123456" }),
    );
    sends(
        &NewWebhook::new(SubscribableEvent::EmailClicked, url),
        "CreateWebhook",
        json!({ "event": "Email.Clicked", "url": url }),
    );
    sends(&SenderPatch::new(), "UpdateSender", json!({}));
    sends(&ListPatch::new(), "UpdateList", json!({}));
    sends(&ContactPatch::new(), "PatchContact", json!({}));
    sends(&WebhookPatch::new(), "PatchWebhook", json!({}));
}

#[test]
fn a_patch_distinguishes_leave_clear_and_set() {
    let routes = routes();
    for call in calls().into_iter().filter(|call| call.method == Method::Patch) {
        let (_, schema) = routes[call.id].body().unwrap();
        if resolve(schema)["required"].is_array() {
            continue;
        }
        let full = example(schema, Extent::Full);
        let mut cleared = full.clone();
        let mut patches = vec![json!({}), full.clone()];
        for (name, value) in full.as_object().unwrap() {
            cleared[name] = Value::Null;
            patches.extend([json!({ name: null }), json!({ name: value })]);
        }
        patches.push(cleared);
        for patch in patches {
            assert_eq!((call.read_body)(&patch).unwrap(), patch, "{}", call.id);
        }
    }

    let mut patch = WebhookPatch::new().url("https://example.com/");
    patch.rate_limit = Patch::Clear;
    assert_eq!(serde_json::to_string(&patch).unwrap(), r#"{"url":"https://example.com/","rate_limit":null}"#);
    assert!(patch.rate_limit_period.is_leave());
}

#[test]
fn an_attachment_reads_alone_or_in_a_list() {
    let mut json = serde_json::to_value(email()).unwrap();
    assert_eq!(serde_json::from_value::<NewEmail>(json.clone()).unwrap(), email());
    json["attachment"] = json["attachment"][0].take();
    assert_eq!(complaints(component("SubmitEmail"), &json), Vec::<String>::new());
    assert_eq!(serde_json::from_value::<NewEmail>(json.clone()).unwrap(), email());
    json["attachment"] = Value::Null;
    assert_eq!(serde_json::from_value::<NewEmail>(json.clone()).unwrap().attachment, None);
    json.as_object_mut().unwrap().remove("attachment");
    assert_eq!(serde_json::from_value::<NewEmail>(json).unwrap().attachment, None);
}

#[test]
fn token_requests_are_forms() {
    assert_eq!(
        serde_urlencoded::to_string(token_request()).unwrap(),
        "grant_type=password&username=ada%2Bcakemail%40example.com&password=482913&account_id=12&scopes=user%2Cadmin\
         &expiration_seconds=600&refresh_token=482913"
    );
    let hostile = TokenRequest::new().grant_type(GrantType::Password).username("a&b=c d%é").password("p&q=+ %");
    let form = serde_urlencoded::to_string(&hostile).unwrap();
    assert_eq!(form, "grant_type=password&username=a%26b%3Dc+d%25%C3%A9&password=p%26q%3D%2B+%25");
    assert_eq!(serde_urlencoded::from_str::<TokenRequest>(&form).unwrap(), hostile);
    let refresh = TokenRefresh::new("r+1");
    assert_eq!(serde_urlencoded::to_string(&refresh).unwrap(), "refresh_token=r%2B1");
}
