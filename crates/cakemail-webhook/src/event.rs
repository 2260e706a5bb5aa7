//! Events: one type for both payload formats.

use std::fmt;

use cakemail_model::webhooks::WebhookEvent;
use cakemail_model::{AccountId, EmailId, EmailStatus, JsonObject, Timestamp, UserId};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::Details;

/// An event that a webhook reports.
///
/// The API has two payload formats: see [`Dialect`]. Both deserialize to this type, and an event that is not changed
/// serializes to the JSON it was read from. Only `event` is required. Unknown fields, and fields of an unexpected type, are preserved in
/// `other`, so a new field is never an error.
///
/// `Debug` shows the names of the fields of `data` without their values, which are personal data.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The kind of the event.
    pub kind: WebhookEvent,
    /// The account of the event.
    pub account_id: Option<AccountId>,
    /// The IP address of the client that caused the event.
    pub ip: Option<String>,
    /// The user who caused the event.
    pub user: Option<User>,
    /// The time of the event: `created_on` or `timestamp`.
    pub created_on: Option<Timestamp>,
    /// The details, verbatim: see [`details`](Self::details).
    pub data: JsonObject,
    /// All other fields of the payload.
    pub other: JsonObject,
    dialect: Dialect,
    read: Read,
}

/// The fields that were read, verbatim: they are written again unless they were changed. Not part of a comparison.
#[derive(Clone)]
struct Read {
    fields: JsonObject,
    has_data: bool,
}

impl PartialEq for Read {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The user who caused an event. Every field is `null` when nobody was logged in.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The user's id.
    #[serde(default, serialize_with = "serialize_id")]
    pub id: Option<UserId>,
    /// The address that the user logs in with.
    #[serde(default)]
    pub email: Option<String>,
    /// The account that the user belongs to.
    #[serde(default, serialize_with = "serialize_id")]
    pub account_id: Option<AccountId>,
    /// All other fields of the user.
    #[serde(flatten)]
    pub other: JsonObject,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).field("account_id", &self.account_id).finish_non_exhaustive()
    }
}

/// A payload format. Serializes as `documented` or `newer`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Dialect {
    /// The format of the API documentation: `event`, `account_id`, `ip`, `user`, `data`, and `created_on` in epoch seconds.
    #[default]
    Documented,
    /// The format of the newer guide: `event`, `data`, and `timestamp` in ISO 8601.
    Newer,
}

impl Event {
    /// Creates an event of this kind without other fields: for tests, and for a server that simulates Cakemail.
    pub fn new(kind: impl Into<WebhookEvent>, dialect: Dialect) -> Self {
        Self {
            kind: kind.into(),
            account_id: None,
            ip: None,
            user: None,
            created_on: None,
            data: JsonObject::new(),
            other: JsonObject::new(),
            dialect,
            read: Read { fields: JsonObject::new(), has_data: true },
        }
    }

    /// The format that the event serializes in.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What the event is about: a typed view of `data`.
    pub fn details(&self) -> Details<'_> {
        Details::of(self)
    }

    /// The status of the email after this event, or `None` if the kind does not start with `Email.`.
    pub fn status(&self) -> Option<EmailStatus> {
        let kind = self.kind.as_str();
        kind.starts_with("Email.").then(|| EmailStatus::from(kind))
    }

    /// The id of the email: the one in the response to its submission.
    pub fn email_id(&self) -> Option<EmailId> {
        self.data_field("email_id")
    }

    /// The address in `data`: the recipient, for an event of an email.
    pub fn email(&self) -> Option<&str> {
        self.data.get("email")?.as_str()
    }

    /// The tags of the email.
    pub fn tags(&self) -> Vec<&str> {
        self.data.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Deserializes a field of `data`, such as `event.data_field::<ListId>("list_id")`; `None` if it is missing or has
    /// another type.
    pub fn data_field<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.data.get(name)?).ok()
    }

    /// Writes a field: as it was read if it still has that value, and as `value` otherwise.
    fn write<T: DeserializeOwned + PartialEq>(&self, fields: &mut JsonObject, name: &str, current: &T, value: Value) {
        let is_current = |read: &&Value| T::deserialize(*read).is_ok_and(|read| read == *current);
        let read = self.read.fields.get(name).filter(is_current).cloned();
        fields.insert(name.into(), read.unwrap_or(value));
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("kind", &self.kind.as_str())
            .field("account_id", &self.account_id)
            .field("created_on", &self.created_on)
            .field("dialect", &self.dialect)
            .field("data", &self.data.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = JsonObject::deserialize(deserializer)?;
        let data = take(&mut fields, "data").map(|(data, _)| data);
        let mut read = Read { fields: JsonObject::new(), has_data: data.is_some() };
        let created_on = read.take(&mut fields, "created_on");
        let has_timestamp = created_on.is_none() && fields.contains_key("timestamp");
        Ok(Self {
            kind: read.take(&mut fields, "event").ok_or_else(|| D::Error::missing_field("event"))?,
            account_id: read.take(&mut fields, "account_id"),
            ip: read.take(&mut fields, "ip"),
            user: read.take(&mut fields, "user"),
            created_on: created_on.or_else(|| read.take(&mut fields, "timestamp")),
            data: data.unwrap_or_default(),
            other: fields,
            dialect: if has_timestamp { Dialect::Newer } else { Dialect::Documented },
            read,
        })
    }
}

impl Read {
    /// Removes and keeps a field if it has the expected type.
    fn take<T: DeserializeOwned>(&mut self, fields: &mut JsonObject, name: &str) -> Option<T> {
        let (typed, value) = take(fields, name)?;
        self.fields.insert(name.into(), value);
        Some(typed)
    }
}

/// Removes and returns a field if it has the expected type.
fn take<T: DeserializeOwned>(fields: &mut JsonObject, name: &str) -> Option<(T, Value)> {
    let typed = T::deserialize(fields.get(name)?).ok()?;
    Some((typed, fields.remove(name)?))
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = self.other.clone();
        self.write(&mut fields, "event", &self.kind, self.kind.as_str().into());
        if let Some(id) = &self.account_id {
            self.write(&mut fields, "account_id", id, number_or_text(id.as_str()));
        }
        if let Some(ip) = &self.ip {
            self.write(&mut fields, "ip", ip, ip.as_str().into());
        }
        if let Some(user) = &self.user {
            let value = serde_json::to_value(user).map_err(S::Error::custom)?;
            self.write(&mut fields, "user", user, value);
        }
        if let Some(time) = &self.created_on {
            let (name, value) = match self.dialect {
                Dialect::Documented => ("created_on", time.as_second().into()),
                Dialect::Newer => ("timestamp", time.to_string().into()),
            };
            self.write(&mut fields, name, time, value);
        }
        if self.read.has_data || !self.data.is_empty() {
            fields.insert("data".into(), self.data.clone().into());
        }
        fields.serialize(serializer)
    }
}

/// Serializes an id as a number if it is one, as the API does in webhooks.
fn serialize_id<S: Serializer>(id: &Option<impl ToString>, serializer: S) -> Result<S::Ok, S::Error> {
    id.as_ref().map(|id| number_or_text(&id.to_string())).serialize(serializer)
}

fn number_or_text(id: &str) -> Value {
    id.parse::<u64>().ok().filter(|number| number.to_string() == id).map_or_else(|| id.into(), Value::from)
}
