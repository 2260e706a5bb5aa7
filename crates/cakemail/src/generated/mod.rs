//! The types of each resource.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

pub use cakemail_model::{
    accounts, contacts, dkim, domains, emails, lists, logs, reports, senders, shared, suppressions, tags, tokens,
    users, webhooks,
};
