//! `Debug` shows no secret: of a type that holds one, of an operation, of a response.

use std::collections::BTreeSet;
use std::fmt::Debug;

use cakemail_model::contacts::ContactPatch;
use cakemail_model::emails::NewEmail;
use cakemail_model::senders::SenderConfirmation;
use cakemail_model::tokens::{Challenge, ChallengeResponse, CreateTokenResponse, Token, TokenRefresh, TokenRequest};
use cakemail_model::webhooks::WebhookSignature;
use cakemail_model::{Content, Detail, Format, ListId, Secret};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::document::{Extent, SECRET, component, example, reachable, routes};
use crate::generated::calls;

type Check = (&'static str, fn(&str));

/// The types that hold a secret, by their components.
const HOLDERS: [Check; 7] = [
    ("Body_createToken", hides::<TokenRequest>),
    ("Body_refreshToken", hides::<TokenRefresh>),
    ("ChallengeResponse", hides::<Challenge>),
    ("ChallengeResponseRequest", hides::<ChallengeResponse>),
    ("ConfirmSender", hides::<SenderConfirmation>),
    ("SignatureInfo", hides::<WebhookSignature>),
    ("TokenResponse", hides::<Token>),
];

fn hides<T: Debug + Serialize + DeserializeOwned>(name: &str) {
    let json = example(component(name), Extent::Full);
    let value: T = serde_json::from_value(json.clone()).unwrap();
    let secrets = |json: &Value| json.to_string().matches(SECRET).count();
    assert!(secrets(&json) > 0, "{name} holds none");
    assert_eq!(secrets(&serde_json::to_value(&value).unwrap()), secrets(&json), "{name} loses one");
    assert_discreet(name, &format!("{value:?} {value:#?}"));
}

fn assert_discreet(name: &str, printed: &str) {
    assert!(!printed.contains(SECRET), "{name}: {printed}");
}

#[test]
fn no_type_prints_its_secret() {
    for (name, hides) in HOLDERS {
        hides(name);
    }
}

#[test]
fn no_type_with_a_secret_is_left_out() {
    let secret = |schema: &Value| {
        schema["properties"]
            .as_object()
            .is_some_and(|all| all.values().any(|property| property["format"] == "password"))
    };
    let all: BTreeSet<_> = reachable().into_iter().filter(|(_, schema)| secret(schema)).map(|(name, _)| name).collect();
    assert_eq!(HOLDERS.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), all);
}

#[test]
fn no_operation_and_no_response_prints_a_secret() {
    let routes = routes();
    for call in calls() {
        assert_discreet(call.id, &call.debug);
        let response = example(routes[call.id].response().1, Extent::Full);
        assert_discreet(call.id, &(call.show)(&response).unwrap());
    }
}

/// Text is the only thing that `Debug` quotes. The values that it shows are ids, words of enums, numbers and times.
#[test]
fn no_operation_and_no_response_prints_an_address_a_name_or_content() {
    let routes = routes();
    for call in calls() {
        assert!(!call.debug.contains('"'), "{}", call.debug);
        let response = example(routes[call.id].response().1, Extent::Full);
        // The tags of an account are its own words, and a page of them is a list of strings.
        if call.output == Format::Json && call.id != "listEmailTags" {
            let shown = (call.show)(&response).unwrap();
            assert!(!shown.contains('"'), "{}: {shown}", call.id);
        }
    }
}

#[test]
fn the_debug_of_text_shows_its_length() {
    let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Hello", "Hi"));
    let shown = format!("{:?}", email.tag("welcome"));
    for part in ["sender: SenderRef { id: SenderId(7)", "email: Some(<15 bytes>)", "subject: <5 bytes>", "[<7 bytes>]"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let patch = format!("{:?}", ContactPatch::new().email("ada@example.com"));
    assert!(patch.starts_with("ContactPatch { email: Set(<15 bytes>), custom_attributes: Leave"), "{patch}");
}

#[test]
fn a_response_of_an_unknown_shape_prints_none_of_it() {
    let odd = json!({ "access_token": SECRET, "expires_in": "soon" });
    let response: CreateTokenResponse = serde_json::from_value(odd.clone()).unwrap();
    assert!(matches!(response, CreateTokenResponse::Other(_)));
    assert_eq!(serde_json::to_value(&response).unwrap(), odd);
    assert_discreet("CreateTokenResponse", &format!("{response:?} {response:#?}"));
}

#[test]
fn an_error_that_reads_a_secret_does_not_repeat_it() {
    for odd in [json!({ "access_token": [SECRET] }), json!({ "access_token": { "token": SECRET } })] {
        let error = serde_json::from_value::<Token>(odd).unwrap_err();
        assert_discreet("Token", &error.to_string());
    }
    let number = serde_json::from_value::<Token>(json!({ "access_token": 482_913 })).unwrap();
    assert_eq!(number.access_token.expose(), SECRET);
}

#[test]
fn a_challenge_in_an_error_is_not_printed() {
    let body = json!({ "detail": [{ "msg": "second factor", "challenge": SECRET }] });
    let detail = Detail::parse(body.to_string().as_bytes());
    assert_eq!(detail.challenge.as_ref().map(Secret::expose), Some(SECRET));
    assert_discreet("Detail", &format!("{detail:?} {detail:#?}"));
}
