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
//! # When things go wrong
//! A [`Fault`] makes something go wrong: [`Match`] says for which requests, [`Phase`] when, [`Effect`] what, down to the
//! socket. [`Preset`] names faults that go together; [`Sandbox::limit`], [`Sandbox::lag_logs`] and
//! [`Sandbox::refuse_connections_for`] do what no single request does. All durations are of the sandbox's clock, so that a
//! test can let them pass. [`Sandbox::ledger`] says how often each email was accepted, whatever its sender was told.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cakemail_sandbox::{Effect, Fault, Match, Phase, Sandbox};
//!
//! let sandbox = Sandbox::start().await?;
//! // The first email is accepted, and its sender is never told.
//! let lost = Fault::on(Match::operation("submitEmail").nth(1)).at(Phase::Committed).effect(Effect::Reset);
//! let lost = sandbox.fault(lost);
//! // … send …
//! assert_eq!(lost.hits(), 0);
//! assert_eq!(sandbox.ledger().duplicate_count(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! # For other languages
//! Besides the API there are, without a token:
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /openapi.json` | the document |
//! | `GET /_sandbox/health` | `{"status": "ok", "time": …}` |
//! | `GET /_sandbox/mailbox?address=…` | the confirmation mails to an address |
//! | `GET /_sandbox/ledger` | how often each email was accepted |
//! | `GET /_sandbox/faults` | what is set |
//! | `POST /_sandbox/faults` | 201; sets something |
//! | `DELETE /_sandbox/faults` | clears everything; with `?id=…` one fault |
//!
//! The ledger is `{"posts", "accepted", "unanswered", "duplicates", "data": [{"id", "recipient", "tags", "accepted_at",
//! "answered", "duplicate"}]}` with times in seconds since the epoch; `?recipient=…` shows the rows of one recipient.
//!
//! What `POST /_sandbox/faults` takes is one of
//! ```json
//! {"on": {"operation": "submitEmail", "every": 2}, "phase": "committed", "effect": "reset"}
//! {"preset": "ambiguous-send", "seed": 1}
//! {"limit": {"rate": 50, "burst": 10, "retry_after": true}}
//! {"lag_logs_ms": 2000}
//! {"refuse_ms": 500}
//! ```
//! In `on`, which may be left out, are the conditions of [`Match`]: `method`, `path`, `operation`, `recipient`, `renewal`,
//! `reused`, `nth`, `every`, `probability` with `seed`, `times`. `phase` is `accept`, `handler` (the default), `committed` or
//! `answering`, see [`Phase`]. `effect` is one of [`Effect`]: `"reset"`, `"close"`, `"stall"`, `"truncate"`, `{"drip_ms": 10}`,
//! `"garbage"`, `"endless_headers"`, `"not_json"`, `"bad_gateway"`, `{"status": 503}`, `"unauthorized"`,
//! `{"too_many_requests": …}` with `"absent"`, `{"seconds": 2}`, `{"date": 2}` or `{"text": "soon"}`, `"expire_token"`,
//! `"spend_refresh_tokens"`.

mod answer;
mod api;
mod builder;
mod clock;
mod control;
mod core;
mod deeds;
mod document;
mod door;
mod faults;
mod gate;
mod journal;
mod ledger;
pub mod lifecycle;
mod message;
mod pages;
mod postman;
mod profile;
mod sandbox;
#[cfg(any(test, feature = "self-check"))]
mod self_check;
mod server;
mod state;
mod tag_filter;
#[cfg(test)]
mod tests;
mod unless;
mod validate;

pub use builder::{Builder, DEFAULT_EMAIL, DEFAULT_PASSWORD, StartError};
pub use clock::Clock;
pub use faults::{Effect, Fault, Limit, Match, Phase, Preset, RetryAfter, UnknownPreset};
pub use ledger::{Ledger, LedgerRow};
pub use postman::{DeliveryAttempt, Dialect, Mischief, SignatureHeader, WebhookDelivery};
pub use profile::{Challenge, ListRule, Missing, Profile, RefreshTokens, Verdict};
pub use sandbox::{AcceptedEmail, FaultHandle, Mail, Sandbox, SeenRequest};
pub use state::DeliveryState;
