//! The built command, run as a user would.
#![cfg(test)]

mod bad_input;
mod commands;
mod doctor;
mod kept;
mod offline;
mod pipes;
mod quickstart;
mod sandbox;
mod secrets;
mod support;
