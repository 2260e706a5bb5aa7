//! The faults of the proxy: how far a request gets, and how the connection ends there.

use std::fmt;
use std::sync::Arc;

/// How far a connection or a request gets before the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The connection was accepted, and nothing was read.
    Connected,
    /// The first bytes of a TLS handshake arrived. Without TLS it is never reached.
    Handshake,
    /// A part of the request's head was read.
    Head,
    /// The head and a few bytes of the body were read.
    Body,
    /// The whole request was read. The sandbox does not get it.
    Request,
    /// The sandbox has processed the request. No byte of its response is sent.
    Processed,
    /// A part of the head of the response was sent.
    ResponseHead,
    /// The head and a part of the body of the response were sent.
    ResponseBody,
    /// The whole response was sent.
    Idle,
}

/// How the connection ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
    /// Nothing more is sent or read, until long after the client has given up.
    Stall,
    /// These bytes are sent, and then it is closed.
    Send(Arc<[u8]>),
    /// A status line and headers without an end are sent.
    EndlessHeaders,
    /// The true response is sent one byte at a time.
    Drip,
}

/// A fault of one connection or request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// How far it gets.
    pub step: Step,
    /// How it ends.
    pub end: End,
}

impl Fault {
    /// This end at this step.
    pub const fn new(step: Step, end: End) -> Self {
        Self { step, end }
    }
}

impl End {
    /// Bytes that are not HTTP.
    pub fn garbage() -> Self {
        Self::Send(b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n"[..].into())
    }

    /// A response with this status and an error of the API.
    pub fn status(status: u16) -> Self {
        Self::status_with(status, "")
    }

    /// The same with another header, such as `Retry-After: 1`.
    pub fn status_with(status: u16, header: &str) -> Self {
        let body = r#"{"detail": [{"loc": [], "msg": "An injected fault", "type": "value_error"}]}"#;
        Self::response(status, "application/json", header, body)
    }

    /// A gateway's response in HTML.
    pub fn html(status: u16) -> Self {
        Self::response(status, "text/html", "", "<html><body><h1>Bad gateway</h1></body></html>")
    }

    /// A success with a body that is not the API's.
    pub fn success(body: &str) -> Self {
        Self::response(200, "application/json", "", body)
    }

    fn response(status: u16, kind: &str, header: &str, body: &str) -> Self {
        let separator = if header.is_empty() { "" } else { "\r\n" };
        let length = body.len();
        let head = format!("HTTP/1.1 {status} Status\r\ncontent-type: {kind}\r\ncontent-length: {length}");
        Self::Send(format!("{head}{separator}{header}\r\nconnection: close\r\n\r\n{body}").into_bytes().into())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connected => "connected",
            Self::Handshake => "TLS handshake",
            Self::Head => "part of the head read",
            Self::Body => "part of the body read",
            Self::Request => "request read",
            Self::Processed => "processed",
            Self::ResponseHead => "part of the response's head sent",
            Self::ResponseBody => "part of the response's body sent",
            Self::Idle => "idle",
        })
    }
}
