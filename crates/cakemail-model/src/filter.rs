//! The filter of a listing: `term==value;term==value`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{FieldError, Redacted};

/// The filter of a listing. All terms must match.
///
/// The `filter` field of each query lists its terms.
///
/// ```
/// use cakemail_model::Filter;
///
/// let filter = Filter::equal("status", "active")?.and("name", "Newsletter")?;
/// assert_eq!(filter.to_string(), "status==active;name==Newsletter");
/// # Ok::<(), cakemail_model::FieldError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Filter(String);

impl Filter {
    /// A filter with one term.
    ///
    /// # Errors
    /// If the term is empty, if the term or the value contains a `;`, or if the term contains a `=`: the syntax has no
    /// escape for them.
    pub fn equal(term: &str, value: impl fmt::Display) -> Result<Self, FieldError> {
        Self(String::new()).and(term, value)
    }

    /// Adds a term.
    ///
    /// # Errors
    /// Those of [`equal`](Self::equal).
    pub fn and(mut self, term: &str, value: impl fmt::Display) -> Result<Self, FieldError> {
        let value = value.to_string();
        if term.is_empty() || term.contains([';', '=']) || value.contains(';') {
            return Err(FieldError::new(
                "filter",
                "a term or value cannot contain `;`, and a term cannot contain `=`: filter the listing's items instead",
            ));
        }
        if !self.0.is_empty() {
            self.0.push(';');
        }
        self.0.push_str(term);
        self.0.push_str("==");
        self.0.push_str(&value);
        Ok(self)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&Redacted(&self.0)).finish()
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Filter;

    proptest! {
        #[test]
        fn terms_round_trip(terms in prop::collection::vec(("[a-z_]{1,8}", "[^;]{0,8}"), 1..5)) {
            let mut terms = terms.into_iter();
            let (term, value) = terms.next().unwrap();
            let first = Filter::equal(&term, &value).unwrap();
            let mut expected = vec![(term, value)];
            let filter = terms.fold(first, |filter, (term, value)| {
                let filter = filter.and(&term, &value).unwrap();
                expected.push((term, value));
                filter
            });
            let text = filter.to_string();
            let read: Vec<_> = text.split(';').map(|part| part.split_once("==").unwrap()).collect();
            let expected: Vec<_> = expected.iter().map(|(term, value)| (term.as_str(), value.as_str())).collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn a_value_cannot_inject_a_term(value in ".*;.*") {
            prop_assert!(Filter::equal("name", value).is_err());
        }
    }
}
