//! The facade from end to end: over real HTTP, against a sandbox that holds each of its answers against the document.
#![cfg(test)]

mod api;
mod attachments;
mod complete;
mod examples;
mod futures;
mod invalid_input;
mod options;
mod paging;
mod redaction;
mod support;
mod unexpected_responses;
mod wrong_base_url;
