//! The running sandbox: its listener and pages, the control API, and the handles that a program gets.

pub(crate) mod builder;
pub(crate) mod context;
pub(crate) mod control;
mod fault_injection;
pub(crate) mod host_guard;
pub(crate) mod listener;
pub(crate) mod pages;
pub(crate) mod sandbox;
pub(crate) mod server;
pub(crate) mod tenant;
pub(crate) mod wait;
