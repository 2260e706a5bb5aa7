//! The patterns of the suppression list.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Redacted;

/// A pattern of the suppression list: an address (`a@b.c`), all addresses of a domain (`*@b.c`), or a local part at any
/// domain (`a@*`). Case is ignored.
///
/// ```
/// use cakemail_model::SuppressionPattern;
///
/// assert!(SuppressionPattern::new("*@example.com").matches("Ada@Example.com"));
/// assert!(!SuppressionPattern::new("ada@*").matches("bob@example.com"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SuppressionPattern(String);

impl SuppressionPattern {
    /// Creates a pattern. A text of another form matches only the identical address.
    pub fn new(pattern: &str) -> Self {
        Self(pattern.to_lowercase())
    }

    /// The pattern in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern matches an address.
    pub fn matches(&self, address: &str) -> bool {
        Self::matching(address).contains(self)
    }

    /// The three patterns that match an address, for a lookup in an index.
    pub fn matching(address: &str) -> [Self; 3] {
        let address = address.to_lowercase();
        let (local, domain) = address.rsplit_once('@').unwrap_or((&address, ""));
        [Self(format!("*@{domain}")), Self(format!("{local}@*")), Self(address)]
    }
}

impl fmt::Debug for SuppressionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SuppressionPattern").field(&Redacted(&self.0)).finish()
    }
}

impl fmt::Display for SuppressionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::SuppressionPattern;

    #[test]
    fn matches_an_address_a_domain_or_a_local_part() {
        for (pattern, matches) in [
            ("ada@example.com", true),
            ("ADA@Example.com", true),
            ("*@example.com", true),
            ("*@EXAMPLE.com", true),
            ("ada@*", true),
            ("bob@example.com", false),
            ("*@example.org", false),
            ("*@sub.example.com", false),
            ("a@*", false),
            ("nonsense", false),
        ] {
            for address in ["ada@example.com", "Ada@Example.COM"] {
                assert_eq!(SuppressionPattern::new(pattern).matches(address), matches, "{pattern}");
            }
        }
    }

    #[test]
    fn a_text_without_an_at_sign_matches_no_domain() {
        assert!(!SuppressionPattern::new("*@example.com").matches("example.com"));
        assert!(!SuppressionPattern::new("ada@example.com").matches("ada"));
    }
}
