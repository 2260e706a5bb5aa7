//! Events of emails, those that happened and those that are planned.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::lifecycle::EventKind;
use crate::domain::stable_hash::StableHash;
use crate::domain::time::Time;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    /// Its number in the account's log.
    pub(super) number: u32,
    pub(crate) kind: EventKind,
    pub(crate) time: Time,
    metadata: Metadata,
}

/// Most events have none.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Metadata(Option<Box<Map<String, Value>>>);

/// An event that is planned.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PlannedEvent {
    pub(super) time: Time,
    /// Its place among the events that are planned for the same time.
    pub(super) order: u64,
    pub(super) kind: EventKind,
    pub(super) metadata: Metadata,
}

impl Event {
    pub(crate) fn new(number: u32, kind: EventKind, time: Time, metadata: impl Into<Metadata>) -> Self {
        Self { number, kind, time, metadata: metadata.into() }
    }

    pub(crate) fn metadata(&self) -> Map<String, Value> {
        self.metadata.0.as_deref().cloned().unwrap_or_default()
    }

    /// Its id, of an event of this email. The ids of an account's events are in the order of its log.
    pub(crate) fn id(&self, email: Uuid) -> Uuid {
        let mut hash = StableHash::new(u64::from(self.number));
        hash.bytes(email.as_bytes());
        let number = u64::from(self.number);
        let (high, low) = (number >> 20, (number & 0xf_ffff) << 42 | hash.finish() >> 22);
        let mut counter = [0; 10];
        counter[..2].copy_from_slice(&high.to_be_bytes()[6..]);
        counter[2..].copy_from_slice(&low.to_be_bytes());
        let millis = u64::try_from(self.time.0).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &counter).into_uuid()
    }
}

impl From<Map<String, Value>> for Metadata {
    fn from(fields: Map<String, Value>) -> Self {
        Self(Some(fields).filter(|fields| !fields.is_empty()).map(Box::new))
    }
}

/// A deterministic id for the `n`th delivery of an event.
pub(crate) fn derived_id(origin: Uuid, n: u64) -> Uuid {
    let half = |seed| {
        let mut hash = StableHash::new(seed);
        hash.bytes(origin.as_bytes());
        hash.bytes(&n.to_le_bytes());
        u128::from(hash.finish())
    };
    uuid::Builder::from_random_bytes((half(1) << 64 | half(2)).to_be_bytes()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_events_are_unique_and_in_the_order_of_the_log() {
        let email = |n| Uuid::from_u128(n);
        let mut ids = Vec::new();
        for (number, millis) in [(0, 0), (1, 0), (4095, 7), (1 << 20, 7), (u32::MAX - 1, 7), (u32::MAX, 1 << 41)] {
            ids.push(Event::new(number, EventKind::Open, Time(millis), Map::new()).id(email(1)).to_string());
        }
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        let event = Event::new(7, EventKind::Open, Time(1), Map::new());
        assert_ne!(event.id(email(1)), event.id(email(2)));
        assert_eq!(event.id(email(1)).get_version_num(), 7);
    }
}
