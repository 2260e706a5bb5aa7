//! The rows with each value of a field.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::ops::RangeBounds;

use super::Numbers;
use super::set::Set;

/// The numbers of the rows with each value of a field. A row may have several values.
#[derive(Debug, Clone)]
pub(crate) struct Terms<K> {
    rows: BTreeMap<K, Set>,
}

impl<K: Ord> Terms<K> {
    pub(crate) fn add(&mut self, key: K, number: u32) {
        self.rows.entry(key).and_modify(|set| set.insert(number)).or_insert_with(|| Set::of(number));
    }

    /// Adds all of these rows to a value.
    pub(crate) fn add_all(&mut self, key: K, numbers: &Numbers) {
        let Some(first) = numbers.min() else { return };
        self.rows.entry(key).or_insert_with(|| Set::of(first)).insert_all(numbers);
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q, number: u32)
    where
        K: Borrow<Q>,
    {
        if self.rows.get_mut(key).is_some_and(|set| set.remove(number)) {
            self.rows.remove(key);
        }
    }

    /// The rows with this value.
    pub(crate) fn with<Q: Ord + ?Sized>(&self, key: &Q) -> Cow<'_, Numbers>
    where
        K: Borrow<Q>,
    {
        self.rows.get(key).map_or_else(|| Cow::Owned(Numbers::new()), Set::numbers)
    }

    /// How many rows have this value.
    pub(crate) fn count<Q: Ord + ?Sized>(&self, key: &Q) -> u64
    where
        K: Borrow<Q>,
    {
        self.rows.get(key).map_or(0, Set::len)
    }

    /// The value itself, which rows can share.
    pub(crate) fn key<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&K>
    where
        K: Borrow<Q>,
    {
        self.rows.get_key_value(key).map(|(key, _)| key)
    }

    /// How many values rows have.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Each value that a row has, in order, with its rows.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, Cow<'_, Numbers>)> {
        self.rows.iter().map(|(key, set)| (key, set.numbers()))
    }

    /// The values of a range, in order, with their rows.
    pub(crate) fn range<Q: Ord + ?Sized>(
        &self,
        range: impl RangeBounds<Q>,
    ) -> impl DoubleEndedIterator<Item = (&K, Cow<'_, Numbers>)>
    where
        K: Borrow<Q>,
    {
        self.rows.range(range).map(|(key, set)| (key, set.numbers()))
    }

    /// The values that a row of `selection` has, in order.
    pub(crate) fn keys_in(&self, selection: &Numbers) -> impl Iterator<Item = &K> {
        self.rows.iter().filter(|(_, set)| set.count_in(selection) > 0).map(|(key, _)| key)
    }

    /// The rows whose value passes a test. The cost grows with the values, not with the rows.
    pub(crate) fn matching(&self, test: impl Fn(&K) -> bool) -> Numbers {
        let mut found = Numbers::new();
        self.rows.iter().filter(|(key, _)| test(key)).for_each(|(_, set)| set.add_to(&mut found));
        found
    }

    /// `count` rows of `selection` after the first `skip`, in the order of their values and then of their numbers.
    /// A descending order is the exact reverse. The cost grows with the values that are passed over, not with the rows.
    pub(crate) fn page(&self, selection: &Numbers, skip: usize, count: usize, descends: bool) -> Vec<u32> {
        let by_number = |rows: Numbers, skip, count| super::page(&rows, skip, count, descends);
        self.page_with(selection, skip, count, descends, by_number)
    }

    /// The same, with another order of the rows of a value: `page_of` returns a page of them.
    pub(crate) fn page_with(
        &self,
        selection: &Numbers,
        skip: usize,
        count: usize,
        descends: bool,
        page_of: impl Fn(Numbers, usize, usize) -> Vec<u32>,
    ) -> Vec<u32> {
        let (mut skip, mut page) = (skip, Vec::new());
        let values: Box<dyn Iterator<Item = &Set>> = match descends {
            false => Box::new(self.rows.values()),
            true => Box::new(self.rows.values().rev()),
        };
        for set in values {
            if page.len() >= count {
                break;
            }
            let size = set.count_in(selection);
            if skip >= size {
                skip -= size;
                continue;
            }
            page.extend(page_of(set.within(selection), skip, count - page.len()));
            skip = 0;
        }
        page
    }
}

impl<K> Default for Terms<K> {
    fn default() -> Self {
        Self { rows: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_follows_the_order_of_the_values() {
        let mut terms = Terms::<&str>::default();
        for (number, key) in ["b", "a", "c", "a", "b"].into_iter().enumerate() {
            terms.add(key, u32::try_from(number).unwrap());
        }
        let all: Numbers = (0..5).collect();
        let ascending = [1, 3, 0, 4, 2];
        for skip in 0..6 {
            for count in 0..6 {
                let expected: Vec<_> = ascending.into_iter().skip(skip).take(count).collect();
                assert_eq!(terms.page(&all, skip, count, false), expected, "{skip} {count}");
                let expected: Vec<_> = ascending.into_iter().rev().skip(skip).take(count).collect();
                assert_eq!(terms.page(&all, skip, count, true), expected, "{skip} {count} descending");
            }
        }
        terms.remove("a", 1);
        terms.remove("c", 2);
        assert_eq!(terms.iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["a", "b"]);
        assert!(terms.with("c").is_empty() && terms.with("a").contains(3));
    }
}
