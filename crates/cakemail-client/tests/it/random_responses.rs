//! Random responses: no panic, no hang, and a true outcome for any response of a server.

use std::time::Duration;

use async_trait::async_trait;
use cakemail_client::{Client, Credentials, ErrorKind, Outcome, RetryPolicy};
use cakemail_model::emails::NewEmail;
use cakemail_model::logs::LogQuery;
use cakemail_model::senders::ListSendersQuery;
use cakemail_model::{Content, ListId};
use cakemail_transport::{Request, Response, Transport, TransportError};
use proptest::prelude::*;

/// Sends one response to every request: its status, headers and body.
#[derive(Debug)]
struct FixedResponse(http::StatusCode, Vec<(&'static str, String)>, Vec<u8>);

#[async_trait]
impl Transport for FixedResponse {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        let mut response = Response::new(self.2.clone().into());
        *response.status_mut() = self.0;
        for (name, value) in &self.1 {
            response.headers_mut().insert(*name, value.parse().unwrap());
        }
        Ok(response)
    }
}

/// Realistic response bodies, which are mutated.
const SEEDS: &[&str] = &[
    r#"{"email":"a@b.co","object":"email","submitted":true,"data":{"id":"3fbfa67e-c4c4-4e03-8dfd-556037960374","status":"queued"}}"#,
    r#"{"access_token":"t","token_type":"bearer","expires_in":3600,"refresh_token":"r","accounts":[1,"2"]}"#,
    r#"{"challenge":"c"}"#,
    r#"{"detail":[{"loc":["body","tags",1],"msg":"m","type":"t","code":8004}]}"#,
    r#"{"detail":"Not Found"}"#,
    r#"{"pagination":{"page":1,"per_page":50,"has_more":true,"count":9,"cursor":{"next":"x"}},"parameters":{"start_time":"2026-01-01T00:00:00Z","tags":{"is":"a"}},"data":[{"id":"l","type":"open","email_id":"e","time":1.5,"tags":["key-a"],"metadata":{"reason":"r"}}]}"#,
    r#"{"email_id":"e","status":"delivered","email":"a@b.co","submitted_time":1,"sender":{},"content":{},"tracking":{}}"#,
    "<html><head><title>502 Bad Gateway</title></head></html>",
    "",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

/// A seed with a few bytes changed, a piece repeated or cut out, or a field set to something else.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let seed = prop::sample::select(SEEDS).prop_map(|seed| seed.as_bytes().to_vec());
    let edits =
        prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..6u8, any::<u8>()), 0..4);
    let words = prop::sample::select(vec!["null", "-1", "1e999", "\"\"", "{}", "[]", "true", "18446744073709551616"]);
    (seed, edits, words).prop_map(|(mut body, edits, word)| {
        for (at, to, edit, byte) in edits {
            if body.is_empty() {
                break;
            }
            let (at, to) = (at.index(body.len()), to.index(body.len()));
            let (from, until) = (at.min(to), at.max(to));
            match edit {
                0 => body[at] = byte,
                1 => body.truncate(at),
                2 => drop(body.drain(from..until)),
                3 => {
                    let piece = body[from..until].to_vec();
                    body.splice(at..at, piece);
                }
                _ => replace_value(&mut body, at, word),
            }
        }
        body
    })
}

/// Replaces a value, so that the body often stays valid JSON.
fn replace_value(body: &mut Vec<u8>, at: usize, word: &str) {
    let Some(start) = body[at..].iter().position(|byte| *byte == b':').map(|found| at + found + 1) else { return };
    let length = body[start..].iter().position(|byte| matches!(byte, b',' | b'}')).unwrap_or(0);
    body.splice(start..start + length, word.bytes());
}

fn headers() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let retry_after = prop_oneof!["[0-9]{1,20}", "[ -~]{0,30}", Just("Wed, 21 Oct 2015 07:28:00 GMT".to_owned())];
    let date = prop_oneof!["[ -~]{0,30}", Just("Wed, 21 Oct 2015 07:27:00 GMT".to_owned())];
    (retry_after, date, "[ -~]{0,200}")
        .prop_map(|(retry_after, date, id)| vec![("retry-after", retry_after), ("date", date), ("x-request-id", id)])
}

fn statuses() -> impl Strategy<Value = http::StatusCode> {
    prop_oneof![Just(200_u16), Just(201), Just(401), Just(429), 200..=599_u16]
        .prop_map(|status| http::StatusCode::from_u16(status).unwrap())
}

/// Makes calls of each kind, in virtual time.
async fn make_calls(
    status: http::StatusCode,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    credentials: Credentials,
) {
    let transport = FixedResponse(status, headers, body);
    let client = Client::builder()
        .credentials(credentials)
        .transport(transport)
        .retry_policy(RetryPolicy::default().max_attempts(2));
    let client = client.deadline(Duration::from_secs(30)).build().unwrap();
    let content = Content::text("Hi", "Hello");
    let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", content);
    if let Err(error) = client.emails().send(&email).await {
        let may_be_done =
            status.is_success() || status.is_server_error() || status == http::StatusCode::REQUEST_TIMEOUT;
        assert!(error.outcome() == Outcome::NotDone || may_be_done, "{error:?}");
        assert!(!error.to_string().contains("ada@example.com"));
    }
    let _ = client.emails().get(&"e".into()).await;
    let _ = client.emails().render(&"e".into(), Default::default()).await;
    let mut lines = client.logs().list(LogQuery::new());
    for _ in 0..3 {
        if !matches!(lines.next().await, Some(Ok(_))) {
            break;
        }
    }
    if let Err(error) = client.senders().list(ListSendersQuery::new()).next().await.transpose() {
        assert_ne!(error.kind(), ErrorKind::Invalid);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_response_is_decoded_or_an_error(status in statuses(), headers in headers(), body in bodies(), token in any::<bool>()) {
        let credentials = match token {
            true => Credentials::access_token("token"),
            false => Credentials::password("ada@example.com", "hunter2"),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let calls = make_calls(status, headers, body, credentials);
            // The clock is paused: this fails only when a call never ends.
            tokio::time::timeout(Duration::from_secs(3600), calls).await.expect("a call hangs");
        });
    }
}
