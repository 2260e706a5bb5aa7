//! A client with one connection.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::Result;

pub struct Client {
    host: String,
    requests: SendRequest<Full<Bytes>>,
    token: String,
}

impl Client {
    /// Connects and signs in.
    pub async fn connect(url: &str) -> Result<Self> {
        let host = url.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut client = Self { host, requests, token: String::new() };
        let login = format!(
            "grant_type=password&username={}&password={}",
            cakemail_sandbox::DEFAULT_EMAIL.replace('@', "%40"),
            cakemail_sandbox::DEFAULT_PASSWORD,
        );
        let request = client.request("POST", "/token").header("content-type", "application/x-www-form-urlencoded");
        let (body, _) = client.send(request.body(Full::from(login))?).await?;
        let answer: Value = serde_json::from_slice(&body)?;
        client.token = answer["access_token"].as_str().ok_or("the sandbox issued no token")?.to_owned();
        Ok(client)
    }

    pub async fn get(&mut self, path: &str) -> Result<(Bytes, Duration)> {
        let request = self.request("GET", path).body(Full::default())?;
        self.send(request).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Result<(Bytes, Duration)> {
        let request = self.request("POST", path).header("content-type", "application/json");
        let request = request.body(Full::from(body.to_string()))?;
        self.send(request).await
    }

    /// Reads a response of any length without keeping it. Returns its length.
    pub async fn drain(&mut self, path: &str) -> Result<(usize, Duration)> {
        let request = self.request("GET", path).body(Full::default())?;
        let started = Instant::now();
        let mut body = self.requests.send_request(request).await?.into_body();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            length += frame?.data_ref().map_or(0, Bytes::len);
        }
        Ok((length, started.elapsed()))
    }

    /// Moves the sandbox's time forward.
    pub async fn advance(&mut self, by: Duration) -> Result {
        self.post("/_sandbox/clock", &json!({"advance_ms": by.as_millis() as u64})).await.map(drop)
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("host", &self.host);
        match path.starts_with("/_sandbox") || self.token.is_empty() {
            true => request,
            false => request.header("authorization", format!("Bearer {}", self.token)),
        }
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<(Bytes, Duration)> {
        let what = format!("{} {}", request.method(), request.uri());
        let started = Instant::now();
        self.requests.ready().await?;
        let response = self.requests.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        let elapsed = started.elapsed();
        if !status.is_success() {
            return Err(format!("{what}: {status}: {}", String::from_utf8_lossy(&body)).into());
        }
        Ok((body, elapsed))
    }
}
