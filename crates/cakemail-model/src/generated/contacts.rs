//! Contacts: the people on a list.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    ContactId, Data, Filter, Idempotency, ListId, Method, Operation, Page, Patch, Redacted, Timestamp, de, path,
};

/// A contact to add to a list.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewContact {
    /// Address of the contact.
    pub email: String,
    /// Attributes of the contact; each must be defined for the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_attributes: Option<Vec<NewContactAttribute>>,
}

impl fmt::Debug for NewContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewContact")
            .field("email", &Redacted(&self.email))
            .field("custom_attributes", &self.custom_attributes)
            .finish()
    }
}

impl NewContact {
    /// Sets the required fields, and no others.
    pub fn new(email: impl Into<String>) -> Self {
        Self { email: email.into(), custom_attributes: None }
    }

    /// Attributes of the contact; each must be defined for the list.
    ///
    /// Adds to those that are already set.
    pub fn custom_attributes(
        mut self,
        custom_attributes: impl IntoIterator<Item = impl Into<NewContactAttribute>>,
    ) -> Self {
        self.custom_attributes.get_or_insert_default().extend(custom_attributes.into_iter().map(Into::into));
        self
    }
}

/// A contact: a person on a list.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contact {
    /// Id of the contact.
    pub id: ContactId,
    /// Address of the contact.
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// State of the contact on the list.
    #[serde(default, deserialize_with = "de::or_default")]
    pub status: ContactStatus,
    /// When the contact was subscribed, in epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub subscribed_on: Option<Timestamp>,
    /// Kind of the latest bounce. The values are undocumented.
    #[serde(default, deserialize_with = "de::or_default")]
    pub last_bounce_type: String,
    /// Number of bounces so far; a contact leaves the list after one hard or four soft ones.
    #[serde(default, deserialize_with = "de::scalar")]
    pub bounces_count: u64,
    /// Attributes of the contact.
    #[serde(default, deserialize_with = "de::compact")]
    pub custom_attributes: Vec<ContactAttribute>,
    /// Tags of the contact; not the tags of emails.
    #[serde(default, deserialize_with = "de::compact")]
    pub tags: Vec<String>,
    /// Interests that the contact has chosen.
    #[serde(default, deserialize_with = "de::compact")]
    pub interests: Vec<String>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contact")
            .field("id", &self.id)
            .field("email", &Redacted(&self.email))
            .field("status", &self.status)
            .field("subscribed_on", &self.subscribed_on)
            .field("last_bounce_type", &Redacted(&self.last_bounce_type))
            .field("bounces_count", &self.bounces_count)
            .field("custom_attributes", &self.custom_attributes)
            .field("tags", &Redacted(&self.tags))
            .field("interests", &Redacted(&self.interests))
            .finish()
    }
}

/// State of a contact on its list. Servers use several words for some states.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContactStatus {
    /// Subscribed: may be sent to.
    Active,
    /// Has not confirmed the subscription.
    Pending,
    /// Has not confirmed the subscription: another word for `pending`.
    NotActive,
    /// Has left the list.
    Unsubscribed,
    /// An email bounced temporarily; the contact may still be sent to.
    ActiveBounced,
    /// Emails bounce: not sent to any more.
    InactiveBounced,
    /// Emails bounce: another word for `inactive_bounced`.
    Bounced,
    /// Has complained: marked an email as spam.
    Spam,
    /// Deleted.
    Deleted,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl ContactStatus {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[
        Self::Active,
        Self::Pending,
        Self::NotActive,
        Self::Unsubscribed,
        Self::ActiveBounced,
        Self::InactiveBounced,
        Self::Bounced,
        Self::Spam,
        Self::Deleted,
    ];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::NotActive => "not_active",
            Self::Unsubscribed => "unsubscribed",
            Self::ActiveBounced => "active_bounced",
            Self::InactiveBounced => "inactive_bounced",
            Self::Bounced => "bounced",
            Self::Spam => "spam",
            Self::Deleted => "deleted",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for ContactStatus {
    fn from(value: &str) -> Self {
        match value {
            "active" => Self::Active,
            "pending" => Self::Pending,
            "not_active" => Self::NotActive,
            "unsubscribed" => Self::Unsubscribed,
            "active_bounced" => Self::ActiveBounced,
            "inactive_bounced" => Self::InactiveBounced,
            "bounced" => Self::Bounced,
            "spam" => Self::Spam,
            "deleted" => Self::Deleted,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for ContactStatus {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for ContactStatus {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for ContactStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ContactStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ContactStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// Response to adding a contact.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactCreated {
    /// Id of the contact.
    pub id: ContactId,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was created; true in a 201.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// The contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Contact>,
}

impl fmt::Debug for ContactCreated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactCreated")
            .field("id", &self.id)
            .field("object", &Redacted(&self.object))
            .field("created", &self.created)
            .field("data", &self.data)
            .finish()
    }
}

/// An attribute to set on a contact.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewContactAttribute {
    /// Name of the attribute.
    pub name: String,
    /// Value of the attribute, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl fmt::Debug for NewContactAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewContactAttribute")
            .field("name", &Redacted(&self.name))
            .field("value", &Redacted(&self.value))
            .finish()
    }
}

impl NewContactAttribute {
    /// Sets the required fields, and no others.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), value: None }
    }

    /// Value of the attribute, as text.
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }
}

/// An attribute of a contact.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactAttribute {
    /// Name of the attribute.
    #[serde(default, deserialize_with = "de::or_default")]
    pub name: String,
    /// Value of the attribute, as text.
    #[serde(default, deserialize_with = "de::or_default")]
    pub value: String,
}

impl fmt::Debug for ContactAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactAttribute")
            .field("name", &Redacted(&self.name))
            .field("value", &Redacted(&self.value))
            .finish()
    }
}

/// Response to deleting a contact.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactDeleted {
    /// Id of the contact.
    pub id: ContactId,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was deleted; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
}

impl fmt::Debug for ContactDeleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactDeleted")
            .field("id", &self.id)
            .field("object", &Redacted(&self.object))
            .field("deleted", &self.deleted)
            .finish()
    }
}

/// When a contact is asked by email to confirm the subscription. A string, even for true and false.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DoubleOptIn {
    /// Always.
    True,
    /// Never.
    False,
    /// When the contact is new to the list.
    New,
    /// When the contact is not active on the list.
    NotActive,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl DoubleOptIn {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::True, Self::False, Self::New, Self::NotActive];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::New => "new",
            Self::NotActive => "not_active",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for DoubleOptIn {
    fn from(value: &str) -> Self {
        match value {
            "true" => Self::True,
            "false" => Self::False,
            "new" => Self::New,
            "not_active" => Self::NotActive,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for DoubleOptIn {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for DoubleOptIn {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for DoubleOptIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for DoubleOptIn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for DoubleOptIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// Changes to a contact; a field not given stays as it is.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactPatch {
    /// New address of the contact.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub email: Patch<String>,
    /// Attributes to set; the others stay.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub custom_attributes: Patch<Vec<NewContactAttribute>>,
    /// Interests of the contact, replacing those it has.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub interests: Patch<Vec<String>>,
    /// Tags of the contact, replacing those it has; not the tags of emails.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub tags: Patch<Vec<String>>,
}

impl fmt::Debug for ContactPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactPatch")
            .field("email", &Redacted(&self.email))
            .field("custom_attributes", &self.custom_attributes)
            .field("interests", &Redacted(&self.interests))
            .field("tags", &Redacted(&self.tags))
            .finish()
    }
}

impl ContactPatch {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// New address of the contact.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Patch::Set(email.into());
        self
    }

    /// Attributes to set; the others stay.
    ///
    /// Adds to those that are already set.
    pub fn custom_attributes(
        mut self,
        custom_attributes: impl IntoIterator<Item = impl Into<NewContactAttribute>>,
    ) -> Self {
        self.custom_attributes.get_or_insert_default().extend(custom_attributes.into_iter().map(Into::into));
        self
    }

    /// Interests of the contact, replacing those it has.
    ///
    /// Adds to those that are already set.
    pub fn interests(mut self, interests: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.interests.get_or_insert_default().extend(interests.into_iter().map(Into::into));
        self
    }

    /// Tags of the contact, replacing those it has; not the tags of emails.
    ///
    /// Adds to those that are already set.
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags.get_or_insert_default().extend(tags.into_iter().map(Into::into));
        self
    }
}

/// Response to changing a contact.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactPatched {
    /// Id of the contact.
    pub id: ContactId,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was changed; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub updated: Option<bool>,
    /// The contact.
    pub data: Contact,
}

impl fmt::Debug for ContactPatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactPatched")
            .field("id", &self.id)
            .field("object", &Redacted(&self.object))
            .field("updated", &self.updated)
            .field("data", &self.data)
            .finish()
    }
}

/// Response to adding tags to a contact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactTagged {
    /// Whether the tags were added; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub tagged: Option<bool>,
}

/// Tags to add to a contact, or to remove from it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactTags {
    /// Tags of the contact; not the tags of emails.
    pub tags: Vec<String>,
}

impl fmt::Debug for ContactTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactTags").field("tags", &Redacted(&self.tags)).finish()
    }
}

impl ContactTags {
    /// Sets the required fields, and no others.
    pub fn new(tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { tags: tags.into_iter().map(Into::into).collect() }
    }
}

/// Response to unsubscribing a contact.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactUnsubscribed {
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the contact is still subscribed; false in a 200.
    #[serde(default, deserialize_with = "de::scalar")]
    pub subscribed: bool,
    /// The contact.
    pub data: Contact,
}

impl fmt::Debug for ContactUnsubscribed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactUnsubscribed")
            .field("object", &Redacted(&self.object))
            .field("subscribed", &self.subscribed)
            .field("data", &self.data)
            .finish()
    }
}

/// Response to removing tags from a contact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactUntagged {
    /// Whether the tags were removed; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub untagged: Option<bool>,
}

/// The query string of [`ListContacts`].
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListContactsQuery {
    /// Text to search for in addresses and attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Condition that contacts must meet, in JSON. The language is undocumented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// Where to continue: a `cursor` from the pagination of an earlier response, instead of `page`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
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
    /// terms are `id`, `email`, `status`, `subscribed_on`, `last_bounce_type` and `bounces_count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Restricts the rows, as `term==value;term==value`. The terms are `status`, `email`, `tags`
    /// and `interests`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Condition that contacts must meet, in FIQL. The terms are undocumented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiql: Option<String>,
}

impl fmt::Debug for ListContactsQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListContactsQuery")
            .field("query", &Redacted(&self.query))
            .field("json", &Redacted(&self.json))
            .field("cursor", &Redacted(&self.cursor))
            .field("page", &self.page)
            .field("per_page", &self.per_page)
            .field("with_count", &self.with_count)
            .field("sort", &Redacted(&self.sort))
            .field("filter", &self.filter)
            .field("fiql", &Redacted(&self.fiql))
            .finish()
    }
}

impl ListContactsQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Text to search for in addresses and attributes.
    pub fn query(mut self, query: impl Into<String>) -> Self {
        self.query = Some(query.into());
        self
    }

    /// Condition that contacts must meet, in JSON. The language is undocumented.
    pub fn json(mut self, json: impl Into<String>) -> Self {
        self.json = Some(json.into());
        self
    }

    /// Where to continue: a `cursor` from the pagination of an earlier response, instead of `page`.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
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
    /// terms are `id`, `email`, `status`, `subscribed_on`, `last_bounce_type` and `bounces_count`.
    pub fn sort(mut self, sort: impl Into<String>) -> Self {
        self.sort = Some(sort.into());
        self
    }

    /// Restricts the rows, as `term==value;term==value`. The terms are `status`, `email`, `tags`
    /// and `interests`.
    pub fn filter(mut self, filter: impl Into<Filter>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Condition that contacts must meet, in FIQL. The terms are undocumented.
    pub fn fiql(mut self, fiql: impl Into<String>) -> Self {
        self.fiql = Some(fiql.into());
        self
    }
}

/// Lists the contacts of a list.
///
/// Pages by number or, where the response has one, by cursor. Contacts can be searched (`query`),
/// filtered (`filter`, `fiql`) and selected by a condition (`json`).
///
/// `GET /lists/{list_id}/contacts`
#[derive(Debug, Clone)]
pub struct ListContacts {
    /// Id of the list.
    pub list_id: ListId,
    /// The query string.
    pub query: ListContactsQuery,
}

impl Operation for ListContacts {
    const ID: &'static str = "listContactsOfList";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/lists/{list_id}/contacts";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ListContactsQuery;
    type Body = ();
    type Output = Page<Contact>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id]))
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }
}

/// The query string of [`CreateContact`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateContactQuery {
    /// Whether the contact is asked by email to confirm the subscription. Default: `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_double_opt_in: Option<DoubleOptIn>,
    /// Whether a contact who had unsubscribed is subscribed again. Default: `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resubscribe: Option<bool>,
}

impl CreateContactQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the contact is asked by email to confirm the subscription. Default: `false`.
    pub fn send_double_opt_in(mut self, send_double_opt_in: impl Into<DoubleOptIn>) -> Self {
        self.send_double_opt_in = Some(send_double_opt_in.into());
        self
    }

    /// Whether a contact who had unsubscribed is subscribed again. Default: `true`.
    pub fn resubscribe(mut self, resubscribe: bool) -> Self {
        self.resubscribe = Some(resubscribe);
        self
    }
}

/// Adds a contact to a list.
///
/// Submitting an email adds a recipient who is not on the list, so sending does not need this call.
/// A contact who had unsubscribed is subscribed again unless `resubscribe` is false.
///
/// `POST /lists/{list_id}/contacts`
#[derive(Debug, Clone)]
pub struct CreateContact<'a> {
    /// Id of the list.
    pub list_id: ListId,
    /// The query string.
    pub query: CreateContactQuery,
    /// The request's body.
    pub body: &'a NewContact,
}

impl Operation for CreateContact<'_> {
    const ID: &'static str = "createContact";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/lists/{list_id}/contacts";
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;
    const ACCOUNT: bool = true;

    type Query = CreateContactQuery;
    type Body = NewContact;
    type Output = ContactCreated;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id]))
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// Shows one contact of a list.
///
/// `GET /lists/{list_id}/contacts/{contact_id}`
#[derive(Debug, Clone)]
pub struct GetContact {
    /// Id of the list.
    pub list_id: ListId,
    /// Id of the contact within the list.
    pub contact_id: ContactId,
}

impl Operation for GetContact {
    const ID: &'static str = "getContact";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/lists/{list_id}/contacts/{contact_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = Data<Contact>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id, &self.contact_id]))
    }
}

/// Deletes a contact from a list.
///
/// Submitting an email to the address adds it to the list again. To stop email to it, unsubscribe
/// the contact or suppress the address instead. A repeat returns 404 or 400.
///
/// `DELETE /lists/{list_id}/contacts/{contact_id}`
#[derive(Debug, Clone)]
pub struct DeleteContact {
    /// Id of the list.
    pub list_id: ListId,
    /// Id of the contact within the list.
    pub contact_id: ContactId,
}

impl Operation for DeleteContact {
    const ID: &'static str = "deleteContact";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/lists/{list_id}/contacts/{contact_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = ContactDeleted;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id, &self.contact_id]))
    }
}

/// Changes a contact.
///
/// Changes only the given fields. A given list replaces the contact's. This is the way to set tags:
/// the operations for tags are deprecated.
///
/// `PATCH /lists/{list_id}/contacts/{contact_id}`
#[derive(Debug, Clone)]
pub struct PatchContact<'a> {
    /// Id of the list.
    pub list_id: ListId,
    /// Id of the contact within the list.
    pub contact_id: ContactId,
    /// The request's body.
    pub body: &'a ContactPatch,
}

impl Operation for PatchContact<'_> {
    const ID: &'static str = "patchContact";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/lists/{list_id}/contacts/{contact_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ContactPatch;
    type Output = ContactPatched;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id, &self.contact_id]))
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// Adds tags to a contact.
///
/// Deprecated; change the contact's `tags` instead. Tags of contacts are not tags of emails. Adding
/// a tag that the contact has changes nothing.
///
/// `POST /lists/{list_id}/contacts/{contact_id}/tag`
#[derive(Debug, Clone)]
pub struct TagContact<'a> {
    /// Id of the list.
    pub list_id: ListId,
    /// Id of the contact within the list.
    pub contact_id: ContactId,
    /// The request's body.
    pub body: &'a ContactTags,
}

impl Operation for TagContact<'_> {
    const ID: &'static str = "tagContact";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/lists/{list_id}/contacts/{contact_id}/tag";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ContactTags;
    type Output = ContactTagged;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id, &self.contact_id]))
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// Unsubscribes a contact from a list.
///
/// The contact stays on the list, unsubscribed. Other lists do not change.
///
/// `POST /lists/{list_id}/contacts/{contact_id}/unsubscribe`
#[derive(Debug, Clone)]
pub struct UnsubscribeContact {
    /// Id of the list.
    pub list_id: ListId,
    /// Id of the contact within the list.
    pub contact_id: ContactId,
}

impl Operation for UnsubscribeContact {
    const ID: &'static str = "unsubscribeContact";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/lists/{list_id}/contacts/{contact_id}/unsubscribe";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = ContactUnsubscribed;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id, &self.contact_id]))
    }
}

/// Removes tags from a contact.
///
/// Deprecated; change the contact's `tags` instead. Removing a tag that the contact lacks changes
/// nothing.
///
/// `POST /lists/{list_id}/contacts/{contact_id}/untag`
#[derive(Debug, Clone)]
pub struct UntagContact<'a> {
    /// Id of the list.
    pub list_id: ListId,
    /// Id of the contact within the list.
    pub contact_id: ContactId,
    /// The request's body.
    pub body: &'a ContactTags,
}

impl Operation for UntagContact<'_> {
    const ID: &'static str = "untagContact";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/lists/{list_id}/contacts/{contact_id}/untag";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ContactTags;
    type Output = ContactUntagged;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.list_id, &self.contact_id]))
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}
