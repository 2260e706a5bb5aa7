//! Tests of the state machine: what each event does, and what holds in every state that can be reached.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod picture;
mod properties;
mod table;
