//! The types and operations of Cakemail's Email API as plain data.
//!
//! This crate contains no HTTP client and needs no runtime: it describes requests and deserializes responses. The
//! `cakemail` crate sends them. `cargo xtask codegen` generates [`generated`] from [`OPENAPI`]. Typed ids, one status for
//! all spellings, constructors and validation are written by hand beside it.
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
//! // Each part of the API spells a status differently; all spellings parse to one value.
//! assert_eq!("bounce".parse(), Ok(EmailStatus::Bounced));
//! assert_eq!("Email.Bounced".parse(), Ok(EmailStatus::Bounced));
//! ```
//!
//! # Deserializing responses
//! New values and fields are never an error: enums are open and unknown fields are ignored. A required field that is
//! missing or `null` becomes its type's empty value. Only a field without a meaningful empty value is an error if it is
//! missing: an identifier, a token, or the `data` of a response.
//!
//! Numbers, booleans and times may also be text or another type of number: `"7"` and `7.0` are 7, `1` and `"true"` are
//! true. The empty string is no value, and so is the date `0000-00-00`. A value that does not fit, such as 7.5 or -7 for a
//! count, is an error. See [`de::Scalar`] and [`Timestamp`].
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
pub mod base64;
mod characters;
pub mod de;
mod detail;
mod field_error;
mod filter;
pub mod generated;
mod headers;
mod id;
mod operation;
mod page;
mod patch;
pub mod path;
mod redacted;
mod secret;
mod status;
mod suppression_pattern;
mod tag_filter;
mod timestamp;

mod handwritten;

pub use address::check_address;
pub use characters::check_line;
pub use detail::{Detail, DetailKind};
pub use field_error::{FieldError, FieldErrors};
pub use filter::Filter;
pub use generated::*;
#[cfg(feature = "emails")]
pub use handwritten::{
    AttachmentChunks, AttachmentContent, AttachmentError, AttachmentSource, Content, check_attachment_name, check_tag,
};
pub use headers::check_header_name;
pub use id::*;
pub use operation::{Format, Idempotency, Method, Operation};
pub use page::{Cursor, Data, FilterParameters, JsonObject, Page, Pagination};
pub use patch::Patch;
#[doc(hidden)]
pub use redacted::{Redact, Redacted};
pub use secret::Secret;
pub use status::EmailStatus;
pub use suppression_pattern::SuppressionPattern;
pub use tag_filter::{ParseTagFilterError, TagFilter};
pub use timestamp::{ParseTimestampError, Timestamp};

/// The OpenAPI document that this crate is generated from, as JSON text.
pub const OPENAPI: &str = include_str!("../openapi.json");
