//! Lists: the contact lists that recipients belong to.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::shared::Language;
use crate::{
    Data, FieldErrors, Filter, Idempotency, ListId, Method, Operation, Page, Patch, Redacted, SenderId, Timestamp, de,
    path,
};

/// Response to accepting the policy for a list.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListPolicyAccepted {
    /// Id of the list.
    pub id: ListId,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the policy is accepted; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub policy_accepted: Option<bool>,
}

impl fmt::Debug for ListPolicyAccepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListPolicyAccepted")
            .field("id", &self.id)
            .field("object", &Redacted(&self.object))
            .field("policy_accepted", &self.policy_accepted)
            .finish()
    }
}

/// Response to archiving a list.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListArchived {
    /// Id of the list.
    pub id: ListId,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the list is archived; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

impl fmt::Debug for ListArchived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListArchived")
            .field("id", &self.id)
            .field("object", &Redacted(&self.object))
            .field("archived", &self.archived)
            .finish()
    }
}

/// Response to creating a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListCreated {
    /// Id of the list. Submitting an email needs it.
    pub id: ListId,
    /// Whether it was created; true in a 201.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// The list.
    pub data: List,
}

/// Response to deleting a list.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDeleted {
    /// Id of the list.
    pub id: ListId,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was deleted; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
}

impl fmt::Debug for ListDeleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListDeleted")
            .field("id", &self.id)
            .field("object", &Redacted(&self.object))
            .field("deleted", &self.deleted)
            .finish()
    }
}

/// A list to create.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewList {
    /// Name of the list.
    pub name: String,
    /// Sender that the list's emails come from by default.
    pub default_sender: DefaultSender,
    /// Language of the list's pages and of the emails that the list itself sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Pages that replace the standard ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirections: Option<NewListRedirections>,
    /// URL to call when a contact of the list changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<NewListWebhook>,
}

impl fmt::Debug for NewList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewList")
            .field("name", &Redacted(&self.name))
            .field("default_sender", &self.default_sender)
            .field("language", &self.language)
            .field("redirections", &self.redirections)
            .field("webhook", &self.webhook)
            .finish()
    }
}

impl NewList {
    /// Sets the required fields, and no others.
    pub fn new(name: impl Into<String>, default_sender: impl Into<DefaultSender>) -> Self {
        Self {
            name: name.into(),
            default_sender: default_sender.into(),
            language: None,
            redirections: None,
            webhook: None,
        }
    }

    /// Language of the list's pages and of the emails that the list itself sends.
    pub fn language(mut self, language: impl Into<Language>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Pages that replace the standard ones.
    pub fn redirections(mut self, redirections: impl Into<NewListRedirections>) -> Self {
        self.redirections = Some(redirections.into());
        self
    }

    /// URL to call when a contact of the list changes.
    pub fn webhook(mut self, webhook: impl Into<NewListWebhook>) -> Self {
        self.webhook = Some(webhook.into());
        self
    }
}

/// A list: contacts who are mailed in the same context.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct List {
    /// Id of the list. Submitting an email needs it.
    pub id: ListId,
    /// Name of the list.
    #[serde(default, deserialize_with = "de::or_default")]
    pub name: String,
    /// State of the list: `active`, `archived` or `deleted`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub status: String,
    /// Whether the policy was accepted for the list, which matters to campaigns.
    #[serde(default, deserialize_with = "de::scalar")]
    pub policy_accepted: bool,
    /// Language of the list, as a code such as `en_US` or `fr_CA`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub language: String,
    /// When the list was created, in epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub created_on: Option<Timestamp>,
    /// Sender that the list's emails come from by default.
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

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("id", &self.id)
            .field("name", &Redacted(&self.name))
            .field("status", &Redacted(&self.status))
            .field("policy_accepted", &self.policy_accepted)
            .field("language", &Redacted(&self.language))
            .field("created_on", &self.created_on)
            .field("default_sender", &self.default_sender)
            .field("redirections", &self.redirections)
            .field("pages", &self.pages)
            .field("webhook", &self.webhook)
            .finish()
    }
}

/// URLs of the standard pages of a list.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListPages {
    /// Page that a contact sees after subscribing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_in: Option<String>,
    /// Page that a contact sees after unsubscribing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<String>,
    /// Page where one subscribes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<String>,
    /// Page where one unsubscribes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
}

impl fmt::Debug for ListPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListPages")
            .field("opt_in", &Redacted(&self.opt_in))
            .field("opt_out", &Redacted(&self.opt_out))
            .field("subscribe", &Redacted(&self.subscribe))
            .field("unsubscribe", &Redacted(&self.unsubscribe))
            .finish()
    }
}

/// URLs of the pages that replace a list's standard ones.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListRedirections {
    /// URL of the page shown after a subscription, before it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_opt_in: Option<String>,
    /// URL of the page shown after a subscription was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_double_opt_in: Option<String>,
    /// URL of the page shown after an unsubscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_opt_out: Option<String>,
}

impl fmt::Debug for ListRedirections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListRedirections")
            .field("after_opt_in", &Redacted(&self.after_opt_in))
            .field("after_double_opt_in", &Redacted(&self.after_double_opt_in))
            .field("after_opt_out", &Redacted(&self.after_opt_out))
            .finish()
    }
}

/// Name and address of a list's default sender.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSender {
    /// Name that recipients see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address that emails come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl fmt::Debug for ListSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListSender")
            .field("name", &Redacted(&self.name))
            .field("email", &Redacted(&self.email))
            .finish()
    }
}

/// A summary of a list.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSummary {
    /// Id of the list. Submitting an email needs it.
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
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub created_on: Option<Timestamp>,
    /// Sender that the list's emails come from by default.
    #[serde(default, deserialize_with = "de::or_default")]
    pub default_sender: ListSender,
}

impl fmt::Debug for ListSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListSummary")
            .field("id", &self.id)
            .field("name", &Redacted(&self.name))
            .field("status", &Redacted(&self.status))
            .field("language", &Redacted(&self.language))
            .field("created_on", &self.created_on)
            .field("default_sender", &self.default_sender)
            .finish()
    }
}

/// A callback for changes to the contacts of a list; not one of the account's webhooks.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewListWebhook {
    /// URL that is called when a contact of the list changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Changes for which the URL is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<ListWebhookAction>>,
}

impl fmt::Debug for NewListWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewListWebhook").field("url", &Redacted(&self.url)).field("actions", &self.actions).finish()
    }
}

impl NewListWebhook {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// URL that is called when a contact of the list changes.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Changes for which the URL is called.
    ///
    /// Adds to those that are already set.
    pub fn actions(mut self, actions: impl IntoIterator<Item = impl Into<ListWebhookAction>>) -> Self {
        self.actions.get_or_insert_default().extend(actions.into_iter().map(Into::into));
        self
    }
}

/// A change to a contact for which a list's callback is made. The two letters after `bounce_` say
/// which kind of bounce it was.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListWebhookAction {
    /// Every change.
    All,
    /// A contact subscribed.
    Subscribe,
    /// A contact unsubscribed.
    Unsubscribe,
    /// A contact was changed.
    Update,
    /// A contact was deleted.
    Delete,
    /// A contact marked an email as spam.
    Spam,
    /// An email bounced, in any way.
    Bounce,
    /// A bounce: the address has changed.
    BounceAc,
    /// A bounce: the recipient's server requires a response to a challenge.
    BounceCr,
    /// A bounce: the domain could not be resolved in DNS.
    BounceDf,
    /// A bounce: the mailbox is full.
    BounceFm,
    /// A hard bounce: delivery failed permanently.
    BounceHb,
    /// A bounce: the mail was blocked.
    BounceMb,
    /// A soft bounce: delivery failed temporarily.
    BounceSb,
    /// A bounce: a transient failure.
    BounceTr,
    /// An automatic reply.
    BounceAr,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl ListWebhookAction {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[
        Self::All,
        Self::Subscribe,
        Self::Unsubscribe,
        Self::Update,
        Self::Delete,
        Self::Spam,
        Self::Bounce,
        Self::BounceAc,
        Self::BounceCr,
        Self::BounceDf,
        Self::BounceFm,
        Self::BounceHb,
        Self::BounceMb,
        Self::BounceSb,
        Self::BounceTr,
        Self::BounceAr,
    ];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::All => "all",
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Spam => "spam",
            Self::Bounce => "bounce",
            Self::BounceAc => "bounce_ac",
            Self::BounceCr => "bounce_cr",
            Self::BounceDf => "bounce_df",
            Self::BounceFm => "bounce_fm",
            Self::BounceHb => "bounce_hb",
            Self::BounceMb => "bounce_mb",
            Self::BounceSb => "bounce_sb",
            Self::BounceTr => "bounce_tr",
            Self::BounceAr => "bounce_ar",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for ListWebhookAction {
    fn from(value: &str) -> Self {
        match value {
            "all" => Self::All,
            "subscribe" => Self::Subscribe,
            "unsubscribe" => Self::Unsubscribe,
            "update" => Self::Update,
            "delete" => Self::Delete,
            "spam" => Self::Spam,
            "bounce" => Self::Bounce,
            "bounce_ac" => Self::BounceAc,
            "bounce_cr" => Self::BounceCr,
            "bounce_df" => Self::BounceDf,
            "bounce_fm" => Self::BounceFm,
            "bounce_hb" => Self::BounceHb,
            "bounce_mb" => Self::BounceMb,
            "bounce_sb" => Self::BounceSb,
            "bounce_tr" => Self::BounceTr,
            "bounce_ar" => Self::BounceAr,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for ListWebhookAction {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for ListWebhookAction {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for ListWebhookAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ListWebhookAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ListWebhookAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// The callback for changes to the contacts of a list.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListWebhook {
    /// URL that is called when a contact of the list changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Changes for which the URL is called.
    #[serde(default, deserialize_with = "de::compact")]
    pub actions: Vec<ListWebhookAction>,
}

impl fmt::Debug for ListWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListWebhook").field("url", &Redacted(&self.url)).field("actions", &self.actions).finish()
    }
}

/// Response to changing a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListPatched {
    /// Id of the list.
    pub id: ListId,
    /// Whether it was changed; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub updated: Option<bool>,
    /// The list.
    pub data: List,
}

/// URLs of the pages that replace a list's standard ones.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewListRedirections {
    /// URL of the page shown after a subscription, before it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_opt_in: Option<String>,
    /// URL of the page shown after a subscription was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_double_opt_in: Option<String>,
    /// URL of the page shown after an unsubscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_opt_out: Option<String>,
}

impl fmt::Debug for NewListRedirections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewListRedirections")
            .field("after_opt_in", &Redacted(&self.after_opt_in))
            .field("after_double_opt_in", &Redacted(&self.after_double_opt_in))
            .field("after_opt_out", &Redacted(&self.after_opt_out))
            .finish()
    }
}

impl NewListRedirections {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// URL of the page shown after a subscription, before it is confirmed.
    pub fn after_opt_in(mut self, after_opt_in: impl Into<String>) -> Self {
        self.after_opt_in = Some(after_opt_in.into());
        self
    }

    /// URL of the page shown after a subscription was confirmed.
    pub fn after_double_opt_in(mut self, after_double_opt_in: impl Into<String>) -> Self {
        self.after_double_opt_in = Some(after_double_opt_in.into());
        self
    }

    /// URL of the page shown after an unsubscription.
    pub fn after_opt_out(mut self, after_opt_out: impl Into<String>) -> Self {
        self.after_opt_out = Some(after_opt_out.into());
        self
    }
}

/// Id of a list's default sender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DefaultSender {
    /// Id of the sender. A string, even where it consists of digits.
    pub id: SenderId,
}

impl DefaultSender {
    /// Sets the required fields, and no others.
    pub fn new(id: impl Into<SenderId>) -> Self {
        Self { id: id.into() }
    }
}

/// Changes to a list; a field not given stays as it is.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListPatch {
    /// Name of the list.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub name: Patch<String>,
    /// Sender that the list's emails come from by default.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub default_sender: Patch<DefaultSender>,
    /// Language of the list, as a code such as `en_US` or `fr_CA`.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub language: Patch<Language>,
    /// Pages that replace the standard ones.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub redirections: Patch<NewListRedirections>,
    /// URL to call when a contact of the list changes.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub webhook: Patch<NewListWebhook>,
}

impl fmt::Debug for ListPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListPatch")
            .field("name", &Redacted(&self.name))
            .field("default_sender", &self.default_sender)
            .field("language", &self.language)
            .field("redirections", &self.redirections)
            .field("webhook", &self.webhook)
            .finish()
    }
}

impl ListPatch {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Name of the list.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Patch::Set(name.into());
        self
    }

    /// Sender that the list's emails come from by default.
    pub fn default_sender(mut self, default_sender: impl Into<DefaultSender>) -> Self {
        self.default_sender = Patch::Set(default_sender.into());
        self
    }

    /// Language of the list, as a code such as `en_US` or `fr_CA`.
    pub fn language(mut self, language: impl Into<Language>) -> Self {
        self.language = Patch::Set(language.into());
        self
    }

    /// Pages that replace the standard ones.
    pub fn redirections(mut self, redirections: impl Into<NewListRedirections>) -> Self {
        self.redirections = Patch::Set(redirections.into());
        self
    }

    /// URL to call when a contact of the list changes.
    pub fn webhook(mut self, webhook: impl Into<NewListWebhook>) -> Self {
        self.webhook = Patch::Set(webhook.into());
        self
    }
}

/// The query string of [`ListLists`].
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListListsQuery {
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
    /// Restricts the rows, as `term==value;term==value`. The terms are `status` and `name`. A
    /// status is `active`, `archived` or `deleted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending). The
    /// terms are `name` and `created_on`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
}

impl fmt::Debug for ListListsQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListListsQuery")
            .field("page", &self.page)
            .field("per_page", &self.per_page)
            .field("with_count", &self.with_count)
            .field("filter", &self.filter)
            .field("sort", &Redacted(&self.sort))
            .finish()
    }
}

impl ListListsQuery {
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

    /// Restricts the rows, as `term==value;term==value`. The terms are `status` and `name`. A
    /// status is `active`, `archived` or `deleted`.
    pub fn filter(mut self, filter: impl Into<Filter>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending). The
    /// terms are `name` and `created_on`.
    pub fn sort(mut self, sort: impl Into<String>) -> Self {
        self.sort = Some(sort.into());
        self
    }
}

/// Lists the account's lists.
///
/// Submitting an email needs the `id` of a list. Returns a summary of each; `GET /lists/{list_id}`
/// has the rest.
///
/// `GET /lists`
#[derive(Debug, Clone)]
pub struct ListLists {
    /// The query string.
    pub query: ListListsQuery,
}

impl Operation for ListLists {
    const ID: &'static str = "listLists";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/lists";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ListListsQuery;
    type Body = ();
    type Output = Page<ListSummary>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }
}

/// Creates a list.
///
/// Needs a name and a default sender. The API has no idempotency key: repeating the request creates
/// a second list.
///
/// `POST /lists`
#[derive(Debug, Clone)]
pub struct CreateList<'a> {
    /// The request's body.
    pub body: &'a NewList,
}

impl Operation for CreateList<'_> {
    const ID: &'static str = "createList";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/lists";
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = NewList;
    type Output = ListCreated;

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

/// Shows one list.
///
/// `GET /lists/{list_id}`
#[derive(Debug, Clone)]
pub struct GetList {
    /// Id of the list.
    pub list_id: ListId,
}

impl Operation for GetList {
    const ID: &'static str = "getList";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/lists/{list_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = Data<List>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id]))
    }
}

/// Deletes a list.
///
/// Emails can no longer be submitted with it: a deleted list is one of the causes of "list not
/// found". A repeat returns 404 or 400.
///
/// `DELETE /lists/{list_id}`
#[derive(Debug, Clone)]
pub struct DeleteList {
    /// Id of the list.
    pub list_id: ListId,
}

impl Operation for DeleteList {
    const ID: &'static str = "deleteList";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/lists/{list_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = ListDeleted;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id]))
    }
}

/// Changes a list.
///
/// Changes only the given fields.
///
/// `PATCH /lists/{list_id}`
#[derive(Debug, Clone)]
pub struct PatchList<'a> {
    /// Id of the list.
    pub list_id: ListId,
    /// The request's body.
    pub body: &'a ListPatch,
}

impl Operation for PatchList<'_> {
    const ID: &'static str = "patchList";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/lists/{list_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ListPatch;
    type Output = ListPatched;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id]))
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

/// Accepts the policy for a list.
///
/// Campaigns need it; submitting single emails does not. Accepting again changes nothing.
///
/// `POST /lists/{list_id}/accept-policy`
#[derive(Debug, Clone)]
pub struct AcceptListPolicy {
    /// Id of the list.
    pub list_id: ListId,
}

impl Operation for AcceptListPolicy {
    const ID: &'static str = "acceptListPolicy";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/lists/{list_id}/accept-policy";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = ListPolicyAccepted;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id]))
    }
}

/// Archives a list.
///
/// The list stays, with the status `archived`. The server rejects emails submitted with it.
///
/// `POST /lists/{list_id}/archive`
#[derive(Debug, Clone)]
pub struct ArchiveList {
    /// Id of the list.
    pub list_id: ListId,
}

impl Operation for ArchiveList {
    const ID: &'static str = "archiveList";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/lists/{list_id}/archive";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = ListArchived;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id]))
    }
}
