//! One attempt to deliver: a POST over HTTP/1.1, to this machine only.

use std::future::pending;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::Bytes;
use http::header::{CONNECTION, HOST};
use http::uri::Scheme;
use http::{HeaderName, HeaderValue, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::domain::{DELIVERY_TIMEOUT, DeliveryError, OutgoingDelivery};
use crate::engine::run_until;

/// How much of a response body is read, in bytes. It is ignored.
const MAX_BODY: usize = 4096;

/// Where deliveries may go.
#[derive(Debug, Clone)]
pub(crate) struct Receivers {
    /// The addresses besides this machine.
    pub(crate) allowed: Vec<IpAddr>,
    /// The address that the sandbox itself listens on. A webhook must not reach its control API.
    pub(crate) own: SocketAddr,
    /// The origin of its public URL, where a proxy may lead to it.
    pub(crate) public: String,
}

/// Posts a delivery and returns the status of the response. Redirects are not followed.
pub(crate) async fn attempt(delivery: &OutgoingDelivery, receivers: &Receivers) -> Result<u16, DeliveryError> {
    let uri = target(delivery).map_err(DeliveryError::Refused)?;
    if is_public(&uri, &receivers.public) {
        return Err(itself(&uri));
    }
    let request = request(&uri, delivery).map_err(|error| DeliveryError::Refused(error.to_string()))?;
    let deadline = Instant::now() + DELIVERY_TIMEOUT;
    let stream = in_time(deadline, connect(&uri, receivers)).await?;
    post(stream, request, deadline).await
}

async fn in_time<T>(
    deadline: Instant,
    step: impl Future<Output = Result<T, DeliveryError>>,
) -> Result<T, DeliveryError> {
    timeout_at(deadline, step).await.unwrap_or_else(|_| Err(late()))
}

/// The error of a receiver that took too long.
pub(crate) fn late() -> DeliveryError {
    DeliveryError::NoResponse(format!("No response within {} s", DELIVERY_TIMEOUT.as_secs()))
}

/// The URL, if the sandbox may call it.
fn target(delivery: &OutgoingDelivery) -> Result<Uri, String> {
    if delivery.archived {
        return Err("The webhook is archived".into());
    }
    let uri: Uri = delivery.url.parse().map_err(|error| format!("This is not a URL: {error}"))?;
    if uri.scheme() != Some(&Scheme::HTTP) {
        return Err("The sandbox has no TLS: use an http:// URL of this machine".into());
    }
    if uri.authority().is_none_or(|authority| authority.as_str().contains('@')) {
        return Err("The sandbox does not deliver to a URL that has a user name or a password in it".into());
    }
    // `Uri::port_u16` ignores a port that is none.
    let port = uri.authority().map_or("", |authority| &authority.as_str()[authority.host().len()..]);
    if port.len() > 1 && uri.port_u16().is_none() {
        return Err(format!("{} is not a port", &port[1..]));
    }
    Ok(uri)
}

fn request(uri: &Uri, delivery: &OutgoingDelivery) -> http::Result<Request<Full<Bytes>>> {
    let path = uri.path_and_query().map_or("/", |it| it.as_str());
    let host = uri.authority().map_or("", |it| it.as_str());
    let mut request = Request::post(path).header(HOST, host).header(CONNECTION, "close");
    for (name, value) in &delivery.headers {
        request = request.header(HeaderName::try_from(*name)?, HeaderValue::try_from(value)?);
    }
    request.body(Full::new(Bytes::from(delivery.body.clone())))
}

/// Connects to the first reachable address of those that may be called. It checks the same addresses that it connects
/// to, so that a second name lookup cannot lead elsewhere.
async fn connect(uri: &Uri, receivers: &Receivers) -> Result<TcpStream, DeliveryError> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let addresses = resolve(host, uri.port_u16().unwrap_or(80)).await;
    let addresses = addresses.map_err(|error| DeliveryError::NoResponse(format!("{host} was not found: {error}")))?;
    let allowed = |addr: &&SocketAddr| {
        let ip = addr.ip().to_canonical();
        ip.is_loopback() || receivers.allowed.contains(&ip)
    };
    let mut failure = match addresses.first() {
        Some(addr) => DeliveryError::Refused(format!(
            "{host} is at {}, not on this machine; Builder::allow_webhooks_to lets the sandbox call it",
            addr.ip()
        )),
        None => DeliveryError::NoResponse(format!("{host} has no address")),
    };
    for addr in addresses.iter().filter(allowed) {
        match TcpStream::connect(addr).await {
            Ok(stream) if is_own(&stream, receivers.own) => return Err(itself(uri)),
            Ok(stream) => return Ok(stream),
            Err(error) => failure = DeliveryError::NoResponse(format!("No connection to {addr}: {error}")),
        }
    }
    Err(failure)
}

fn itself(uri: &Uri) -> DeliveryError {
    DeliveryError::Refused(format!("{} is the sandbox itself", uri.authority().map_or("", |it| it.as_str())))
}

/// Whether a URL has the host and the port of a public origin. The default port of another scheme counts as the same.
fn is_public(uri: &Uri, origin: &str) -> bool {
    let Ok(origin) = origin.parse::<Uri>() else { return false };
    let same_host = uri.host().zip(origin.host()).is_some_and(|(host, public)| host.eq_ignore_ascii_case(public));
    same_host && uri.port_u16().filter(|port| *port != 80) == origin.port_u16()
}

/// Whether a connection leads to the listener at `own`. A listener at an unspecified address has all addresses of the
/// machine, and a connection to one of these comes from the same address.
fn is_own(stream: &TcpStream, own: SocketAddr) -> bool {
    let (Ok(peer), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return false };
    let (ip, own_ip) = (peer.ip().to_canonical(), own.ip().to_canonical());
    let is_local = ip.is_loopback() || ip == local.ip().to_canonical();
    peer.port() == own.port() && (ip == own_ip || (own_ip.is_unspecified() && is_local))
}

/// A host's addresses. `localhost` is always this machine, without a lookup (RFC 6761).
async fn resolve(host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Ok([IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()].map(|ip| (ip, port).into()).into());
    }
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

async fn post(stream: TcpStream, request: Request<Full<Bytes>>, deadline: Instant) -> Result<u16, DeliveryError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(no_response)?;
    // `sender` notices that the connection ends, so that a response before that counts.
    let connection = async {
        let _ = connection.await;
        pending().await
    };
    let exchange = async {
        let response = in_time(deadline, async { sender.send_request(request).await.map_err(no_response) }).await?;
        let status = response.status().as_u16();
        // Closing before the body is read would reset the receiver's connection. An error makes no difference.
        let _ = timeout_at(deadline, Limited::new(response.into_body(), MAX_BODY).collect()).await;
        Ok(status)
    };
    let ended = || DeliveryError::NoResponse("The connection ended".into());
    run_until(connection, exchange).await.unwrap_or_else(|| Err(ended()))
}

fn no_response(error: hyper::Error) -> DeliveryError {
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    DeliveryError::NoResponse(format!("The receiver gave no response: {error}{cause}"))
}
