//! Receives Cakemail's webhooks: events that are genuine, new, and typed.
//!
//! ```
//! use cakemail_webhook::{Receiver, Seen, Verifier, sign};
//! use cakemail_model::{EmailStatus, Secret};
//!
//! let key = Secret::from("the `signature.key` of `GET /webhooks/{webhook_id}`");
//! let receiver = Receiver::new(Verifier::new(key.clone()));
//!
//! // What a web server hands over: headers, and the body as it came.
//! # let now = cakemail_model::Timestamp::now();
//! # let body = format!(r#"{{"event":"Email.Bounced","timestamp":"{now}","data":{{"email_id":"3fbfa67e"}}}}"#);
//! # let raw_body = body.as_bytes();
//! # let headers = [("X-Cakemail-Signature", sign(&key, raw_body))];
//! let delivery = receiver.receive(headers, raw_body)?;
//! assert_eq!(delivery.seen, Seen::First);
//! assert_eq!(delivery.event.status(), Some(EmailStatus::Bounced));
//! # Ok::<(), cakemail_webhook::Rejection>(())
//! ```
//!
//! # The road of a delivery
//! size → signature over the raw body → JSON → whether it was seen before. Whatever fails is a [`Rejection`]; nothing is
//! parsed before its signature holds. Verify the bytes that arrived: JSON that was parsed and written again has another
//! signature.
//!
//! # Keys
//! A webhook serves one event, so an application that follows several has several webhooks, each with a key of its own:
//! collect them all into one [`Verifier`]. The key is taken as the bytes of its text, an assumption: the documentation's
//! samples do so, but nothing says it in words.
//!
//! # Replays
//! See [`ReplayGuard`] for what an attacker and an honest sender can do, and what is told apart.
//!
//! # Features
//! | feature | what it brings |
//! | --- | --- |
//! | `axum` | `Received`, an extractor for axum 0.8 |
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod axum;
mod event;
mod receiver;
mod rejection;
mod replay;
mod signature;

#[cfg(feature = "axum")]
pub use self::axum::{NotReceived, Received};
pub use event::{Dialect, Event, User};
pub use receiver::{Delivery, Receiver};
pub use rejection::Rejection;
pub use replay::{DeliveryId, ReplayGuard, Seen};
pub use signature::{SIGNATURE_HEADERS, Verifier, sign};
