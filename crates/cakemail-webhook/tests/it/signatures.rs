//! Signing and verifying bodies.

use cakemail_model::Secret;
use cakemail_webhook::{Delivery, Rejection, SignatureHeader, Verifier, sign};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use crate::{key, opened, receiver};

#[track_caller]
fn assert_invalid(result: Result<(), Rejection>) {
    assert!(matches!(result, Err(Rejection::InvalidSignature)), "{result:?}");
}

/// The expected signature was computed with OpenSSL.
#[test]
fn a_signature_matches_openssls() {
    let signature = sign(&"whsec-1".into(), br#"{"event":"Email.Opened"}"#);
    assert_eq!(signature, "XnIsYHifv7qofqKUplBOLMeUcyk4zEUzFYmFyOyhSNM=");
}

#[test]
fn rejects_another_key_and_another_body() {
    let signature = sign(&key(), b"body");
    Verifier::new(key()).verify(b"body", &signature).unwrap();
    assert_invalid(Verifier::new("another").verify(b"body", &signature));
    assert_invalid(Verifier::new(key()).verify(b"body ", &signature));
    assert_invalid(Verifier::new(key()).verify(b"", &signature));
}

#[test]
fn rejects_any_changed_bit() {
    let body = opened(0);
    let signature = sign(&key(), body.as_bytes());
    let verifier = Verifier::new(key());
    for bit in 0..body.len() * 8 {
        let mut changed = body.clone().into_bytes();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(verifier.verify(&changed, &signature).is_err(), "bit {bit} of the body");
    }
    for place in 0..signature.len() - 1 {
        // Without the padding, which may be missing.
        for byte in 0..=u8::MAX {
            let mut changed = signature.clone().into_bytes();
            let same = std::mem::replace(&mut changed[place], byte) == byte;
            assert_eq!(verifier.verify(body.as_bytes(), &changed).is_ok(), same, "{byte} at {place} of the signature");
        }
    }
}

#[test]
fn each_signature_of_a_header_is_tried_in_each_form() {
    let signature = sign(&key(), b"body");
    let (unpadded, other) = (signature.trim_end_matches('='), sign(&"another".into(), b"body"));
    let verifier = Verifier::new(key());
    for (text, valid) in [
        (format!(" \t{signature}\r\n"), true),
        (unpadded.to_owned(), true),
        (format!("{signature}, {signature}"), true),
        (format!("{other},{unpadded}"), true),
        (format!("{unpadded} ,, no base64"), true),
        (format!("{}{signature}", ",".repeat(100)), true),
        (format!("{}{signature}", format!("{other},").repeat(15)), true),
        (format!("{}{signature}", format!("{other},").repeat(16)), false), // too many
        (format!("{other}, {other}"), false),
        (format!("sha256={signature}"), false),
        (format!("\"{signature}\""), false),
        (format!("{signature}{signature}"), false),
        (format!("{signature}="), false),
        (format!("{unpadded}=="), false),
        (format!("{} {}", &signature[..20], &signature[20..]), false),
        (format!("{},{}", &signature[..20], &signature[20..]), false),
        (hex(&signature), false), // documented nowhere
        (String::new(), false),
        (" , ".into(), false),
    ] {
        assert_eq!(verifier.verify(b"body", &text).is_ok(), valid, "{text:?}");
    }
}

/// The signature in hex digits.
fn hex(signature: &str) -> String {
    let tag = cakemail_model::base64::decode(signature).unwrap();
    tag.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn accepts_a_signature_of_any_key() {
    let collected: Verifier = ["new", "old"].map(Secret::from).into_iter().collect();
    let added = Verifier::new("new").key("").key("old");
    for verifier in [collected, added] {
        for (key, valid) in [("new", true), ("old", true), ("older", false), ("", false)] {
            assert_eq!(verifier.verify(b"body", sign(&key.into(), b"body")).is_ok(), valid, "{key}");
        }
    }
}

#[test]
fn collects_the_keys_of_webhooks() {
    let webhooks = ["one", "two"].map(|key| serde_json::json!({"id": key, "signature": {"key": key}}));
    let verifier = Verifier::from(serde_json::from_value::<Vec<_>>(webhooks.to_vec().into()).unwrap());
    for (key, valid) in [("one", true), ("two", true), ("three", false)] {
        assert_eq!(verifier.verify(b"body", sign(&key.into(), b"body")).is_ok(), valid, "{key}");
    }
}

#[test]
fn an_empty_key_verifies_nothing() {
    let signature = sign(&"".into(), b"body");
    assert_eq!(signature, "");
    // The second is the real HMAC-SHA256 under the empty key.
    for signature in [signature.as_str(), "fsNhnqf5IXIbbYvsg+otDG1VfgsWTa9XfmLIzIjtdK4="] {
        assert_invalid(Verifier::new("").verify(b"body", signature));
        assert_invalid(Verifier::from_iter([]).verify(b"body", signature));
    }
}

#[test]
fn a_signature_header_serializes_as_its_name() {
    for header in SignatureHeader::ALL {
        assert_eq!(serde_json::to_value(header).unwrap(), header.name());
    }
}

#[tokio::test]
async fn accepts_both_header_names_in_any_case() {
    let body = opened(0);
    let signature = sign(&key(), body.as_bytes());
    for name in ["x-signature", "X-Signature", "X-Cakemail-Signature", "x-cakemail-signature", "X-CAKEMAIL-SIGNATURE"] {
        let headers = [("host", "example.com"), (name, signature.as_str())];
        assert!(receiver().receive(headers, body.as_bytes()).await.is_ok(), "{name}");
    }
    let mut headers = HeaderMap::new();
    headers.insert("X-Cakemail-Signature", HeaderValue::from_str(&signature).unwrap());
    assert!(receiver().receive(&headers, body.as_bytes()).await.is_ok());
}

#[tokio::test]
async fn one_valid_signature_header_is_enough() {
    let body = opened(0);
    let signature = sign(&key(), body.as_bytes());
    for headers in [
        [("x-signature", "of a gateway"), ("x-cakemail-signature", &signature)],
        [("x-cakemail-signature", "of a gateway"), ("x-signature", &signature)],
        [("x-signature", "of a gateway"), ("x-signature", &signature)],
        [("x-signature", &signature), ("X-Signature", "of a gateway")],
        [("x-signature", "of a gateway, of another"), ("x-signature", signature.trim_end_matches('='))],
    ] {
        assert!(receiver().receive(headers, body.as_bytes()).await.is_ok(), "{headers:?}");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        assert!(receiver().receive(&map, body.as_bytes()).await.is_ok(), "{map:?}");
    }
}

#[tokio::test]
async fn reports_the_first_step_that_fails() {
    let signed = |body: &[u8]| sign(&key(), body);
    let deep = "[".repeat(200);
    let invalid =
        ["", "null", "[]", "\"A\"", "{}", r#"{"event":1}"#, r#"{"event":null}"#, "{\"event\":\"A\"} x", &deep];
    let invalid =
        invalid.map(|body| ("x-signature", signed(body.as_bytes()), body.to_owned(), "the body is not an event"));
    let (long, longer) = (" ".repeat(400), " ".repeat(401));
    let cases = [
        ("authorization", "x".to_owned(), "{}".to_owned(), "the signature is missing"),
        ("x-signature", "x".into(), "{}".into(), "the signature is invalid"),
        ("x-signature", "x".into(), longer, "the body is too large"),
        ("x-signature", signed(long.as_bytes()), long, "the body is not an event"),
    ];
    for (name, signature, body, expected) in cases.into_iter().chain(invalid) {
        let receiver = receiver().body_limit(400);
        let rejection = receiver.receive([(name, signature)], body.as_bytes()).await.unwrap_err();
        assert_eq!(rejection.to_string(), expected, "{body}");
    }
}

#[test]
fn each_rejection_has_a_status() {
    let age = std::time::Duration::from_secs(1);
    let statuses = [
        (Rejection::Duplicate, 200),
        (Rejection::MissingSignature, 401),
        (Rejection::InvalidSignature, 401),
        (Rejection::InvalidEvent, 400),
        (Rejection::TooOld { age }, 400),
        (Rejection::TooLarge, 413),
        (Rejection::IncompleteBody, 400),
        (Rejection::failed("no disk"), 500),
        (Rejection::InProgress, 503),
        (Rejection::FromTheFuture { ahead: age }, 503),
        (Rejection::Store("no database".into()), 503),
    ];
    for (rejection, status) in statuses {
        assert_eq!(rejection.status(), status, "{rejection}");
        assert_eq!(rejection.retry_after().is_some(), status == 503, "{rejection}");
    }
}

proptest! {
    #[test]
    fn verifies_any_body_signed_with_any_key(key in ".+", body in any::<Vec<u8>>()) {
        let key = Secret::from(key);
        prop_assert!(Verifier::new(key.clone()).verify(&body, sign(&key, &body)).is_ok());
    }

    #[test]
    fn rejects_the_signature_of_another_body(body in any::<Vec<u8>>(), other in any::<Vec<u8>>()) {
        prop_assume!(body != other);
        prop_assert!(Verifier::new(key()).verify(&other, sign(&key(), &body)).is_err());
    }

    #[test]
    fn rejects_any_other_header_and_signature(name in any::<String>(), signature in any::<Vec<u8>>(), body in any::<Vec<u8>>()) {
        prop_assert!(received([(name, &signature)], &body).is_err());
        prop_assert!(matches!(received([("x-signature", signature)], &body), Err(Rejection::InvalidSignature)));
    }

    #[test]
    fn parses_or_rejects_any_signed_body(body in any::<Vec<u8>>()) {
        let result = received([("x-signature", sign(&key(), &body))], &body);
        prop_assert!(!matches!(result, Err(Rejection::InvalidSignature | Rejection::MissingSignature)));
    }
}

/// Receives with a store that is always ready.
fn received<N: AsRef<str>, V: AsRef<[u8]>>(
    headers: impl IntoIterator<Item = (N, V)>,
    body: &[u8],
) -> Result<Delivery, Rejection> {
    receiver().receive(headers, body).now_or_never().unwrap()
}
