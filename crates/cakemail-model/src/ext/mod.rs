//! What the document cannot say of its types: how to make a right one, and what is wrong with one.

#[cfg(feature = "emails")]
mod address;
#[cfg(feature = "emails")]
mod emails;

#[cfg(feature = "emails")]
pub use emails::{Content, check_attachment_name, check_tag};
