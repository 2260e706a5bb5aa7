//! Send email through Cakemail's Email API.
//!
//! ```no_run
//! use cakemail::{Client, Content, ListId, NewEmail};
//!
//! # async fn send() -> cakemail::Result<()> {
//! let client = Client::from_env()?; // CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD
//! let content = Content::html("Welcome", "<p>Hello, Ada.</p>");
//! let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", content);
//! let sent = client.emails().send(&email).await?;
//! println!("{} is {}", sent.id, sent.status);
//! # Ok(())
//! # }
//! ```
//!
//! # Without an account, without a network
//! The feature `sandbox` brings a whole Cakemail on loopback, and `mock` a transport that does as a test says:
//!
//! ```
//! use cakemail::{Content, Milestone, NewEmail, senders::NewSender};
//! use cakemail::sandbox::{Clock, Sandbox, SandboxClient};
//! # use std::time::Duration;
//!
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
//! let sandbox = Sandbox::builder().clock(Clock::scaled(60.0)).start().await?;
//! let client = sandbox.client()?;
//!
//! let sender = client.senders().create(&NewSender::new("Ada", sandbox.email())).await?;
//! let list = client.lists().list(Default::default()).next().await.unwrap()?;
//! let email = NewEmail::transactional(sender.id, list.id, "bob@example.com", Content::text("Hi", "Hello, Bob."));
//! let sent = client.emails().send(&email).await?;
//! client.emails().wait_for(&sent.id, Milestone::Delivered, Duration::from_secs(30)).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # Features
//! | feature | default | what it brings |
//! | --- | --- | --- |
//! | `reqwest` | yes | the usual transport, over reqwest with rustls |
//! | `hyper` | | the lean transport, over hyper with rustls |
//! | `mock` | | [`MockTransport`] |
//! | `replay` | | [`ReplayTransport`] |
//! | `sandbox` | | [`sandbox`]: an offline Cakemail |
//! | `outbox` | | [`outbox`]: durable sending, from a SQLite file |
//! | `outbox-postgres` | | [`outbox`] in PostgreSQL |
//! | `webhook` | | [`webhook`]: receiving webhooks |
//! | `axum` | | an extractor for axum, for webhooks |
//! | `all-resources` | | the resources of the API that sending email does not need |
//!
//! # What is where
//! This crate re-exports others: [`model`] has the types and operations, [`transport`] the trait between the client and
//! HTTP. Everything else is the client.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod generated;
#[cfg(feature = "sandbox")]
pub mod sandbox;

pub use cakemail_client::*;
pub use cakemail_model as model;
pub use cakemail_model::emails::{Attachment, Email, NewEmail, Submission};
pub use cakemail_model::{
    AccountId, ContactId, Content, DkimKeyId, EmailId, EmailStatus, FieldError, Filter, ListId, Page, Patch, Secret,
    SenderId, TagFilter, TemplateId, Timestamp, UserId, WebhookId,
};
#[cfg(any(feature = "outbox", feature = "outbox-postgres"))]
pub use cakemail_outbox as outbox;
pub use cakemail_transport as transport;
#[cfg(feature = "hyper")]
pub use cakemail_transport::HyperTransport;
#[cfg(feature = "reqwest")]
pub use cakemail_transport::ReqwestTransport;
#[cfg(feature = "mock")]
pub use cakemail_transport::{MockTransport, Sequence};
#[cfg(feature = "replay")]
pub use cakemail_transport::{RecordingTransport, ReplayTransport};
pub use cakemail_transport::{Transport, http};
#[cfg(feature = "webhook")]
pub use cakemail_webhook as webhook;
pub use generated::*;
