//! Which emails changed, for those who wait.

use crate::domain::index::Numbers;

/// The emails of an account that were added, changed or dropped.
#[derive(Debug, Default)]
pub(crate) enum ChangedEmails {
    /// The account is new, or its emails were replaced.
    #[default]
    Any,
    These(Numbers),
}

impl ChangedEmails {
    pub(super) fn add(&mut self, number: u32) {
        match self {
            Self::Any => {}
            Self::These(numbers) => drop(numbers.insert(number)),
        }
    }

    /// Starts again with none.
    pub(super) fn take(&mut self) -> Option<Self> {
        let changed = match self {
            Self::These(numbers) if numbers.is_empty() => return None,
            changed => changed,
        };
        Some(std::mem::replace(changed, Self::These(Numbers::new())))
    }
}
