//! Receives Cakemail's webhooks: verifies signatures, detects duplicates, and parses events.
//!
//! ```
//! use cakemail_webhook::{Receiver, Occurrence, Verifier, sign};
//! use cakemail_model::{EmailStatus, Secret};
//!
//! let key = Secret::from("the `signature.key` of `GET /webhooks/{webhook_id}`");
//! let receiver = Receiver::new(Verifier::new(key.clone()));
//!
//! // The web server provides the headers and the raw body.
//! # let now = cakemail_model::Timestamp::now();
//! # let body = format!(r#"{{"event":"Email.Bounced","timestamp":"{now}","data":{{"email_id":"3fbfa67e"}}}}"#);
//! # let raw_body = body.as_bytes();
//! # let headers = [("X-Cakemail-Signature", sign(&key, raw_body))];
//! let delivery = receiver.receive(headers, raw_body)?;
//! assert_eq!(delivery.occurrence, Occurrence::First);
//! assert_eq!(delivery.event.status(), Some(EmailStatus::Bounced));
//! # Ok::<(), cakemail_webhook::Rejection>(())
//! ```
//!
//! # Steps
//! The receiver checks the size, verifies the signature over the raw body, parses the JSON, and looks for an earlier
//! delivery. The first step that fails returns a [`Rejection`]; nothing is parsed before its signature is verified. Pass
//! the bytes that arrived: JSON that was parsed and serialized again has another signature.
//!
//! # Keys
//! A webhook reports one kind of event, so an application that follows several kinds has several webhooks with one key
//! each: collect all keys into one [`Verifier`]. The HMAC key is the UTF-8 text of `signature.key`, as in the samples of
//! the API documentation.
//!
//! # Replays
//! [`ReplayGuard`] explains how duplicates and old events are detected.
//!
//! # Features
//! | feature | adds |
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
pub use self::axum::{Received, ReceivedRejection};
pub use event::{Dialect, Event, User};
pub use receiver::{Delivery, Receiver};
pub use rejection::Rejection;
pub use replay::{DeliveryId, Occurrence, ReplayGuard};
pub use signature::{SignatureHeader, Verifier, sign};
