//! Webhooks: URLs that events are posted to.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Idempotency, Method, Operation, Page, Patch, Redacted, Secret, Timestamp, WebhookId, de, path};

/// Response to archiving a webhook.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookArchived {
    /// Id of the webhook.
    pub id: WebhookId,
    /// The webhook.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Webhook,
    /// Kind of the object in the response; capitalised here only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the webhook is archived; true here.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

impl fmt::Debug for WebhookArchived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookArchived")
            .field("id", &self.id)
            .field("data", &self.data)
            .field("object", &Redacted(&self.object))
            .field("archived", &self.archived)
            .finish()
    }
}

/// A webhook to create.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewWebhook {
    /// Event that is delivered. One only: several events take several webhooks.
    pub event: SubscribableEvent,
    /// URL to which events are posted.
    pub url: String,
    /// Maximum number of deliveries in one `rate_limit_period`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<u64>,
    /// Period that `rate_limit` counts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit_period: Option<RateLimitPeriod>,
}

impl fmt::Debug for NewWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewWebhook")
            .field("event", &self.event)
            .field("url", &Redacted(&self.url))
            .field("rate_limit", &self.rate_limit)
            .field("rate_limit_period", &self.rate_limit_period)
            .finish()
    }
}

impl NewWebhook {
    /// Sets the required fields, and no others.
    pub fn new(event: impl Into<SubscribableEvent>, url: impl Into<String>) -> Self {
        Self { event: event.into(), url: url.into(), rate_limit: None, rate_limit_period: None }
    }

    /// Maximum number of deliveries in one `rate_limit_period`.
    pub fn rate_limit(mut self, rate_limit: u64) -> Self {
        self.rate_limit = Some(rate_limit);
        self
    }

    /// Period that `rate_limit` counts in.
    pub fn rate_limit_period(mut self, rate_limit_period: impl Into<RateLimitPeriod>) -> Self {
        self.rate_limit_period = Some(rate_limit_period.into());
        self
    }
}

/// Response to creating a webhook; the signing key is not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookCreated {
    /// Id of the webhook.
    pub id: WebhookId,
    /// The webhook.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Webhook,
}

/// An event that a webhook reports, as `Object.Happening`. More are declared here than a webhook
/// can be created for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebhookEvent {
    /// `Account.Created`
    AccountCreated,
    /// `Account.Updated`
    AccountUpdated,
    /// `Account.Confirmed`
    AccountConfirmed,
    /// `Account.Deleted`
    AccountDeleted,
    /// `Contact.Added`
    ContactAdded,
    /// `Contact.Updated`
    ContactUpdated,
    /// `Contact.Removed`
    ContactRemoved,
    /// `Contact.Tagged`
    ContactTagged,
    /// `Contact.Untagged`
    ContactUntagged,
    /// `ContactsExport.Created`
    ContactsExportCreated,
    /// `ContactsExport.Deleted`
    ContactsExportDeleted,
    /// `Campaign.Canceled`
    CampaignCanceled,
    /// `Campaign.Created`
    CampaignCreated,
    /// `Campaign.Unscheduled`
    CampaignUnscheduled,
    /// `Campaign.Updated`
    CampaignUpdated,
    /// `Campaign.Resumed`
    CampaignResumed,
    /// `Campaign.Scheduled`
    CampaignScheduled,
    /// `Campaign.Suspended`
    CampaignSuspended,
    /// `CampaignLogExport.Created`
    CampaignLogExportCreated,
    /// `Email.Sent`
    EmailSent,
    /// `Email.Opened`
    EmailOpened,
    /// `Email.Clicked`
    EmailClicked,
    /// `Email.Bounced`
    EmailBounced,
    /// `Email.ReportedAsSpam`
    EmailReportedAsSpam,
    /// `Email.Unsubscribed`
    EmailUnsubscribed,
    /// `Email.GlobalUnsubscribed`
    EmailGlobalUnsubscribed,
    /// `Email.Submitted`
    EmailSubmitted,
    /// `Email.Queued`
    EmailQueued,
    /// `Email.Rejected`
    EmailRejected,
    /// `Email.Processing`
    EmailProcessing,
    /// `Email.Delivered`
    EmailDelivered,
    /// `Email.Error`
    EmailError,
    /// `User.Created`
    UserCreated,
    /// `User.Deleted`
    UserDeleted,
    /// `User.LoggedIn`
    UserLoggedIn,
    /// `User.Updated`
    UserUpdated,
    /// `User.Confirmed`
    UserConfirmed,
    /// `List.Created`
    ListCreated,
    /// `List.Updated`
    ListUpdated,
    /// `List.Deleted`
    ListDeleted,
    /// `ListLogsExport.Created`
    ListLogsExportCreated,
    /// `MFA.RecoveryCodesViewed`
    MfaRecoveryCodesViewed,
    /// `MFA.ChallengeIssued`
    MfaChallengeIssued,
    /// `MFA.ChallengeCompleted`
    MfaChallengeCompleted,
    /// `MFA.MethodAdded`
    MfaMethodAdded,
    /// `MFA.MethodActivated`
    MfaMethodActivated,
    /// `MFA.MethodDeleted`
    MfaMethodDeleted,
    /// `Segment.Created`
    SegmentCreated,
    /// `Segment.Updated`
    SegmentUpdated,
    /// `Segment.Deleted`
    SegmentDeleted,
    /// `Sender.Created`
    SenderCreated,
    /// `Sender.Updated`
    SenderUpdated,
    /// `Sender.Deleted`
    SenderDeleted,
    /// `Sender.Confirmed`
    SenderConfirmed,
    /// `Sender.ConfirmationEmailSent`
    SenderConfirmationEmailSent,
    /// `SuppressedEmail.Added`
    SuppressedEmailAdded,
    /// `SuppressedEmail.Removed`
    SuppressedEmailRemoved,
    /// `SuppressedEmailsExport.Created`
    SuppressedEmailsExportCreated,
    /// `SuppressedEmailsExport.Deleted`
    SuppressedEmailsExportDeleted,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl WebhookEvent {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[
        Self::AccountCreated,
        Self::AccountUpdated,
        Self::AccountConfirmed,
        Self::AccountDeleted,
        Self::ContactAdded,
        Self::ContactUpdated,
        Self::ContactRemoved,
        Self::ContactTagged,
        Self::ContactUntagged,
        Self::ContactsExportCreated,
        Self::ContactsExportDeleted,
        Self::CampaignCanceled,
        Self::CampaignCreated,
        Self::CampaignUnscheduled,
        Self::CampaignUpdated,
        Self::CampaignResumed,
        Self::CampaignScheduled,
        Self::CampaignSuspended,
        Self::CampaignLogExportCreated,
        Self::EmailSent,
        Self::EmailOpened,
        Self::EmailClicked,
        Self::EmailBounced,
        Self::EmailReportedAsSpam,
        Self::EmailUnsubscribed,
        Self::EmailGlobalUnsubscribed,
        Self::EmailSubmitted,
        Self::EmailQueued,
        Self::EmailRejected,
        Self::EmailProcessing,
        Self::EmailDelivered,
        Self::EmailError,
        Self::UserCreated,
        Self::UserDeleted,
        Self::UserLoggedIn,
        Self::UserUpdated,
        Self::UserConfirmed,
        Self::ListCreated,
        Self::ListUpdated,
        Self::ListDeleted,
        Self::ListLogsExportCreated,
        Self::MfaRecoveryCodesViewed,
        Self::MfaChallengeIssued,
        Self::MfaChallengeCompleted,
        Self::MfaMethodAdded,
        Self::MfaMethodActivated,
        Self::MfaMethodDeleted,
        Self::SegmentCreated,
        Self::SegmentUpdated,
        Self::SegmentDeleted,
        Self::SenderCreated,
        Self::SenderUpdated,
        Self::SenderDeleted,
        Self::SenderConfirmed,
        Self::SenderConfirmationEmailSent,
        Self::SuppressedEmailAdded,
        Self::SuppressedEmailRemoved,
        Self::SuppressedEmailsExportCreated,
        Self::SuppressedEmailsExportDeleted,
    ];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::AccountCreated => "Account.Created",
            Self::AccountUpdated => "Account.Updated",
            Self::AccountConfirmed => "Account.Confirmed",
            Self::AccountDeleted => "Account.Deleted",
            Self::ContactAdded => "Contact.Added",
            Self::ContactUpdated => "Contact.Updated",
            Self::ContactRemoved => "Contact.Removed",
            Self::ContactTagged => "Contact.Tagged",
            Self::ContactUntagged => "Contact.Untagged",
            Self::ContactsExportCreated => "ContactsExport.Created",
            Self::ContactsExportDeleted => "ContactsExport.Deleted",
            Self::CampaignCanceled => "Campaign.Canceled",
            Self::CampaignCreated => "Campaign.Created",
            Self::CampaignUnscheduled => "Campaign.Unscheduled",
            Self::CampaignUpdated => "Campaign.Updated",
            Self::CampaignResumed => "Campaign.Resumed",
            Self::CampaignScheduled => "Campaign.Scheduled",
            Self::CampaignSuspended => "Campaign.Suspended",
            Self::CampaignLogExportCreated => "CampaignLogExport.Created",
            Self::EmailSent => "Email.Sent",
            Self::EmailOpened => "Email.Opened",
            Self::EmailClicked => "Email.Clicked",
            Self::EmailBounced => "Email.Bounced",
            Self::EmailReportedAsSpam => "Email.ReportedAsSpam",
            Self::EmailUnsubscribed => "Email.Unsubscribed",
            Self::EmailGlobalUnsubscribed => "Email.GlobalUnsubscribed",
            Self::EmailSubmitted => "Email.Submitted",
            Self::EmailQueued => "Email.Queued",
            Self::EmailRejected => "Email.Rejected",
            Self::EmailProcessing => "Email.Processing",
            Self::EmailDelivered => "Email.Delivered",
            Self::EmailError => "Email.Error",
            Self::UserCreated => "User.Created",
            Self::UserDeleted => "User.Deleted",
            Self::UserLoggedIn => "User.LoggedIn",
            Self::UserUpdated => "User.Updated",
            Self::UserConfirmed => "User.Confirmed",
            Self::ListCreated => "List.Created",
            Self::ListUpdated => "List.Updated",
            Self::ListDeleted => "List.Deleted",
            Self::ListLogsExportCreated => "ListLogsExport.Created",
            Self::MfaRecoveryCodesViewed => "MFA.RecoveryCodesViewed",
            Self::MfaChallengeIssued => "MFA.ChallengeIssued",
            Self::MfaChallengeCompleted => "MFA.ChallengeCompleted",
            Self::MfaMethodAdded => "MFA.MethodAdded",
            Self::MfaMethodActivated => "MFA.MethodActivated",
            Self::MfaMethodDeleted => "MFA.MethodDeleted",
            Self::SegmentCreated => "Segment.Created",
            Self::SegmentUpdated => "Segment.Updated",
            Self::SegmentDeleted => "Segment.Deleted",
            Self::SenderCreated => "Sender.Created",
            Self::SenderUpdated => "Sender.Updated",
            Self::SenderDeleted => "Sender.Deleted",
            Self::SenderConfirmed => "Sender.Confirmed",
            Self::SenderConfirmationEmailSent => "Sender.ConfirmationEmailSent",
            Self::SuppressedEmailAdded => "SuppressedEmail.Added",
            Self::SuppressedEmailRemoved => "SuppressedEmail.Removed",
            Self::SuppressedEmailsExportCreated => "SuppressedEmailsExport.Created",
            Self::SuppressedEmailsExportDeleted => "SuppressedEmailsExport.Deleted",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for WebhookEvent {
    fn from(value: &str) -> Self {
        match value {
            "Account.Created" => Self::AccountCreated,
            "Account.Updated" => Self::AccountUpdated,
            "Account.Confirmed" => Self::AccountConfirmed,
            "Account.Deleted" => Self::AccountDeleted,
            "Contact.Added" => Self::ContactAdded,
            "Contact.Updated" => Self::ContactUpdated,
            "Contact.Removed" => Self::ContactRemoved,
            "Contact.Tagged" => Self::ContactTagged,
            "Contact.Untagged" => Self::ContactUntagged,
            "ContactsExport.Created" => Self::ContactsExportCreated,
            "ContactsExport.Deleted" => Self::ContactsExportDeleted,
            "Campaign.Canceled" => Self::CampaignCanceled,
            "Campaign.Created" => Self::CampaignCreated,
            "Campaign.Unscheduled" => Self::CampaignUnscheduled,
            "Campaign.Updated" => Self::CampaignUpdated,
            "Campaign.Resumed" => Self::CampaignResumed,
            "Campaign.Scheduled" => Self::CampaignScheduled,
            "Campaign.Suspended" => Self::CampaignSuspended,
            "CampaignLogExport.Created" => Self::CampaignLogExportCreated,
            "Email.Sent" => Self::EmailSent,
            "Email.Opened" => Self::EmailOpened,
            "Email.Clicked" => Self::EmailClicked,
            "Email.Bounced" => Self::EmailBounced,
            "Email.ReportedAsSpam" => Self::EmailReportedAsSpam,
            "Email.Unsubscribed" => Self::EmailUnsubscribed,
            "Email.GlobalUnsubscribed" => Self::EmailGlobalUnsubscribed,
            "Email.Submitted" => Self::EmailSubmitted,
            "Email.Queued" => Self::EmailQueued,
            "Email.Rejected" => Self::EmailRejected,
            "Email.Processing" => Self::EmailProcessing,
            "Email.Delivered" => Self::EmailDelivered,
            "Email.Error" => Self::EmailError,
            "User.Created" => Self::UserCreated,
            "User.Deleted" => Self::UserDeleted,
            "User.LoggedIn" => Self::UserLoggedIn,
            "User.Updated" => Self::UserUpdated,
            "User.Confirmed" => Self::UserConfirmed,
            "List.Created" => Self::ListCreated,
            "List.Updated" => Self::ListUpdated,
            "List.Deleted" => Self::ListDeleted,
            "ListLogsExport.Created" => Self::ListLogsExportCreated,
            "MFA.RecoveryCodesViewed" => Self::MfaRecoveryCodesViewed,
            "MFA.ChallengeIssued" => Self::MfaChallengeIssued,
            "MFA.ChallengeCompleted" => Self::MfaChallengeCompleted,
            "MFA.MethodAdded" => Self::MfaMethodAdded,
            "MFA.MethodActivated" => Self::MfaMethodActivated,
            "MFA.MethodDeleted" => Self::MfaMethodDeleted,
            "Segment.Created" => Self::SegmentCreated,
            "Segment.Updated" => Self::SegmentUpdated,
            "Segment.Deleted" => Self::SegmentDeleted,
            "Sender.Created" => Self::SenderCreated,
            "Sender.Updated" => Self::SenderUpdated,
            "Sender.Deleted" => Self::SenderDeleted,
            "Sender.Confirmed" => Self::SenderConfirmed,
            "Sender.ConfirmationEmailSent" => Self::SenderConfirmationEmailSent,
            "SuppressedEmail.Added" => Self::SuppressedEmailAdded,
            "SuppressedEmail.Removed" => Self::SuppressedEmailRemoved,
            "SuppressedEmailsExport.Created" => Self::SuppressedEmailsExportCreated,
            "SuppressedEmailsExport.Deleted" => Self::SuppressedEmailsExportDeleted,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for WebhookEvent {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for WebhookEvent {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for WebhookEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for WebhookEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// Changes to a webhook; a field not given stays as it is.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookPatch {
    /// URL to which events are posted.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub url: Patch<String>,
    /// Maximum number of deliveries in one `rate_limit_period`.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub rate_limit: Patch<u64>,
    /// Period that `rate_limit` counts in.
    #[serde(default, skip_serializing_if = "Patch::is_leave")]
    pub rate_limit_period: Patch<RateLimitPeriod>,
}

impl fmt::Debug for WebhookPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookPatch")
            .field("url", &Redacted(&self.url))
            .field("rate_limit", &self.rate_limit)
            .field("rate_limit_period", &self.rate_limit_period)
            .finish()
    }
}

impl WebhookPatch {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// URL to which events are posted.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Patch::Set(url.into());
        self
    }

    /// Maximum number of deliveries in one `rate_limit_period`.
    pub fn rate_limit(mut self, rate_limit: u64) -> Self {
        self.rate_limit = Patch::Set(rate_limit);
        self
    }

    /// Period that `rate_limit` counts in.
    pub fn rate_limit_period(mut self, rate_limit_period: impl Into<RateLimitPeriod>) -> Self {
        self.rate_limit_period = Patch::Set(rate_limit_period.into());
        self
    }
}

/// Response to changing a webhook.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookPatched {
    /// Id of the webhook.
    pub id: WebhookId,
    /// The webhook.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Webhook,
    /// Kind of the object in the response; capitalised here only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was changed; true in a 200.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub patched: Option<bool>,
}

impl fmt::Debug for WebhookPatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookPatched")
            .field("id", &self.id)
            .field("data", &self.data)
            .field("object", &Redacted(&self.object))
            .field("patched", &self.patched)
            .finish()
    }
}

/// The period in which a webhook's deliveries are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateLimitPeriod {
    /// One second.
    Second,
    /// One minute.
    Minute,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl RateLimitPeriod {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::Second, Self::Minute];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for RateLimitPeriod {
    fn from(value: &str) -> Self {
        match value {
            "second" => Self::Second,
            "minute" => Self::Minute,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for RateLimitPeriod {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for RateLimitPeriod {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for RateLimitPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RateLimitPeriod {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RateLimitPeriod {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// Hash function of the HMAC that signs a webhook's deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebhookHash {
    /// SHA-256.
    Sha256,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl WebhookHash {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::Sha256];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Sha256 => "sha256",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for WebhookHash {
    fn from(value: &str) -> Self {
        match value {
            "sha256" => Self::Sha256,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for WebhookHash {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for WebhookHash {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for WebhookHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for WebhookHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for WebhookHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
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

/// Response to restoring an archived webhook.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookUnarchived {
    /// Id of the webhook.
    pub id: WebhookId,
    /// The webhook.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Webhook,
    /// Kind of the object in the response; capitalised here only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the webhook is archived; false here.
    #[serde(default, deserialize_with = "de::scalar")]
    pub archived: bool,
}

impl fmt::Debug for WebhookUnarchived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookUnarchived")
            .field("id", &self.id)
            .field("data", &self.data)
            .field("object", &Redacted(&self.object))
            .field("archived", &self.archived)
            .finish()
    }
}

/// A webhook: one event, delivered to one URL.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
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
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
    /// Maximum number of deliveries in one `rate_limit_period`.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<u64>,
    /// Period that `rate_limit` counts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit_period: Option<RateLimitPeriod>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("event", &self.event)
            .field("url", &Redacted(&self.url))
            .field("archived_at", &self.archived_at)
            .field("rate_limit", &self.rate_limit)
            .field("rate_limit_period", &self.rate_limit_period)
            .finish()
    }
}

/// An event that a webhook can be created for, as `Object.Happening`. Of the events of emails, only
/// `Email.Clicked` and `Email.Bounced` are declared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubscribableEvent {
    /// `Account.Created`
    AccountCreated,
    /// `Account.Updated`
    AccountUpdated,
    /// `Account.Confirmed`
    AccountConfirmed,
    /// `Account.Deleted`
    AccountDeleted,
    /// `ContactsExport.Created`
    ContactsExportCreated,
    /// `ContactsExport.Deleted`
    ContactsExportDeleted,
    /// `Campaign.Canceled`
    CampaignCanceled,
    /// `Campaign.Created`
    CampaignCreated,
    /// `Campaign.Unscheduled`
    CampaignUnscheduled,
    /// `Campaign.Updated`
    CampaignUpdated,
    /// `Campaign.Resumed`
    CampaignResumed,
    /// `Campaign.Scheduled`
    CampaignScheduled,
    /// `Campaign.Suspended`
    CampaignSuspended,
    /// `CampaignLogExport.Created`
    CampaignLogExportCreated,
    /// `User.Created`
    UserCreated,
    /// `User.Deleted`
    UserDeleted,
    /// `User.Updated`
    UserUpdated,
    /// `User.Confirmed`
    UserConfirmed,
    /// `List.Created`
    ListCreated,
    /// `List.Updated`
    ListUpdated,
    /// `List.Deleted`
    ListDeleted,
    /// `ListLogsExport.Created`
    ListLogsExportCreated,
    /// `Segment.Created`
    SegmentCreated,
    /// `Segment.Updated`
    SegmentUpdated,
    /// `Segment.Deleted`
    SegmentDeleted,
    /// `Sender.Created`
    SenderCreated,
    /// `Sender.Updated`
    SenderUpdated,
    /// `Sender.Deleted`
    SenderDeleted,
    /// `Sender.Confirmed`
    SenderConfirmed,
    /// `Sender.ConfirmationEmailSent`
    SenderConfirmationEmailSent,
    /// `SuppressedEmail.Added`
    SuppressedEmailAdded,
    /// `SuppressedEmail.Removed`
    SuppressedEmailRemoved,
    /// `SuppressedEmailsExport.Created`
    SuppressedEmailsExportCreated,
    /// `SuppressedEmailsExport.Deleted`
    SuppressedEmailsExportDeleted,
    /// `Contact.Added`
    ContactAdded,
    /// `Contact.Removed`
    ContactRemoved,
    /// `Contact.Updated`
    ContactUpdated,
    /// `Email.Clicked`
    EmailClicked,
    /// `Email.Bounced`
    EmailBounced,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl SubscribableEvent {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[
        Self::AccountCreated,
        Self::AccountUpdated,
        Self::AccountConfirmed,
        Self::AccountDeleted,
        Self::ContactsExportCreated,
        Self::ContactsExportDeleted,
        Self::CampaignCanceled,
        Self::CampaignCreated,
        Self::CampaignUnscheduled,
        Self::CampaignUpdated,
        Self::CampaignResumed,
        Self::CampaignScheduled,
        Self::CampaignSuspended,
        Self::CampaignLogExportCreated,
        Self::UserCreated,
        Self::UserDeleted,
        Self::UserUpdated,
        Self::UserConfirmed,
        Self::ListCreated,
        Self::ListUpdated,
        Self::ListDeleted,
        Self::ListLogsExportCreated,
        Self::SegmentCreated,
        Self::SegmentUpdated,
        Self::SegmentDeleted,
        Self::SenderCreated,
        Self::SenderUpdated,
        Self::SenderDeleted,
        Self::SenderConfirmed,
        Self::SenderConfirmationEmailSent,
        Self::SuppressedEmailAdded,
        Self::SuppressedEmailRemoved,
        Self::SuppressedEmailsExportCreated,
        Self::SuppressedEmailsExportDeleted,
        Self::ContactAdded,
        Self::ContactRemoved,
        Self::ContactUpdated,
        Self::EmailClicked,
        Self::EmailBounced,
    ];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::AccountCreated => "Account.Created",
            Self::AccountUpdated => "Account.Updated",
            Self::AccountConfirmed => "Account.Confirmed",
            Self::AccountDeleted => "Account.Deleted",
            Self::ContactsExportCreated => "ContactsExport.Created",
            Self::ContactsExportDeleted => "ContactsExport.Deleted",
            Self::CampaignCanceled => "Campaign.Canceled",
            Self::CampaignCreated => "Campaign.Created",
            Self::CampaignUnscheduled => "Campaign.Unscheduled",
            Self::CampaignUpdated => "Campaign.Updated",
            Self::CampaignResumed => "Campaign.Resumed",
            Self::CampaignScheduled => "Campaign.Scheduled",
            Self::CampaignSuspended => "Campaign.Suspended",
            Self::CampaignLogExportCreated => "CampaignLogExport.Created",
            Self::UserCreated => "User.Created",
            Self::UserDeleted => "User.Deleted",
            Self::UserUpdated => "User.Updated",
            Self::UserConfirmed => "User.Confirmed",
            Self::ListCreated => "List.Created",
            Self::ListUpdated => "List.Updated",
            Self::ListDeleted => "List.Deleted",
            Self::ListLogsExportCreated => "ListLogsExport.Created",
            Self::SegmentCreated => "Segment.Created",
            Self::SegmentUpdated => "Segment.Updated",
            Self::SegmentDeleted => "Segment.Deleted",
            Self::SenderCreated => "Sender.Created",
            Self::SenderUpdated => "Sender.Updated",
            Self::SenderDeleted => "Sender.Deleted",
            Self::SenderConfirmed => "Sender.Confirmed",
            Self::SenderConfirmationEmailSent => "Sender.ConfirmationEmailSent",
            Self::SuppressedEmailAdded => "SuppressedEmail.Added",
            Self::SuppressedEmailRemoved => "SuppressedEmail.Removed",
            Self::SuppressedEmailsExportCreated => "SuppressedEmailsExport.Created",
            Self::SuppressedEmailsExportDeleted => "SuppressedEmailsExport.Deleted",
            Self::ContactAdded => "Contact.Added",
            Self::ContactRemoved => "Contact.Removed",
            Self::ContactUpdated => "Contact.Updated",
            Self::EmailClicked => "Email.Clicked",
            Self::EmailBounced => "Email.Bounced",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for SubscribableEvent {
    fn from(value: &str) -> Self {
        match value {
            "Account.Created" => Self::AccountCreated,
            "Account.Updated" => Self::AccountUpdated,
            "Account.Confirmed" => Self::AccountConfirmed,
            "Account.Deleted" => Self::AccountDeleted,
            "ContactsExport.Created" => Self::ContactsExportCreated,
            "ContactsExport.Deleted" => Self::ContactsExportDeleted,
            "Campaign.Canceled" => Self::CampaignCanceled,
            "Campaign.Created" => Self::CampaignCreated,
            "Campaign.Unscheduled" => Self::CampaignUnscheduled,
            "Campaign.Updated" => Self::CampaignUpdated,
            "Campaign.Resumed" => Self::CampaignResumed,
            "Campaign.Scheduled" => Self::CampaignScheduled,
            "Campaign.Suspended" => Self::CampaignSuspended,
            "CampaignLogExport.Created" => Self::CampaignLogExportCreated,
            "User.Created" => Self::UserCreated,
            "User.Deleted" => Self::UserDeleted,
            "User.Updated" => Self::UserUpdated,
            "User.Confirmed" => Self::UserConfirmed,
            "List.Created" => Self::ListCreated,
            "List.Updated" => Self::ListUpdated,
            "List.Deleted" => Self::ListDeleted,
            "ListLogsExport.Created" => Self::ListLogsExportCreated,
            "Segment.Created" => Self::SegmentCreated,
            "Segment.Updated" => Self::SegmentUpdated,
            "Segment.Deleted" => Self::SegmentDeleted,
            "Sender.Created" => Self::SenderCreated,
            "Sender.Updated" => Self::SenderUpdated,
            "Sender.Deleted" => Self::SenderDeleted,
            "Sender.Confirmed" => Self::SenderConfirmed,
            "Sender.ConfirmationEmailSent" => Self::SenderConfirmationEmailSent,
            "SuppressedEmail.Added" => Self::SuppressedEmailAdded,
            "SuppressedEmail.Removed" => Self::SuppressedEmailRemoved,
            "SuppressedEmailsExport.Created" => Self::SuppressedEmailsExportCreated,
            "SuppressedEmailsExport.Deleted" => Self::SuppressedEmailsExportDeleted,
            "Contact.Added" => Self::ContactAdded,
            "Contact.Removed" => Self::ContactRemoved,
            "Contact.Updated" => Self::ContactUpdated,
            "Email.Clicked" => Self::EmailClicked,
            "Email.Bounced" => Self::EmailBounced,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for SubscribableEvent {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for SubscribableEvent {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for SubscribableEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SubscribableEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SubscribableEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// Response with one webhook and the key that signs its deliveries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookWithSignature {
    /// Id of the webhook.
    pub id: WebhookId,
    /// How deliveries are signed; only here, not in the response to the creation.
    #[serde(default, deserialize_with = "de::or_default")]
    pub signature: WebhookSignature,
    /// The webhook.
    #[serde(default, deserialize_with = "de::or_default")]
    pub data: Webhook,
}

/// Whether a webhook is in use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebhookStatus {
    /// Delivering.
    Active,
    /// Archived: delivers nothing.
    Archived,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl WebhookStatus {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::Active, Self::Archived];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for WebhookStatus {
    fn from(value: &str) -> Self {
        match value {
            "active" => Self::Active,
            "archived" => Self::Archived,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for WebhookStatus {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for WebhookStatus {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for WebhookStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for WebhookStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for WebhookStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// The query string of [`ListWebhooks`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListWebhooksQuery {
    /// Whether archived webhooks are listed too. Default: `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_archived: Option<bool>,
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
}

impl ListWebhooksQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether archived webhooks are listed too. Default: `false`.
    pub fn with_archived(mut self, with_archived: bool) -> Self {
        self.with_archived = Some(with_archived);
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
}

/// Lists the account's webhooks.
///
/// Leaves out archived ones unless `with_archived` is true.
///
/// `GET /webhooks`
#[derive(Debug, Clone)]
pub struct ListWebhooks {
    /// The query string.
    pub query: ListWebhooksQuery,
}

impl Operation for ListWebhooks {
    const ID: &'static str = "listWebhooks";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/webhooks";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ListWebhooksQuery;
    type Body = ();
    type Output = Page<Webhook>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }
}

/// Creates a webhook for one event.
///
/// One webhook serves one event; several events take several webhooks. The response has no signing
/// key: get it with `GET /webhooks/{webhook_id}`. The API has no idempotency key: repeating the
/// request creates a second webhook, which delivers each event a second time.
///
/// `POST /webhooks`
#[derive(Debug, Clone)]
pub struct CreateWebhook<'a> {
    /// The request's body.
    pub body: &'a NewWebhook,
}

impl Operation for CreateWebhook<'_> {
    const ID: &'static str = "createWebhook";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/webhooks";
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = NewWebhook;
    type Output = WebhookCreated;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// Shows one webhook together with the key that signs its deliveries.
///
/// A delivery is signed with the base64 of the HMAC-SHA256 of the raw body; the header is
/// `x-signature` or `X-Cakemail-Signature`. No timestamp is signed: the receiver must detect
/// replays.
///
/// `GET /webhooks/{webhook_id}`
#[derive(Debug, Clone)]
pub struct GetWebhook {
    /// Id of the webhook.
    pub webhook_id: WebhookId,
}

impl Operation for GetWebhook {
    const ID: &'static str = "getWebhook";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/webhooks/{webhook_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = WebhookWithSignature;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.webhook_id]))
    }
}

/// Changes where a webhook delivers, or how fast.
///
/// Changes only the given fields. The event cannot be changed: create another webhook instead.
///
/// `PATCH /webhooks/{webhook_id}`
#[derive(Debug, Clone)]
pub struct PatchWebhook<'a> {
    /// Id of the webhook.
    pub webhook_id: WebhookId,
    /// The request's body.
    pub body: &'a WebhookPatch,
}

impl Operation for PatchWebhook<'_> {
    const ID: &'static str = "patchWebhook";
    const METHOD: Method = Method::Patch;
    const PATH: &'static str = "/webhooks/{webhook_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = WebhookPatch;
    type Output = WebhookPatched;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.webhook_id]))
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// Archives a webhook.
///
/// An archived webhook delivers nothing. `POST /webhooks/{webhook_id}/unarchive` restores it.
/// Webhooks cannot be deleted.
///
/// `POST /webhooks/{webhook_id}/archive`
#[derive(Debug, Clone)]
pub struct ArchiveWebhook {
    /// Id of the webhook.
    pub webhook_id: WebhookId,
}

impl Operation for ArchiveWebhook {
    const ID: &'static str = "archiveWebhook";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/webhooks/{webhook_id}/archive";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = WebhookArchived;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.webhook_id]))
    }
}

/// Restores an archived webhook.
///
/// Deliveries resume with the next event. Events that occurred while it was archived are lost.
///
/// `POST /webhooks/{webhook_id}/unarchive`
#[derive(Debug, Clone)]
pub struct UnarchiveWebhook {
    /// Id of the webhook.
    pub webhook_id: WebhookId,
}

impl Operation for UnarchiveWebhook {
    const ID: &'static str = "unarchiveWebhook";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/webhooks/{webhook_id}/unarchive";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = WebhookUnarchived;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.webhook_id]))
    }
}
