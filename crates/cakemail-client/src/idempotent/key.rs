//! The key that an email is sent under.

use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cakemail_model::{FieldError, check_tag};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Identifies one email, such as the receipt of one order, so that it can be found in the logs.
///
/// The key is sent as the email's tag `key-…`, which the account then has. Two keys are equal if their tags are. To store
/// a key, store its [`tag`](Self::tag): this is also what `serde` writes and reads.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    tag: String,
    /// For a random key: whether a call has used it or a clone of it.
    used: Option<Arc<AtomicBool>>,
}

const PREFIX: &str = "key-";

impl IdempotencyKey {
    /// A key of at most 251 letters, digits, `-` and `_`, or the tag of a [random](Self::random) key.
    ///
    /// # Errors
    /// The reason, when it is empty, too long or has other characters. Also when it begins with `key-`, as the tags of keys
    /// do, and is not the tag of a random key: it could be meant as a key or as a tag. See [`from_tag`](Self::from_tag).
    pub fn new(key: &str) -> Result<Self, FieldError> {
        match key.strip_prefix(PREFIX) {
            Some(random) if is_random(random) => Self::with_tag(key.to_owned()),
            Some(_) => Err(error("begins with `key-`: leave that out, or use `from_tag` for the tag of a key")),
            None if key.is_empty() => Err(error("is empty: use a value that identifies this email")),
            None => Self::with_tag(format!("{PREFIX}{key}")),
        }
    }

    /// The key with this [`tag`](Self::tag), such as one that was stored.
    ///
    /// # Errors
    /// The reason, when no key has this tag.
    pub fn from_tag(tag: &str) -> Result<Self, FieldError> {
        match tag.strip_prefix(PREFIX) {
            None | Some("") => Err(error("is not the tag of a key, which is `key-` and the key")),
            Some(_) => Self::with_tag(tag.to_owned()),
        }
    }

    fn with_tag(tag: String) -> Result<Self, FieldError> {
        match check_tag(&tag) {
            Some(_) => Err(error("is not a valid key: use at most 251 letters, digits, `-` and `_`")),
            None => Ok(Self { tag, used: None }),
        }
    }

    /// A random key. It finds the email after a lost response. The first call with it skips the search for an earlier
    /// email; each further call makes it.
    pub fn random() -> Self {
        Self { tag: format!("{PREFIX}{:032x}", fastrand::u128(..)), used: Some(Arc::default()) }
    }

    /// The tag that the key is sent as.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether no earlier email can have the key. Returns `true` at most once for a key and its clones.
    pub(super) fn is_first_use(&self) -> bool {
        self.used.as_ref().is_some_and(|used| !used.swap(true, Ordering::Relaxed))
    }
}

/// Whether this follows the prefix in the tag of a random key.
fn is_random(key: &str) -> bool {
    key.len() == 32 && key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn error(message: &str) -> FieldError {
    FieldError::new("key", message)
}

impl PartialEq for IdempotencyKey {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

impl Eq for IdempotencyKey {}

impl Hash for IdempotencyKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.tag.hash(state);
    }
}

impl FromStr for IdempotencyKey {
    type Err = FieldError;

    fn from_str(key: &str) -> Result<Self, FieldError> {
        Self::new(key)
    }
}

impl TryFrom<&str> for IdempotencyKey {
    type Error = FieldError;

    fn try_from(key: &str) -> Result<Self, FieldError> {
        Self::new(key)
    }
}

impl Serialize for IdempotencyKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.tag)
    }
}

impl<'de> Deserialize<'de> for IdempotencyKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_tag(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::IdempotencyKey;

    #[test]
    fn a_key_is_valid_if_its_tag_is() {
        assert_eq!(IdempotencyKey::new("order-42").unwrap().tag(), "key-order-42");
        assert_eq!(IdempotencyKey::new(&"k".repeat(251)).unwrap().tag().len(), 255);
        for key in ["", "order 42", "é", &"k".repeat(252)] {
            assert!(IdempotencyKey::new(key).is_err() && key.parse::<IdempotencyKey>().is_err(), "{key}");
            assert!(IdempotencyKey::from_tag(&format!("key-{key}")).is_err(), "{key}");
        }
        assert!(IdempotencyKey::from_tag("order-42").is_err());
        assert_ne!(IdempotencyKey::random(), IdempotencyKey::random());
    }

    #[test]
    fn a_key_is_the_same_key_however_it_was_made() {
        let random = IdempotencyKey::random();
        assert_eq!(IdempotencyKey::new(random.tag()).unwrap(), random);
        for key in [random, IdempotencyKey::new("order-42").unwrap(), IdempotencyKey::try_from("42").unwrap()] {
            assert_eq!(IdempotencyKey::from_tag(key.tag()).unwrap(), key);
            let stored = serde_json::to_string(&key).unwrap();
            assert_eq!(serde_json::from_str::<IdempotencyKey>(&stored).unwrap(), key);
        }
    }

    #[test]
    fn a_key_that_could_be_meant_as_a_tag_is_an_error() {
        for key in ["key-", "key-order-42", "key-key-1", "key-0123456789ABCDEF0123456789ABCDEF"] {
            let error = IdempotencyKey::new(key).unwrap_err();
            assert!(error.message.contains("from_tag"), "{key}: {error}");
        }
        for stored in [r#""order-42""#, r#""key-""#, r#""key-order 42""#, "42"] {
            assert!(serde_json::from_str::<IdempotencyKey>(stored).is_err(), "{stored}");
        }
    }
}
