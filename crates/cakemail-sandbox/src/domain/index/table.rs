//! Rows that are found, filtered and sorted by their values.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::order::Order;
use super::{Numbers, Rows, Terms, page};

/// A selection this many times smaller than its table is sorted by itself.
const SMALL_PART: usize = 16;

/// A row of a [`Table`].
pub(crate) trait Row: Clone {
    /// The terms that all its tables have.
    const TERMS: &'static [&'static str];

    /// Its value of a term, which is [`Key::None`] when it has several.
    fn key(&self, term: &str) -> Key<'_>;

    /// Its values of a term that it may have several of.
    fn values(&self, _term: &str) -> Vec<&str> {
        Vec::new()
    }
}

/// A value that rows are found and sorted by. No two kinds are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'a> {
    None,
    Flag(bool),
    Number(i64),
    Id(Uuid),
    Text(&'a str),
    AnyCase(AnyCase<'a>),
}

/// A text without regard to case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnyCase<'a>(pub(crate) &'a str);

impl Ord for AnyCase<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.0.is_ascii() && other.0.is_ascii() {
            return self
                .0
                .bytes()
                .map(|it| it.to_ascii_lowercase())
                .cmp(other.0.bytes().map(|it| it.to_ascii_lowercase()));
        }
        self.0.chars().flat_map(char::to_lowercase).cmp(other.0.chars().flat_map(char::to_lowercase))
    }
}

impl PartialOrd for AnyCase<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for AnyCase<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for AnyCase<'_> {}

/// Rows with an index for each of their terms, which is built when it is first used.
#[derive(Debug, Clone)]
pub(crate) struct Table<R> {
    rows: Rows<R>,
    terms: Vec<Term>,
}

#[derive(Debug, Clone)]
struct Term {
    name: Cow<'static, str>,
    index: OnceLock<Index>,
}

/// The rows by one term.
#[derive(Debug, Clone)]
struct Index {
    /// All rows, by their keys and then by their numbers.
    order: Order,
    /// The rows that have several values, by each of them.
    values: Terms<Box<str>>,
}

impl<R: Row> Table<R> {
    /// Adds terms to those that the table has.
    pub(crate) fn index_by<'n>(&mut self, names: impl IntoIterator<Item = &'n String>) {
        for name in names {
            if !self.terms.iter().any(|term| term.name == **name) {
                self.terms.push(Term { name: Cow::Owned(name.clone()), index: OnceLock::new() });
            }
        }
    }

    /// Adds a row, and returns its number.
    pub(crate) fn push(&mut self, row: R) -> u32 {
        let number = self.rows.push(row);
        for term in &mut self.terms {
            if let Some(index) = term.index.get_mut() {
                index.add(&self.rows, &term.name, number);
            }
        }
        number
    }

    /// Changes a row, and returns what `change` returns.
    pub(crate) fn change<T>(&mut self, number: u32, change: impl FnOnce(&mut R) -> T) -> Option<T> {
        let before = Arc::clone(self.rows.get(number)?);
        let mut after = R::clone(&before);
        let result = change(&mut after);
        let differs = |name: &str| before.key(name) != after.key(name) || before.values(name) != after.values(name);
        let terms = self.terms.iter_mut().filter_map(|term| Some((&term.name, term.index.get_mut()?)));
        let mut moved: Vec<_> = terms.filter(|(name, _)| differs(name)).collect();
        moved.iter_mut().for_each(|(name, index)| index.remove(&self.rows, name, number));
        drop(before);
        *self.rows.get_mut(number)? = after;
        moved.iter_mut().for_each(|(name, index)| index.add(&self.rows, name, number));
        Some(result)
    }

    /// Changes the first row with this value, and returns it.
    pub(crate) fn change_row(&mut self, term: &str, key: Key<'_>, change: impl FnOnce(&mut R)) -> Option<&R> {
        let number = self.find(term, key)?;
        self.change(number, change);
        self.get(number).map(|row| &**row)
    }

    pub(crate) fn remove(&mut self, number: u32) -> Option<Arc<R>> {
        for term in &mut self.terms {
            if let Some(index) = term.index.get_mut() {
                index.remove(&self.rows, &term.name, number);
            }
        }
        self.rows.remove(number)
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Arc<R>> {
        self.rows.get(number)
    }

    /// The number of the first row with this value.
    pub(crate) fn find(&self, term: &str, key: Key<'_>) -> Option<u32> {
        let index = self.index(term)?;
        index.order.range(index.ranks(&self.rows, term, key)).next()
    }

    /// The first row with this value.
    pub(crate) fn row(&self, term: &str, key: Key<'_>) -> Option<&R> {
        self.get(self.find(term, key)?).map(|row| &**row)
    }

    /// Removes the first row with this value, and returns it.
    pub(crate) fn remove_row(&mut self, term: &str, key: Key<'_>) -> Option<Arc<R>> {
        self.remove(self.find(term, key)?)
    }

    /// The rows with a value that is written like this.
    pub(crate) fn select(&self, term: &str, written: &str) -> Numbers {
        let Some(index) = self.index(term) else { return Numbers::new() };
        let number = written.parse().ok().map(Key::Number);
        let id = written.parse().ok().map(Key::Id);
        let flag = written.parse().ok().map(Key::Flag);
        let mut found = Numbers::new();
        for key in [Some(Key::Text(written)), number, id, flag].into_iter().flatten() {
            // Those of one key are in the order of their numbers.
            let numbers = Numbers::from_sorted_iter(index.order.range(index.ranks(&self.rows, term, key)));
            found |= numbers.unwrap_or_default();
        }
        found |= &*index.values.with(written);
        found
    }

    /// `count` rows of `selection` after the first `skip`, in the order of a term and then of their numbers, or of their
    /// numbers only. A descending order is the exact reverse.
    pub(crate) fn page(&self, selection: &Numbers, sort: Sort<'_>, skip: usize, count: usize) -> Vec<&Arc<R>> {
        let numbers = match self.index(sort.term.unwrap_or_default()) {
            None => page(selection, skip, count, sort.descends),
            Some(index) => self.sorted_page(index, selection, sort, skip, count),
        };
        numbers.into_iter().filter_map(|number| self.get(number)).collect()
    }

    fn sorted_page(&self, index: &Index, selection: &Numbers, sort: Sort<'_>, skip: usize, count: usize) -> Vec<u32> {
        let (selected, all) = (usize::try_from(selection.len()).unwrap_or(usize::MAX), index.order.len());
        if selected == all {
            let start = skip.min(all);
            let end = skip.saturating_add(count).min(all);
            return match sort.descends {
                false => index.order.range(start..end).collect(),
                true => index.order.range(all - end..all - start).rev().collect(),
            };
        }
        if selected < all / SMALL_PART {
            let sorted = self.sorted(sort.term.unwrap_or_default(), selection.iter());
            return match sort.descends {
                false => sorted.into_iter().skip(skip).take(count).collect(),
                true => sorted.into_iter().rev().skip(skip).take(count).collect(),
            };
        }
        let is_selected = |number: &u32| selection.contains(*number);
        match sort.descends {
            false => index.order.range(0..all).filter(is_selected).skip(skip).take(count).collect(),
            true => index.order.range(0..all).rev().filter(is_selected).skip(skip).take(count).collect(),
        }
    }

    fn sorted(&self, term: &str, numbers: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut keys: Vec<_> = numbers.filter_map(|number| Some((self.rows.get(number)?.key(term), number))).collect();
        keys.sort();
        keys.into_iter().map(|(_, number)| number).collect()
    }

    /// The rows themselves; a clone is a view of them.
    pub(crate) fn rows(&self) -> &Rows<R> {
        &self.rows
    }

    /// The numbers of all rows.
    pub(crate) fn numbers(&self) -> &Numbers {
        self.rows.numbers()
    }

    /// All rows, the oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<R>> {
        self.rows.iter().map(|(_, row)| row)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    fn index(&self, name: &str) -> Option<&Index> {
        let term = self.terms.iter().find(|term| term.name == name)?;
        Some(term.index.get_or_init(|| {
            let mut values = Terms::default();
            for (number, row) in self.rows.iter() {
                row.values(name).into_iter().for_each(|value| values.add(value.into(), number));
            }
            Index { order: Order::of(self.sorted(name, self.rows.numbers().iter())), values }
        }))
    }
}

/// The order of a page.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sort<'a> {
    pub(crate) term: Option<&'a str>,
    pub(crate) descends: bool,
}

impl Index {
    /// Adds a row, which `rows` has already.
    fn add<R: Row>(&mut self, rows: &Rows<R>, term: &str, number: u32) {
        let Some(row) = rows.get(number) else { return };
        let place = (row.key(term), number);
        self.order.insert(number, |other| (key(rows, term, other), other) < place);
        row.values(term).into_iter().for_each(|value| self.values.add(value.into(), number));
    }

    /// Removes a row, which `rows` still has.
    fn remove<R: Row>(&mut self, rows: &Rows<R>, term: &str, number: u32) {
        let Some(row) = rows.get(number) else { return };
        let place = (row.key(term), number);
        self.order.remove(number, |other| (key(rows, term, other), other) < place);
        row.values(term).into_iter().for_each(|value| self.values.remove(value, number));
    }

    /// The ranks of the rows with a key.
    fn ranks<R: Row>(&self, rows: &Rows<R>, term: &str, wanted: Key<'_>) -> Range<usize> {
        self.order.rank(|other| key(rows, term, other) < wanted)
            ..self.order.rank(|other| key(rows, term, other) <= wanted)
    }
}

fn key<'r, R: Row>(rows: &'r Rows<R>, term: &str, number: u32) -> Key<'r> {
    rows.get(number).map_or(Key::None, |row| row.key(term))
}

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        let term = |name: &&'static str| Term { name: Cow::Borrowed(name), index: OnceLock::new() };
        Self { rows: Rows::default(), terms: R::TERMS.iter().map(term).collect() }
    }
}

impl<R: Row> FromIterator<R> for Table<R> {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        let mut table = Self::default();
        for row in rows {
            table.push(row);
        }
        table
    }
}

impl<R: Serialize> Serialize for Table<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().map(|(_, row)| &**row))
    }
}

impl<'de, R: Row + Deserialize<'de>> Deserialize<'de> for Table<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from_iter)
    }
}
