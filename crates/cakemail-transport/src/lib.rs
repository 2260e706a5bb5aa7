//! Sends one HTTP request and returns one response.
//!
//! [`Transport`] is the trait between the Cakemail client and the network. The crate has these implementations:
//!
//! | transport | feature | for |
//! | --- | --- | --- |
//! | `ReqwestTransport` | `reqwest` | most applications; also wraps your own `reqwest` client |
//! | `HyperTransport` | `hyper` | fewer crates, less work per request |
//! | `MockTransport` | `mock` | tests that state their expectations |
//! | `TowerTransport` | `tower` | a [tower](https://docs.rs/tower-service) service; `TransportService` is the reverse |
//! | `ReplayTransport` | `replay` | tests with recorded responses |
//!
//! No feature is on by default. `ReqwestTransport` and `HyperTransport` use HTTP/1.1 and rustls, and need a Tokio runtime.
//! They make exactly one attempt per request and never follow a redirect.
#![cfg_attr(any(feature = "reqwest", feature = "hyper"), doc = include_str!("conformance.md"))]

mod body;
mod error;
mod send_by;
mod transport;
mod watch;

#[cfg(feature = "hyper")]
mod hyper;
#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod limit;
#[cfg(feature = "mock")]
mod mock;
#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod proxy;
#[cfg(feature = "replay")]
mod replay;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod response;
#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod settings;
#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod tls;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "hyper")]
pub use self::hyper::HyperTransport;
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
pub use body::{Body, Part, Source, SourceReader};
pub use error::{Dispatch, TransportError, TransportErrorKind};
#[cfg(feature = "replay")]
pub use replay::{Expectation, RecordedRequest, RecordingTransport, ReplayTransport};
pub use send_by::{BootClock, SendBy};
#[cfg(any(feature = "reqwest", feature = "hyper"))]
pub use settings::Settings;
#[cfg(feature = "tower")]
pub use tower::{TowerTransport, TransportService};
pub use transport::{Request, Response, Transport};
pub use watch::DispatchWatch;
#[cfg(feature = "mock")]
pub use {mock::MockTransport, mockall::Sequence};
// Re-exported, since the public signatures name their types.
pub use {bytes, http, http_body};
