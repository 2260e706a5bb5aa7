//! The Email API. A request is [routed](document), [authenticated](authentication) and [validated](validation) once, and
//! then [handled](resources).

pub(crate) mod authentication;
mod body;
mod call;
mod collections;
mod comparison;
pub(crate) mod document;
pub(crate) mod field_error;
pub(crate) mod form;
mod pattern;
pub(crate) mod request;
pub(crate) mod resources;
pub(crate) mod response;
#[cfg(any(test, feature = "self-check"))]
pub(crate) mod self_check;
mod shape;
pub(crate) mod validation;
mod window;
