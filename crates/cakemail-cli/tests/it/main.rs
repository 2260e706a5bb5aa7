//! The built command, run as a user would.
#![cfg(test)]

mod broken_pipes;
mod commands;
mod doctor;
mod offline;
mod persistence;
mod quickstart;
mod sandbox;
mod secrets;
mod support;
mod usage_errors;
