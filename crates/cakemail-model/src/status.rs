//! The status of an email, with all its spellings.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::de::{self, Unrecognized};

/// The status of an email.
///
/// The API spells statuses in five ways: in its guide, in the response to a submission, in statuses and logs, in the
/// filter of the summary, and in webhooks. All spellings parse to this type. [`as_str`](Self::as_str) is the guide's
/// spelling; `log_type`, `summary_status` and `webhook_event` convert to the others. Serialization uses the spelling of
/// statuses and logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmailStatus {
    /// Accepted by the API.
    Submitted,
    /// Being prepared for delivery.
    Processing,
    /// Waiting for delivery.
    Queued,
    /// Handed to the mail system. Delivery is not confirmed yet.
    Sent,
    /// Accepted by the recipient's mail server.
    Delivered,
    /// Opened by the recipient.
    Opened,
    /// The recipient clicked a link in it.
    Clicked,
    /// Delivery failed temporarily (soft bounce) or permanently (hard bounce).
    Bounced,
    /// The recipient reported it as spam.
    Complained,
    /// The recipient unsubscribed from the list.
    Unsubscribed,
    /// The recipient unsubscribed from every list of the account.
    GloballyUnsubscribed,
    /// Refused before delivery, for instance because the recipient is suppressed.
    Rejected,
    /// Failed before delivery.
    Error,
    /// The API's own status `other`.
    Other,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(Unrecognized),
}

impl EmailStatus {
    /// Every status known to this version.
    pub const KNOWN: &'static [Self] = &[
        Self::Submitted,
        Self::Processing,
        Self::Queued,
        Self::Sent,
        Self::Delivered,
        Self::Opened,
        Self::Clicked,
        Self::Bounced,
        Self::Complained,
        Self::Unsubscribed,
        Self::GloballyUnsubscribed,
        Self::Rejected,
        Self::Error,
        Self::Other,
    ];

    /// The guide's spelling, such as `opened`.
    pub fn as_str(&self) -> &str {
        self.spellings().guide
    }

    /// Whether delivery failed. Waiting does not change this status.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Bounced | Self::Rejected | Self::Error)
    }

    /// Whether the recipient's mail server accepted the email. Opens, clicks and the like imply it.
    pub const fn is_delivered(&self) -> bool {
        matches!(
            self,
            Self::Delivered
                | Self::Opened
                | Self::Clicked
                | Self::Complained
                | Self::Unsubscribed
                | Self::GloballyUnsubscribed
        )
    }

    /// The `log_type` of the email logs, or `None` if they have none for it.
    #[cfg(feature = "logs")]
    pub fn log_type(&self) -> Option<crate::logs::LogType> {
        self.spellings().log_type.map(crate::logs::LogType::from)
    }

    /// The value of the summary's `status` filter, or `None` if it has none for it.
    #[cfg(feature = "logs")]
    pub fn summary_status(&self) -> Option<crate::logs::SummaryStatus> {
        self.spellings().summary.map(crate::logs::SummaryStatus::from)
    }

    /// The webhook event that reports it, or `None` if there is none.
    #[cfg(feature = "webhooks")]
    pub fn webhook_event(&self) -> Option<crate::webhooks::WebhookEvent> {
        self.spellings().webhook.map(crate::webhooks::WebhookEvent::from)
    }

    fn spellings(&self) -> Spellings<'_> {
        let spellings = |guide, wire, log_type, summary, webhook| Spellings { guide, wire, log_type, summary, webhook };
        match self {
            Self::Submitted => {
                spellings("submitted", "submitted", Some("submitted"), Some("submitted"), Some("Email.Submitted"))
            }
            Self::Processing => spellings("processing", "processing", None, None, Some("Email.Processing")),
            Self::Queued => spellings("queued", "queued", Some("queued"), Some("queued"), Some("Email.Queued")),
            Self::Sent => spellings("sent", "sent", None, None, Some("Email.Sent")),
            Self::Delivered => {
                spellings("delivered", "delivered", Some("delivered"), Some("delivered"), Some("Email.Delivered"))
            }
            Self::Opened => spellings("opened", "open", Some("open"), None, Some("Email.Opened")),
            Self::Clicked => spellings("clicked", "click", Some("click"), None, Some("Email.Clicked")),
            Self::Bounced => spellings("bounced", "bounce", Some("bounce"), Some("bounced"), Some("Email.Bounced")),
            Self::Complained => {
                spellings("complained", "spam", Some("spam"), Some("spam"), Some("Email.ReportedAsSpam"))
            }
            Self::Unsubscribed => spellings(
                "unsubscribed",
                "unsubscribe",
                Some("unsubscribe"),
                Some("unsubscribed"),
                Some("Email.Unsubscribed"),
            ),
            Self::GloballyUnsubscribed => spellings(
                "globally unsubscribed",
                "global_unsubscribe",
                Some("global_unsubscribe"),
                Some("global_unsubscribed"),
                Some("Email.GlobalUnsubscribed"),
            ),
            Self::Rejected => {
                spellings("rejected", "rejected", Some("rejected"), Some("rejected"), Some("Email.Rejected"))
            }
            Self::Error => spellings("error", "error", Some("error"), Some("error"), Some("Email.Error")),
            Self::Other => spellings("other", "other", None, Some("other"), None),
            Self::Unrecognized(value) => spellings(value.as_str(), value.as_str(), None, None, None),
        }
    }
}

/// The spellings of a status.
#[cfg_attr(not(all(feature = "logs", feature = "webhooks")), allow(dead_code))]
struct Spellings<'a> {
    guide: &'a str,
    wire: &'a str,
    log_type: Option<&'a str>,
    summary: Option<&'a str>,
    webhook: Option<&'a str>,
}

impl From<&str> for EmailStatus {
    fn from(text: &str) -> Self {
        match text.strip_prefix("Email.").unwrap_or(text) {
            "submitted" | "Submitted" => Self::Submitted,
            "processing" | "Processing" => Self::Processing,
            "queued" | "Queued" => Self::Queued,
            "sent" | "Sent" => Self::Sent,
            "delivered" | "Delivered" => Self::Delivered,
            "opened" | "open" | "Opened" => Self::Opened,
            "clicked" | "click" | "Clicked" => Self::Clicked,
            "bounced" | "bounce" | "Bounced" | "soft_bounce" | "hard_bounce" | "soft_bounced" | "hard_bounced" => {
                Self::Bounced
            }
            "complained" | "spam" | "reported_as_spam" | "ReportedAsSpam" => Self::Complained,
            "unsubscribed" | "unsubscribe" | "unsubscribe_reason" | "Unsubscribed" => Self::Unsubscribed,
            "globally unsubscribed"
            | "global_unsubscribe"
            | "global_unsubscribed"
            | "global_unsubscribe_reason"
            | "GlobalUnsubscribed" => Self::GloballyUnsubscribed,
            "rejected" | "Rejected" => Self::Rejected,
            "error" | "Error" => Self::Error,
            "other" => Self::Other,
            _ => Self::Unrecognized(Unrecognized::new(text)),
        }
    }
}

impl FromStr for EmailStatus {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

impl Default for EmailStatus {
    /// The empty value: a response without a status deserializes to it.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for EmailStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for EmailStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.spellings().wire)
    }
}

impl<'de> Deserialize<'de> for EmailStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::EmailStatus;

    /// The values of an enum in the OpenAPI document.
    fn enum_values(schema: &str) -> Vec<String> {
        let document: Value = serde_json::from_str(crate::OPENAPI).unwrap();
        let values = document["components"]["schemas"][schema]["enum"].as_array().unwrap();
        values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_spelling_in_the_document_is_known() {
        let mut spellings = enum_values("SubmitEmailAPIStatus");
        spellings.extend(enum_values("EmailAPIEventType"));
        spellings.extend(enum_values("EmailAPISummaryStatus"));
        spellings.extend(enum_values("LogTypeV2").into_iter().filter(|value| value != "all"));
        spellings.extend(enum_values("EventType").into_iter().filter(|value| value.starts_with("Email.")));
        for text in ["submitted", "queued", "delivered", "opened", "clicked", "bounced", "complained"] {
            spellings.push(text.to_owned()); // from the guide's table
        }
        for text in spellings {
            assert!(EmailStatus::KNOWN.contains(&EmailStatus::from(text.as_str())), "{text}");
        }
    }

    #[test]
    fn every_status_round_trips_through_each_spelling() {
        for status in EmailStatus::KNOWN {
            let spellings = status.spellings();
            let all =
                [Some(spellings.guide), Some(spellings.wire), spellings.log_type, spellings.summary, spellings.webhook];
            for text in all.into_iter().flatten() {
                assert_eq!(EmailStatus::from(text), *status, "{text}");
            }
            let json = serde_json::to_string(status).unwrap();
            assert_eq!(serde_json::from_str::<EmailStatus>(&json).unwrap(), *status);
        }
    }

    #[test]
    fn each_spelling_is_in_the_enum_of_its_part_of_the_api() {
        let (logs, summary, events) =
            (enum_values("LogTypeV2"), enum_values("EmailAPISummaryStatus"), enum_values("EventType"));
        for status in EmailStatus::KNOWN {
            let spellings = status.spellings();
            for (value, known) in
                [(spellings.log_type, &logs), (spellings.summary, &summary), (spellings.webhook, &events)]
            {
                if let Some(value) = value {
                    assert!(known.iter().any(|known| known == value), "{value}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_value_is_preserved() {
        for text in ["", "teleported", "Email.Teleported"] {
            let status = EmailStatus::from(text);
            assert_eq!(status.as_str(), text);
            assert_eq!(serde_json::to_value(&status).unwrap(), text);
        }
    }
}
