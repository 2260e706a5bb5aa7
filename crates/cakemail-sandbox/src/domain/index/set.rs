//! A set of numbers that stays small while it has few.

use std::borrow::Cow;

use super::Numbers;

/// How many numbers a set holds in a list. A bitmap takes some 200 bytes from its first number on, and most values of
/// some fields (recipients, idempotency keys) belong to one row.
const FEW: usize = 16;

#[derive(Debug, Clone)]
pub(super) enum Set {
    One(u32),
    /// Several, in order.
    #[expect(clippy::box_collection, reason = "a set is two words, and most are of one number")]
    Few(Box<Vec<u32>>),
    Many(Box<Numbers>),
}

impl Set {
    pub(super) fn of(number: u32) -> Self {
        Self::One(number)
    }

    pub(super) fn insert(&mut self, number: u32) {
        match self {
            Self::One(one) if *one == number => {}
            Self::One(one) => *self = Self::Few(Box::new(vec![number.min(*one), number.max(*one)])),
            Self::Few(list) => {
                let Err(place) = list.binary_search(&number) else { return };
                list.insert(place, number);
                if list.len() > FEW {
                    *self = Self::Many(Box::new(list.iter().collect()));
                }
            }
            Self::Many(numbers) => drop(numbers.insert(number)),
        }
    }

    pub(super) fn insert_all(&mut self, numbers: &Numbers) {
        *self = Self::Many(Box::new(self.numbers().as_ref() | numbers));
    }

    /// Removes a number. Returns whether the set is to be removed, since it was its last one.
    pub(super) fn remove(&mut self, number: u32) -> bool {
        match self {
            Self::One(one) => *one == number,
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
            Self::One(_) => 1,
            Self::Few(list) => list.len() as u64,
            Self::Many(numbers) => numbers.len(),
        }
    }

    pub(super) fn numbers(&self) -> Cow<'_, Numbers> {
        match self {
            Self::Many(numbers) => Cow::Borrowed(numbers),
            _ => Cow::Owned(self.list().iter().collect()),
        }
    }

    /// Adds its numbers to a selection.
    pub(super) fn add_to(&self, selection: &mut Numbers) {
        match self {
            Self::Many(numbers) => *selection |= &**numbers,
            _ => selection.extend(self.list()),
        }
    }

    /// How many of its numbers are in `selection`.
    pub(super) fn count_in(&self, selection: &Numbers) -> usize {
        match self {
            Self::Many(numbers) => usize::try_from(numbers.intersection_len(selection)).unwrap_or(usize::MAX),
            _ => self.list().iter().filter(|number| selection.contains(**number)).count(),
        }
    }

    /// Its numbers that are in `selection`.
    pub(super) fn within(&self, selection: &Numbers) -> Numbers {
        match self {
            Self::Many(numbers) => &**numbers & selection,
            _ => self.list().iter().filter(|number| selection.contains(**number)).collect(),
        }
    }

    /// Its numbers, unless they are many.
    fn list(&self) -> &[u32] {
        match self {
            Self::One(number) => std::slice::from_ref(number),
            Self::Few(list) => list,
            Self::Many(_) => &[],
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
                    if model.is_empty() {
                        set = Set::of(7);
                        model.insert(7);
                    }
                }
                let within: Vec<_> = model.iter().copied().filter(|number| selection.contains(*number)).collect();
                prop_assert_eq!(set.numbers().iter().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(set.len(), model.len() as u64);
                prop_assert_eq!(set.count_in(&selection), within.len());
                prop_assert_eq!(set.within(&selection).iter().collect::<Vec<_>>(), within);
            }
        }
    }
}
