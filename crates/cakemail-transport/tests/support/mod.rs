//! What the tests of the real transports share: both transports, and a server made of raw sockets.
#![allow(dead_code)] // each test binary uses its part

pub mod scripts;
pub mod server;
pub mod source;

use std::sync::Arc;

use cakemail_transport::{Body, HyperTransport, Request, ReqwestTransport, Settings, Transport, TransportError};
use source::Pieces;

pub type Make = fn(Settings) -> Arc<dyn Transport>;

/// Both real transports.
pub const TRANSPORTS: [(&str, Make); 2] = [
    ("reqwest", |settings| Arc::new(ReqwestTransport::with(settings).unwrap())),
    ("hyper", |settings| Arc::new(HyperTransport::with(settings).unwrap())),
];

/// Settings that leave the proxies of the machine alone.
pub fn settings() -> Settings {
    Settings::new().no_proxy()
}

/// The request that must not be made twice: an email. What nobody but the server may see of it says "secret".
pub fn email(base: &str) -> Request {
    http::Request::post(format!("{base}/v2/emails?about=secret"))
        .header("authorization", "Bearer secret")
        .body(Body::from(r#"{"email":"secret@example.com"}"#))
        .unwrap()
}

/// The same email with something attached that is read while it is sent.
pub fn streamed(base: &str, source: Pieces) -> Request {
    email(base).map(|_| source.between(r#"{"email":"secret@example.com","attachment":""#, r#""}"#))
}

/// Checks that neither the error nor any of its causes tells what should not be logged.
#[track_caller]
pub fn assert_discreet(error: &TransportError) {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| (*error).source());
    for told in causes.flat_map(|error| [error.to_string(), format!("{error:?}")]) {
        assert!(!told.contains("secret"), "{told}");
    }
}
