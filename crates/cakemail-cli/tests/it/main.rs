//! Runs the built command as a user does.
#![cfg(test)]

mod broken_pipes;
mod commands;
mod docs;
mod doctor;
mod offline;
mod outbox;
mod persistence;
mod quickstart;
mod sandbox;
mod secrets;
mod support;
mod usage_errors;
