//! Events: one type for both forms of the payload.

use std::fmt;

use cakemail_model::webhooks::WebhookEvent;
use cakemail_model::{AccountId, EmailId, EmailStatus, JsonObject, Timestamp, UserId};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What a webhook reports.
///
/// Two forms of it are documented, which [`Dialect`] tells apart; both read as this, and each is written as it was read.
/// Only `event` has to be there. What is unknown, or is not of the shape that was expected, is kept in `other`, so that
/// nothing is lost and nothing new fails.
///
/// `Debug` shows which fields `data` has, but not what is in them: they are somebody's address and doings.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: WebhookEvent,
    /// The account that it happened in.
    pub account_id: Option<AccountId>,
    /// The IP address that the cause came from.
    pub ip: Option<String>,
    /// Who caused it.
    pub user: Option<User>,
    /// When it happened: `created_on`, or `timestamp`.
    pub created_on: Option<Timestamp>,
    /// The details. Apart from a few fields that this type has methods for, nothing describes them.
    pub data: JsonObject,
    /// All else that stands beside `event`.
    pub other: JsonObject,
    dialect: Dialect,
}

/// The user who caused an event. Every field is `null` when nobody was logged in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Id of the user.
    #[serde(default, serialize_with = "id")]
    pub id: Option<UserId>,
    /// Address that the user logs in with.
    #[serde(default)]
    pub email: Option<String>,
    /// Account that the user belongs to.
    #[serde(default, serialize_with = "id")]
    pub account_id: Option<AccountId>,
    /// All else about the user.
    #[serde(flatten)]
    pub other: JsonObject,
}

/// A documented form of the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// The official documentation's: `event`, `account_id`, `ip`, `user`, `data`, and `created_on` in epoch seconds.
    CreatedOn,
    /// The newer guide's: `event`, `data`, and `timestamp` in ISO 8601.
    Timestamp,
}

impl Event {
    /// An event of this kind, with nothing else set: for tests, and for whoever plays Cakemail's part.
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
        }
    }

    /// The form that it came in.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Where the email stands now, if it is an email's event: so any that is named `Email.…`.
    pub fn status(&self) -> Option<EmailStatus> {
        let word = self.kind.as_str();
        word.starts_with("Email.").then(|| EmailStatus::from(word))
    }

    /// The email that it is about, as its submission answered it.
    pub fn email_id(&self) -> Option<EmailId> {
        self.detail("email_id")
    }

    /// The address that it is about: of an email's event, the recipient.
    pub fn email(&self) -> Option<&str> {
        self.data.get("email")?.as_str()
    }

    /// The tags of the email.
    pub fn tags(&self) -> Vec<&str> {
        self.data.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// A field of `data` as this type, if it is there and reads as such: `event.detail::<ListId>("list_id")`.
    pub fn detail<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.data.get(name)?).ok()
    }

    fn moment(&self) -> Option<(&'static str, Value)> {
        let moment = self.created_on?;
        Some(match self.dialect {
            Dialect::CreatedOn => ("created_on", moment.as_second().into()),
            Dialect::Timestamp => ("timestamp", moment.to_string().into()),
        })
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
        let created_on = take(&mut fields, "created_on");
        let newer = created_on.is_none() && fields.contains_key("timestamp");
        Ok(Self {
            kind: take(&mut fields, "event").ok_or_else(|| D::Error::missing_field("event"))?,
            account_id: take(&mut fields, "account_id"),
            ip: take(&mut fields, "ip"),
            user: take(&mut fields, "user"),
            created_on: created_on.or_else(|| take(&mut fields, "timestamp")),
            data: take(&mut fields, "data").unwrap_or_default(),
            other: fields,
            dialect: if newer { Dialect::Timestamp } else { Dialect::CreatedOn },
        })
    }
}

/// Takes a field out if it reads as expected; else it stays where it is.
fn take<T: DeserializeOwned>(fields: &mut JsonObject, name: &str) -> Option<T> {
    let value = T::deserialize(fields.get(name)?).ok()?;
    fields.remove(name);
    Some(value)
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let user = self.user.as_ref().map(serde_json::to_value).transpose().map_err(S::Error::custom)?;
        let known = [
            Some(("event", self.kind.as_str().into())),
            self.account_id.as_ref().map(|id| ("account_id", number(id.as_str()))),
            self.ip.as_deref().map(|ip| ("ip", ip.into())),
            user.map(|user| ("user", user)),
            self.moment(),
        ];
        let mut fields = self.other.clone();
        fields.extend(known.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)));
        if !self.data.is_empty() || !fields.contains_key("data") {
            fields.insert("data".into(), self.data.clone().into());
        }
        fields.serialize(serializer)
    }
}

/// Ids that are numbers are written as such here.
fn id<S: Serializer>(id: &Option<impl ToString>, serializer: S) -> Result<S::Ok, S::Error> {
    id.as_ref().map(|id| number(&id.to_string())).serialize(serializer)
}

fn number(id: &str) -> Value {
    id.parse::<u64>().ok().filter(|number| number.to_string() == id).map_or_else(|| id.into(), Value::from)
}
