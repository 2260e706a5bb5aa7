//! A set of numbers that stays small while it has few.

use std::borrow::Cow;

use super::Numbers;

/// How many numbers a set holds in a list. A bitmap takes some 200 bytes from its first number on, and most values of
/// some fields (recipients, idempotency keys) belong to one row.
const FEW: usize = 16;

#[derive(Debug, Clone)]
pub(super) enum Set {
    /// In order.
    Few(Vec<u32>),
    Many(Numbers),
}

impl Set {
    pub(super) fn of(number: u32) -> Self {
        Self::Few(vec![number])
    }

    pub(super) fn insert(&mut self, number: u32) {
        match self {
            Self::Few(list) => {
                let Err(place) = list.binary_search(&number) else { return };
                if list.len() < FEW {
                    list.insert(place, number);
                } else {
                    let mut many: Numbers = list.iter().copied().collect();
                    many.insert(number);
                    *self = Self::Many(many);
                }
            }
            Self::Many(numbers) => drop(numbers.insert(number)),
        }
    }

    /// Removes a number. Returns whether the set is empty now.
    pub(super) fn remove(&mut self, number: u32) -> bool {
        match self {
            Self::Few(list) => {
                if let Ok(place) = list.binary_search(&number) {
                    list.remove(place);
                }
                list.is_empty()
            }
            Self::Many(numbers) => {
                numbers.remove(number);
                numbers.is_empty()
            }
        }
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Few(list) => list.len() as u64,
            Self::Many(numbers) => numbers.len(),
        }
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        match self {
            Self::Few(list) => list.binary_search(&number).is_ok(),
            Self::Many(numbers) => numbers.contains(number),
        }
    }

    pub(super) fn numbers(&self) -> Cow<'_, Numbers> {
        match self {
            Self::Few(list) => Cow::Owned(list.iter().copied().collect()),
            Self::Many(numbers) => Cow::Borrowed(numbers),
        }
    }

    /// How many of its numbers are in `selection`.
    pub(super) fn count_in(&self, selection: &Numbers) -> usize {
        match self {
            Self::Few(list) => list.iter().filter(|number| selection.contains(**number)).count(),
            Self::Many(numbers) => usize::try_from(numbers.intersection_len(selection)).unwrap_or(usize::MAX),
        }
    }

    /// Its numbers that are in `selection`.
    pub(super) fn within(&self, selection: &Numbers) -> Numbers {
        match self {
            Self::Few(list) => list.iter().copied().filter(|number| selection.contains(*number)).collect(),
            Self::Many(numbers) => numbers & selection,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_of_any_size_holds_what_was_inserted_and_not_removed(
            changes in prop::collection::vec((any::<bool>(), 0..40_u32), 1..120),
            selection in prop::collection::btree_set(0..40_u32, 0..40),
        ) {
            let (mut set, mut model) = (Set::of(7), BTreeSet::from([7]));
            let selection: Numbers = selection.into_iter().collect();
            for (inserts, number) in changes {
                if inserts {
                    set.insert(number);
                    model.insert(number);
                } else {
                    model.remove(&number);
                    prop_assert_eq!(set.remove(number), model.is_empty());
                }
                let within: Vec<_> = model.iter().copied().filter(|number| selection.contains(*number)).collect();
                prop_assert_eq!(set.numbers().iter().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(set.len(), model.len() as u64);
                prop_assert_eq!(set.contains(number), inserts);
                prop_assert_eq!(set.count_in(&selection), within.len());
                prop_assert_eq!(set.within(&selection).iter().collect::<Vec<_>>(), within);
            }
        }
    }
}
