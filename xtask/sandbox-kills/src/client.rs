//! A small HTTP client: a connection for each request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::Result;

/// Where the sandbox is, and the token for it.
#[derive(Clone)]
pub struct Client {
    pub addr: SocketAddr,
    pub token: String,
}

/// A complete response.
pub struct Response {
    pub status: u16,
    pub text: String,
}

impl Response {
    /// The body of a response that must have this status.
    pub fn expect(self, status: u16) -> Result<Value> {
        if self.status != status {
            return Err(format!("expected {status}, got {}: {}", self.status, self.text).into());
        }
        Ok(serde_json::from_str(&self.text)?)
    }
}

impl Client {
    pub fn get(&self, path: &str) -> Result<Response> {
        self.send("GET", path, "application/json", "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<Response> {
        self.send("POST", path, "application/json", &body.to_string())
    }

    /// Sends a request. The error is that there was no complete response.
    pub fn send(&self, method: &str, path: &str, content_type: &str, body: &str) -> Result<Response> {
        let mut stream = TcpStream::connect(self.addr)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let (length, token) = (body.len(), &self.token);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
        );
        // The sandbox may answer before it has read all.
        let written = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        let mut response = Vec::new();
        let read = stream.read_to_end(&mut response);
        read.map_err(|error| format!("{error} (written: {written:?})"))?;
        let response = String::from_utf8(response)?;
        let (head, body) = response.split_once("\r\n\r\n").ok_or("no complete head")?;
        let status = head.get(9..12).ok_or("no status")?.parse()?;
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        let text = if let Some(length) = header("content-length: ") {
            (body.len() == length.parse::<usize>()?).then(|| body.to_owned())
        } else {
            unchunked(body)
        };
        Ok(Response { status, text: text.ok_or("no complete body")? })
    }
}

/// The bytes of a body in chunks, if its last one is there.
fn unchunked(mut body: &str) -> Option<String> {
    let mut whole = String::new();
    loop {
        let (length, rest) = body.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        whole.push_str(rest.get(..length)?);
        body = rest.get(length + 2..)?;
    }
}
