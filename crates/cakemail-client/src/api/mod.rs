//! What can be asked, by resource: a group for each, whose methods name its operations.

/// Defines a group, and the client's method that opens it.
macro_rules! group {
    ($(#[$meta:meta])* $group:ident, $open:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub struct $group<'a> {
            client: &'a $crate::Client,
        }

        impl $crate::Client {
            $(#[$meta])*
            pub fn $open(&self) -> $group<'_> {
                $group { client: self }
            }
        }
    };
}

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
