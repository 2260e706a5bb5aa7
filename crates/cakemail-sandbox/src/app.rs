//! The running sandbox: its server and pages, the control API, and the handles of the public API.

mod accepted_email;
mod builder;
mod change_stream;
mod closing;
mod connection;
mod context;
mod control;
mod control_token;
mod cors;
mod dispatch;
mod fault_handle;
mod host_guard;
mod import;
mod listener;
mod mail;
mod metrics;
mod newest;
mod pages;
mod public_url;
mod reply;
mod request_body;
mod sandbox;
mod search;
mod server;
mod service;
mod shared;
mod tenant;
mod wait;

pub use accepted_email::AcceptedEmail;
pub use builder::{Builder, DEFAULT_EMAIL, DEFAULT_PASSWORD, StartError};
pub use fault_handle::FaultHandle;
pub use mail::Mail;
pub use sandbox::Sandbox;
pub use shared::SharedSandbox;
pub use tenant::Tenant;
pub use wait::{Wait, WaitError};
