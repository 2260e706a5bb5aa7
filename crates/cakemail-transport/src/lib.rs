//! One HTTP request in, one response out.
//!
//! [`Transport`] is the seam between the Cakemail client and the network. Whoever builds a client chooses one:
//!
//! | transport | feature | for |
//! | --- | --- | --- |
//! | `ReqwestTransport` | `reqwest` | the usual choice; takes a `reqwest` client of yours |
//! | `HyperTransport` | `hyper` | fewer crates, less work per request |
//! | `MockTransport` | `mock` | a test that states what it expects |
//! | `ReplayTransport` | `replay` | a test that has the answers recorded |
//!
//! No feature is on by default. Both real transports speak HTTP/1.1 over rustls and need a Tokio runtime. They make
//! exactly one attempt per request and never follow a redirect.
#![cfg_attr(any(feature = "reqwest", feature = "hyper"), doc = include_str!("conformance.md"))]

mod body;
mod error;
mod transport;

#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod answer;
#[cfg(feature = "hyper")]
mod connect;
#[cfg(feature = "hyper")]
mod hyper;
#[cfg(feature = "mock")]
mod mock;
#[cfg(feature = "replay")]
mod replay;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod settings;
#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod tls;

#[cfg(feature = "hyper")]
pub use self::hyper::HyperTransport;
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
pub use body::{Body, Part, Reading, Source};
// The crates that the signatures here speak of.
pub use error::{Dispatch, TransportError, TransportErrorKind};
#[cfg(feature = "mock")]
pub use mock::MockTransport;
#[cfg(feature = "replay")]
pub use replay::{On, Recorded, ReplayTransport};
#[cfg(any(feature = "reqwest", feature = "hyper"))]
pub use settings::Settings;
pub use transport::{Request, Response, Transport};
pub use {bytes, http, http_body};
