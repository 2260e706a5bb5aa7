//! One status for an email, whatever a place calls it.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::de::{self, Unrecognized};

/// Where an email stands.
///
/// The API has five vocabularies for this (the guide, the answer to a submission, status and logs,
/// the summary's filter, webhooks). All of them read as this one type; [`as_str`](Self::as_str) is
/// the guide's word, and `log_type`, `summary_status` and `webhook_event` give the word that each
/// of those places wants. Serializes as the status and logs spell it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmailStatus {
    /// Accepted by the API.
    Submitted,
    /// Being prepared for delivery.
    Processing,
    /// Waiting for delivery.
    Queued,
    /// Handed to the mail system, not yet known to have arrived.
    Sent,
    /// Arrived at the recipient's mail server.
    Delivered,
    /// Opened by the recipient.
    Opened,
    /// A link in it was clicked.
    Clicked,
    /// Delivery failed, for now (soft) or for good (hard).
    Bounced,
    /// The recipient reported it as spam.
    Complained,
    /// The recipient left the list.
    Unsubscribed,
    /// The recipient left every list of the account.
    GloballyUnsubscribed,
    /// Refused before delivery, for instance because the recipient is suppressed.
    Rejected,
    /// Failed before delivery.
    Error,
    /// The server's word for everything else.
    Other,
    /// A word that this version does not know, kept as it came.
    Unrecognized(Unrecognized),
}

impl EmailStatus {
    /// Every status that this version knows.
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

    /// The guide's word, such as `opened`.
    pub fn as_str(&self) -> &str {
        self.words().guide
    }

    /// Whether delivery has failed: it will not be delivered by waiting.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Bounced | Self::Rejected | Self::Error)
    }

    /// Whether it reached the recipient's mail server: so it did when it was opened, too.
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

    /// The word for the `log_type` of the email logs, or `None` when they cannot be asked for it.
    #[cfg(feature = "logs")]
    pub fn log_type(&self) -> Option<crate::logs::LogType> {
        self.words().log_type.map(crate::logs::LogType::from)
    }

    /// The word for the `status` filter of the summary, or `None` when it has none.
    #[cfg(feature = "logs")]
    pub fn summary_status(&self) -> Option<crate::logs::SummaryStatus> {
        self.words().summary.map(crate::logs::SummaryStatus::from)
    }

    /// The webhook event that announces it, or `None` when none does.
    #[cfg(feature = "webhooks")]
    pub fn webhook_event(&self) -> Option<crate::webhooks::WebhookEvent> {
        self.words().webhook.map(crate::webhooks::WebhookEvent::from)
    }

    fn words(&self) -> Words<'_> {
        let words = |guide, wire, log_type, summary, webhook| Words { guide, wire, log_type, summary, webhook };
        match self {
            Self::Submitted => {
                words("submitted", "submitted", Some("submitted"), Some("submitted"), Some("Email.Submitted"))
            }
            Self::Processing => words("processing", "processing", None, None, Some("Email.Processing")),
            Self::Queued => words("queued", "queued", Some("queued"), Some("queued"), Some("Email.Queued")),
            Self::Sent => words("sent", "sent", None, None, Some("Email.Sent")),
            Self::Delivered => {
                words("delivered", "delivered", Some("delivered"), Some("delivered"), Some("Email.Delivered"))
            }
            Self::Opened => words("opened", "open", Some("open"), None, Some("Email.Opened")),
            Self::Clicked => words("clicked", "click", Some("click"), None, Some("Email.Clicked")),
            Self::Bounced => words("bounced", "bounce", Some("bounce"), Some("bounced"), Some("Email.Bounced")),
            Self::Complained => words("complained", "spam", Some("spam"), Some("spam"), Some("Email.ReportedAsSpam")),
            Self::Unsubscribed => words(
                "unsubscribed",
                "unsubscribe",
                Some("unsubscribe"),
                Some("unsubscribed"),
                Some("Email.Unsubscribed"),
            ),
            Self::GloballyUnsubscribed => words(
                "globally unsubscribed",
                "global_unsubscribe",
                Some("global_unsubscribe"),
                Some("global_unsubscribed"),
                Some("Email.GlobalUnsubscribed"),
            ),
            Self::Rejected => words("rejected", "rejected", Some("rejected"), Some("rejected"), Some("Email.Rejected")),
            Self::Error => words("error", "error", Some("error"), Some("error"), Some("Email.Error")),
            Self::Other => words("other", "other", None, Some("other"), None),
            Self::Unrecognized(word) => words(word.as_str(), word.as_str(), None, None, None),
        }
    }
}

/// A status in each place's vocabulary.
#[cfg_attr(not(all(feature = "logs", feature = "webhooks")), allow(dead_code))]
struct Words<'a> {
    guide: &'a str,
    wire: &'a str,
    log_type: Option<&'a str>,
    summary: Option<&'a str>,
    webhook: Option<&'a str>,
}

impl From<&str> for EmailStatus {
    fn from(word: &str) -> Self {
        match word.strip_prefix("Email.").unwrap_or(word) {
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
            _ => Self::Unrecognized(Unrecognized::new(word)),
        }
    }
}

impl FromStr for EmailStatus {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Infallible> {
        Ok(Self::from(word))
    }
}

impl Default for EmailStatus {
    /// The empty word: what an answer that leaves the status out reads as.
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
        serializer.serialize_str(self.words().wire)
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

    /// The words of the document's own vocabularies.
    fn vocabulary(schema: &str) -> Vec<String> {
        let document: Value = serde_json::from_str(crate::OPENAPI).unwrap();
        let words = document["components"]["schemas"][schema]["enum"].as_array().unwrap();
        words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_vocabulary_of_the_document_is_read() {
        let mut words = vocabulary("SubmitEmailAPIStatus");
        words.extend(vocabulary("EmailAPIEventType"));
        words.extend(vocabulary("EmailAPISummaryStatus"));
        words.extend(vocabulary("LogTypeV2").into_iter().filter(|word| word != "all"));
        words.extend(vocabulary("EventType").into_iter().filter(|word| word.starts_with("Email.")));
        for word in ["submitted", "queued", "delivered", "opened", "clicked", "bounced", "complained"] {
            words.push(word.to_owned()); // the guide's table
        }
        for word in words {
            assert!(EmailStatus::KNOWN.contains(&EmailStatus::from(word.as_str())), "{word}");
        }
    }

    #[test]
    fn every_status_comes_back_from_each_of_its_words() {
        for status in EmailStatus::KNOWN {
            let words = status.words();
            let all = [Some(words.guide), Some(words.wire), words.log_type, words.summary, words.webhook];
            for word in all.into_iter().flatten() {
                assert_eq!(EmailStatus::from(word), *status, "{word}");
            }
            let json = serde_json::to_string(status).unwrap();
            assert_eq!(serde_json::from_str::<EmailStatus>(&json).unwrap(), *status);
        }
    }

    #[test]
    fn each_place_gets_a_word_that_it_knows() {
        let (logs, summary, events) =
            (vocabulary("LogTypeV2"), vocabulary("EmailAPISummaryStatus"), vocabulary("EventType"));
        for status in EmailStatus::KNOWN {
            let words = status.words();
            for (word, vocabulary) in [(words.log_type, &logs), (words.summary, &summary), (words.webhook, &events)] {
                if let Some(word) = word {
                    assert!(vocabulary.iter().any(|known| known == word), "{word}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_word_is_kept() {
        for word in ["", "teleported", "Email.Teleported"] {
            let status = EmailStatus::from(word);
            assert_eq!(status.as_str(), word);
            assert_eq!(serde_json::to_value(&status).unwrap(), word);
        }
    }
}
