//! Senders: the confirmed addresses that email comes from.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use super::shared::Language;
use crate::prelude::*;

request! {
    /// Proof that the owner of a sender's address agrees.
    pub struct SenderConfirmation {
        required {
            /// Id from the link of the confirmation email; expires after 24 to 48 hours.
            confirmation_id: Secret,
        }
    }
}

/// Answer to confirming a sender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderConfirmed {
    /// Whether the sender is confirmed; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The sender as it is now.
    pub data: Sender,
}

request! {
    /// A sender to create.
    pub struct NewSender {
        required {
            /// Name that recipients see beside the address.
            name: String,
            /// Address to send from; cannot be changed later. Confirmed at once if it is the
            /// account's own.
            email: String,
        }
        optional {
            /// Language, as a code such as `en_US` or `fr_CA`. Presumably that of the confirmation
            /// email.
            language: Language,
        }
    }
}

/// Answer to creating a sender, which may still have to be confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderCreated {
    /// Id of the sender. A string, even where it consists of digits.
    pub id: SenderId,
    /// Whether it was created; true in a 201.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The sender as it is now. Its `confirmed` says whether it can be used already.
    pub data: Sender,
}

/// Answer to deleting a sender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderDeleted {
    /// Id of the sender. A string, even where it consists of digits.
    pub id: SenderId,
    /// Whether it was deleted; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
}

/// Answer to changing a sender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderPatched {
    /// Id of the sender. A string, even where it consists of digits.
    pub id: SenderId,
    /// Whether it was changed; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<bool>,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The sender as it is now.
    pub data: Sender,
}

/// Answer to sending a sender's confirmation email again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderConfirmationResent {
    /// Id of the sender. A string, even where it consists of digits.
    pub id: SenderId,
    /// Whether the confirmation email was sent again; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resent: Option<bool>,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
}

/// A sender: an address that emails are sent from, once it is confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sender {
    /// Id of the sender. A string, even where it consists of digits.
    pub id: SenderId,
    /// Name that recipients see beside the address.
    #[serde(default, deserialize_with = "de::or_default")]
    pub name: String,
    /// Address that emails come from.
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Whether the address is confirmed, without which nothing can be sent from it.
    #[serde(default, deserialize_with = "de::or_default")]
    pub confirmed: bool,
    /// When the address was confirmed, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_on: Option<Timestamp>,
    /// Language, as a code such as `en_US` or `fr_CA`. Presumably that of the confirmation email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When the latest confirmation email was sent, in epoch seconds. Its link expires after 24 to
    /// 48 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_confirmation_sent_on: Option<Timestamp>,
}

patch! {
    /// Changes to a sender; what is not given stays as it is, and the address always does.
    pub struct SenderPatch {
        /// Name that recipients see beside the address.
        name: String,
        /// Language, as a code such as `en_US` or `fr_CA`. Presumably that of the confirmation
        /// email.
        language: Language,
    }
}

request! {
    /// What [`ListSenders`] can be asked for.
    pub struct ListSendersQuery {
        optional {
            /// Page to answer, counted from 1. Default: `1`.
            page: u64,
            /// Number of rows in a page. Default: `50`.
            per_page: u64,
            /// Whether to count all rows, and answer the total in the pagination's `count`.
            /// Default: `false`.
            with_count: bool,
            /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending).
            /// The terms are `name`, `email` and `confirmed`.
            sort: String,
        }
    }
}

operation! {
    /// Lists the account's senders, confirmed or not.
    ///
    /// Only those with `confirmed` true can be used to send.
    ///
    /// `GET /brands/default/senders`
    pub struct ListSenders = "listSenders" Get "/brands/default/senders" Safe [account] {
        query ListSendersQuery,
        answer Json Page<Sender>,
    }
}

operation! {
    /// Creates a sender.
    ///
    /// A sender whose address is the account's own is confirmed at once. Otherwise a confirmation
    /// email with a link goes to the address, and the sender cannot be used until somebody follows
    /// the link or its id is given to `POST /brands/default/senders/confirm-email`. The link
    /// expires after 24 to 48 hours. The address cannot be changed later, only the name and the
    /// language.
    ///
    /// Before sending, the domain of the address must also be authenticated with SPF and DKIM. No
    /// idempotency key is documented: after an answer that was lost, list the senders before trying
    /// again, because every attempt may send a confirmation email.
    ///
    /// `POST /brands/default/senders`
    pub struct CreateSender = "createSender" Post "/brands/default/senders" NonIdempotent [account] {
        body Json NewSender,
        answer Json SenderCreated,
    }
}

operation! {
    /// Confirms a sender with the id from its confirmation email.
    ///
    /// Needs no access token: possession of the confirmation id is the proof. The id expires with
    /// the link, after 24 to 48 hours.
    ///
    /// `POST /brands/default/senders/confirm-email`
    pub struct ConfirmSender = "confirmSender" Post "/brands/default/senders/confirm-email" Idempotent [public] {
        body Json SenderConfirmation,
        answer Json SenderConfirmed,
    }
}

operation! {
    /// Shows one sender.
    ///
    /// The way to learn whether a sender has been confirmed meanwhile.
    ///
    /// `GET /brands/default/senders/{sender_id}`
    pub struct GetSender = "getSender" Get "/brands/default/senders/{sender_id}" Safe [account] {
        path {
            /// Sender that is meant; a string, even where it consists of digits.
            sender_id: SenderId,
        }
        answer Json Data<Sender>,
    }
}

operation! {
    /// Deletes a sender.
    ///
    /// Emails can no longer be sent from it. What becomes of a list that has it as default sender
    /// is not documented. A repeat finds nothing to delete and presumably answers 404 or 400.
    ///
    /// `DELETE /brands/default/senders/{sender_id}`
    pub struct DeleteSender = "deleteSender" Delete "/brands/default/senders/{sender_id}" Idempotent [account] {
        path {
            /// Sender that is meant; a string, even where it consists of digits.
            sender_id: SenderId,
        }
        answer Json SenderDeleted,
    }
}

operation! {
    /// Changes a sender's name or language.
    ///
    /// The address cannot be changed: create another sender instead.
    ///
    /// `PATCH /brands/default/senders/{sender_id}`
    pub struct PatchSender = "patchSender" Patch "/brands/default/senders/{sender_id}" Idempotent [account] {
        path {
            /// Sender that is meant; a string, even where it consists of digits.
            sender_id: SenderId,
        }
        body Json SenderPatch,
        answer Json SenderPatched,
    }
}

operation! {
    /// Sends a sender's confirmation email again.
    ///
    /// Each call sends one more email. For a link that expired or was lost; what happens for a
    /// sender already confirmed is not documented.
    ///
    /// `POST /brands/default/senders/{sender_id}/resend-confirmation-email`
    pub struct ResendSenderConfirmation = "resendConfirmationEmail" Post "/brands/default/senders/{sender_id}/resend-confirmation-email" NonIdempotent [account] {
        path {
            /// Sender that is meant; a string, even where it consists of digits.
            sender_id: SenderId,
        }
        answer Json SenderConfirmationResent,
    }
}
