//! Identifies a delivery by its body.

use std::fmt;

use sha2::{Digest, Sha256};

/// Identifies a delivery by the SHA-256 of its raw body, since the API documents no event id. Displays as 64 hex digits.
///
/// Two events with identical bytes are one delivery. A retry with a new date has another body, so it is another delivery.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId([u8; 32]);

impl DeliveryId {
    /// The id of the delivery with this raw body.
    pub fn of(raw_body: &[u8]) -> Self {
        Self(Sha256::digest(raw_body).into())
    }

    /// The 32 bytes of the hash, for a binary column of a database.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryId({self})")
    }
}
