//! What each operation does: one file for each resource, one table in each file.

mod accounts;
mod contacts;
mod dkim;
mod domains;
mod emails;
mod lists;
pub(crate) mod logs;
mod reports;
pub(crate) mod senders;
mod suppressions;
mod tags;
mod tokens;
mod users;
mod webhooks;

use crate::api::document::Operation;
use crate::api::response::Outcome;
use crate::api::validation::FieldError;
use crate::domain::profile::Profile;
use crate::domain::{Account, State};

pub(crate) use super::call::{Call, Fields};

/// What answers an operation.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    /// For anyone.
    Open(fn(&Call<'_>, &mut State) -> Outcome),
    /// For the account of a token, which sees nothing else.
    Signed(fn(&Call<'_>, &mut Account) -> Outcome),
}

type Table = &'static [(&'static str, Handler)];

const RESOURCES: [Table; 14] = [
    accounts::OPERATIONS,
    contacts::OPERATIONS,
    dkim::OPERATIONS,
    domains::OPERATIONS,
    emails::OPERATIONS,
    lists::OPERATIONS,
    logs::OPERATIONS,
    reports::OPERATIONS,
    senders::OPERATIONS,
    suppressions::OPERATIONS,
    tags::OPERATIONS,
    tokens::OPERATIONS,
    users::OPERATIONS,
    webhooks::OPERATIONS,
];

pub(crate) fn handler(operation: &str) -> Option<Handler> {
    RESOURCES.iter().copied().flatten().find(|(id, _)| *id == operation).map(|(_, handler)| *handler)
}

/// The rules for a body that its schema does not say.
pub(crate) fn rules(
    operation: &Operation,
    body: &serde_json::Map<String, serde_json::Value>,
    profile: &Profile,
) -> Vec<FieldError> {
    match operation.id.as_str() {
        "submitEmail" => emails::rules(body, profile),
        "createSuppressedEmail" => suppressions::rules(body),
        "createToken" => tokens::rules(body),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_has_a_handler_and_every_handler_an_operation() {
        let document = crate::api::document::document().unwrap();
        let documented: BTreeSet<_> = document.operations.iter().map(|it| it.id.as_str()).collect();
        let handled: BTreeSet<_> = super::RESOURCES.iter().copied().flatten().map(|(id, _)| *id).collect();
        assert_eq!(documented, handled);
        assert_eq!(documented.len(), 50);
    }
}
