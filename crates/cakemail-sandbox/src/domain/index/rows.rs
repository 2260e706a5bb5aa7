//! Rows by number.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Numbers;

/// The rows of a chunk. A change while a view is held copies one chunk's pointers.
const CHUNK: u32 = 256;

/// Rows in the order of their numbers, which count up from 0 and are never used again.
///
/// A clone is a view of the rows as they are now. It costs a pointer for each chunk, and keeps rows in memory that are
/// changed or removed later.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    chunks: VecDeque<Arc<Chunk<T>>>,
    /// The number of the first row of the first chunk.
    start: u32,
    /// The number of the next row.
    next: u32,
    live: Numbers,
}

type Chunk<T> = Vec<Option<Arc<T>>>;

impl<T> Rows<T> {
    /// Adds a row at the end, and returns its number.
    pub(crate) fn push(&mut self, row: T) -> u32 {
        let number = self.next;
        self.next += 1;
        if (number - self.start).is_multiple_of(CHUNK) {
            self.chunks.push_back(Arc::default());
        }
        if let Some(chunk) = self.chunks.back_mut() {
            Arc::make_mut(chunk).push(Some(Arc::new(row)));
        }
        self.live.insert(number);
        number
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Arc<T>> {
        let (chunk, place) = self.place(number)?;
        self.chunks.get(chunk)?.get(place)?.as_ref()
    }

    /// A row to change. It is copied while a view holds it.
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T>
    where
        T: Clone,
    {
        self.slot(number)?.as_mut().map(Arc::make_mut)
    }

    pub(crate) fn remove(&mut self, number: u32) -> Option<Arc<T>> {
        let row = self.slot(number)?.take()?;
        self.live.remove(number);
        self.release();
        Some(row)
    }

    /// The numbers of all rows.
    pub(crate) fn numbers(&self) -> &Numbers {
        &self.live
    }

    /// The number of the oldest row.
    pub(crate) fn first(&self) -> Option<u32> {
        self.live.min()
    }

    /// The newest row.
    pub(crate) fn last(&self) -> Option<&Arc<T>> {
        self.get(self.live.max()?)
    }

    /// The number that the next row gets.
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.live.len()).unwrap_or(usize::MAX)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &Arc<T>)> {
        self.live.iter().filter_map(|number| Some((number, self.get(number)?)))
    }

    /// Lets go of the chunks at the front that are full and have no rows.
    fn release(&mut self) {
        let first = self.live.min().unwrap_or(self.next);
        while first - self.start >= CHUNK {
            self.chunks.pop_front();
            self.start += CHUNK;
        }
    }

    fn place(&self, number: u32) -> Option<(usize, usize)> {
        let offset = number.checked_sub(self.start)?;
        Some(((offset / CHUNK) as usize, (offset % CHUNK) as usize))
    }

    fn slot(&mut self, number: u32) -> Option<&mut Option<Arc<T>>> {
        let (chunk, place) = self.place(number)?;
        Arc::make_mut(self.chunks.get_mut(chunk)?).get_mut(place)
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { chunks: VecDeque::new(), start: 0, next: 0, live: Numbers::new() }
    }
}

impl<T> Clone for Rows<T> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone(), start: self.start, next: self.next, live: self.live.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_up_and_are_never_used_again() {
        let mut rows = Rows::default();
        for number in 0..1000 {
            assert_eq!(rows.push(number), number);
        }
        for number in (0..600).chain([999]) {
            assert_eq!(rows.remove(number).as_deref(), Some(&number));
            assert_eq!(rows.remove(number), None);
        }
        assert_eq!((rows.first(), rows.len(), rows.push(7)), (Some(600), 399, 1000));
        assert_eq!(rows.chunks.len(), 2, "empty chunks are let go");
        assert_eq!(rows.get(599), None);
        assert_eq!(
            rows.iter().map(|(number, _)| number).collect::<Vec<_>>(),
            (600..999).chain([1000]).collect::<Vec<_>>()
        );
        let all: Vec<u32> = rows.numbers().iter().collect();
        all.iter().for_each(|number| drop(rows.remove(*number)));
        assert_eq!((rows.push(8), rows.get(1001)), (1001, Some(&Arc::new(8))));
    }

    #[test]
    fn a_view_keeps_the_rows_as_they_were() {
        let mut rows = Rows::default();
        rows.push(0);
        (1..300).for_each(|number| assert_eq!(rows.push(number), number));
        let view = rows.clone();
        *rows.get_mut(1).unwrap() = 100;
        rows.remove(0);
        rows.push(300);
        assert_eq!((view.get(0), view.get(1), view.len()), (Some(&Arc::new(0)), Some(&Arc::new(1)), 300));
        assert_eq!((rows.get(0), rows.get(1), rows.len()), (None, Some(&Arc::new(100)), 300));
    }
}
