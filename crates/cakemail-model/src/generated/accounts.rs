//! Accounts: the sending customer and its plan.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{AccountId, Data, Idempotency, JsonObject, Method, Operation, Redacted, Timestamp, UserId, de};

/// An account: the customer on whose behalf emails are sent.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// Id of the account; a string here, an integer in parameters and tokens.
    pub id: AccountId,
    /// Ids of the parent accounts, in one string.
    #[serde(default, deserialize_with = "de::or_default")]
    pub lineage: String,
    /// State of the account.
    #[serde(default, deserialize_with = "de::or_default")]
    pub status: AccountStatus,
    /// Name of the account: the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Postal address.
    #[serde(default, deserialize_with = "de::or_default")]
    pub address: Address,
    /// User who owns the account.
    #[serde(default, deserialize_with = "de::or_default")]
    pub account_owner: AccountOwner,
    /// Fax number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fax: Option<String>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// URL of the company's website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// URL of the logo.
    #[serde(default, deserialize_with = "de::or_default")]
    pub logo: String,
    /// The features and limits of the account's plan.
    #[serde(default, deserialize_with = "de::or_default")]
    pub usage_limits: UsageLimits,
    /// When the account was last active, in epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub last_activity_on: Option<Timestamp>,
    /// When the account was created, in epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub created_on: Option<Timestamp>,
    /// Whether the account is a partner: it has accounts of its customers below it.
    #[serde(default, deserialize_with = "de::scalar")]
    pub partner: bool,
    /// Whether the account is an organization: it has accounts of its parts below it.
    #[serde(default, deserialize_with = "de::scalar")]
    pub organization: bool,
    /// Id of the account as a customer of Stripe, for payments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stripe_customer_id: Option<String>,
    /// Exceptions from the usual rules that were granted to the account.
    #[serde(default, deserialize_with = "de::or_default")]
    pub overrides: AccountOverrides,
    /// Further data about the account, of any shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<JsonObject>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("lineage", &Redacted(&self.lineage))
            .field("status", &self.status)
            .field("name", &Redacted(&self.name))
            .field("address", &self.address)
            .field("account_owner", &self.account_owner)
            .field("fax", &Redacted(&self.fax))
            .field("phone", &Redacted(&self.phone))
            .field("website", &Redacted(&self.website))
            .field("logo", &Redacted(&self.logo))
            .field("usage_limits", &self.usage_limits)
            .field("last_activity_on", &self.last_activity_on)
            .field("created_on", &self.created_on)
            .field("partner", &self.partner)
            .field("organization", &self.organization)
            .field("stripe_customer_id", &Redacted(&self.stripe_customer_id))
            .field("overrides", &self.overrides)
            .field("metadata", &Redacted(&self.metadata))
            .finish()
    }
}

/// Exceptions from the usual rules that were granted to an account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountOverrides {
    /// Whether forms do without a reCAPTCHA.
    #[serde(default, deserialize_with = "de::scalar")]
    pub bypass_recaptcha: bool,
    /// Whether the postal address is added to emails that lack it.
    #[serde(default, deserialize_with = "de::scalar")]
    pub inject_address: bool,
    /// Whether a link to unsubscribe is added to emails that lack it.
    #[serde(default, deserialize_with = "de::scalar")]
    pub inject_unsubscribe_link: bool,
}

/// The user who owns an account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountOwner {
    /// Id of the user. A string, even where it consists of digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}

/// State of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccountStatus {
    /// On trial.
    Trial,
    /// In use.
    Active,
    /// Suspended by Cakemail.
    Suspended,
    /// Suspended by the partner above it.
    SuspendedByPartner,
    /// Deleted.
    Deleted,
    /// Created, with data still missing.
    Incomplete,
    /// Waiting for confirmation.
    Pending,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl AccountStatus {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[
        Self::Trial,
        Self::Active,
        Self::Suspended,
        Self::SuspendedByPartner,
        Self::Deleted,
        Self::Incomplete,
        Self::Pending,
    ];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Trial => "trial",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::SuspendedByPartner => "suspended_by_partner",
            Self::Deleted => "deleted",
            Self::Incomplete => "incomplete",
            Self::Pending => "pending",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for AccountStatus {
    fn from(value: &str) -> Self {
        match value {
            "trial" => Self::Trial,
            "active" => Self::Active,
            "suspended" => Self::Suspended,
            "suspended_by_partner" => Self::SuspendedByPartner,
            "deleted" => Self::Deleted,
            "incomplete" => Self::Incomplete,
            "pending" => Self::Pending,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for AccountStatus {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for AccountStatus {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for AccountStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for AccountStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AccountStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// A postal address.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Address {
    /// First line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address1: Option<String>,
    /// Second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address2: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Country, as a name or a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Province or state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("address1", &Redacted(&self.address1))
            .field("address2", &Redacted(&self.address2))
            .field("city", &Redacted(&self.city))
            .field("country", &Redacted(&self.country))
            .field("province", &Redacted(&self.province))
            .field("postal_code", &Redacted(&self.postal_code))
            .finish()
    }
}

/// The features and limits of an account's plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UsageLimits {
    /// When the current period of the limits began, in epoch seconds.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Timestamp>,
    /// Maximum number of emails in one campaign.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub per_campaign: Option<u64>,
    /// Maximum number of emails in one month.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub per_month: Option<u64>,
    /// Number of emails left in the current period.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// Maximum number of contacts of the account.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub maximum_contacts: Option<u64>,
    /// Maximum number of lists of the account.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub lists: Option<u64>,
    /// Maximum number of users of the account.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub users: Option<u64>,
    /// Maximum number of campaign blueprints of the account.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub campaign_blueprints: Option<u64>,
    /// Maximum number of conditions in automations.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub automation_conditions: Option<u64>,
    /// Whether the account may use A/B tests of campaigns.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_ab_split: Option<bool>,
    /// Whether the account may use conditions in automations.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_automation_conditions: Option<bool>,
    /// Whether the account may use automations.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_automations: Option<bool>,
    /// Whether the account may use webhooks in automations.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_automation_customwebhooks: Option<bool>,
    /// Whether the account may use segments by the behaviour of contacts.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_behavioral_segmentation: Option<bool>,
    /// Whether the account may use a custom brand.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_brand: Option<bool>,
    /// Whether the account may use campaign blueprints.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_campaign_blueprints: Option<bool>,
    /// Whether the account may use exports of contacts.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_contact_export: Option<bool>,
    /// Whether the account may use custom merge tags.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_custom_merge_tags: Option<bool>,
    /// Whether the account may use the Email API. Without it, the server rejects submissions.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_email_api: Option<bool>,
    /// Whether the account may use the HTML editor.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_html_editor: Option<bool>,
    /// Whether the account may replace a list's standard pages.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_list_redirection: Option<bool>,
    /// Whether the account may use smart emails.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_smart_email_resource: Option<bool>,
    /// Whether the account may use smart blueprints.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_smart_blueprint: Option<bool>,
    /// Whether the account may use tags of contacts in automations.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_tags_in_automation: Option<bool>,
    /// Whether the account may use tags of contacts.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_tags: Option<bool>,
    /// Whether the logo of the reseller is added to emails.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub insert_reseller_logo: Option<bool>,
    /// Whether the account may use forms.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_forms: Option<bool>,
    /// Whether the account may use pop-up forms.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_popups: Option<bool>,
    /// Whether the account may use landing pages.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_pages: Option<bool>,
    /// Whether the account may use redirections from landing pages.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_pages_redirection: Option<bool>,
    /// Whether the account may use generation of content by AI.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub use_ai_generation: Option<bool>,
}

/// Shows the account of the access token.
///
/// The account's own address matters for senders: a sender with that address needs no confirmation.
/// `usage_limits` says whether the Email API is enabled and what is left of the plan.
///
/// `GET /accounts/self`
#[derive(Debug, Clone)]
pub struct GetSelfAccount {}

impl Operation for GetSelfAccount {
    const ID: &'static str = "getSelfAccount";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/accounts/self";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    type Query = ();
    type Body = ();
    type Output = Data<Account>;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }
}
