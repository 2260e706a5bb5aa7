//! Webhooks: the addresses that events are sent to.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::prelude::*;

/// Answer to archiving a webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookArchived {
    /// Id of the webhook.
    pub id: WebhookId,
    /// The webhook as it is now.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Webhook,
    /// Kind of the object that the answer is about. Capitalised, unlike elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the webhook is archived; true here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

request! {
    /// A webhook to create.
    pub struct NewWebhook {
        required {
            /// Event that is delivered. One only: several events take several webhooks.
            event: SubscribableEvent,
            /// URL to which events are posted.
            url: String,
        }
        optional {
            /// Maximum number of deliveries in one `rate_limit_period`.
            rate_limit: u64,
            /// Period that `rate_limit` counts in.
            rate_limit_period: RateLimitPeriod,
        }
    }
}

/// Answer to creating a webhook; the signing key is not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookCreated {
    /// Id of the webhook.
    pub id: WebhookId,
    /// The webhook as it is now.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Webhook,
}

open_enum! {
    /// An event that a webhook reports, as `Object.Happening`. More are declared here than a
    /// webhook can be created for.
    #[allow(missing_docs)] // the words say it
    pub enum WebhookEvent {
        AccountCreated = "Account.Created",
        AccountUpdated = "Account.Updated",
        AccountConfirmed = "Account.Confirmed",
        AccountDeleted = "Account.Deleted",
        ContactAdded = "Contact.Added",
        ContactUpdated = "Contact.Updated",
        ContactRemoved = "Contact.Removed",
        ContactTagged = "Contact.Tagged",
        ContactUntagged = "Contact.Untagged",
        ContactsExportCreated = "ContactsExport.Created",
        ContactsExportDeleted = "ContactsExport.Deleted",
        CampaignCanceled = "Campaign.Canceled",
        CampaignCreated = "Campaign.Created",
        CampaignUnscheduled = "Campaign.Unscheduled",
        CampaignUpdated = "Campaign.Updated",
        CampaignResumed = "Campaign.Resumed",
        CampaignScheduled = "Campaign.Scheduled",
        CampaignSuspended = "Campaign.Suspended",
        CampaignLogExportCreated = "CampaignLogExport.Created",
        EmailSent = "Email.Sent",
        EmailOpened = "Email.Opened",
        EmailClicked = "Email.Clicked",
        EmailBounced = "Email.Bounced",
        EmailReportedAsSpam = "Email.ReportedAsSpam",
        EmailUnsubscribed = "Email.Unsubscribed",
        EmailGlobalUnsubscribed = "Email.GlobalUnsubscribed",
        EmailSubmitted = "Email.Submitted",
        EmailQueued = "Email.Queued",
        EmailRejected = "Email.Rejected",
        EmailProcessing = "Email.Processing",
        EmailDelivered = "Email.Delivered",
        EmailError = "Email.Error",
        UserCreated = "User.Created",
        UserDeleted = "User.Deleted",
        UserLoggedIn = "User.LoggedIn",
        UserUpdated = "User.Updated",
        UserConfirmed = "User.Confirmed",
        ListCreated = "List.Created",
        ListUpdated = "List.Updated",
        ListDeleted = "List.Deleted",
        ListLogsExportCreated = "ListLogsExport.Created",
        MfaRecoveryCodesViewed = "MFA.RecoveryCodesViewed",
        MfaChallengeIssued = "MFA.ChallengeIssued",
        MfaChallengeCompleted = "MFA.ChallengeCompleted",
        MfaMethodAdded = "MFA.MethodAdded",
        MfaMethodActivated = "MFA.MethodActivated",
        MfaMethodDeleted = "MFA.MethodDeleted",
        SegmentCreated = "Segment.Created",
        SegmentUpdated = "Segment.Updated",
        SegmentDeleted = "Segment.Deleted",
        SenderCreated = "Sender.Created",
        SenderUpdated = "Sender.Updated",
        SenderDeleted = "Sender.Deleted",
        SenderConfirmed = "Sender.Confirmed",
        SenderConfirmationEmailSent = "Sender.ConfirmationEmailSent",
        SuppressedEmailAdded = "SuppressedEmail.Added",
        SuppressedEmailRemoved = "SuppressedEmail.Removed",
        SuppressedEmailsExportCreated = "SuppressedEmailsExport.Created",
        SuppressedEmailsExportDeleted = "SuppressedEmailsExport.Deleted",
    }
}

patch! {
    /// Changes to a webhook; what is not given stays as it is.
    pub struct WebhookPatch {
        /// URL to which events are posted.
        url: String,
        /// Maximum number of deliveries in one `rate_limit_period`.
        rate_limit: u64,
        /// Period that `rate_limit` counts in.
        rate_limit_period: RateLimitPeriod,
    }
}

/// Answer to changing a webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookPatched {
    /// Id of the webhook.
    pub id: WebhookId,
    /// The webhook as it is now.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Webhook,
    /// Kind of the object that the answer is about. Capitalised, unlike elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was changed; true in a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patched: Option<bool>,
}

open_enum! {
    /// The period in which a webhook's deliveries are counted.
    pub enum RateLimitPeriod {
        /// One second.
        Second = "second",
        /// One minute.
        Minute = "minute",
    }
}

open_enum! {
    /// Hash function of the HMAC that signs a webhook's deliveries.
    pub enum WebhookHash {
        /// SHA-256.
        Sha256 = "sha256",
    }
}

/// How a webhook's deliveries are signed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookSignature {
    /// Secret key of the HMAC over the raw body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// Hash function of the HMAC.
    #[serde(default, deserialize_with = "de::or_default")]
    pub hash_function: WebhookHash,
}

/// Answer to bringing an archived webhook back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookUnarchived {
    /// Id of the webhook.
    pub id: WebhookId,
    /// The webhook as it is now.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Webhook,
    /// Kind of the object that the answer is about. Capitalised, unlike elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the webhook is archived; false here.
    #[serde(default, deserialize_with = "de::or_default")]
    pub archived: bool,
}

/// A webhook: one event, delivered to one URL.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Webhook {
    /// Id of the webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<WebhookId>,
    /// Whether the webhook is active or archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<WebhookStatus>,
    /// Event that is delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<WebhookEvent>,
    /// URL to which events are posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When the webhook was archived, if it was, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
    /// Maximum number of deliveries in one `rate_limit_period`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<u64>,
    /// Period that `rate_limit` counts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit_period: Option<RateLimitPeriod>,
}

open_enum! {
    /// An event that a webhook can be created for, as `Object.Happening`. Of the events of emails
    /// only `Email.Clicked` and `Email.Bounced` are declared; whether a server takes the others is
    /// not known.
    #[allow(missing_docs)] // the words say it
    pub enum SubscribableEvent {
        AccountCreated = "Account.Created",
        AccountUpdated = "Account.Updated",
        AccountConfirmed = "Account.Confirmed",
        AccountDeleted = "Account.Deleted",
        ContactsExportCreated = "ContactsExport.Created",
        ContactsExportDeleted = "ContactsExport.Deleted",
        CampaignCanceled = "Campaign.Canceled",
        CampaignCreated = "Campaign.Created",
        CampaignUnscheduled = "Campaign.Unscheduled",
        CampaignUpdated = "Campaign.Updated",
        CampaignResumed = "Campaign.Resumed",
        CampaignScheduled = "Campaign.Scheduled",
        CampaignSuspended = "Campaign.Suspended",
        CampaignLogExportCreated = "CampaignLogExport.Created",
        UserCreated = "User.Created",
        UserDeleted = "User.Deleted",
        UserUpdated = "User.Updated",
        UserConfirmed = "User.Confirmed",
        ListCreated = "List.Created",
        ListUpdated = "List.Updated",
        ListDeleted = "List.Deleted",
        ListLogsExportCreated = "ListLogsExport.Created",
        SegmentCreated = "Segment.Created",
        SegmentUpdated = "Segment.Updated",
        SegmentDeleted = "Segment.Deleted",
        SenderCreated = "Sender.Created",
        SenderUpdated = "Sender.Updated",
        SenderDeleted = "Sender.Deleted",
        SenderConfirmed = "Sender.Confirmed",
        SenderConfirmationEmailSent = "Sender.ConfirmationEmailSent",
        SuppressedEmailAdded = "SuppressedEmail.Added",
        SuppressedEmailRemoved = "SuppressedEmail.Removed",
        SuppressedEmailsExportCreated = "SuppressedEmailsExport.Created",
        SuppressedEmailsExportDeleted = "SuppressedEmailsExport.Deleted",
        ContactAdded = "Contact.Added",
        ContactRemoved = "Contact.Removed",
        ContactUpdated = "Contact.Updated",
        EmailClicked = "Email.Clicked",
        EmailBounced = "Email.Bounced",
    }
}

/// Answer with one webhook and the key that signs its deliveries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookWithSignature {
    /// Id of the webhook.
    pub id: WebhookId,
    /// How deliveries are signed; only here, not in the answer to the creation.
    #[serde(default, deserialize_with = "de::or_default")]
    pub signature: WebhookSignature,
    /// The webhook.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Webhook,
}

open_enum! {
    /// Whether a webhook is in use.
    pub enum WebhookStatus {
        /// Delivering.
        Active = "active",
        /// Put away, delivering nothing, presumably.
        Archived = "archived",
    }
}

request! {
    /// What [`ListWebhooks`] can be asked for.
    pub struct ListWebhooksQuery {
        optional {
            /// Whether archived webhooks are listed too. Default: `false`.
            with_archived: bool,
            /// Page to answer, counted from 1. Default: `1`.
            page: u64,
            /// Number of rows in a page. Default: `50`.
            per_page: u64,
            /// Whether to count all rows, and answer the total in the pagination's `count`.
            /// Default: `false`.
            with_count: bool,
        }
    }
}

operation! {
    /// Lists the account's webhooks.
    ///
    /// Leaves out archived ones unless `with_archived` is true.
    ///
    /// `GET /webhooks`
    pub struct ListWebhooks = "listWebhooks" Get "/webhooks" Safe [account] {
        query ListWebhooksQuery,
        answer Json Page<Webhook>,
    }
}

operation! {
    /// Creates a webhook for one event.
    ///
    /// One webhook serves one event; several events take several webhooks. The answer does not hold
    /// the signing key: fetch it with `GET /webhooks/{webhook_id}`. Only some events of an email
    /// can be subscribed to by the declared list; whether a server takes the others too is not
    /// known. No idempotency key is documented: repeating the request presumably creates a second
    /// webhook, which then delivers each event a second time.
    ///
    /// `POST /webhooks`
    pub struct CreateWebhook = "createWebhook" Post "/webhooks" NonIdempotent [account] {
        body Json NewWebhook,
        answer Json WebhookCreated,
    }
}

operation! {
    /// Shows one webhook together with the key that signs its deliveries.
    ///
    /// A delivery is signed with the base64 of the HMAC-SHA256 of the raw body; the header is named
    /// `x-signature` in one source and `X-Cakemail-Signature` in another. No timestamp is signed,
    /// so guarding against replays is the receiver's business.
    ///
    /// `GET /webhooks/{webhook_id}`
    pub struct GetWebhook = "getWebhook" Get "/webhooks/{webhook_id}" Safe [account] {
        path {
            /// Webhook that is meant.
            webhook_id: WebhookId,
        }
        answer Json WebhookWithSignature,
    }
}

operation! {
    /// Changes where a webhook delivers, or how fast.
    ///
    /// Only the fields given change. The event cannot be changed: create another webhook instead.
    ///
    /// `PATCH /webhooks/{webhook_id}`
    pub struct PatchWebhook = "patchWebhook" Patch "/webhooks/{webhook_id}" Idempotent [account] {
        path {
            /// Webhook that is meant.
            webhook_id: WebhookId,
        }
        body Json WebhookPatch,
        answer Json WebhookPatched,
    }
}

operation! {
    /// Archives a webhook.
    ///
    /// It presumably delivers nothing any more, and can be brought back with `POST
    /// /webhooks/{webhook_id}/unarchive`. Webhooks cannot be deleted, only archived.
    ///
    /// `POST /webhooks/{webhook_id}/archive`
    pub struct ArchiveWebhook = "archiveWebhook" Post "/webhooks/{webhook_id}/archive" Idempotent [account] {
        path {
            /// Webhook that is meant.
            webhook_id: WebhookId,
        }
        answer Json WebhookArchived,
    }
}

operation! {
    /// Brings an archived webhook back.
    ///
    /// Deliveries presumably resume with the next event; those of the meantime are assumed lost.
    ///
    /// `POST /webhooks/{webhook_id}/unarchive`
    pub struct UnarchiveWebhook = "unarchiveWebhook" Post "/webhooks/{webhook_id}/unarchive" Idempotent [account] {
        path {
            /// Webhook that is meant.
            webhook_id: WebhookId,
        }
        answer Json WebhookUnarchived,
    }
}
