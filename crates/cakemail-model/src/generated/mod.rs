//! The types and operations of each resource.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

#[cfg(feature = "accounts")]
pub mod accounts;
#[cfg(feature = "contacts")]
pub mod contacts;
#[cfg(feature = "dkim")]
pub mod dkim;
#[cfg(feature = "domains")]
pub mod domains;
#[cfg(feature = "emails")]
pub mod emails;
#[cfg(feature = "lists")]
pub mod lists;
#[cfg(feature = "logs")]
pub mod logs;
#[cfg(feature = "reports")]
pub mod reports;
#[cfg(feature = "senders")]
pub mod senders;
pub mod shared;
#[cfg(feature = "suppressions")]
pub mod suppressions;
#[cfg(feature = "tags")]
pub mod tags;
#[cfg(feature = "tokens")]
pub mod tokens;
#[cfg(feature = "users")]
pub mod users;
#[cfg(feature = "webhooks")]
pub mod webhooks;
