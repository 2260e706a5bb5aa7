//! The wire model of Cakemail's Email API: types and operations as plain data.
//!
//! No HTTP and no runtime: a value of this crate says what to ask and reads what comes back, and
//! leaves the asking to others (the `cakemail` crate does it). Everything under [`generated`] is
//! written from [`OPENAPI`] by `cargo xtask codegen`; what the document cannot say (typed ids, one
//! status for all spellings, constructors, validation) stands beside it.
//!
//! ```
//! use cakemail_model::emails::NewEmail;
//! use cakemail_model::{Content, EmailStatus, ListId, SenderId};
//!
//! let email = NewEmail::transactional(
//!     SenderId::from("7"),
//!     ListId::new(42),
//!     "ada@example.com",
//!     Content::html("Welcome", "<p>Hello, Ada.</p>"),
//! );
//! assert!(email.validate().is_ok());
//!
//! // Every place has its own word for one state; all of them read as one status.
//! assert_eq!("bounce".parse(), Ok(EmailStatus::Bounced));
//! assert_eq!("Email.Bounced".parse(), Ok(EmailStatus::Bounced));
//! ```
//!
//! # Reading what a server sends
//! A new value never fails: enums are open, unknown fields are passed over, and what the document
//! requires but an answer lacks (or sends as `null`) reads as its empty value. Only what nothing can
//! stand in for is an error when it is missing: an identifier, a token, or the `data` that an answer
//! is all about.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod de;
mod detail;
mod field_error;
mod filter;
pub mod generated;
mod id;
mod operation;
mod page;
mod patch;
pub mod path;
mod secret;
mod status;
mod tag_filter;
mod timestamp;

mod handwritten;

pub use detail::{Detail, DetailKind};
pub use field_error::{FieldError, FieldErrors};
pub use filter::Filter;
pub use generated::*;
#[cfg(feature = "emails")]
pub use handwritten::{
    AttachmentContent, AttachmentError, AttachmentPieces, AttachmentSource, Content, check_attachment_name, check_tag,
};
pub use id::*;
pub use operation::{Format, Idempotency, Method, Operation};
pub use page::{Cursor, Data, FilterParameters, JsonObject, Page, Pagination};
pub use patch::Patch;
pub use secret::Secret;
pub use status::EmailStatus;
pub use tag_filter::{ParseTagFilterError, TagFilter};
pub use timestamp::{ParseTimestampError, Timestamp};

/// The OpenAPI document that this crate is written from, as JSON text.
pub const OPENAPI: &str = include_str!("../openapi.json");
