//! Senders: the confirmed addresses that emails are sent from.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::shared::Language;
use crate::{
    Data, FieldErrors, Idempotency, Method, Operation, Page, Patch, Redacted, Secret, SenderId, Timestamp, de, path,
};

/// Proof that the owner of a sender's address agrees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderConfirmation {
    /// Id from the link of the confirmation email; expires after 24 to 48 hours.
    pub confirmation_id: Secret,
}

impl SenderConfirmation {
    /// Sets the required fields, and no others.
    pub fn new(confirmation_id: impl Into<Secret>) -> Self {
        Self { confirmation_id: confirmation_id.into() }
    }
}

/// Response to confirming a sender.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderConfirmed {
    /// Whether the sender is confirmed; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The sender.
    pub data: Sender,
}

impl fmt::Debug for SenderConfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderConfirmed")
            .field("confirmed", &self.confirmed)
            .field("object", &Redacted(&self.object))
            .field("data", &self.data)
            .finish()
    }
}

/// A sender to create.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewSender {
    /// Name that recipients see beside the address.
    pub name: String,
    /// Address to send from; cannot be changed later. Confirmed at once if it is the account's own.
    pub email: String,
    /// Language of the confirmation email, as a code such as `en_US` or `fr_CA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl fmt::Debug for NewSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSender")
            .field("name", &Redacted(&self.name))
            .field("email", &Redacted(&self.email))
            .field("language", &self.language)
            .finish()
    }
}

impl NewSender {
    /// Sets the required fields, and no others.
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
        Self { name: name.into(), email: email.into(), language: None }
    }

    /// Language of the confirmation email, as a code such as `en_US` or `fr_CA`.
    pub fn language(mut self, language: impl Into<Language>) -> Self {
        self.language = Some(language.into());
        self
    }
}

/// Response to creating a sender, which may still have to be confirmed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderCreated {
    /// Id of the sender. A string, even where it consists of digits.
    pub id: SenderId,
    /// Whether it was created; true in a 201.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The sender. Its `confirmed` says whether it can be used.
    pub data: Sender,
}

impl fmt::Debug for SenderCreated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderCreated")
            .field("id", &self.id)
            .field("created", &self.created)
            .field("object", &Redacted(&self.object))
            .field("data", &self.data)
            .finish()
    }
}

/// Response to deleting a sender.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderDeleted {
    /// Id of the sender. A string, even where it consists of digits.
    pub id: SenderId,
    /// Whether it was deleted; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
}

impl fmt::Debug for SenderDeleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderDeleted")
            .field("id", &self.id)
            .field("deleted", &self.deleted)
            .field("object", &Redacted(&self.object))
            .finish()
    }
}

/// Response to changing a sender.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderPatched {
    /// Id of the sender. A string, even where it consists of digits.
    pub id: SenderId,
    /// Whether it was changed; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub updated: Option<bool>,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The sender.
    pub data: Sender,
}

impl fmt::Debug for SenderPatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderPatched")
            .field("id", &self.id)
            .field("updated", &self.updated)
            .field("object", &Redacted(&self.object))
            .field("data", &self.data)
            .finish()
    }
}

/// Response to sending a sender's confirmation email again.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderConfirmationResent {
    /// Id of the sender. A string, even where it consists of digits.
    pub id: SenderId,
    /// Whether the confirmation email was sent again; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub resent: Option<bool>,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
}

impl fmt::Debug for SenderConfirmationResent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderConfirmationResent")
            .field("id", &self.id)
            .field("resent", &self.resent)
            .field("object", &Redacted(&self.object))
            .finish()
    }
}

/// A sender: an address that emails are sent from, once it is confirmed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
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
    /// Whether the address is confirmed. Only a confirmed sender can be used.
    #[serde(default, deserialize_with = "de::scalar")]
    pub confirmed: bool,
    /// When the address was confirmed, in epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub confirmed_on: Option<Timestamp>,
    /// Language of the confirmation email, as a code such as `en_US` or `fr_CA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When the latest confirmation email was sent, in epoch seconds. Its link expires after 24 to
    /// 48 hours.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub last_confirmation_sent_on: Option<Timestamp>,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("id", &self.id)
            .field("name", &Redacted(&self.name))
            .field("email", &Redacted(&self.email))
            .field("confirmed", &self.confirmed)
            .field("confirmed_on", &self.confirmed_on)
            .field("language", &self.language)
            .field("last_confirmation_sent_on", &self.last_confirmation_sent_on)
            .finish()
    }
}

/// Changes to a sender; a field not given stays as it is, and the address cannot change.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderPatch {
    /// Name that recipients see beside the address.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub name: Patch<String>,
    /// Language of the confirmation email, as a code such as `en_US` or `fr_CA`.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub language: Patch<Language>,
}

impl fmt::Debug for SenderPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderPatch").field("name", &Redacted(&self.name)).field("language", &self.language).finish()
    }
}

impl SenderPatch {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Name that recipients see beside the address.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Patch::Set(name.into());
        self
    }

    /// Language of the confirmation email, as a code such as `en_US` or `fr_CA`.
    pub fn language(mut self, language: impl Into<Language>) -> Self {
        self.language = Patch::Set(language.into());
        self
    }
}

/// The query string of [`ListSenders`].
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSendersQuery {
    /// Page to return, counted from 1. Default: `1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// Number of rows in a page. Default: `50`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u64>,
    /// Whether to count all rows and return the total in the pagination's `count`. Default:
    /// `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_count: Option<bool>,
    /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending). The
    /// terms are `name`, `email` and `confirmed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
}

impl fmt::Debug for ListSendersQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListSendersQuery")
            .field("page", &self.page)
            .field("per_page", &self.per_page)
            .field("with_count", &self.with_count)
            .field("sort", &Redacted(&self.sort))
            .finish()
    }
}

impl ListSendersQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Page to return, counted from 1. Default: `1`.
    pub fn page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }

    /// Number of rows in a page. Default: `50`.
    pub fn per_page(mut self, per_page: u64) -> Self {
        self.per_page = Some(per_page);
        self
    }

    /// Whether to count all rows and return the total in the pagination's `count`. Default:
    /// `false`.
    pub fn with_count(mut self, with_count: bool) -> Self {
        self.with_count = Some(with_count);
        self
    }

    /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending). The
    /// terms are `name`, `email` and `confirmed`.
    pub fn sort(mut self, sort: impl Into<String>) -> Self {
        self.sort = Some(sort.into());
        self
    }
}

/// Lists the account's senders, confirmed or not.
///
/// Only those with `confirmed` true can be used to send.
///
/// `GET /brands/default/senders`
#[derive(Debug, Clone)]
pub struct ListSenders {
    /// The query string.
    pub query: ListSendersQuery,
}

impl Operation for ListSenders {
    const ID: &'static str = "listSenders";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/brands/default/senders";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ListSendersQuery;
    type Body = ();
    type Output = Page<Sender>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }
}

/// Creates a sender.
///
/// A sender with the account's own address is confirmed at once. Otherwise a confirmation email
/// with a link goes to the address, and the sender cannot be used until the recipient follows the
/// link or the link's id is given to `POST /brands/default/senders/confirm-email`. The link expires
/// after 24 to 48 hours. The address cannot be changed later, only the name and the language.
///
/// Before sending, the domain of the address must also be authenticated with SPF and DKIM. The API
/// has no idempotency key. After a lost response, list the senders before trying again: every
/// attempt may send a confirmation email.
///
/// `POST /brands/default/senders`
#[derive(Debug, Clone)]
pub struct CreateSender<'a> {
    /// The request's body.
    pub body: &'a NewSender,
}

impl Operation for CreateSender<'_> {
    const ID: &'static str = "createSender";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/brands/default/senders";
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = NewSender;
    type Output = SenderCreated;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        errors.check_line("name", Some(&self.body.name));
        errors.into_result()
    }
}

/// Confirms a sender with the id from its confirmation email.
///
/// Needs no access token: possession of the confirmation id is the proof. The id expires with the
/// link, after 24 to 48 hours.
///
/// `POST /brands/default/senders/confirm-email`
#[derive(Debug, Clone)]
pub struct ConfirmSender<'a> {
    /// The request's body.
    pub body: &'a SenderConfirmation,
}

impl Operation for ConfirmSender<'_> {
    const ID: &'static str = "confirmSender";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/brands/default/senders/confirm-email";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const AUTH: bool = false;

    type Query = ();
    type Body = SenderConfirmation;
    type Output = SenderConfirmed;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// Shows one sender.
///
/// Its `confirmed` shows whether the sender can be used.
///
/// `GET /brands/default/senders/{sender_id}`
#[derive(Debug, Clone)]
pub struct GetSender {
    /// Id of the sender: a string, even where it consists of digits.
    pub sender_id: SenderId,
}

impl Operation for GetSender {
    const ID: &'static str = "getSender";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/brands/default/senders/{sender_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = Data<Sender>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.sender_id]))
    }
}

/// Deletes a sender.
///
/// Emails can no longer be sent from it. A repeat returns 404 or 400.
///
/// `DELETE /brands/default/senders/{sender_id}`
#[derive(Debug, Clone)]
pub struct DeleteSender {
    /// Id of the sender: a string, even where it consists of digits.
    pub sender_id: SenderId,
}

impl Operation for DeleteSender {
    const ID: &'static str = "deleteSender";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/brands/default/senders/{sender_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = SenderDeleted;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.sender_id]))
    }
}

/// Changes a sender's name or language.
///
/// The address cannot be changed: create another sender instead.
///
/// `PATCH /brands/default/senders/{sender_id}`
#[derive(Debug, Clone)]
pub struct PatchSender<'a> {
    /// Id of the sender: a string, even where it consists of digits.
    pub sender_id: SenderId,
    /// The request's body.
    pub body: &'a SenderPatch,
}

impl Operation for PatchSender<'_> {
    const ID: &'static str = "patchSender";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/brands/default/senders/{sender_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = SenderPatch;
    type Output = SenderPatched;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.sender_id]))
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }

    fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        errors.check_line("name", self.body.name.as_set());
        errors.into_result()
    }
}

/// Sends a sender's confirmation email again.
///
/// Each call sends one more email. Use it when the link expired or was lost.
///
/// `POST /brands/default/senders/{sender_id}/resend-confirmation-email`
#[derive(Debug, Clone)]
pub struct ResendSenderConfirmation {
    /// Id of the sender: a string, even where it consists of digits.
    pub sender_id: SenderId,
}

impl Operation for ResendSenderConfirmation {
    const ID: &'static str = "resendConfirmationEmail";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/brands/default/senders/{sender_id}/resend-confirmation-email";
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = SenderConfirmationResent;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.sender_id]))
    }
}
