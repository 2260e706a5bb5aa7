//! The Email API: the index of its document, the validation of requests, and a handler for each operation.

pub(crate) mod call;
pub(crate) mod document;
pub(crate) mod resources;
pub(crate) mod response;
#[cfg(any(test, feature = "self-check"))]
pub(crate) mod self_check;
pub(crate) mod tag_filter;
pub(crate) mod validation;
pub(crate) mod window;

pub(crate) use call::{Call, Fields};
pub(crate) use resources::{Handler, handler, rules};
