//! The groups of the client's methods, one for each resource.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

mod accounts;
mod contacts;
mod dkim;
mod domains;
mod emails;
mod lists;
mod logs;
mod reports;
mod senders;
mod suppressions;
mod tags;
mod tokens;
mod users;
mod webhooks;

pub use accounts::Accounts;
pub use contacts::Contacts;
pub use dkim::Dkim;
pub use domains::DomainSettings;
pub use emails::Emails;
pub use lists::Lists;
pub use logs::Logs;
pub use reports::Reports;
pub use senders::Senders;
pub use suppressions::Suppressions;
pub use tags::Tags;
pub use tokens::TokenRequests;
pub use users::Users;
pub use webhooks::Webhooks;
