//! Signatures: those that hold, and all others.

use cakemail_model::Secret;
use cakemail_webhook::{Rejection, Verifier, sign};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use crate::{key, opened, receiver};

const WRONG: Result<(), Rejection> = Err(Rejection::WrongSignature);

/// Worked out by another implementation: OpenSSL.
#[test]
fn a_signature_is_the_one_that_others_make() {
    let signature = sign(&"whsec-1".into(), br#"{"event":"Email.Opened"}"#);
    assert_eq!(signature, "XnIsYHifv7qofqKUplBOLMeUcyk4zEUzFYmFyOyhSNM=");
}

#[test]
fn another_key_and_another_body_are_refused() {
    let signature = sign(&key(), b"body");
    assert_eq!(Verifier::new(key()).verify(b"body", &signature), Ok(()));
    assert_eq!(Verifier::new("another").verify(b"body", &signature), WRONG);
    assert_eq!(Verifier::new(key()).verify(b"body ", &signature), WRONG);
    assert_eq!(Verifier::new(key()).verify(b"", &signature), WRONG);
}

#[test]
fn every_bit_counts() {
    let body = opened(0);
    let signature = sign(&key(), body.as_bytes());
    let verifier = Verifier::new(key());
    for bit in 0..body.len() * 8 {
        let mut changed = body.clone().into_bytes();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verifier.verify(&changed, &signature), WRONG, "bit {bit} of the body");
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
fn white_space_around_is_all_that_is_forgiven() {
    let signature = sign(&key(), b"body");
    let verifier = Verifier::new(key());
    for (around, holds) in [
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
        assert_eq!(verifier.verify(b"body", &around).is_ok(), holds, "{around:?}");
    }
}

#[test]
fn any_of_several_keys_will_do() {
    let verifier: Verifier = ["new", "old"].map(Secret::from).into_iter().collect();
    for (key, expected) in [("new", Ok(())), ("old", Ok(())), ("older", WRONG)] {
        assert_eq!(verifier.verify(b"body", sign(&key.into(), b"body")), expected, "{key}");
    }
}

#[test]
fn an_empty_key_lets_nobody_in() {
    let signature = sign(&"".into(), b"body");
    assert_eq!(signature, "");
    // What HMAC-SHA256 under the empty key really is.
    for signature in [signature.as_str(), "fsNhnqf5IXIbbYvsg+otDG1VfgsWTa9XfmLIzIjtdK4="] {
        assert_eq!(Verifier::new("").verify(b"body", signature), WRONG);
        assert_eq!(Verifier::from_iter([]).verify(b"body", signature), WRONG);
    }
}

#[test]
fn either_header_will_do_however_it_is_written() {
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
fn a_header_of_somebody_elses_does_no_harm() {
    let body = opened(0);
    let signature = sign(&key(), body.as_bytes());
    for headers in [
        [("x-signature", "a gateway's own"), ("x-cakemail-signature", &signature)],
        [("x-cakemail-signature", "a gateway's own"), ("x-signature", &signature)],
    ] {
        assert!(receiver().receive(headers, body.as_bytes()).is_ok(), "{headers:?}");
    }
}

#[test]
fn what_is_wrong_is_said_in_order() {
    let refused = |name: &str, signature: &str, body: &[u8]| {
        receiver().limit(400).receive([(name, signature)], body).unwrap_err()
    };
    let signed = |body: &[u8]| sign(&key(), body);
    assert_eq!(refused("authorization", "x", b"{}"), Rejection::MissingSignature);
    assert_eq!(refused("x-signature", "x", b"{}"), Rejection::WrongSignature);
    assert_eq!(refused("x-signature", "x", &[b' '; 401]), Rejection::TooLarge);
    assert_eq!(refused("x-signature", &signed(&[b' '; 400]), &[b' '; 400]), Rejection::NotAnEvent);
    for body in
        ["", "null", "[]", "\"Email.Opened\"", "{}", r#"{"event":1}"#, r#"{"event":null}"#, "{\"event\":\"A\"} x"]
    {
        assert_eq!(refused("x-signature", &signed(body.as_bytes()), body.as_bytes()), Rejection::NotAnEvent, "{body}");
    }
    let deep = "[".repeat(200);
    assert_eq!(refused("x-signature", &signed(deep.as_bytes()), deep.as_bytes()), Rejection::NotAnEvent);
}

#[test]
fn each_rejection_has_its_status() {
    let statuses = [
        (Rejection::MissingSignature, 401),
        (Rejection::WrongSignature, 401),
        (Rejection::NotAnEvent, 400),
        (Rejection::TooOld, 400),
        (Rejection::TooLarge, 413),
        (Rejection::Interrupted, 400),
    ];
    for (rejection, status) in statuses {
        assert_eq!(rejection.status(), status, "{rejection}");
    }
}

proptest! {
    #[test]
    fn any_body_and_key_verify(key in ".+", body in any::<Vec<u8>>()) {
        let key = Secret::from(key);
        prop_assert_eq!(Verifier::new(key.clone()).verify(&body, sign(&key, &body)), Ok(()));
    }

    #[test]
    fn any_change_is_refused(body in any::<Vec<u8>>(), other in any::<Vec<u8>>()) {
        prop_assume!(body != other);
        prop_assert_eq!(Verifier::new(key()).verify(&other, sign(&key(), &body)), WRONG);
    }

    #[test]
    fn any_stranger_is_refused(name in any::<String>(), signature in any::<Vec<u8>>(), body in any::<Vec<u8>>()) {
        prop_assert!(receiver().receive([(name, &signature)], &body).is_err());
        prop_assert_eq!(receiver().receive([("x-signature", signature)], &body), Err(Rejection::WrongSignature));
    }

    #[test]
    fn any_signed_body_is_read_or_refused(body in any::<Vec<u8>>()) {
        let answer = receiver().receive([("x-signature", sign(&key(), &body))], &body);
        prop_assert!(!matches!(answer, Err(Rejection::WrongSignature | Rejection::MissingSignature)));
    }
}
