//! Contacts: the people on a list.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::prelude::*;

request! {
    /// A contact to add to a list.
    pub struct NewContact {
        required {
            /// Address of the contact.
            email: String,
        }
        optional {
            /// Attributes of the contact; each must presumably be defined for the list.
            custom_attributes: Vec<NewContactAttribute>,
        }
    }
}

/// A contact: somebody on a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contact {
    /// Id of the contact.
    pub id: ContactId,
    /// Address of the contact.
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// State of the contact on the list: `active`, `unsubscribed` or `deleted`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub status: String,
    /// When the contact was subscribed, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribed_on: Option<Timestamp>,
    /// Kind of the latest bounce; the words are not documented, nor what stands for none.
    #[serde(default, deserialize_with = "de::or_default")]
    pub last_bounce_type: String,
    /// Number of bounces so far; a contact leaves the list after one hard or four soft ones.
    #[serde(default, deserialize_with = "de::or_default")]
    pub bounces_count: u64,
    /// Attributes of the contact.
    #[serde(default, deserialize_with = "de::compact")]
    pub custom_attributes: Vec<ContactAttribute>,
    /// Tags of the contact, which are not those of emails.
    #[serde(default, deserialize_with = "de::compact")]
    pub tags: Vec<String>,
    /// Interests that the contact has chosen.
    #[serde(default, deserialize_with = "de::compact")]
    pub interests: Vec<String>,
}

/// Answer to adding a contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactCreated {
    /// Id of the contact.
    pub id: ContactId,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was created; true in a 201.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// The contact as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Contact>,
}

request! {
    /// An attribute to set on a contact.
    pub struct NewContactAttribute {
        required {
            /// Name of the attribute.
            name: String,
        }
        optional {
            /// Value of the attribute, as text.
            value: String,
        }
    }
}

/// An attribute of a contact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactAttribute {
    /// Name of the attribute.
    #[serde(default, deserialize_with = "de::or_default")]
    pub name: String,
    /// Value of the attribute, as text.
    #[serde(default, deserialize_with = "de::or_default")]
    pub value: String,
}

/// Answer to deleting a contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactDeleted {
    /// Id of the contact.
    pub id: ContactId,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was deleted; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
}

open_enum! {
    /// When a contact is asked by email to confirm the subscription. A string, even for true and
    /// false.
    pub enum DoubleOptIn {
        /// Always.
        True = "true",
        /// Never.
        False = "false",
        /// When the contact is new to the list, presumably.
        New = "new",
        /// When the contact is not active on the list, presumably.
        NotActive = "not_active",
    }
}

patch! {
    /// Changes to a contact; what is not given stays as it is.
    pub struct ContactPatch {
        /// New address of the contact.
        email: String,
        /// Attributes to set; others presumably stay as they are.
        custom_attributes: Vec<NewContactAttribute>,
        /// Interests of the contact, presumably in place of those it has.
        interests: Vec<String>,
        /// Tags of the contact, presumably in place of those it has; not those of emails.
        tags: Vec<String>,
    }
}

/// Answer to changing a contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactPatched {
    /// Id of the contact.
    pub id: ContactId,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was changed; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<bool>,
    /// The contact as it is now.
    pub data: Contact,
}

/// Answer to adding tags to a contact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactTagged {
    /// Whether the tags were added; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagged: Option<bool>,
}

request! {
    /// Tags to add to a contact, or to remove from it.
    pub struct ContactTags {
        required {
            /// Tags of the contact, which are not those of emails.
            tags: Vec<String>,
        }
    }
}

/// Answer to unsubscribing a contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactUnsubscribed {
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the contact is still subscribed; false in a 200.
    #[serde(default, deserialize_with = "de::or_default")]
    pub subscribed: bool,
    /// The contact as it is now.
    pub data: Contact,
}

/// Answer to removing tags from a contact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactUntagged {
    /// Whether the tags were removed; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untagged: Option<bool>,
}

request! {
    /// What [`ListContacts`] can be asked for.
    pub struct ListContactsQuery {
        optional {
            /// Text to search for in the contacts, presumably in addresses and attributes.
            query: String,
            /// Condition that contacts must meet, in JSON; its language is not documented.
            json: String,
            /// Place to go on from: the pagination's `cursor` of an earlier answer, instead of
            /// `page`.
            cursor: String,
            /// Page to answer, counted from 1. Default: `1`.
            page: u64,
            /// Number of rows in a page. Default: `50`.
            per_page: u64,
            /// Whether to count all rows, and answer the total in the pagination's `count`.
            /// Default: `false`.
            with_count: bool,
            /// Order of the rows, as a term after an optional `+` (ascending) or `-` (descending).
            /// The terms are `id`, `email`, `status`, `subscribed_on`, `last_bounce_type` and
            /// `bounces_count`.
            sort: String,
            /// Restricts the rows, as `term==value;term==value`. The terms are `status`, `email`,
            /// `tags` and `interests`.
            filter: Filter,
            /// Condition that contacts must meet, in FIQL; the terms are not documented.
            fiql: String,
        }
    }
}

operation! {
    /// Lists the contacts of a list.
    ///
    /// Pages by number or, where the answer holds one, by cursor. Contacts can be searched
    /// (`query`), filtered (`filter`, `fiql`) and selected by a condition (`json`); how these
    /// combine is not documented.
    ///
    /// `GET /lists/{list_id}/contacts`
    pub struct ListContacts = "listContactsOfList" Get "/lists/{list_id}/contacts" Safe [account] {
        path {
            /// List that is meant.
            list_id: ListId,
        }
        query ListContactsQuery,
        answer Json Page<Contact>,
    }
}

request! {
    /// What [`CreateContact`] can be asked for.
    pub struct CreateContactQuery {
        optional {
            /// Whether the contact is asked by email to confirm the subscription. Default: `false`.
            send_double_opt_in: DoubleOptIn,
            /// Whether a contact who had unsubscribed is subscribed again. Default: `true`.
            resubscribe: bool,
        }
    }
}

operation! {
    /// Adds a contact to a list.
    ///
    /// Rarely needed for sending: a recipient who is not on the list is added when an email is
    /// submitted. A contact who had unsubscribed is subscribed again unless `resubscribe` is false.
    /// Whether adding an address that is already on the list is an error or an update is not
    /// documented.
    ///
    /// `POST /lists/{list_id}/contacts`
    pub struct CreateContact = "createContact" Post "/lists/{list_id}/contacts" NonIdempotent [account] {
        path {
            /// List that is meant.
            list_id: ListId,
        }
        query CreateContactQuery,
        body Json NewContact,
        answer Json ContactCreated,
    }
}

operation! {
    /// Shows one contact of a list.
    ///
    /// `GET /lists/{list_id}/contacts/{contact_id}`
    pub struct GetContact = "getContact" Get "/lists/{list_id}/contacts/{contact_id}" Safe [account] {
        path {
            /// List that is meant.
            list_id: ListId,
            /// Contact that is meant, by its id within the list.
            contact_id: ContactId,
        }
        answer Json Data<Contact>,
    }
}

operation! {
    /// Deletes a contact from a list.
    ///
    /// An email to the address would add it to the list again: to keep it from being mailed,
    /// unsubscribe the contact or suppress the address instead. A repeat finds nothing to delete
    /// and presumably answers 404 or 400.
    ///
    /// `DELETE /lists/{list_id}/contacts/{contact_id}`
    pub struct DeleteContact = "deleteContact" Delete "/lists/{list_id}/contacts/{contact_id}" Idempotent [account] {
        path {
            /// List that is meant.
            list_id: ListId,
            /// Contact that is meant, by its id within the list.
            contact_id: ContactId,
        }
        answer Json ContactDeleted,
    }
}

operation! {
    /// Changes a contact.
    ///
    /// Only the fields given change; lists given here presumably replace those of the contact. With
    /// the operations for tags deprecated, this is the way to set them.
    ///
    /// `PATCH /lists/{list_id}/contacts/{contact_id}`
    pub struct PatchContact = "patchContact" Patch "/lists/{list_id}/contacts/{contact_id}" Idempotent [account] {
        path {
            /// List that is meant.
            list_id: ListId,
            /// Contact that is meant, by its id within the list.
            contact_id: ContactId,
        }
        body Json ContactPatch,
        answer Json ContactPatched,
    }
}

operation! {
    /// Adds tags to a contact.
    ///
    /// Deprecated; change the contact's `tags` instead. These are tags of contacts, not those of
    /// emails. Adding a tag that is there already presumably changes nothing.
    ///
    /// `POST /lists/{list_id}/contacts/{contact_id}/tag`
    pub struct TagContact = "tagContact" Post "/lists/{list_id}/contacts/{contact_id}/tag" Idempotent [account] {
        path {
            /// List that is meant.
            list_id: ListId,
            /// Contact that is meant, by its id within the list.
            contact_id: ContactId,
        }
        body Json ContactTags,
        answer Json ContactTagged,
    }
}

operation! {
    /// Unsubscribes a contact from a list.
    ///
    /// The contact stays on the list, without a subscription. Other lists are presumably not
    /// touched.
    ///
    /// `POST /lists/{list_id}/contacts/{contact_id}/unsubscribe`
    pub struct UnsubscribeContact = "unsubscribeContact" Post "/lists/{list_id}/contacts/{contact_id}/unsubscribe" Idempotent [account] {
        path {
            /// List that is meant.
            list_id: ListId,
            /// Contact that is meant, by its id within the list.
            contact_id: ContactId,
        }
        answer Json ContactUnsubscribed,
    }
}

operation! {
    /// Removes tags from a contact.
    ///
    /// Deprecated; change the contact's `tags` instead. Removing a tag that is not there presumably
    /// changes nothing.
    ///
    /// `POST /lists/{list_id}/contacts/{contact_id}/untag`
    pub struct UntagContact = "untagContact" Post "/lists/{list_id}/contacts/{contact_id}/untag" Idempotent [account] {
        path {
            /// List that is meant.
            list_id: ListId,
            /// Contact that is meant, by its id within the list.
            contact_id: ContactId,
        }
        body Json ContactTags,
        answer Json ContactUntagged,
    }
}
