//! The sandbox, over HTTP; each answer is held against the document on its way (`self_check`).

mod contacts;
mod emails;
mod every_operation;
mod faults;
mod findings;
mod guide;
mod host_guard;
mod http;
mod ledger;
mod lists;
mod logs;
mod messages;
mod persistence;
mod profile;
mod requests;
mod sandbox;
mod senders;
mod suppressions;
mod tokens;
mod validation;
mod wait;
mod webhooks;
