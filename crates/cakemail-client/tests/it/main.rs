//! The client's road in virtual time: no socket, no sleep, every answer as a test says.
#![cfg(test)]

mod attachments;
mod challenge;
mod errors;
mod fuzz;
mod listing;
mod mock;
mod retry;
mod support;
mod time;
mod tokens;
mod wait;
