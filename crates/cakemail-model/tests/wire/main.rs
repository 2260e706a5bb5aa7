//! Requests and responses, compared with the OpenAPI document.
#![cfg(test)]

mod built;
mod call;
mod document;
mod enums;
mod generated;
mod operations;
mod redaction;
mod requests;
mod responses;
mod scalars;
