//! One attempt to deliver: one POST over HTTP/1.1, to this machine only.

use std::future::pending;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HOST};
use http::uri::Scheme;
use http::{HeaderName, HeaderValue, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::domain::Letter;
use crate::engine::run_until::run_until;

/// How long a receiver may take, in real time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How much of an answer's body is read, in bytes. Nothing in it matters.
const ANSWER: usize = 4096;

/// Why there was no answer.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failure {
    /// The sandbox does not call such a receiver, now or later.
    Refused(String),
    /// The receiver did not answer.
    Silent(String),
}

/// Posts a letter; the answer's status, whatever it is. Redirects are not followed.
pub(crate) async fn attempt(letter: &Letter, allowed: &[IpAddr]) -> Result<u16, Failure> {
    let uri = checked(letter).map_err(Failure::Refused)?;
    let request = request(&uri, letter).map_err(|error| Failure::Refused(error.to_string()))?;
    let deadline = Instant::now() + PATIENCE;
    let stream = in_time(deadline, connect(&uri, allowed)).await?;
    post(stream, request, deadline).await
}

async fn in_time<T>(deadline: Instant, step: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let late = Failure::Silent(format!("No answer within {} s", PATIENCE.as_secs()));
    timeout_at(deadline, step).await.unwrap_or(Err(late))
}

/// The URL, when it is one that can be called.
fn checked(letter: &Letter) -> Result<Uri, String> {
    if letter.archived {
        return Err("The webhook is archived".into());
    }
    let uri: Uri = letter.url.parse().map_err(|error| format!("This is no URL: {error}"))?;
    if uri.scheme() != Some(&Scheme::HTTP) {
        return Err("The sandbox has no TLS: use an http:// URL of this machine".into());
    }
    if uri.authority().is_none_or(|authority| authority.as_str().contains('@')) {
        return Err("The sandbox does not deliver to a URL that has a user name or a password in it".into());
    }
    Ok(uri)
}

fn request(uri: &Uri, letter: &Letter) -> http::Result<Request<Full<Bytes>>> {
    let target = uri.path_and_query().map_or("/", |it| it.as_str());
    let host = uri.authority().map_or("", |it| it.as_str());
    let mut request = Request::post(target).header(HOST, host).header(CONNECTION, "close");
    for (name, value) in &letter.headers {
        request = request.header(HeaderName::try_from(*name)?, HeaderValue::try_from(value)?);
    }
    request.body(Full::new(Bytes::from(letter.body.clone())))
}

/// Connects to the first address that answers of those that may be called. What is checked is what is connected to, so
/// that no second look at the name can lead elsewhere.
async fn connect(uri: &Uri, allowed: &[IpAddr]) -> Result<TcpStream, Failure> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let found = addresses(host, uri.port_u16().unwrap_or(80)).await;
    let found = found.map_err(|error| Failure::Silent(format!("{host} was not found: {error}")))?;
    let may = |addr: &&SocketAddr| {
        let ip = addr.ip().to_canonical();
        ip.is_loopback() || allowed.contains(&ip)
    };
    let mut failure = match found.first() {
        Some(addr) => Failure::Refused(format!(
            "{host} is at {}, not on this machine; Builder::allow_webhooks_to lets the sandbox call it",
            addr.ip()
        )),
        None => Failure::Silent(format!("{host} has no address")),
    };
    for addr in found.iter().filter(may) {
        match TcpStream::connect(addr).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = Failure::Silent(format!("No connection to {addr}: {error}")),
        }
    }
    Err(failure)
}

/// A host's addresses. `localhost` is this machine, whatever a name server says (RFC 6761).
async fn addresses(host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Ok([IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()].map(|ip| (ip, port).into()).into());
    }
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

async fn post(stream: TcpStream, request: Request<Full<Bytes>>, deadline: Instant) -> Result<u16, Failure> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(silent)?;
    // `sender` hears of a connection that ends, so that what was answered before counts.
    let connection = async {
        let _ = connection.await;
        pending().await
    };
    let exchange = async {
        let answer = in_time(deadline, async { sender.send_request(request).await.map_err(silent) }).await?;
        let status = answer.status().as_u16();
        // To close before it is read would reset the receiver's connection. What becomes of it changes nothing.
        let _ = timeout_at(deadline, Limited::new(answer.into_body(), ANSWER).collect()).await;
        Ok(status)
    };
    let ended = || Failure::Silent("The connection ended".into());
    run_until(connection, exchange).await.unwrap_or_else(|| Err(ended()))
}

fn silent(error: hyper::Error) -> Failure {
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Failure::Silent(format!("The receiver gave no answer: {error}{cause}"))
}
