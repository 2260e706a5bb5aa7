//! An offline Cakemail on loopback: stateful, in-process, for tests and for trying things.
//!
//! It serves every operation of the Email API's OpenAPI document over real HTTP and stores what it is sent. The name of
//! the recipient selects the [lifecycle] of each email, on a clock that a test can move.
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
//! # The state at the start
//! One account, [`DEFAULT_EMAIL`] with [`DEFAULT_PASSWORD`], unless [`Builder::account`] adds others. Each account has one
//! list, "Contacts". A sender must be created. It is confirmed at once when its address is the account's own, otherwise by
//! the link in an email that [`Sandbox::mailbox`] returns. Accounts share nothing.
//!
//! # Fidelity
//! Requests are validated against the document, and responses have its shapes. Every response says in the header
//! `X-Sandbox-Fidelity` how well its behaviour is known: `documented` by the guide or the official documentation, `spec`
//! (the document's shapes), or `assumed`. [`Profile`] chooses where the sources contradict each other.
//!
//! No source describes these, among others, so they are assumed:
//! - a marketing email to a contact who has unsubscribed from its list is accepted with the status `rejected`;
//! - a contact's `status` is `active`, `not_active`, `unsubscribed`, `bounced` or `spam`; a bounced contact stays readable on
//!   its list; an address that is added again is the same contact;
//! - `provider` is the first part of the recipient's domain, `gmail` of `gmail.com`;
//! - reports have intervals of a day by default, rates from 0 to 1, and count in each interval the events in it;
//!   `processed` is delivered and bounced;
//! - in the summary an opened or clicked email has the status filter `delivered`.
//!
//! Emails are not delivered anywhere.
//!
//! # The content of an email
//! `GET /v2/emails/{id}/render` and `/_sandbox/messages` show it merged. Merge tags are `[name]` and `[name,fallback]`, as
//! Cakemail's help pages document them for campaigns. It is assumed that they hold for the Email API, and also that:
//! - values are those of `content.custom_attributes`, then those that the contact had at the time, then `[email]`,
//!   `[SUBJECT]`, `[SENDER_NAME]`, `[SENDER_EMAIL]`, `[LISTNAME]` and `[UNSUBSCRIBE]`, the link that ends the subscription;
//!   names are case-sensitive, and values are escaped in HTML;
//! - a tag without a known value stays unchanged; `[DATE|…]`, `[IF …]`, `[GLOBAL_UNSUBSCRIBE]` and others of the help pages
//!   are not merged, and neither are `markup` and templates, whose content the sandbox does not have;
//! - rendering shows the submitted content with `as_submitted=true`, and the pixel and the tracked links with
//!   `tracking=true`; it is not an open;
//! - each option of `tracking` is on unless it is `false`; web links are numbered, those of the HTML before those of the
//!   text; each open and click after the delivery is logged, and a click is not an open;
//! - a marketing email has a `List-Unsubscribe`; an additional header that the email defines itself is refused; the
//!   email is sent in UTF-8, with any `encoding`.
//!
//! # Webhooks
//! Events of an email are posted to the account's webhooks for them, signed, over plain HTTP and to this machine only;
//! [`Builder::allow_webhooks_to`] allows other addresses. A response other than 2xx (redirects are not followed), or none
//! within 10 seconds, is a failure. [`Sandbox::advance`] moves the time and returns when everything that is due by then has
//! arrived, [`Sandbox::deliveries`] shows each delivery and its attempts, and [`WebhookFaults`] duplicates, delays, reorders
//! and tampers with them.
//!
//! Deliveries to one URL are made one after the other, in the order of their times. Only events of emails are posted. No
//! source describes these, so they are assumed:
//! - a failed delivery is tried again 10 s, 1 min, 5 min, 30 min, 2 h later, by the sandbox's clock, and fails after that;
//! - `rate_limit` counts whole seconds or minutes of that clock, includes retries, and is at least 1;
//! - an archived webhook gets nothing, not even pending deliveries; a new URL holds from the next attempt on;
//! - `data` has `email_id`, `email`, `list_id`, `tags`, and as `metadata` that of the event in the logs; there is no id of
//!   the event, since neither form of the payload shows one. `ip` and `user` are empty.
//!
//! # Injected faults
//! A [`Fault`] has a [`Match`] for its requests, a [`Phase`] for its time, and an [`Effect`], down to the socket.
//! [`Preset`] names faults that go together. [`Sandbox::limit`], [`Sandbox::lag_logs`] and
//! [`Sandbox::refuse_connections_for`] affect more than single requests. All durations are of the sandbox's clock, so that
//! a test can advance over them. [`Sandbox::ledger`] says how often each email was accepted, even if its response was lost.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cakemail_sandbox::{Effect, Fault, Match, Phase, Sandbox};
//!
//! let sandbox = Sandbox::start().await?;
//! // The first email is accepted, and its response is lost.
//! let lost = Fault::on(Match::operation("submitEmail").nth(1)).at(Phase::Committed).effect(Effect::Reset);
//! let lost = sandbox.fault(lost);
//! // … send …
//! assert_eq!(lost.hits(), 0);
//! assert_eq!(sandbox.ledger().duplicate_count(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! # Requests and findings
//! [`Sandbox::requests`] and `/_sandbox/requests` have each request and its response, with the account, the duration, the
//! fault that struck, and the same request for curl. Secrets are removed before a request is stored: the values of fields
//! with certain names, and all values that the sandbox has issued. A secret reads `***`. At most 16 KiB of each body and
//! 32 MiB of all requests are stored. Requests to `/_sandbox/…` and those of the sandbox's own pages are not stored.
//!
//! [`Sandbox::findings`] and `/_sandbox/findings` list mistakes of clients, each with its request and the fix.
//! [`FindingRule`] has the rules. A rule reports only what is certain, and the same message for an account only once.
//! [`Sandbox::assert_no_findings`] makes a test of it:
//!
//! ```should_panic
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! # let sandbox = cakemail_sandbox::Sandbox::start().await.unwrap();
//! # let mut client = tokio::net::TcpStream::connect(sandbox.addr()).await.unwrap();
//! # client.write_all(b"GET /lists?access_token=x HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
//! # client.read_u8().await.unwrap();
//! // … a client asks for `/lists?access_token=…`
//! sandbox.assert_no_findings();
//! # }
//! ```
//!
//! # Tests that share a sandbox
//! A [`Tenant`] is a separate account, so that several tests can use one sandbox. [`Sandbox::shared`] is one sandbox for
//! all tests of a process, and gives out nothing but tenants. [`Sandbox::wait`] and [`Tenant::wait`]
//! wait for emails that match a query. A sandbox for each test is cheap, too: `cargo xtask bench sandboxes` starts a
//! thousand.
//!
//! # Storage
//! An account has the latest 100,000 emails ([`Builder::keep`]), within the memory that [`Builder::memory`] allows. With
//! [`Builder::data`] the state is also in a file, from which the next start continues. Each change is written before its
//! response is sent, so that everything that a response confirmed survives the end of the process. A change that cannot
//! be written is refused with 507.
//!
//! # In a browser, and for other languages
//! `/` is an inbox. `/_sandbox/` is a control API, without authentication unless [`Builder::control_token`] requires it.
//! `GET /_sandbox/openapi.json` describes it; `GET /openapi.json` is the API's own document.
//!
//! `POST /_sandbox/faults` takes one of
//! ```json
//! {"on": {"operation": "submitEmail", "every": 2}, "phase": "committed", "effect": "reset"}
//! {"preset": "ambiguous-send", "seed": 1}
//! {"limit": {"rate": 50, "burst": 10, "retry_after": true}}
//! {"lag_logs_ms": 2000}
//! {"refuse_ms": 500}
//! ```
//! The optional `on` has the conditions of [`Match`]: `method`, `path`, `operation`, `recipient`, `renewal`,
//! `reused`, `nth`, `every`, `probability` with `seed`, `times`. `phase` is `accept`, `handler` (the default), `committed` or
//! `answering`, see [`Phase`]. `effect` is one of [`Effect`]: `"reset"`, `"close"`, `"stall"`, `"truncate"`, `{"drip_ms": 10}`,
//! `"garbage"`, `"endless_headers"`, `"not_json"`, `"bad_gateway"`, `{"status": 503}`, `"unauthorized"`,
//! `{"too_many_requests": …}` with `"absent"`, `{"seconds": 2}`, `{"date": 2}` or `{"text": "soon"}`, `"expire_token"`,
//! `"spend_refresh_tokens"`.

mod api;
mod app;
mod domain;
mod engine;
mod faults;
mod generated;
mod inspect;
mod message;
mod webhooks;

pub use app::{
    AcceptedEmail, Builder, DEFAULT_EMAIL, DEFAULT_PASSWORD, FaultHandle, Mail, Sandbox, SharedSandbox, StartError,
    Tenant, Wait, WaitError,
};
pub use cakemail_webhook::{Dialect, SignatureHeader};
pub use domain::lifecycle;
pub use domain::profile::{Challenge, ListRule, Missing, Profile, RefreshTokens, Verdict};
pub use domain::{DeliveryState, WebhookFaults};
pub use engine::clock::Clock;
pub use faults::{Effect, Fault, Limit, Match, Phase, Preset, RetryAfter, UnknownPreset};
pub use inspect::findings::{Finding, FindingRule};
pub use inspect::ledger::{Ledger, LedgerRow};
pub use inspect::requests::SeenRequest;
pub use webhooks::{DeliveryAttempt, WebhookDelivery};
