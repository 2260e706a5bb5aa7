//! Injected faults of deliveries to webhooks, and the forms in which they are written.

use std::time::Duration;

use cakemail_webhook::{Dialect, SignatureHeader};
use serde::{Deserialize, Serialize};

/// Injected faults of webhook deliveries. They hold from the time when
/// [`Sandbox::webhook_faults`](crate::Sandbox::webhook_faults) sets them. By default there are none.
///
/// ```
/// use cakemail_sandbox::WebhookFaults;
///
/// let mut webhook_faults = WebhookFaults::default();
/// webhook_faults.duplicate = true;
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WebhookFaults {
    /// Each event is delivered twice.
    pub duplicate: bool,
    /// Each delivery is delayed by this much, by the sandbox's clock.
    #[serde(rename = "delay_ms", with = "millis")]
    pub delay: Duration,
    /// Events at the same time are delivered in reverse order.
    pub reorder: bool,
    /// Bodies are changed after they were signed: they name another address.
    pub tamper: bool,
    /// The form of payloads.
    pub dialect: Dialect,
    /// The header that the signature comes in.
    pub header: SignatureHeader,
}

/// A duration as whole milliseconds.
mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_json_fields_are_those_of_the_control_api() {
        let all = WebhookFaults {
            duplicate: true,
            delay: Duration::from_millis(1500),
            reorder: true,
            tamper: true,
            dialect: Dialect::Newer,
            header: SignatureHeader::CakemailSignature,
        };
        let words = json!({
            "duplicate": true, "delay_ms": 1500, "reorder": true, "tamper": true,
            "dialect": "newer", "header": "X-Cakemail-Signature",
        });
        assert_eq!(serde_json::to_value(all).unwrap(), words);
        assert_eq!(serde_json::from_value::<WebhookFaults>(words).unwrap(), all);
        assert_eq!(serde_json::from_value::<WebhookFaults>(json!({})).unwrap(), WebhookFaults::default());
    }
}
