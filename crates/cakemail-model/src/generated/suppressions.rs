//! Suppressions: the addresses that nothing is sent to.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::prelude::*;

/// Answer to suppressing an address or a pattern.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SuppressionCreated {
    /// Address (`a@b.c`) or pattern (`*@b.c`, `a@*`).
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Whether it was created; true in a 201.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
}

/// Answer to lifting a suppression.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SuppressionDeleted {
    /// Address (`a@b.c`) or pattern (`*@b.c`, `a@*`).
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Whether it was deleted; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
}

request! {
    /// An address or a pattern of addresses to suppress.
    pub struct NewSuppression {
        required {
            /// Address (`a@b.c`) or pattern (`*@b.c`, `a@*`).
            email: String,
        }
    }
}

/// An address or a pattern of addresses to which nothing is delivered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Suppression {
    /// Address (`a@b.c`) or pattern (`*@b.c`, `a@*`).
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Where the entry came from; the words are not documented. Entries of the system and of
    /// complaints cannot be removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

request! {
    /// What [`ListSuppressions`] can be asked for.
    pub struct ListSuppressionsQuery {
        optional {
            /// Page to answer, counted from 1. Default: `1`.
            page: u64,
            /// Number of rows in a page. Default: `50`.
            per_page: u64,
            /// Whether to count all rows, and answer the total in the pagination's `count`.
            /// Default: `false`.
            with_count: bool,
            /// Restricts the rows, as `term==value;term==value`. The only term is `email`.
            filter: Filter,
        }
    }
}

operation! {
    /// Lists the addresses and patterns to which nothing is delivered.
    ///
    /// Entries made by the system and by complaints are among them.
    ///
    /// `GET /suppressed-emails`
    pub struct ListSuppressions = "listSuppressedEmails" Get "/suppressed-emails" Safe [account] {
        query ListSuppressionsQuery,
        answer Json Page<Suppression>,
    }
}

operation! {
    /// Suppresses an address or a pattern of addresses.
    ///
    /// Emails to a suppressed address are assumed to be accepted with 201 and the status
    /// `rejected`. Suppressing what is suppressed already presumably changes nothing.
    ///
    /// `POST /suppressed-emails`
    pub struct CreateSuppression = "createSuppressedEmail" Post "/suppressed-emails" Idempotent [account] {
        body Json NewSuppression,
        answer Json SuppressionCreated,
    }
}

operation! {
    /// Lifts the suppression of an address or a pattern.
    ///
    /// Entries that came from the system or from a complaint cannot be removed. A repeat finds
    /// nothing to delete and presumably answers 404 or 400.
    ///
    /// `DELETE /suppressed-emails/{email}`
    pub struct DeleteSuppression = "deleteSuppressedEmail" Delete "/suppressed-emails/{email}" Idempotent [account] {
        path {
            /// Address or pattern to lift, exactly as it is listed: `a@b.c`, `*@b.c` or `a@*`.
            email: String,
        }
        answer Json SuppressionDeleted,
    }
}
