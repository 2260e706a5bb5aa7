//! What the document cannot say of its types: how to make a right one, and what is wrong with one.

#[cfg(feature = "emails")]
mod address;
#[cfg(feature = "emails")]
mod attachment;
#[cfg(feature = "emails")]
mod emails;

#[cfg(feature = "emails")]
pub use attachment::{AttachmentContent, AttachmentError, AttachmentPieces, AttachmentSource, check_attachment_name};
#[cfg(feature = "emails")]
pub use emails::{Content, check_tag};
