//! Receives Cakemail's webhooks: verifies signatures, parses events, and hands each of them over until it is done.
//!
//! ```
//! use cakemail_webhook::{Receiver, Rejection, Verifier, sign};
//! use cakemail_model::{EmailStatus, Secret};
//!
//! # async fn receive() -> Result<(), Rejection> {
//! let key = Secret::from("the `signature.key` of `GET /webhooks/{webhook_id}`");
//! let receiver = Receiver::new(Verifier::new(key.clone()));
//!
//! // The web server provides the headers and the raw body.
//! # let now = cakemail_model::Timestamp::now();
//! # let body = format!(r#"{{"event":"Email.Bounced","timestamp":"{now}","data":{{"email_id":"3fbfa67e"}}}}"#);
//! # let raw_body = body.as_bytes();
//! # let headers = [("X-Cakemail-Signature", sign(&key, raw_body))];
//! let delivery = receiver.receive(headers, raw_body).await?;
//! assert_eq!(delivery.event.status(), Some(EmailStatus::Bounced)); // process the event
//! delivery.done().await?; // then respond with 200
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(receive()).unwrap();
//! ```
//!
//! # Steps
//! The receiver checks the size, verifies the signature over the raw body, parses the JSON, claims the delivery in its
//! store, and checks the event's date. The first step that fails returns a [`Rejection`]; nothing is parsed before its
//! signature is verified. Pass the bytes that arrived: JSON that was parsed and serialized again has another signature.
//!
//! # Each event once
//! A delivery is handed over until it is [`done`](Delivery::done): a handler that fails, panics or is cancelled drops it,
//! and the sender's next attempt is handed over again. While a delivery is in progress, another one with the same body gets
//! a 503, because the first can still fail; after it is done, it gets a 200. [`DeliveryStore`] explains how several
//! processes, and a process that restarts, remember deliveries.
//!
//! A handler can still see an event twice: if the process ends between processing it and `done`, or if the store fails
//! then. Write the event's consequences under [`Delivery::id`] in one transaction where that matters.
//!
//! # Keys
//! A webhook reports one kind of event, so an application that follows several kinds has several webhooks with one key
//! each: collect all keys into one [`Verifier`]. The HMAC key is the UTF-8 text of `signature.key`, as in the samples of
//! the API documentation.
//!
//! # Features
//! | feature | adds |
//! | --- | --- |
//! | `axum` | `Received`, an extractor for axum 0.8 |
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod axum;
mod delivery;
mod delivery_id;
mod details;
mod event;
mod memory_store;
mod receiver;
mod rejection;
mod signature;
mod store;

#[cfg(feature = "axum")]
pub use self::axum::Received;
pub use delivery::Delivery;
pub use delivery_id::DeliveryId;
pub use details::Details;
pub use event::{Dialect, Event, User};
pub use memory_store::MemoryStore;
pub use receiver::Receiver;
pub use rejection::Rejection;
pub use signature::{SignatureHeader, Verifier, sign};
pub use store::{BoxError, Claim, DeliveryState, DeliveryStore};
