//! Constructors and validation of the generated types.

#[cfg(feature = "emails")]
mod attachment;
#[cfg(feature = "contacts")]
mod contacts;
#[cfg(feature = "emails")]
mod emails;

#[cfg(feature = "emails")]
pub use attachment::{AttachmentChunks, AttachmentContent, AttachmentError, AttachmentSource, check_attachment_name};
#[cfg(feature = "emails")]
pub use emails::{Content, check_tag};
