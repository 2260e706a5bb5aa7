//! A log that keeps its latest entries.

use std::collections::VecDeque;
use std::ops::Deref;

/// The latest entries, oldest first, bounded by their number.
pub(crate) struct BoundedLog<T> {
    entries: VecDeque<T>,
    max_entries: usize,
}

impl<T> BoundedLog<T> {
    pub(crate) fn new(max_entries: usize) -> Self {
        Self { entries: VecDeque::new(), max_entries }
    }

    /// Adds an entry and removes the oldest ones beyond the bound.
    pub(crate) fn push(&mut self, entry: T) {
        self.entries.push_back(entry);
        while self.entries.len() > self.max_entries {
            self.entries.pop_front();
        }
    }

    pub(crate) fn remove(&mut self, index: usize) -> Option<T> {
        self.entries.remove(index)
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.entries.retain(keep);
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.entries.get_mut(index)
    }
}

impl<T> Default for BoundedLog<T> {
    /// A log of 1,000 entries.
    fn default() -> Self {
        Self::new(1_000)
    }
}

impl<T> Deref for BoundedLog<T> {
    type Target = VecDeque<T>;

    fn deref(&self) -> &VecDeque<T> {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::BoundedLog;

    fn entries<'a>(log: &BoundedLog<&'a str>) -> Vec<&'a str> {
        log.iter().copied().collect()
    }

    #[test]
    fn keeps_the_latest_entries() {
        let mut log = BoundedLog::new(2);
        for entry in ["a", "b", "c"] {
            log.push(entry);
        }
        assert_eq!(entries(&log), ["b", "c"]);
    }
}
