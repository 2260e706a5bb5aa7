//! DKIM keys: what signs the email of a domain.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::prelude::*;

request! {
    /// A DKIM key to create.
    pub struct NewDkimKey {
        required {
            /// Domain whose emails the key signs.
            domain: String,
        }
        optional {
            /// Name under which the public key is published in DNS, below `_domainkey` of the
            /// domain. Presumably chosen by the server when left out.
            selector: String,
        }
    }
}

/// Answer to creating a DKIM key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DkimKeyCreated {
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was created; true in a 201.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// The key, with the public half to publish in DNS.
    pub data: DkimKeySummary,
}

/// Answer to deleting a DKIM key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DkimKeyDeleted {
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was deleted; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
    /// The key that was deleted.
    pub data: DkimKeySummary,
}

/// A DKIM key, with which the emails of a domain are signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DkimKey {
    /// Id of the key.
    pub id: DkimKeyId,
    /// State of the key; the words are not documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Name under which the public key is published in DNS, below `_domainkey` of the domain.
    #[serde(default, deserialize_with = "de::or_default")]
    pub selector: String,
    /// Domain whose emails the key signs.
    #[serde(default, deserialize_with = "de::or_default")]
    pub domain: String,
    /// Public half of the key, to be published in DNS.
    #[serde(default, deserialize_with = "de::or_default")]
    pub public_key: String,
    /// Whether the account signs with this key when no other fits, presumably.
    #[serde(default, deserialize_with = "de::or_default")]
    pub account_default: bool,
}

/// A DKIM key, without whether it is the account's default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DkimKeySummary {
    /// Id of the key.
    pub id: DkimKeyId,
    /// State of the key; the words are not documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Name under which the public key is published in DNS, below `_domainkey` of the domain.
    #[serde(default, deserialize_with = "de::or_default")]
    pub selector: String,
    /// Domain whose emails the key signs.
    #[serde(default, deserialize_with = "de::or_default")]
    pub domain: String,
    /// Public half of the key, to be published in DNS.
    #[serde(default, deserialize_with = "de::or_default")]
    pub public_key: String,
}

operation! {
    /// Lists the account's DKIM keys.
    ///
    /// Answers all of them at once; there are no pages.
    ///
    /// `GET /brands/default/dkim`
    pub struct ListDkimKeys = "list_dkim_keys_brands_default_dkim_get" Get "/brands/default/dkim" Safe [account] {
        answer Json Data<Vec<DkimKey>>,
    }
}

operation! {
    /// Creates a DKIM key for a domain.
    ///
    /// The answer holds the public key, which the owner of the domain has to publish in DNS under
    /// the selector before receivers can verify anything. No idempotency key is documented:
    /// repeating the request presumably creates a second key.
    ///
    /// `POST /brands/default/dkim`
    pub struct CreateDkimKey = "create_dkim_key_brands_default_dkim_post" Post "/brands/default/dkim" NonIdempotent [account] {
        body Json NewDkimKey,
        answer Json DkimKeyCreated,
    }
}

operation! {
    /// Shows one DKIM key.
    ///
    /// `GET /brands/default/dkim/{id}`
    pub struct GetDkimKey = "get_dkim_key_brands_default_dkim__id__get" Get "/brands/default/dkim/{id}" Safe [account] {
        path {
            /// DKIM key that is meant.
            id: DkimKeyId,
        }
        answer Json Data<DkimKey>,
    }
}

operation! {
    /// Deletes a DKIM key.
    ///
    /// Emails are then presumably no longer signed with it. A repeat finds nothing to delete and
    /// presumably answers 404 or 400.
    ///
    /// `DELETE /brands/default/dkim/{id}`
    pub struct DeleteDkimKey = "delete_dkim_key_brands_default_dkim__id__delete" Delete "/brands/default/dkim/{id}" Idempotent [account] {
        path {
            /// DKIM key that is meant.
            id: DkimKeyId,
        }
        answer Json DkimKeyDeleted,
    }
}
