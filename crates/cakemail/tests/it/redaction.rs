//! Logs, errors and `Debug` output contain no secret, no content and no recipient.

use std::error::Error as StdError;
use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cakemail::contacts::NewContact;
use cakemail::logs::{LogQuery, SummaryQuery};
use cakemail::sandbox::Sandbox;
use cakemail::transport::http::Uri;
use cakemail::transport::http::header::AUTHORIZATION;
use cakemail::transport::{Request, Response, Settings, Transport, TransportError};
use cakemail::webhook::Event;
use cakemail::{
    Attachment, BulkOptions, Client, Content, Credentials, Error, Filter, HyperTransport, IdempotencyKey, MfaPrompt,
    MockTransport, NewEmail, Preflight, ReconcilePolicy, ReplayTransport, ReqwestTransport, Secret,
};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::support::{MakeTransport, StubServer, TRANSPORTS, TestBed, retry_immediately};

const PASSWORD: &str = "needle-password";
const API_KEY: &str = "needle-api-key";
const RECIPIENT: &str = "needle-recipient@example.com";
const SUPPRESSED: &str = "needle-suppressed@example.com";

/// A buffer for the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A transport that records the tokens in requests and responses.
struct TokenRecorder {
    inner: Box<dyn Transport>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Debug for TokenRecorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl Transport for TokenRecorder {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        if let Some(authorization) = request.headers().get(AUTHORIZATION) {
            let token = authorization.to_str().unwrap().trim_start_matches("Bearer ");
            self.seen.lock().unwrap().push(token.to_owned());
        }
        let response = self.inner.send(request).await?;
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap_or_default();
        self.seen.lock().unwrap().extend(body["refresh_token"].as_str().map(str::to_owned));
        Ok(response)
    }
}

/// All output, and the tokens that it must not contain.
#[derive(Default)]
struct Output {
    text: String,
    tokens: Arc<Mutex<Vec<String>>>,
}

impl Output {
    fn debug(&mut self, value: &dyn Debug) {
        writeln!(self.text, "{value:?}\n{value:#?}").unwrap();
    }

    fn error(&mut self, error: &Error) {
        let mut cause: Option<&dyn StdError> = Some(error);
        while let Some(error) = cause {
            writeln!(self.text, "{error}").unwrap();
            self.debug(&error);
            cause = error.source();
        }
    }

    #[track_caller]
    fn assert_no_secrets(&self) {
        let tokens = self.tokens.lock().unwrap();
        assert!(!tokens.is_empty(), "no token was recorded");
        let secrets = tokens.iter().map(String::as_str).chain(["needle", "bmVlZGxl"]); // the second is base64 of the first
        for secret in secrets {
            let around = |place: usize| {
                let start = self.text.floor_char_boundary(place.saturating_sub(200));
                &self.text[start..self.text.ceil_char_boundary(place + 100)]
            };
            assert!(
                !self.text.contains(secret),
                "the output contains {secret}: {}",
                around(self.text.find(secret).unwrap())
            );
        }
    }
}

fn email(email: NewEmail) -> NewEmail {
    let mut email = email
        .email(RECIPIENT)
        .tag("needle-tag")
        .header("X-Needle", "needle-header")
        .attribute("name", "needle-attribute")
        .attach(Attachment::from_bytes("a.csv", "needle-attachment").unwrap());
    email.content.subject = "needle-subject".into();
    email.content.html = Some("<p>needle-html</p>".into());
    email
}

/// Makes calls that succeed and calls that fail.
async fn call_all(transport: MakeTransport, output: &mut Output) {
    let bed = TestBed::with(transport, Sandbox::builder().account("ada@example.com", PASSWORD)).await;
    let recorder = || TokenRecorder { inner: transport(), seen: Arc::clone(&output.tokens) };
    let builder = |credentials| {
        Client::builder()
            .credentials(credentials)
            .base_url(bed.sandbox.url())
            .transport(recorder())
            .retry_policy(retry_immediately())
    };
    let client = builder(Credentials::password("ada@example.com", PASSWORD)).build().unwrap();
    let client = client.header("x-api-key", API_KEY).unwrap();

    let mut errors = Vec::new();
    let good = email(bed.email(RECIPIENT).await);
    let sent = client.emails().send(&good).await.unwrap();
    client.emails().get(&sent.id).await.unwrap();
    client.emails().render(&sent.id, Default::default()).await.unwrap();
    let key = IdempotencyKey::new("needle-key").unwrap();
    client.emails().send_idempotent(&good, &key, &ReconcilePolicy::new()).await.unwrap();
    let check = Preflight::new(good.sender.id.clone(), good.list_id.unwrap()).recipient(RECIPIENT);
    assert!(client.preflight(&check).await.passed());
    client.logs().list(LogQuery::new().tags("needle-tag")).all().await.unwrap();
    client.logs().summaries(SummaryQuery::new().email("~~needle")).all().await.unwrap();
    client.suppressions().add(SUPPRESSED).await.unwrap();
    client.suppressions().remove(SUPPRESSED).await.unwrap();
    bed.advance(432_001);
    client.users().me().await.unwrap(); // by the refresh token

    errors.push(client.suppressions().remove(SUPPRESSED).await.unwrap_err());
    errors.push(client.emails().send(&good.clone().list_id(99_u64)).await.unwrap_err());
    errors.push(client.emails().send(&good.clone().email("needle recipient@example.com")).await.unwrap_err());
    errors.push(client.emails().send(&good.clone().tag("needle tag")).await.unwrap_err());
    errors.push(client.logs().page(LogQuery::new().sort("colour").tags("needle-tag")).await.unwrap_err());
    errors.push(client.senders().confirm("needle-confirmation").await.unwrap_err());
    errors.push(client.for_account("77").lists().list(Default::default()).all().await.unwrap_err());
    let deadline = Duration::from_millis(5);
    errors.extend(
        client.deadline(deadline).emails().wait_for(&sent.id, cakemail::Milestone::Opened, deadline).await.err(),
    );
    for credentials in [
        Credentials::password("ada@example.com", "needle-wrong-password"),
        Credentials::access_token("needle-access-token"),
        Credentials::refresh_token("needle-refresh-token"),
        Credentials::access_token("needle\naccess-token"),
    ] {
        output.text += &format!("{credentials:?}");
        match builder(credentials).build() {
            Ok(client) => errors.push(client.emails().send(&good).await.unwrap_err()),
            Err(error) => errors.push(error),
        }
    }
    errors.push(client.emails().send(&with_missing_file(&good)).await.unwrap_err());
    errors.extend(errors_of_stub_servers(transport, &good).await);
    for error in &errors {
        output.error(error);
    }
    output.debug(&with_missing_file(&good).attachment);
    values_of_calls(&client, &good, output).await;
    output.debug(&client);
    output.debug(&client.emails());
    output.debug(&client.logs().list(LogQuery::new().tags("needle-tag")));
    output.debug(&client.emails().send_all(futures_util::stream::iter([(1, good)]), BulkOptions::new()));
}

/// Formats what calls take and return: each type that holds an address, a name or content.
async fn values_of_calls(client: &Client, email: &NewEmail, output: &mut Output) {
    let key = IdempotencyKey::random();
    let sent = client.emails().send_idempotent(email, &key, &ReconcilePolicy::new()).await.unwrap();
    let mut other = email.clone();
    other.content.subject = "needle-other-subject".into();
    let conflict = client.emails().send_idempotent(&other, &key, &ReconcilePolicy::new()).await.unwrap_err();
    output.debug(&conflict.key_conflict().unwrap());
    output.error(&conflict);
    let list = email.list_id.unwrap();
    let contact = NewContact::new("needle-contact@example.com").attribute("needle-name", "needle-value");
    let created = client.contacts().create(list, &contact, Default::default()).await;
    output.debug(&created.map_err(|error| error.kind()));
    client.suppressions().add(SUPPRESSED).await.unwrap();
    let check = Preflight::new(email.sender.id.clone(), list).recipient(SUPPRESSED);
    output.debug(&client.preflight(&check).await);
    let mut results = client.emails().send_all(futures_util::stream::iter([(1, email.clone())]), BulkOptions::new());
    output.debug(&futures_util::StreamExt::next(&mut results).await.unwrap().1.unwrap());
    let event: Event = serde_json::from_value(serde_json::json!({
        "event": "Email.Opened",
        "ip": "needle",
        "user": { "id": 7, "email": "needle@example.com", "name": "needle" },
        "data": { "email": "needle@example.com", "metadata": { "link": "needle" } },
    }))
    .unwrap();
    let values: [&dyn Debug; 20] = [
        &results,
        &key,
        &check,
        &sent,
        &email,
        &email.content,
        &Content::html_and_text("needle", "needle", "needle"),
        &client.emails().get(&sent.id).await.unwrap(),
        &client.logs().list(LogQuery::new()).all().await.unwrap(),
        &client.logs().summaries(SummaryQuery::new().email("~~needle")).all().await.unwrap(),
        &SummaryQuery::new().email("~~needle"),
        &contact,
        &client.contacts().list(list, Default::default()).all().await.unwrap(),
        &client.suppressions().list(Default::default()).all().await.unwrap(),
        &Filter::equal("email", "needle@example.com").unwrap(),
        &cakemail::model::SuppressionPattern::new("needle@example.com"),
        &Credentials::password("needle@example.com", "needle"),
        &event,
        &event.user,
        &event.details(),
    ];
    values.into_iter().for_each(|value| output.debug(value));
}

/// The same email, with a file that no longer exists.
fn with_missing_file(email: &NewEmail) -> NewEmail {
    let folder = tempfile::Builder::new().prefix("needle-folder").tempdir().unwrap();
    let path = folder.path().join("gone.csv");
    std::fs::write(&path, "needle-file").unwrap();
    email.clone().attach(Attachment::from_path(path).unwrap())
}

/// The errors of calls to servers that are not Cakemail.
async fn errors_of_stub_servers(transport: MakeTransport, email: &NewEmail) -> Vec<Error> {
    let echo = format!(r#"{{"detail": [{{"loc": ["body", "email"], "msg": "{RECIPIENT} is no address"}}]}}"#);
    let odd = format!(r#"{{"data": {{"id": ["{RECIPIENT}"], "status": 5}}}}"#);
    let location = "location: https://example.com/?token=needle\r\n";
    let mut errors = Vec::new();
    for server in [
        StubServer::respond("422 Unprocessable Entity", "", &echo),
        StubServer::respond("201 Created", "", &odd),
        StubServer::respond("200 OK", "", &format!("<p>{RECIPIENT}</p>")),
        StubServer::respond("302 Found", location, ""),
        StubServer::respond("500 Internal Server Error", "x-request-id: r1\r\n", &echo),
        StubServer::raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nneedle"),
        StubServer::raw("needle"),
        StubServer::raw(""),
    ] {
        for scheme in ["http", "https"] {
            let credentials = Credentials::access_token("needle-access-token");
            let builder =
                Client::builder().base_url(server.url(scheme)).transport(transport()).retry_policy(retry_immediately());
            let client = builder.credentials(credentials).build().unwrap();
            errors.push(client.emails().send(email).await.unwrap_err());
            errors.push(client.logs().page(LogQuery::new().tags("needle-tag")).await.unwrap_err());
        }
    }
    errors
}

#[tokio::test]
async fn no_log_or_error_of_a_call_contains_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    // While there is one subscriber, `tracing` asks only the thread that reaches a span first, which may be another
    // test's. With two, it asks all of them.
    let _other = tracing_subscriber::registry().set_default();
    // This thread runs the client, the transports and the sandbox. The subscriber also gets records of the `log` crate.
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish()
        .set_default();
    let mut output = Output::default();
    for transport in TRANSPORTS {
        call_all(transport, &mut output).await;
    }
    drop(subscriber);

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for entry in
        ["cakemail{operation=\"submitEmail\" route=\"/v2/emails\" attempt=1}", "reqwest::connect", "hyper_util::client"]
    {
        assert!(log.contains(entry), "the log lacks {entry}");
    }
    output.text += &log;
    output.assert_no_secrets();
}

#[test]
fn no_debug_output_of_a_setting_contains_a_secret() {
    let mut output = Output::default();
    output.tokens.lock().unwrap().push("needle".into());
    let proxy = Uri::from_static("http://me:needle@proxy.example:3128");
    let settings = Settings::new().proxy(proxy);
    output.debug(&settings);
    output.debug(&ReqwestTransport::with_settings(settings.clone()).unwrap());
    output.debug(&HyperTransport::with_settings(settings).unwrap());
    output.debug(&MockTransport::new());
    output.debug(&ReplayTransport::new().respond(200, "needle"));
    output.debug(&MfaPrompt::new(|| async { Ok::<_, io::Error>(Secret::from("needle")) }));
    output.debug(&Secret::from("needle"));
    output.debug(&NewEmail::transactional("7", cakemail::ListId::new(1), "a@b.c", Content::text("a", "b")));
    let builder = Client::builder()
        .credentials(Credentials::password("ada@example.com", "needle"))
        .mfa_prompt(MfaPrompt::new(|| async { Ok::<_, io::Error>(Secret::from("needle")) }))
        .transport(ReplayTransport::new().respond(200, "needle"));
    output.debug(&builder);
    output.debug(&builder.build().unwrap());
    for url in ["https://ada:needle@example.com", "https://example.com?key=needle"] {
        let builder = Client::builder().base_url(url).credentials(Credentials::access_token("needle"));
        output.debug(&builder);
        output.error(&builder.build().unwrap_err());
    }
    output.assert_no_secrets();
}
