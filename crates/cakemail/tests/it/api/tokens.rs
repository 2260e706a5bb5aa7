//! Access tokens: kept by the client or by the caller, and two-factor authentication.

use cakemail::sandbox::{Challenge, Profile, Sandbox};
use cakemail::tokens::{ChallengeResponse, CreateTokenResponse, GrantType, TokenRefresh, TokenRequest};
use cakemail::{Client, Credentials, ErrorKind, MfaPrompt, Secret};

use super::succeeded;
use crate::support::{MakeTransport, TRANSPORTS, TestBed};

pub async fn the_caller_can_keep_tokens(bed: &TestBed) {
    let tokens = bed.client.tokens();
    let request = TokenRequest::new()
        .grant_type(GrantType::Password)
        .username(bed.sandbox.email())
        .password(bed.sandbox.password());
    let CreateTokenResponse::Token(token) = tokens.create(&request).await.unwrap() else { panic!("no token") };
    assert_eq!(token.expires_in, 432_000);
    assert_eq!(token.accounts.len(), 1);

    let renewed = tokens.refresh(&TokenRefresh::new(token.refresh_token.unwrap())).await.unwrap();
    for credentials in
        [Credentials::access_token(renewed.access_token), Credentials::refresh_token(renewed.refresh_token.unwrap())]
    {
        let client = Client::builder().base_url(bed.sandbox.url()).credentials(credentials).build().unwrap();
        assert_eq!(client.users().me().await.unwrap().email, bed.sandbox.email());
    }
}

pub async fn clones_share_one_token(bed: &TestBed) {
    bed.client.authenticate().await.unwrap();
    let other = bed.client.clone();
    for client in [&bed.client, &other] {
        client.users().me().await.unwrap();
    }
    assert_eq!(bed.request_count("createToken"), 1);
}

/// The challenge comes as a 401 or as a 200, to a client with a prompt and to one without.
pub async fn mfa_code(transport: MakeTransport) -> Vec<&'static str> {
    let mut operations = Vec::new();
    for challenge in [Challenge::Unauthorized, Challenge::Ok] {
        let mut profile = Profile::default();
        profile.challenge = challenge;
        let bed = TestBed::with(transport, Sandbox::builder().mfa_code("123456").profile(profile)).await;
        let error = bed.client.users().me().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MfaRequired);
        assert!(error.to_string().contains("mfa_prompt"), "{error}");

        let credentials = Credentials::password(bed.sandbox.email(), bed.sandbox.password());
        let prompt = MfaPrompt::new(|| async { Ok::<_, std::io::Error>(Secret::from("123456")) });
        let client = Client::builder()
            .base_url(bed.sandbox.url())
            .transport(transport())
            .credentials(credentials)
            .mfa_prompt(prompt)
            .build()
            .unwrap();
        client.users().me().await.unwrap();

        let wrong = ChallengeResponse::new("no challenge", "000000");
        assert_eq!(client.tokens().answer(&wrong).await.unwrap_err().kind(), ErrorKind::Authentication);
        operations.extend(succeeded(&bed));
    }
    operations
}

#[tokio::test]
async fn second_factor_over_both_transports() {
    for transport in TRANSPORTS {
        assert!(mfa_code(transport).await.contains(&"createTokenFromChallenge"));
    }
}

/// On several threads, at the start and each time after the token has expired.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_concurrent_calls_request_one_token() {
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        for tokens in 1..=3 {
            let mut calls = tokio::task::JoinSet::new();
            for _ in 0..100 {
                let client = bed.client.clone();
                calls.spawn(async move { client.users().me().await.map(drop) });
            }
            for result in calls.join_all().await {
                result.unwrap();
            }
            assert_eq!(bed.request_count("createToken"), tokens);
            bed.advance(432_001);
        }
    }
}
