//! What an event is about.

use std::fmt;

use cakemail_model::{AccountId, ContactId, EmailId, EmailStatus, JsonObject, ListId, SenderId, UserId};

use crate::Event;

/// What an event is about: a typed view of its [`data`](Event::data), from [`Event::details`].
///
/// A field is `None` if the event lacks it, or if it has another type than expected. `data` has every field, verbatim.
///
/// `Debug` shows no values, which are personal data.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Details<'a> {
    /// Something happened to an email: `Email.…`.
    #[non_exhaustive]
    Email {
        /// The status of the email after this event.
        status: EmailStatus,
        /// Its id: the one in the response to its submission.
        id: Option<EmailId>,
        /// The recipient's address.
        recipient: Option<&'a str>,
        /// The list that it was submitted with.
        list_id: Option<ListId>,
        /// Its tags.
        tags: Vec<&'a str>,
        /// What else is known, such as the link that was clicked or the reason of a bounce.
        metadata: Option<&'a JsonObject>,
    },
    /// A contact was added, changed, removed, tagged or untagged: `Contact.…`.
    #[non_exhaustive]
    Contact {
        /// Its id.
        id: Option<ContactId>,
        /// Its list.
        list_id: Option<ListId>,
        /// Its address.
        email: Option<&'a str>,
    },
    /// A contact list was created, changed or deleted: `List.…`.
    #[non_exhaustive]
    List {
        /// Its id.
        id: Option<ListId>,
        /// Its name.
        name: Option<&'a str>,
    },
    /// A campaign was created, changed, scheduled, suspended, resumed or cancelled: `Campaign.…`.
    #[non_exhaustive]
    Campaign {
        /// Its id.
        id: Option<u64>,
        /// Its name.
        name: Option<&'a str>,
    },
    /// A sender was created, changed, deleted or confirmed: `Sender.…`.
    #[non_exhaustive]
    Sender {
        /// Its id.
        id: Option<SenderId>,
        /// Its address.
        email: Option<&'a str>,
    },
    /// A suppression was added or removed: `SuppressedEmail.…`.
    #[non_exhaustive]
    SuppressedEmail {
        /// The address or pattern.
        email: Option<&'a str>,
    },
    /// A user was created, changed, confirmed or deleted, or logged in: `User.…`.
    #[non_exhaustive]
    User {
        /// Its id.
        id: Option<UserId>,
        /// The address that the user logs in with.
        email: Option<&'a str>,
    },
    /// An account was created, changed, confirmed or deleted: `Account.…`.
    #[non_exhaustive]
    Account {
        /// Its id.
        id: Option<AccountId>,
        /// Its name.
        name: Option<&'a str>,
    },
    /// Another event, known or not: its `data`.
    Other(&'a JsonObject),
}

impl<'a> Details<'a> {
    pub(crate) fn of(event: &'a Event) -> Self {
        let text = |name: &str| event.data.get(name)?.as_str();
        let object = event.kind.as_str().split_once('.').map_or("", |(object, _)| object);
        match object {
            "Email" => Self::Email {
                status: EmailStatus::from(event.kind.as_str()),
                id: event.email_id(),
                recipient: event.email(),
                list_id: event.data_field("list_id"),
                tags: event.tags(),
                metadata: event.data.get("metadata").and_then(|it| it.as_object()),
            },
            "Contact" => {
                Self::Contact { id: event.data_field("id"), list_id: event.data_field("list_id"), email: text("email") }
            }
            "List" => Self::List { id: event.data_field("id"), name: text("name") },
            "Campaign" => Self::Campaign { id: event.data_field("id"), name: text("name") },
            "Sender" => Self::Sender { id: event.data_field("id"), email: text("email") },
            "SuppressedEmail" => Self::SuppressedEmail { email: text("email") },
            "User" => Self::User { id: event.data_field("id"), email: text("email") },
            "Account" => Self::Account { id: event.data_field("id"), name: text("name") },
            _ => Self::Other(&event.data),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Email { .. } => "Email",
            Self::Contact { .. } => "Contact",
            Self::List { .. } => "List",
            Self::Campaign { .. } => "Campaign",
            Self::Sender { .. } => "Sender",
            Self::SuppressedEmail { .. } => "SuppressedEmail",
            Self::User { .. } => "User",
            Self::Account { .. } => "Account",
            Self::Other(_) => "Other",
        }
    }
}

impl fmt::Debug for Details<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.name()).finish_non_exhaustive()
    }
}
