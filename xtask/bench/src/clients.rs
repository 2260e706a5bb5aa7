//! The clients: the bare libraries as a careful programmer uses them, and our client with its defaults.
//!
//! Each client serializes the same email for each request, and decodes the same typed response.

use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use cakemail::emails::EmailSubmitted;
use cakemail::transport::Settings;
use cakemail::{Client, Credentials, HyperTransport, NewEmail, ReqwestTransport, Transport};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower_service::Service;

use crate::{Result, email, tls};

/// A client of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// `hyper::client::conn::http1`: one connection without a pool.
    Http1,
    /// hyper-util's pooled client.
    HyperUtil,
    /// reqwest with its usual API.
    Reqwest,
    /// Ours, over `HyperTransport`.
    OurHyper,
    /// Ours, over `ReqwestTransport`.
    OurReqwest,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Http1, Self::HyperUtil, Self::Reqwest, Self::OurHyper, Self::OurReqwest];

    /// The bare client that it is compared with.
    pub fn bare(self) -> Self {
        match self {
            Self::Http1 | Self::HyperUtil | Self::OurHyper => Self::HyperUtil,
            Self::Reqwest | Self::OurReqwest => Self::Reqwest,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Http1 => "http1",
            Self::HyperUtil => "hyper-util",
            Self::Reqwest => "reqwest",
            Self::OurHyper => "our-hyper",
            Self::OurReqwest => "our-reqwest",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Http1 => "hyper http1 connection",
            Self::HyperUtil => "hyper-util",
            Self::Reqwest => "reqwest",
            Self::OurHyper => "ours, HyperTransport",
            Self::OurReqwest => "ours, ReqwestTransport",
        })
    }
}

/// The address of the server.
#[derive(Clone, clap::Args)]
pub struct Target {
    #[arg(long)]
    port: u16,
    /// Folder of the certificates, for HTTPS.
    #[arg(long)]
    tls: Option<PathBuf>,
}

impl Target {
    /// Has a host name, because some clients take more time for an IP address.
    fn base(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://localhost:{}", self.port)
    }

    fn connector(&self) -> Result<HttpsConnector<HttpConnector>> {
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        http.enforce_http(false);
        let config = tls::client(self.tls.as_deref())?;
        Ok(HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().wrap_connector(http))
    }

    fn settings(&self) -> Result<Settings> {
        let settings = Settings::new();
        Ok(match &self.tls {
            None => settings,
            Some(folder) => settings.root_certificates(tls::root(folder)?)?,
        })
    }
}

/// A client that can send over several lanes at once.
pub trait Sender: Send + Sync + 'static {
    type Lane: Lane;

    fn lane(&self) -> impl Future<Output = Result<Self::Lane>> + Send;

    /// The `cakemail` client, if it is one.
    fn client(&self) -> Option<&Client> {
        None
    }
}

/// Sends one email at a time.
pub trait Lane: Send + 'static {
    fn send(&mut self, email: &NewEmail) -> impl Future<Output = Result> + Send;
}

/// The parts of a request that the bare clients prepare once.
#[derive(Clone)]
struct Parts {
    uri: Uri,
    bearer: HeaderValue,
}

impl Parts {
    fn new(target: &Target) -> Result<Self> {
        let uri = format!("{}{}", target.base(), email::PATH).parse()?;
        Ok(Self { uri, bearer: HeaderValue::try_from(format!("Bearer {}", email::TOKEN))? })
    }

    fn request(&self, uri: Uri, email: &NewEmail) -> Result<Request<Full<Bytes>>> {
        Ok(Request::post(uri)
            .header(USER_AGENT, "bare/1.0")
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, self.bearer.clone())
            .body(Full::new(Bytes::from(serde_json::to_vec(email)?)))?)
    }
}

async fn read(response: Response<Incoming>) -> Result {
    if !response.status().is_success() {
        return Err(response.status().as_str().into());
    }
    let body = response.into_body().collect().await?.to_bytes();
    accepted(&serde_json::from_slice(&body)?)
}

fn accepted(response: &EmailSubmitted) -> Result {
    if response.data.id.as_str().len() == 36 { Ok(()) } else { Err("the response is not the server's".into()) }
}

/// `hyper::client::conn::http1`.
pub struct Http1 {
    target: Target,
    parts: Parts,
}

pub struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    path: Uri,
    host: HeaderValue,
    parts: Parts,
}

impl Http1 {
    pub fn new(target: &Target) -> Result<Self> {
        Ok(Self { target: target.clone(), parts: Parts::new(target)? })
    }
}

impl Sender for Http1 {
    type Lane = Connection;

    async fn lane(&self) -> Result<Connection> {
        let stream = self.target.connector()?.call(self.parts.uri.clone()).await?;
        let (sender, connection) = http1::handshake(stream).await?;
        tokio::spawn(connection);
        let host = HeaderValue::try_from(format!("localhost:{}", self.target.port))?;
        Ok(Connection { sender, path: Uri::from_static(email::PATH), host, parts: self.parts.clone() })
    }
}

impl Lane for Connection {
    async fn send(&mut self, email: &NewEmail) -> Result {
        let mut request = self.parts.request(self.path.clone(), email)?;
        request.headers_mut().insert(HOST, self.host.clone());
        self.sender.ready().await?;
        read(self.sender.send_request(request).await?).await
    }
}

/// hyper-util's pooled client.
#[derive(Clone)]
pub struct HyperUtil {
    client: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    parts: Parts,
}

impl HyperUtil {
    pub fn new(target: &Target) -> Result<Self> {
        let client = legacy::Client::builder(TokioExecutor::new()).build(target.connector()?);
        Ok(Self { client, parts: Parts::new(target)? })
    }
}

impl Sender for HyperUtil {
    type Lane = Self;

    async fn lane(&self) -> Result<Self> {
        Ok(self.clone())
    }
}

impl Lane for HyperUtil {
    async fn send(&mut self, email: &NewEmail) -> Result {
        let request = self.parts.request(self.parts.uri.clone(), email)?;
        read(self.client.request(request).await?).await
    }
}

/// reqwest with its usual API.
#[derive(Clone)]
pub struct Reqwest {
    client: reqwest::Client,
    base: String,
}

impl Reqwest {
    pub fn new(target: &Target) -> Result<Self> {
        let config = tls::client(target.tls.as_deref())?;
        let client = reqwest::Client::builder().user_agent("bare/1.0").tls_backend_preconfigured(config).build()?;
        Ok(Self { client, base: target.base() })
    }
}

impl Sender for Reqwest {
    type Lane = Self;

    async fn lane(&self) -> Result<Self> {
        Ok(self.clone())
    }
}

impl Lane for Reqwest {
    async fn send(&mut self, email: &NewEmail) -> Result {
        let request = self.client.post(format!("{}{}", self.base, email::PATH)).bearer_auth(email::TOKEN).json(email);
        let response = request.send().await?.error_for_status()?;
        if response.status() != StatusCode::CREATED {
            return Err(response.status().as_str().into());
        }
        accepted(&response.json().await?)
    }
}

/// Our client.
#[derive(Clone)]
pub struct Ours(Client);

impl Ours {
    pub fn over_hyper(target: &Target) -> Result<Self> {
        Self::over(target, HyperTransport::with_settings(target.settings()?)?)
    }

    pub fn over_reqwest(target: &Target) -> Result<Self> {
        Self::over(target, ReqwestTransport::with_settings(target.settings()?)?)
    }

    fn over(target: &Target, transport: impl Transport) -> Result<Self> {
        let builder = Client::builder().credentials(Credentials::access_token(email::TOKEN));
        Ok(Self(builder.base_url(target.base()).transport(transport).build()?))
    }
}

impl Sender for Ours {
    type Lane = Self;

    async fn lane(&self) -> Result<Self> {
        Ok(self.clone())
    }

    fn client(&self) -> Option<&Client> {
        Some(&self.0)
    }
}

impl Lane for Ours {
    async fn send(&mut self, email: &NewEmail) -> Result {
        let sent = self.0.emails().send(email).await?;
        if sent.id.as_str().len() == 36 { Ok(()) } else { Err("the response is not the server's".into()) }
    }
}
