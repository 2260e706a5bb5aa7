//! What goes over the wire, held against the OpenAPI document.
#![cfg(test)]

mod answers;
mod calls;
mod document;
mod enums;
mod operations;
mod redaction;
mod requests;
