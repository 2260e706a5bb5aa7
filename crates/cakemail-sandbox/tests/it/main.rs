//! The sandbox's behaviour over HTTP. The feature `self-check` validates every response against the document.

#![cfg(test)]

mod contacts;
mod control_token;
mod emails;
mod every_operation;
mod faults;
mod findings;
mod guide;
mod host_guard;
mod http;
mod ledger;
mod lists;
mod live;
mod logs;
mod message_actions;
mod messages;
mod metrics;
mod persistence;
mod profile;
mod public_url;
mod requests;
mod sandbox;
mod senders;
mod support;
mod suppressions;
mod tokens;
mod validation;
mod wait;
mod webhooks;
