//! Lists: the contact lists that recipients belong to.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use super::shared::Language;
use crate::prelude::*;

/// Answer to accepting the policy for a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListPolicyAccepted {
    /// Id of the list.
    pub id: ListId,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the policy is accepted; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_accepted: Option<bool>,
}

/// Answer to archiving a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListArchived {
    /// Id of the list.
    pub id: ListId,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the list is archived; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// Answer to creating a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListCreated {
    /// Id of the list. Submitting an email asks for it.
    pub id: ListId,
    /// Whether it was created; true in a 201.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// The list as it is now.
    pub data: List,
}

/// Answer to deleting a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDeleted {
    /// Id of the list.
    pub id: ListId,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was deleted; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
}

request! {
    /// A list to create.
    pub struct NewList {
        required {
            /// Name of the list.
            name: String,
            /// Sender that the list's emails come from when nothing else is said.
            default_sender: DefaultSender,
        }
        optional {
            /// Language of the list, presumably of its pages and the emails that it sends by
            /// itself.
            language: Language,
            /// Pages of your own to show instead of the standard ones.
            redirections: NewListRedirections,
            /// URL to call when a contact of the list changes.
            webhook: NewListWebhook,
        }
    }
}

/// A list: contacts who are mailed in the same context.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct List {
    /// Id of the list. Submitting an email asks for it.
    pub id: ListId,
    /// Name of the list.
    #[serde(default, deserialize_with = "de::or_default")]
    pub name: String,
    /// State of the list: `active`, `archived` or `deleted`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub status: String,
    /// Whether the policy was accepted for the list, which matters to campaigns.
    #[serde(default, deserialize_with = "de::or_default")]
    pub policy_accepted: bool,
    /// Language of the list, as a code such as `en_US` or `fr_CA`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub language: String,
    /// When the list was created, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_on: Option<Timestamp>,
    /// Sender that the list's emails come from when nothing else is said.
    #[serde(default, deserialize_with = "de::or_default")]
    pub default_sender: ListSender,
    /// Pages shown instead of the standard ones.
    #[serde(default, deserialize_with = "de::or_default")]
    pub redirections: ListRedirections,
    /// Standard pages of the list.
    #[serde(default, deserialize_with = "de::or_default")]
    pub pages: ListPages,
    /// URL that is called when a contact of the list changes.
    #[serde(default, deserialize_with = "de::or_default")]
    pub webhook: ListWebhook,
}

/// URLs of the standard pages of a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListPages {
    /// Page that a contact sees after subscribing, presumably.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_in: Option<String>,
    /// Page that a contact sees after unsubscribing, presumably.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<String>,
    /// Page where one subscribes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<String>,
    /// Page where one unsubscribes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
}

/// URLs of the pages shown instead of a list's standard ones.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListRedirections {
    /// URL of the page shown after a subscription, presumably before it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_opt_in: Option<String>,
    /// URL of the page shown after a subscription was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_double_opt_in: Option<String>,
    /// URL of the page shown after an unsubscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_opt_out: Option<String>,
}

/// The default sender of a list, by name and address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSender {
    /// Name that recipients see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address that emails come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A list, in brief.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSummary {
    /// Id of the list. Submitting an email asks for it.
    pub id: ListId,
    /// Name of the list.
    #[serde(default, deserialize_with = "de::or_default")]
    pub name: String,
    /// State of the list: `active`, `archived` or `deleted`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub status: String,
    /// Language of the list, as a code such as `en_US` or `fr_CA`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub language: String,
    /// When the list was created, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_on: Option<Timestamp>,
    /// Sender that the list's emails come from when nothing else is said.
    #[serde(default, deserialize_with = "de::or_default")]
    pub default_sender: ListSender,
}

request! {
    /// A callback for changes to the contacts of a list; not one of the account's webhooks.
    pub struct NewListWebhook {
        optional {
            /// URL that is called when a contact of the list changes.
            url: String,
            /// Changes for which the URL is called.
            actions: Vec<ListWebhookAction>,
        }
    }
}

open_enum! {
    /// A change to a contact for which a list's callback is made. The kinds of bounces are
    /// presumably told apart by the two letters after `bounce_`.
    pub enum ListWebhookAction {
        /// Every change.
        All = "all",
        /// A contact subscribed.
        Subscribe = "subscribe",
        /// A contact unsubscribed.
        Unsubscribe = "unsubscribe",
        /// A contact was changed.
        Update = "update",
        /// A contact was deleted.
        Delete = "delete",
        /// A contact marked an email as spam.
        Spam = "spam",
        /// An email bounced, in any way.
        Bounce = "bounce",
        /// A bounce: the address has changed, presumably.
        BounceAc = "bounce_ac",
        /// A bounce: the recipient's server asks for a response to a challenge, presumably.
        BounceCr = "bounce_cr",
        /// A bounce: the domain could not be resolved in DNS, presumably.
        BounceDf = "bounce_df",
        /// A bounce: the mailbox is full, presumably.
        BounceFm = "bounce_fm",
        /// A hard bounce: delivery failed for good, presumably.
        BounceHb = "bounce_hb",
        /// A bounce: the mail was blocked, presumably.
        BounceMb = "bounce_mb",
        /// A soft bounce: delivery failed temporarily, presumably.
        BounceSb = "bounce_sb",
        /// A bounce: a transient failure, presumably.
        BounceTr = "bounce_tr",
        /// An automatic reply, presumably.
        BounceAr = "bounce_ar",
    }
}

/// The callback for changes to the contacts of a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListWebhook {
    /// URL that is called when a contact of the list changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Changes for which the URL is called.
    #[serde(default, deserialize_with = "de::compact")]
    pub actions: Vec<ListWebhookAction>,
}

/// Answer to changing a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListPatched {
    /// Id of the list.
    pub id: ListId,
    /// Whether it was changed; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<bool>,
    /// The list as it is now.
    pub data: List,
}

request! {
    /// URLs of pages of your own to show instead of a list's standard ones.
    pub struct NewListRedirections {
        optional {
            /// URL of the page shown after a subscription, presumably before it is confirmed.
            after_opt_in: String,
            /// URL of the page shown after a subscription was confirmed.
            after_double_opt_in: String,
            /// URL of the page shown after an unsubscription.
            after_opt_out: String,
        }
    }
}

request! {
    /// The default sender of a list, by its id.
    pub struct DefaultSender {
        required {
            /// Id of the sender. A string, even where it consists of digits.
            id: SenderId,
        }
    }
}

patch! {
    /// Changes to a list; what is not given stays as it is.
    pub struct ListPatch {
        /// Name of the list.
        name: String,
        /// Sender that the list's emails come from when nothing else is said.
        default_sender: DefaultSender,
        /// Language of the list, as a code such as `en_US` or `fr_CA`.
        language: Language,
        /// Pages of your own to show instead of the standard ones.
        redirections: NewListRedirections,
        /// URL to call when a contact of the list changes.
        webhook: NewListWebhook,
    }
}

request! {
    /// What [`ListLists`] can be asked for.
    pub struct ListListsQuery {
        optional {
            /// Page to answer, counted from 1. Default: `1`.
            page: u64,
            /// Number of rows in a page. Default: `50`.
            per_page: u64,
            /// Whether to count all rows, and answer the total in the pagination's `count`.
            /// Default: `false`.
            with_count: bool,
            /// Restricts the rows, as `term==value;term==value`. The terms are `status` and `name`.
            /// A status is `active`, `archived` or `deleted`.
            filter: Filter,
            /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending).
            /// The terms are `name` and `created_on`.
            sort: String,
        }
    }
}

operation! {
    /// Lists the account's lists.
    ///
    /// The `id` of the chosen list is what submitting an email asks for. Answers a summary of each;
    /// `GET /lists/{list_id}` has the rest.
    ///
    /// `GET /lists`
    pub struct ListLists = "listLists" Get "/lists" Safe [account] {
        query ListListsQuery,
        answer Json Page<ListSummary>,
    }
}

operation! {
    /// Creates a list.
    ///
    /// Needs a name and a default sender. No idempotency key is documented: repeating the request
    /// presumably creates a second list.
    ///
    /// `POST /lists`
    pub struct CreateList = "createList" Post "/lists" NonIdempotent [account] {
        body Json NewList,
        answer Json ListCreated,
    }
}

operation! {
    /// Shows one list.
    ///
    /// `GET /lists/{list_id}`
    pub struct GetList = "getList" Get "/lists/{list_id}" Safe [account] {
        path {
            /// List that is meant.
            list_id: ListId,
        }
        answer Json Data<List>,
    }
}

operation! {
    /// Deletes a list.
    ///
    /// Emails can no longer be submitted with it: a deleted list is one of the causes of "list not
    /// found". A repeat finds nothing to delete and presumably answers 404 or 400.
    ///
    /// `DELETE /lists/{list_id}`
    pub struct DeleteList = "deleteList" Delete "/lists/{list_id}" Idempotent [account] {
        path {
            /// List that is meant.
            list_id: ListId,
        }
        answer Json ListDeleted,
    }
}

operation! {
    /// Changes a list.
    ///
    /// Only the fields given change.
    ///
    /// `PATCH /lists/{list_id}`
    pub struct PatchList = "patchList" Patch "/lists/{list_id}" Idempotent [account] {
        path {
            /// List that is meant.
            list_id: ListId,
        }
        body Json ListPatch,
        answer Json ListPatched,
    }
}

operation! {
    /// Accepts the policy for a list.
    ///
    /// Matters to campaigns; assumed not to be needed for submitting single emails. Accepting again
    /// presumably changes nothing.
    ///
    /// `POST /lists/{list_id}/accept-policy`
    pub struct AcceptListPolicy = "acceptListPolicy" Post "/lists/{list_id}/accept-policy" Idempotent [account] {
        path {
            /// List that is meant.
            list_id: ListId,
        }
        answer Json ListPolicyAccepted,
    }
}

operation! {
    /// Archives a list.
    ///
    /// The list stays, under the status `archived`; submitting an email with it is assumed to be
    /// refused.
    ///
    /// `POST /lists/{list_id}/archive`
    pub struct ArchiveList = "archiveList" Post "/lists/{list_id}/archive" Idempotent [account] {
        path {
            /// List that is meant.
            list_id: ListId,
        }
        answer Json ListArchived,
    }
}
