//! An offline Cakemail on loopback: stateful, in-process, for tests and for trying things.
//!
//! It answers every operation of the Email API's OpenAPI document over real HTTP, keeps what it is given, and lets each
//! email live a life that its recipient's name decides (see [`lifecycle`]) on a clock that a test can drive.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cakemail_sandbox::Sandbox;
//! use std::time::Duration;
//!
//! let sandbox = Sandbox::start().await?;
//! println!("point a client at {} as {}", sandbox.url(), sandbox.email());
//! // … send emails …
//! sandbox.clock().advance(Duration::from_secs(3));
//! assert!(sandbox.emails().is_empty());
//! sandbox.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is there at the start
//! One account, [`DEFAULT_EMAIL`] with [`DEFAULT_PASSWORD`], unless [`Builder::account`] names others; in each account one
//! list, "Contacts". A sender must be created; it is confirmed at once when its address is the account's own, else by
//! the link in a mail that [`Sandbox::mailbox`] holds. Accounts see nothing of each other.
//!
//! # How faithful it is
//! Requests are validated against the document; answers have its shapes. Every answer says in the header
//! `X-Sandbox-Fidelity` how well its behaviour is known: `documented` by the guide or the official documentation, `spec`
//! (the document's shapes), or `assumed`. Where the sources contradict each other, [`Profile`] chooses.
//!
//! Assumed, for want of any source, are among others:
//! - a marketing email to a contact who has unsubscribed from its list is accepted with the status `rejected`;
//! - a contact's `status` is `active`, `not_active`, `unsubscribed`, `bounced` or `spam`; one who bounced off the list stays
//!   readable there; an address that is added again is the same contact;
//! - `provider` is the first name of the recipient's domain, `gmail` of `gmail.com`;
//! - reports have intervals of a day unless asked otherwise, rates from 0 to 1, and count in each interval what happened in
//!   it; `processed` is delivered and bounced;
//! - in the summary an email that was opened or clicked has the status filter `delivered`.
//!
//! Emails are not delivered anywhere, webhooks are kept but not called, and rendering shows the content as it was
//! submitted.
//!
//! # For other languages
//! Besides the API there are `GET /openapi.json`, `GET /_sandbox/health`, and `GET /_sandbox/mailbox?address=…` with the
//! confirmation mails to an address.

mod answer;
mod api;
mod builder;
mod clock;
mod control;
mod core;
mod document;
pub mod lifecycle;
mod profile;
mod sandbox;
#[cfg(any(test, feature = "self-check"))]
mod self_check;
mod server;
mod state;
mod tag_filter;
#[cfg(test)]
mod tests;
mod validate;

pub use builder::{Builder, DEFAULT_EMAIL, DEFAULT_PASSWORD, StartError};
pub use clock::Clock;
pub use profile::{Challenge, ListRule, Missing, Profile, RefreshTokens, Verdict};
pub use sandbox::{AcceptedEmail, Mail, Sandbox, SeenRequest};
