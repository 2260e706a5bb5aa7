//! Signing and verifying bodies.

use cakemail_model::Secret;
use cakemail_webhook::{Rejection, SignatureHeader, Verifier, sign};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use crate::{key, opened, receiver};

const INVALID: Result<(), Rejection> = Err(Rejection::InvalidSignature);

/// The expected signature was computed with OpenSSL.
#[test]
fn a_signature_matches_openssls() {
    let signature = sign(&"whsec-1".into(), br#"{"event":"Email.Opened"}"#);
    assert_eq!(signature, "XnIsYHifv7qofqKUplBOLMeUcyk4zEUzFYmFyOyhSNM=");
}

#[test]
fn rejects_another_key_and_another_body() {
    let signature = sign(&key(), b"body");
    assert_eq!(Verifier::new(key()).verify(b"body", &signature), Ok(()));
    assert_eq!(Verifier::new("another").verify(b"body", &signature), INVALID);
    assert_eq!(Verifier::new(key()).verify(b"body ", &signature), INVALID);
    assert_eq!(Verifier::new(key()).verify(b"", &signature), INVALID);
}

#[test]
fn rejects_any_changed_bit() {
    let body = opened(0);
    let signature = sign(&key(), body.as_bytes());
    let verifier = Verifier::new(key());
    for bit in 0..body.len() * 8 {
        let mut changed = body.clone().into_bytes();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verifier.verify(&changed, &signature), INVALID, "bit {bit} of the body");
    }
    for place in 0..signature.len() {
        for byte in 0..=u8::MAX {
            let mut changed = signature.clone().into_bytes();
            let same = std::mem::replace(&mut changed[place], byte) == byte;
            assert_eq!(verifier.verify(body.as_bytes(), &changed).is_ok(), same, "{byte} at {place} of the signature");
        }
    }
}

#[test]
fn ignores_only_white_space_around_the_signature() {
    let signature = sign(&key(), b"body");
    let verifier = Verifier::new(key());
    for (text, valid) in [
        (format!(" \t{signature}\r\n"), true),
        (format!("sha256={signature}"), false),
        (format!("\"{signature}\""), false),
        (format!("{signature}{signature}"), false),
        (format!("{signature}, {signature}"), false),
        (signature.trim_end_matches('=').to_owned(), false),
        (format!("{} {}", &signature[..20], &signature[20..]), false),
        (String::new(), false),
        (" ".into(), false),
    ] {
        assert_eq!(verifier.verify(b"body", &text).is_ok(), valid, "{text:?}");
    }
}

#[test]
fn accepts_a_signature_of_any_key() {
    let verifier: Verifier = ["new", "old"].map(Secret::from).into_iter().collect();
    for (key, expected) in [("new", Ok(())), ("old", Ok(())), ("older", INVALID)] {
        assert_eq!(verifier.verify(b"body", sign(&key.into(), b"body")), expected, "{key}");
    }
}

#[test]
fn an_empty_key_verifies_nothing() {
    let signature = sign(&"".into(), b"body");
    assert_eq!(signature, "");
    // The second is the real HMAC-SHA256 under the empty key.
    for signature in [signature.as_str(), "fsNhnqf5IXIbbYvsg+otDG1VfgsWTa9XfmLIzIjtdK4="] {
        assert_eq!(Verifier::new("").verify(b"body", signature), INVALID);
        assert_eq!(Verifier::from_iter([]).verify(b"body", signature), INVALID);
    }
}

#[test]
fn a_signature_header_serializes_as_its_name() {
    for header in SignatureHeader::ALL {
        assert_eq!(serde_json::to_value(header).unwrap(), header.name());
    }
}

#[test]
fn accepts_both_header_names_in_any_case() {
    let body = opened(0);
    let signature = sign(&key(), body.as_bytes());
    for name in ["x-signature", "X-Signature", "X-Cakemail-Signature", "x-cakemail-signature", "X-CAKEMAIL-SIGNATURE"] {
        let headers = [("host", "example.com"), (name, signature.as_str())];
        assert!(receiver().receive(headers, body.as_bytes()).is_ok(), "{name}");
    }
    let mut headers = HeaderMap::new();
    headers.insert("X-Cakemail-Signature", HeaderValue::from_str(&signature).unwrap());
    assert!(receiver().receive(&headers, body.as_bytes()).is_ok());
}

#[test]
fn ignores_an_invalid_signature_beside_a_valid_one() {
    let body = opened(0);
    let signature = sign(&key(), body.as_bytes());
    for headers in [
        [("x-signature", "of a gateway"), ("x-cakemail-signature", &signature)],
        [("x-cakemail-signature", "of a gateway"), ("x-signature", &signature)],
    ] {
        assert!(receiver().receive(headers, body.as_bytes()).is_ok(), "{headers:?}");
    }
}

#[test]
fn reports_the_first_step_that_fails() {
    let rejection = |name: &str, signature: &str, body: &[u8]| {
        receiver().body_limit(400).receive([(name, signature)], body).unwrap_err()
    };
    let signed = |body: &[u8]| sign(&key(), body);
    assert_eq!(rejection("authorization", "x", b"{}"), Rejection::MissingSignature);
    assert_eq!(rejection("x-signature", "x", b"{}"), Rejection::InvalidSignature);
    assert_eq!(rejection("x-signature", "x", &[b' '; 401]), Rejection::TooLarge);
    assert_eq!(rejection("x-signature", &signed(&[b' '; 400]), &[b' '; 400]), Rejection::InvalidEvent);
    for body in
        ["", "null", "[]", "\"Email.Opened\"", "{}", r#"{"event":1}"#, r#"{"event":null}"#, "{\"event\":\"A\"} x"]
    {
        assert_eq!(
            rejection("x-signature", &signed(body.as_bytes()), body.as_bytes()),
            Rejection::InvalidEvent,
            "{body}"
        );
    }
    let deep = "[".repeat(200);
    assert_eq!(rejection("x-signature", &signed(deep.as_bytes()), deep.as_bytes()), Rejection::InvalidEvent);
}

#[test]
fn each_rejection_has_a_status() {
    let statuses = [
        (Rejection::MissingSignature, 401),
        (Rejection::InvalidSignature, 401),
        (Rejection::InvalidEvent, 400),
        (Rejection::TooOld, 400),
        (Rejection::TooLarge, 413),
        (Rejection::IncompleteBody, 400),
    ];
    for (rejection, status) in statuses {
        assert_eq!(rejection.status(), status, "{rejection}");
    }
}

proptest! {
    #[test]
    fn verifies_any_body_signed_with_any_key(key in ".+", body in any::<Vec<u8>>()) {
        let key = Secret::from(key);
        prop_assert_eq!(Verifier::new(key.clone()).verify(&body, sign(&key, &body)), Ok(()));
    }

    #[test]
    fn rejects_the_signature_of_another_body(body in any::<Vec<u8>>(), other in any::<Vec<u8>>()) {
        prop_assume!(body != other);
        prop_assert_eq!(Verifier::new(key()).verify(&other, sign(&key(), &body)), INVALID);
    }

    #[test]
    fn rejects_any_other_header_and_signature(name in any::<String>(), signature in any::<Vec<u8>>(), body in any::<Vec<u8>>()) {
        prop_assert!(receiver().receive([(name, &signature)], &body).is_err());
        prop_assert_eq!(receiver().receive([("x-signature", signature)], &body), Err(Rejection::InvalidSignature));
    }

    #[test]
    fn parses_or_rejects_any_signed_body(body in any::<Vec<u8>>()) {
        let result = receiver().receive([("x-signature", sign(&key(), &body))], &body);
        prop_assert!(!matches!(result, Err(Rejection::InvalidSignature | Rejection::MissingSignature)));
    }
}
