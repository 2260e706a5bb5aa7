//! What people and programs do with a sandbox, through a proxy.

use std::time::Duration;

use cakemail::sandbox::Sandbox;
use cakemail::senders::NewSender;
use cakemail::transport::ReqwestTransport;
use cakemail::{Attachment, Client, Content, Credentials, EmailId, NewEmail};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};

use crate::certificate::trusting;
use crate::{HOST, Program, Proxy, Result, Variant};

const TOKEN: &str = "the-control-token";

/// How long an event of the stream may take.
const EVENT: Duration = Duration::from_secs(10);

/// Walks through everything that a sandbox does over HTTP, behind a proxy with TLS. Returns what was seen, a line each.
///
/// # Errors
/// When something is not as it is without a proxy.
pub async fn walk(program: Program, variant: Variant) -> Result<Vec<String>> {
    let mut proxy = Proxy::new()?;
    let builder = Sandbox::builder().public_url(proxy.url()).control_token(TOKEN).private();
    let sandbox = builder.start().await?;
    proxy.start(program, variant, sandbox.addr())?;
    let visitor = Visitor::new(&proxy)?;
    visitor.ready().await?;
    let mut seen = Vec::new();
    let (client, id) = visitor.send(&sandbox).await?;
    seen.push("an SDK client signed in, confirmed a sender by its link, and sent an email".into());
    seen.push(visitor.links(&id).await?);
    seen.push(visitor.pages().await?);
    visitor.sign_in().await?;
    seen.push("a browser signed in with a cookie for the path, and pages of other sites were refused".into());
    visitor.events(&client, &id).await?;
    seen.push("an event arrived on a stream that stays open".into());
    visitor.large(&client, &sandbox).await?;
    seen.push("an attachment of 5 MiB was sent, and the state exported".into());
    seen.push(visitor.connections().await?);
    Ok(seen)
}

/// A client that reaches the proxy by the name of the documentation.
struct Visitor {
    http: reqwest::Client,
    base: String,
    transport: ReqwestTransport,
}

fn ensure(condition: bool, message: impl Into<String>) -> Result {
    if condition { Ok(()) } else { Err(message.into().into()) }
}

impl Visitor {
    fn new(proxy: &Proxy) -> Result<Self> {
        let builder = || -> Result<reqwest::ClientBuilder> {
            let builder = reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none());
            Ok(builder.resolve(HOST, proxy.addr()).tls_backend_preconfigured(trusting(proxy.folder())?))
        };
        let transport = ReqwestTransport::from_builder(builder()?)?;
        Ok(Self { http: builder()?.build()?, base: proxy.url(), transport })
    }

    /// Waits for the proxy: Traefik listens before it has read its configuration.
    async fn ready(&self) -> Result {
        let url = format!("{}/_sandbox/health/ready", self.base);
        for _ in 0..400 {
            if self.get(&url).await.is_ok_and(|response| response.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Err("the proxy does not become ready".into())
    }

    fn control(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/_sandbox/{path}", self.base)).bearer_auth(TOKEN)
    }

    async fn get(&self, url: &str) -> Result<Response> {
        Ok(self.http.get(url).send().await?)
    }

    async fn message(&self, id: &EmailId) -> Result<Value> {
        let response = self.control(Method::GET, &format!("messages/{id}")).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }

    /// Confirms a sender by the link in its email, and sends an email with links.
    async fn send(&self, sandbox: &Sandbox) -> Result<(Client, EmailId)> {
        let credentials = Credentials::password(sandbox.email(), sandbox.password());
        let client = Client::builder().base_url(&self.base).transport(self.transport.clone()).credentials(credentials);
        let client = client.build()?;
        let sender = client.senders().create(&NewSender::new("News", "news@example.org")).await?;
        let mail = sandbox.mailbox("news@example.org").pop().ok_or("no confirmation was sent")?;
        ensure(mail.link.starts_with(&self.base), format!("the confirmation links to {}", mail.link))?;
        let confirmed = self.get(&mail.link).await?;
        ensure(confirmed.status() == StatusCode::OK, format!("the confirmation answers {}", confirmed.status()))?;
        let list = client.lists().list(Default::default()).next().await.ok_or("no list")??.id;
        let content = Content::html("Hello", "<p><a href=\"https://example.org/one\">One</a></p>");
        let email = NewEmail::marketing(sender.id, list, "delivered@example.org", content);
        let id = client.emails().send(&email).await?.id;
        sandbox.advance(Duration::from_secs(10)).await;
        Ok((client, id))
    }

    /// Follows the links in the email as its recipient.
    async fn links(&self, id: &EmailId) -> Result<String> {
        let message = self.message(id).await?;
        let source = self.control(Method::GET, &format!("messages/{id}/source")).send().await?.text().await?;
        ensure(source.contains(&format!("<{}/_sandbox/unsubscribe/", self.base)), "List-Unsubscribe has another URL")?;
        let click = message["links"][0]["href"].as_str().ok_or("the email has no tracked link")?;
        for (url, status) in [
            (click.to_owned(), StatusCode::FOUND),
            (format!("{}/_sandbox/open/{id}", self.base), StatusCode::OK),
            (format!("{}/_sandbox/unsubscribe/{id}", self.base), StatusCode::OK),
        ] {
            ensure(url.starts_with(&self.base), format!("a link leads to {url}"))?;
            let response = self.get(&url).await?;
            ensure(response.status() == status, format!("{url} answers {}", response.status()))?;
            let location = response.headers().get(LOCATION).map(|value| value.as_bytes().to_vec());
            ensure(location.is_none_or(|to| to == b"https://example.org/one"), "the tracked link leads elsewhere")?;
        }
        let message = self.message(id).await?;
        let kinds: Vec<_> =
            message["events"].as_array().into_iter().flatten().filter_map(|it| it["kind"].as_str()).collect();
        for kind in ["click", "open", "unsubscribe"] {
            ensure(kinds.contains(&kind), format!("the {kind} was not recorded: {kinds:?}"))?;
        }
        let preview = message["preview"].as_str().ok_or("no preview")?;
        let origin = &self.base[..self.base.rfind('/').unwrap_or_default()];
        let preview = self.http.get(format!("{origin}{preview}")).bearer_auth(TOKEN).send().await?;
        ensure(preview.status() == StatusCode::OK, format!("the preview answers {}", preview.status()))?;
        Ok("its click, open and unsubscribe links were followed and recorded, and its preview loads".into())
    }

    /// Loads the inbox and all that it refers to, as a browser would.
    async fn pages(&self) -> Result<String> {
        let mut waiting = vec![format!("{}/", self.base)];
        let mut loaded: Vec<String> = Vec::new();
        while let Some(url) = waiting.pop() {
            if loaded.contains(&url) {
                continue;
            }
            let response = self.get(&url).await?;
            ensure(response.status() == StatusCode::OK, format!("{url} answers {}", response.status()))?;
            let kind =
                response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
            let text = response.text().await?;
            if kind.contains("html") {
                ensure(text.contains("<base href=\"/sandbox/\">"), "the page has another base")?;
            }
            waiting
                .extend(references(&kind, &text).into_iter().map(|path| format!("{}/_sandbox/web/{path}", self.base)));
            loaded.push(url);
        }
        ensure(loaded.len() > 20, format!("only {} files were loaded", loaded.len()))?;
        for document in ["openapi.json", "_sandbox/openapi.json"] {
            let document: Value = self.get(&format!("{}/{document}", self.base)).await?.json().await?;
            ensure(document["servers"] == json!([{"url": self.base}]), format!("servers: {}", document["servers"]))?;
        }
        Ok(format!("the inbox and its {} files loaded, and both OpenAPI documents name the URL", loaded.len() - 1))
    }

    /// Signs in as the inbox does, and tries what other sites could.
    async fn sign_in(&self) -> Result {
        let origin = self.base.trim_end_matches("/sandbox");
        let session = format!("{}/_sandbox/session", self.base);
        let signed_in = self.http.post(session).header(ORIGIN, origin).json(&json!({"token": TOKEN})).send().await?;
        let cookie = signed_in.headers().get(SET_COOKIE).and_then(|it| it.to_str().ok()).ok_or("no cookie was set")?;
        ensure(cookie.contains("; Path=/sandbox/;") && cookie.contains("Secure"), format!("the cookie is {cookie}"))?;
        let cookie = cookie.split(';').next().unwrap_or_default();
        for (origin, status) in [(origin, 200), ("https://evil.example", 403), ("null", 403)] {
            let findings = self.http.delete(format!("{}/_sandbox/findings", self.base)).header(COOKIE, cookie);
            let response = findings.header(ORIGIN, origin).send().await?;
            ensure(response.status() == status, format!("a request from {origin} was answered {}", response.status()))?;
        }
        let without = self.http.get(format!("{}/_sandbox/messages", self.base)).send().await?;
        ensure(without.status() == StatusCode::UNAUTHORIZED, "reading a private sandbox needs no token")
    }

    /// Waits for the event of a change on an open stream.
    async fn events(&self, client: &Client, id: &EmailId) -> Result {
        let mut stream = self.control(Method::GET, "live").send().await?.error_for_status()?;
        next_event(&mut stream).await?;
        let event = json!({"kind": "open"});
        self.control(Method::POST, &format!("messages/{id}/events")).json(&event).send().await?.error_for_status()?;
        next_event(&mut stream).await?;
        client.emails().get(id).await?;
        Ok(())
    }

    /// Sends and reads more than proxies buffer or allow by default.
    async fn large(&self, client: &Client, sandbox: &Sandbox) -> Result {
        let sender = client.senders().create(&NewSender::new("Own", sandbox.email())).await?.id;
        let list = client.lists().list(Default::default()).next().await.ok_or("no list")??.id;
        let file = tempfile::Builder::new().prefix("large-").suffix(".pdf").tempfile()?;
        std::fs::write(file.path(), vec![b'x'; 5 * 1024 * 1024])?;
        let email =
            NewEmail::transactional(sender, list, "delivered@example.com", Content::text("Large", "See the file"));
        client.emails().send(&email.attach(Attachment::from_path(file.path())?)).await?;
        let export = self.control(Method::GET, "export").send().await?.error_for_status()?.bytes().await?;
        ensure(export.len() > 5 * 1024 * 1024, format!("the export has only {} bytes", export.len()))
    }

    /// The proxy keeps its connections to the sandbox.
    async fn connections(&self) -> Result<String> {
        for _ in 0..50 {
            self.get(&format!("{}/_sandbox/health/live", self.base)).await?.error_for_status()?;
        }
        let metrics = self.control(Method::GET, "metrics").send().await?.error_for_status()?.text().await?;
        let line = metrics.lines().find_map(|line| line.strip_prefix("cakemail_sandbox_connections "));
        let connections: usize = line.ok_or("the metrics have no connections")?.parse()?;
        ensure((1..20).contains(&connections), format!("{connections} connections are open"))?;
        Ok(format!("probes and metrics responded, over kept connections ({connections})"))
    }
}

async fn next_event(stream: &mut Response) -> Result {
    let mut text = String::new();
    while !text.contains("event: change") {
        let chunk = tokio::time::timeout(EVENT, stream.chunk()).await.map_err(|_| "no event arrived")??;
        text += &String::from_utf8_lossy(&chunk.ok_or("the stream of events ended")?);
    }
    Ok(())
}

/// The files of the folder `web` that a page or a module refers to.
fn references(kind: &str, text: &str) -> Vec<String> {
    let marks: &[&str] = if kind.contains("html") {
        &["src=\"_sandbox/web/", "href=\"_sandbox/web/"]
    } else if kind.contains("javascript") {
        &["from './", "import './"]
    } else {
        &[]
    };
    let of = |mark: &&str| {
        text.split(mark)
            .skip(1)
            .filter_map(|rest| rest.split(['"', '\'']).next())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    marks.iter().flat_map(of).collect()
}
