//! Emails: the sandbox accepts exactly what the model accepts, and another MIME parser reads the same email.

use cakemail::sandbox::{Sandbox, Tenant};
use cakemail::transport::Body;
use cakemail::{Attachment, Content, HyperTransport, NewEmail, Transport};
use http::{Method, Request};
use mail_parser::{Message, MessageParser};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use super::{Target, ensure, ensure_eq, samples, text};
use crate::Result;

/// The recipient, the subject, the text, the HTML, the value of a header, and the bytes of an attachment.
const SAMPLES: &[&str] = &[
    "ada@example.com|Hello|Hello, Ada.|<p>Hello, Ada.</p>|value|bytes",
    "é@exämple.fr|Grüße 😀|Hé\r\n.\r\nFrom here\r\n-- |<p>Hé</p>||",
    "a+b@example.com|=?utf-8?q?a?=| trailing |<!DOCTYPE html><html><body>=3D</body></html>|=?utf-8?q?a?=|\0\u{1}",
    "ada@example.com|a  b|x||sévén|",
    "ada@example.com\r\nBcc: bob@example.com|a\r\nb|x|y|a\r\nb|",
];

/// One that the parser decodes: it does not know others.
const HEADER: &str = "Comments";

/// A sandbox, and an account of it. Emails are posted past the client, which would refuse some of them.
struct TestBed {
    runtime: Runtime,
    sandbox: Sandbox,
    tenant: Tenant,
    transport: HyperTransport,
    token: String,
}

pub fn target() -> Result<Target> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let sandbox = runtime.block_on(Sandbox::builder().start())?;
    let (tenant, transport) = (sandbox.tenant(), HyperTransport::new()?);
    let mut test_bed = TestBed { runtime, sandbox, tenant, transport, token: String::new() };
    test_bed.sign_in()?;
    Ok(Target { name: "messages", samples: samples(SAMPLES), check: Box::new(move |input| test_bed.check(input)) })
}

impl TestBed {
    fn sign_in(&mut self) -> std::result::Result<(), String> {
        let form = format!("grant_type=password&username={}&password={}", self.tenant.email(), self.tenant.password());
        let (status, body) = self.call(Method::POST, "/token", "application/x-www-form-urlencoded", form)?;
        let token = json(&body)["access_token"].as_str().map(str::to_owned);
        self.token = token.ok_or_else(|| format!("no token: {status} {body}"))?;
        Ok(())
    }

    fn check(&self, input: &[u8]) -> std::result::Result<(), String> {
        let email = self.email(input)?;
        let request = serde_json::to_string(&email).map_err(|error| error.to_string())?;
        let (status, body) = self.call(Method::POST, "/v2/emails", "application/json", request)?;
        let valid = email.validate();
        ensure(status < 500, &format!("the sandbox fails: {status} {body}"))?;
        ensure_eq(
            status < 300,
            valid.is_ok(),
            &format!("{valid:?}, but the sandbox responds {status} {body}: accepted"),
        )?;
        if valid.is_err() {
            return Ok(());
        }
        let id = json(&body)["data"]["id"].as_str().unwrap_or_default().to_owned();
        let (_, source) =
            self.call(Method::GET, &format!("/_sandbox/messages/{id}/source"), "text/plain", String::new())?;
        let message = MessageParser::new().parse(source.as_bytes()).ok_or("the source cannot be read")?;
        compare(&message, &email)
    }

    /// An email of these parts. Brackets would be merge tags, and tracking would change the links.
    fn email(&self, input: &[u8]) -> std::result::Result<NewEmail, String> {
        let mut parts = input.splitn(6, |byte| *byte == b'|');
        let mut part = || parts.next().unwrap_or_default();
        let mut line = || text(part()).replace('[', "(");
        let (recipient, subject, body, html, value) = (line(), line(), line(), line(), line());
        let content = match html.is_empty() {
            true => Content::text(subject, body),
            false => Content::html_and_text(subject, html, body),
        };
        let email = NewEmail::transactional(self.tenant.sender_id().clone(), self.tenant.list_id(), recipient, content);
        let attachment = Attachment::from_bytes("a.pdf", part()).map_err(|error| error.to_string())?;
        Ok(email.untracked().header(HEADER, value).attach(attachment))
    }

    /// The status and the body of the response.
    fn call(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: String,
    ) -> std::result::Result<(u16, String), String> {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.sandbox.url()));
        let request =
            request.header("content-type", content_type).header("authorization", format!("Bearer {}", self.token));
        let request = request.body(Body::from(body)).map_err(|error| error.to_string())?;
        let response = self.runtime.block_on(self.transport.send(request)).map_err(|error| error.to_string())?;
        Ok((response.status().as_u16(), text(response.body())))
    }
}

fn compare(message: &Message<'_>, email: &NewEmail) -> std::result::Result<(), String> {
    let recipients: Vec<_> = message.to().into_iter().flat_map(|to| to.iter()).map(|it| it.address()).collect();
    ensure_eq(recipients, vec![email.email.as_deref()], "the recipients")?;
    ensure_eq(message.subject().map(words), Some(words(&email.content.subject)), "the subject")?;
    ensure(message.cc().is_none() && message.bcc().is_none(), "the email has another recipient")?;
    let header =
        email.additional_headers.iter().flatten().map(|header| words(&header.value)).next().unwrap_or_default();
    let read = message.header(HEADER).and_then(|value| value.as_text()).map(words).unwrap_or_default();
    ensure_eq(read, header, "the additional header")?;
    if let Some(text) = &email.content.text {
        ensure_eq(message.body_text(0).map(|it| lines(&it)), Some(lines(text)), "the text")?;
    }
    if let Some(html) = &email.content.html {
        ensure_eq(message.body_html(0).map(|it| lines(&it)), Some(lines(html)), "the HTML")?;
    }
    ensure_eq(message.attachment_count(), 1, "the number of attachments")
}

/// White space is folded in a header.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Line breaks are written as CRLF, and the last one may belong to what follows.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").trim_end_matches('\n').to_owned()
}

fn json(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_default()
}
