//! The rows with each value of a field.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::RangeBounds;

use super::Numbers;

/// The numbers of the rows with each value of a field. A row may have several values.
#[derive(Debug, Clone)]
pub(crate) struct Terms<K> {
    rows: BTreeMap<K, Numbers>,
    none: Numbers,
}

impl<K: Ord> Terms<K> {
    pub(crate) fn add(&mut self, key: K, number: u32) {
        self.rows.entry(key).or_default().insert(number);
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q, number: u32)
    where
        K: Borrow<Q>,
    {
        if let Some(numbers) = self.rows.get_mut(key) {
            numbers.remove(number);
            if numbers.is_empty() {
                self.rows.remove(key);
            }
        }
    }

    /// The rows with this value.
    pub(crate) fn with<Q: Ord + ?Sized>(&self, key: &Q) -> &Numbers
    where
        K: Borrow<Q>,
    {
        self.rows.get(key).unwrap_or(&self.none)
    }

    /// Each value that a row has, in order, with its rows.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &Numbers)> {
        self.rows.iter()
    }

    /// The values of a range, in order, with their rows.
    pub(crate) fn range<Q: Ord + ?Sized>(
        &self,
        range: impl RangeBounds<Q>,
    ) -> impl DoubleEndedIterator<Item = (&K, &Numbers)>
    where
        K: Borrow<Q>,
    {
        self.rows.range(range)
    }

    /// `count` rows of `selection` after the first `skip`, in the order of their values and then of their numbers.
    /// A descending order is the exact reverse. The cost grows with the values that are passed over, not with the rows.
    pub(crate) fn page(&self, selection: &Numbers, skip: usize, count: usize, descends: bool) -> Vec<u32> {
        let (mut skip, mut page) = (skip, Vec::new());
        let values: Box<dyn Iterator<Item = &Numbers>> = match descends {
            false => Box::new(self.rows.values()),
            true => Box::new(self.rows.values().rev()),
        };
        for numbers in values {
            if page.len() >= count {
                break;
            }
            let size = usize::try_from(numbers.intersection_len(selection)).unwrap_or(usize::MAX);
            if skip >= size {
                skip -= size;
                continue;
            }
            page.extend(super::page(&(numbers & selection), skip, count - page.len(), descends));
            skip = 0;
        }
        page
    }
}

impl<K> Default for Terms<K> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), none: Numbers::new() }
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
