//! Fixtures of the tests of the network transports: both transports, and a server made of raw sockets.
#![allow(dead_code)] // each test binary uses its part

pub mod scripts;
pub mod server;
pub mod source;
pub mod tls;

use std::sync::Arc;

use cakemail_transport::{Body, HyperTransport, Request, ReqwestTransport, Settings, Transport, TransportError};
use source::Chunks;

pub type MakeTransport = fn(Settings) -> Arc<dyn Transport>;
pub type TryMakeTransport = fn(Settings) -> Result<Arc<dyn Transport>, TransportError>;

/// Both network transports.
pub const TRANSPORTS: [(&str, MakeTransport); 2] = [
    ("reqwest", |settings| Arc::new(ReqwestTransport::with_settings(settings).unwrap())),
    ("hyper", |settings| Arc::new(HyperTransport::with_settings(settings).unwrap())),
];

/// Both network transports, or the errors of their settings.
pub const TRY_TRANSPORTS: [(&str, TryMakeTransport); 2] = [
    ("reqwest", |settings| Ok(Arc::new(ReqwestTransport::with_settings(settings)?))),
    ("hyper", |settings| Ok(Arc::new(HyperTransport::with_settings(settings)?))),
];

/// Settings that ignore the proxies of the machine.
pub fn settings() -> Settings {
    Settings::new().no_proxy()
}

/// An email submission, which must not be sent twice. Every part that must not be logged contains "secret".
pub fn email(base: &str) -> Request {
    http::Request::post(format!("{base}/v2/emails?about=secret"))
        .header("authorization", "Bearer secret")
        .body(Body::from(r#"{"email":"secret@example.com"}"#))
        .unwrap()
}

/// The same email with an attachment that is read while it is sent.
pub fn streamed(base: &str, source: Chunks) -> Request {
    email(base).map(|_| source.between(r#"{"email":"secret@example.com","attachment":""#, r#""}"#))
}

/// Asserts that neither the error nor any of its causes contains "secret".
#[track_caller]
pub fn assert_no_secrets(error: &TransportError) {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| (*error).source());
    for text in causes.flat_map(|error| [error.to_string(), format!("{error:?}")]) {
        assert!(!text.contains("secret"), "{text}");
    }
}
