//! Multi-factor authentication: challenges with a 200 and with a 401, with and without a prompt, and with a wrong code.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cakemail_client::{Client, Credentials, ErrorKind, MfaPrompt, Outcome};
use cakemail_model::Secret;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Reply, StubServer, advanced, ok, status, unauthorized};

/// A server that challenges every password, and accepts the code 123456.
fn server(challenge: fn() -> Reply) -> StubServer {
    StubServer::new(move |request| {
        let body = String::from_utf8(request.body().as_bytes().unwrap().to_vec()).unwrap();
        std::future::ready(match request.uri().path() {
            "/token" => challenge(),
            "/token/challenge" if body == r#"{"challenge":"c1","code":"123456"}"# => {
                status(200, json!({"access_token": "t", "expires_in": 3600}))
            }
            "/token/challenge" => unauthorized(),
            _ => ok(),
        })
    })
}

const CHALLENGES: [fn() -> Reply; 4] = [
    || status(200, json!({"challenge": "c1"})),
    || status(401, json!({"challenge": "c1"})),
    || status(401, json!({"detail": [{"msg": "A second factor is required", "type": "x"}], "challenge": "c1"})),
    || status(401, json!({"detail": {"msg": "A second factor is required", "challenge": "c1"}})),
];

fn client(server: &StubServer, prompt: Option<MfaPrompt>) -> Client {
    let builder = server.builder().credentials(Credentials::password("ada@example.com", "pw"));
    match prompt {
        Some(prompt) => builder.mfa_prompt(prompt),
        None => builder,
    }
    .build()
    .unwrap()
}

/// A prompt that returns a code after five seconds, and the number of its calls.
fn prompt(code: &'static str) -> (MfaPrompt, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let prompt = MfaPrompt::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            advanced(Duration::from_secs(5)).await;
            Ok::<_, io::Error>(Secret::from(code))
        }
    });
    (prompt, calls)
}

#[tokio::test(start_paused = true)]
async fn the_prompt_is_called_once_for_all_callers() {
    for challenge in CHALLENGES {
        let server = server(challenge);
        let (prompt, calls) = prompt("123456");
        let client = client(&server, Some(prompt));
        let mut tasks = JoinSet::new();
        for _ in 0..1000 {
            let client = client.clone();
            tasks.spawn(async move { client.users().me().await.map(drop) });
        }
        assert!(tasks.join_all().await.into_iter().all(|result| result.is_ok()));
        assert_eq!((calls.load(Ordering::SeqCst), server.count()), (1, 2 + 1000));
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_prompt_the_hint_names_mfa_prompt() {
    for challenge in CHALLENGES {
        let server = server(challenge);
        let client = client(&server, None);
        for _ in 0..100 {
            let error = client.users().me().await.unwrap_err();
            assert_eq!(
                (error.kind(), error.outcome(), error.attempts()),
                (ErrorKind::MfaRequired, Outcome::NotDone, 1)
            );
            let text = error.to_string();
            assert!(text.starts_with("createToken: multi-factor authentication is required"), "{text}");
            assert!(text.ends_with("Pass an MFA prompt to the builder (`mfa_prompt`)"), "{text}");
            assert!(!format!("{text}{error:?}").contains("c1"), "{text}");
        }
        assert_eq!(server.count(), 1, "every call requested a token");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejected_code_is_not_requested_again_with_every_call() {
    let server = server(CHALLENGES[0]);
    let (prompt, calls) = prompt("000000");
    let client = client(&server, Some(prompt));
    for _ in 0..100 {
        assert_eq!(client.users().me().await.unwrap_err().kind(), ErrorKind::Authentication);
    }
    assert_eq!((calls.load(Ordering::SeqCst), server.count()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_failed_prompt_is_an_error_of_the_kind_mfa_required() {
    let server = server(CHALLENGES[1]);
    let prompt = MfaPrompt::new(|| async { Err::<Secret, _>("no terminal") });
    let error = client(&server, Some(prompt)).users().me().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::MfaRequired, Outcome::NotDone));
    assert!(error.to_string().contains("no MFA code was given"), "{error}");
    assert_eq!(server.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_code_that_arrives_after_the_deadline_is_used_by_the_next_call() {
    let server = server(CHALLENGES[0]);
    let (prompt, calls) = prompt("123456");
    let client = client(&server, Some(prompt));
    let error = client.deadline(Duration::from_secs(1)).users().me().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 0));
    client.users().me().await.unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_panics_is_an_error_and_the_next_call_asks_again() {
    let server = server(CHALLENGES[0]);
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let prompt = MfaPrompt::new(move || {
        let is_first = count.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            advanced(Duration::from_secs(5)).await;
            assert!(!is_first, "the terminal is gone");
            Ok::<_, io::Error>(Secret::from("123456"))
        }
    });
    let client = client(&server, Some(prompt));
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let client = client.clone();
        tasks.spawn(async move { client.users().me().await.map(drop) });
    }
    for result in tasks.join_all().await {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Authentication, Outcome::NotDone));
        assert_eq!(error.source().unwrap().to_string(), "the terminal is gone");
    }
    client.users().me().await.unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}
