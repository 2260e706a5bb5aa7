//! The client's behaviour in virtual time: no sockets, no sleeps, and every response given by the test.
#![cfg(test)]

mod attachments;
mod bulk;
mod bulk_keys;
mod cancellation;
mod credential_provider;
mod deadlines;
mod decoding;
mod dispatch;
mod errors;
mod find;
mod futures;
mod grants;
mod handles;
mod idempotent;
mod keys;
mod listing;
mod listing_servers;
mod mfa;
mod observer;
mod preflight;
mod random_responses;
mod rate_limit;
mod refused;
mod retry;
mod send_by;
mod support;
mod test_transports;
mod tokens;
mod wait_for;
