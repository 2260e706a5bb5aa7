//! What the tests of the real transports share: both transports, and a server made of raw sockets.
#![allow(dead_code)] // each test binary uses its part

pub mod scripts;
pub mod server;

use std::sync::Arc;

use cakemail_transport::{Body, HyperTransport, Request, ReqwestTransport, Settings, Transport};

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

/// The request that must not be made twice: an email.
pub fn email(base: &str) -> Request {
    http::Request::post(format!("{base}/v2/emails")).body(Body::from(r#"{"email":"a@example.com"}"#)).unwrap()
}
