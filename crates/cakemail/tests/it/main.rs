//! End-to-end tests of the facade over real HTTP, against a sandbox that validates its responses against the spec.
#![cfg(test)]

mod api;
mod attachments;
mod cancellation;
mod complete;
mod examples;
mod futures;
mod invalid_input;
mod options;
mod paging;
mod redaction;
mod shared_sandbox;
mod support;
mod unexpected_responses;
mod webhooks;
mod wrong_base_url;
