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
//! Emails are not delivered anywhere.
//!
//! # What an email says
//! `GET /v2/emails/{id}/render` and `/_sandbox/messages` show it merged. Merge tags are `[name]` and `[name,fallback]`, as
//! Cakemail's help pages document them for campaigns; that they hold for the Email API is assumed, and so is this:
//! - values are those of `content.custom_attributes`, then those that the contact had at the time, then `[email]`,
//!   `[SUBJECT]`, `[SENDER_NAME]`, `[SENDER_EMAIL]`, `[LISTNAME]` and `[UNSUBSCRIBE]`, the link that ends the subscription;
//!   names count as they are written, and values are escaped in HTML;
//! - a tag that nothing is known for stays as it is; `[DATE|…]`, `[IF …]`, `[GLOBAL_UNSUBSCRIBE]` and others of the help
//!   pages are not merged, and neither are templates, whose content the sandbox does not have, and `markup`;
//! - rendering shows what was submitted with `as_submitted=true`, and the pixel and the tracked links with `tracking=true`;
//!   it is no open;
//! - each option of `tracking` is on unless it is `false`; web links of the HTML and of the text are numbered in this order;
//!   an open or a click is logged once the email was delivered, each time, and a click is no open;
//! - a marketing email has a `List-Unsubscribe`; no additional header takes the place of one that the email has anyway, and
//!   whatever the `encoding`, it would go out in UTF-8.
//!
//! # Webhooks
//! What happens to an email is posted to the account's webhooks for that event, signed. It goes to this machine only, over
//! plain HTTP; [`Builder::allow_webhooks_to`] lets it go further. An answer other than 2xx (redirects are not followed), or
//! none within 10 seconds of real time, is a failure. [`Sandbox::advance`] moves the time and returns when all that is due
//! by then has arrived, [`Sandbox::deliveries`] shows each delivery and its attempts, and [`WebhookFaults`] duplicates, delays,
//! reorders and tampers with them.
//!
//! Deliveries to one URL are made one after the other, in the order of their times. Nothing is posted of what happens to
//! anything else than emails. Assumed, for want of any source, are:
//! - after a failure it is tried again 10 s, 1 min, 5 min, 30 min, 2 h later, by the sandbox's clock, and then has failed;
//! - `rate_limit` counts in whole seconds or minutes of that clock, retries too, and is at least 1;
//! - an archived webhook gets nothing, not even what was on its way to it; a new URL counts from the next attempt on;
//! - `data` has `email_id`, `email`, `list_id`, `tags`, and as `metadata` what the event has in the logs; no id of the
//!   event, as neither form of the payload shows one. `ip` and `user` are empty.
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
//! # What clients asked, and what they did wrong
//! [`Sandbox::requests`] and `/_sandbox/requests` have each request and its answer, with the account, the time it took, the
//! fault that struck, and the same request for curl. Secrets are taken out when it is noted, so that none is kept: by the
//! names of their fields, and wherever they are when the sandbox has given them out; a secret reads `***`. Of a body 16 KiB
//! are kept, of all requests 32 MiB at most. Not noted are requests to `/_sandbox/…` and those of the sandbox's own pages.
//!
//! [`Sandbox::findings`] and `/_sandbox/findings` say what clients did wrong, each with its request and the mend:
//! [`FindingRule`] has the rules. A rule accuses only of what is certain, and what an account does wrong again in the same
//! words is said once. [`Sandbox::assert_no_findings`] makes a test of it:
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
//! # Tests that share one
//! A [`Tenant`] is an account of one's own, so that many tests can use one sandbox; [`Sandbox::wait`] and [`Tenant::wait`]
//! wait for emails by their words. A sandbox of one's own costs little, too: `cargo xtask bench sandboxes` starts a thousand.
//!
//! # What it keeps
//! Emails, and what happens to them, take the memory that [`Builder::memory`] allows; the oldest go. With
//! [`Builder::data`] the state is in a file as well, and goes on from there. It is written before it is answered, so that
//! whatever was answered survives the process, however it ends.
//!
//! # In a browser, and for other languages
//! At `/` is an inbox. Under `/_sandbox/` is a control API, without a token, which `GET /_sandbox/openapi.json` describes;
//! `GET /openapi.json` is the API's own document.
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

mod api;
mod app;
mod domain;
mod engine;
mod faults;
mod generated;
mod inspect;
mod message;
#[cfg(test)]
mod tests;
mod webhooks;

pub use app::{
    AcceptedEmail, Builder, DEFAULT_EMAIL, DEFAULT_PASSWORD, FaultHandle, Mail, Sandbox, StartError, Tenant, Wait,
    WaitError,
};
pub use domain::lifecycle;
pub use domain::profile::{Challenge, ListRule, Missing, Profile, RefreshTokens, Verdict};
pub use domain::{DeliveryState, Dialect, SignatureHeader, WebhookFaults};
pub use engine::clock::Clock;
pub use faults::{Effect, Fault, Limit, Match, Phase, Preset, RetryAfter, UnknownPreset};
pub use inspect::findings::{Finding, FindingRule};
pub use inspect::ledger::{Ledger, LedgerRow};
pub use inspect::requests::SeenRequest;
pub use webhooks::{DeliveryAttempt, WebhookDelivery};
