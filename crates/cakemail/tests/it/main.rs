//! The facade from end to end: over real HTTP, against a sandbox that holds each of its answers against the document.
#![cfg(test)]

mod attachments;
mod bad_input;
mod complete;
mod examples;
mod futures;
mod options;
mod paging;
mod redaction;
mod road;
mod strange_answers;
mod support;
mod wrong_server;
