//! A log that keeps its latest entries.

use std::collections::VecDeque;
use std::ops::Deref;

/// The latest entries, oldest first, bounded by their number and by their size in memory.
pub(crate) struct BoundedLog<T> {
    entries: VecDeque<T>,
    max_entries: usize,
    bytes: usize,
    max_bytes: usize,
    size: fn(&T) -> usize,
}

impl<T> BoundedLog<T> {
    pub(crate) fn new(max_entries: usize) -> Self {
        Self { entries: VecDeque::new(), max_entries, bytes: 0, max_bytes: usize::MAX, size: |_| 0 }
    }

    /// Bounds the sum of the entries' sizes, in bytes.
    pub(crate) fn max_bytes(self, max_bytes: usize, size: fn(&T) -> usize) -> Self {
        Self { max_bytes, size, ..self }
    }

    /// Adds an entry and removes the oldest ones beyond the bounds.
    pub(crate) fn push(&mut self, entry: T) {
        self.bytes += (self.size)(&entry);
        self.entries.push_back(entry);
        while self.entries.len() > self.max_entries || self.bytes > self.max_bytes {
            if self.remove(0).is_none() {
                break;
            }
        }
    }

    pub(crate) fn remove(&mut self, index: usize) -> Option<T> {
        let entry = self.entries.remove(index)?;
        self.bytes -= (self.size)(&entry);
        Some(entry)
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.entries.retain(keep);
        self.bytes = self.entries.iter().map(self.size).sum();
    }

    /// The size of all entries, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.entries.get_mut(index)
    }
}

impl<T> Default for BoundedLog<T> {
    /// A log of 1,000 entries of any size.
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

    #[test]
    fn keeps_entries_within_the_size_limit() {
        let mut log = BoundedLog::new(10).max_bytes(5, |entry: &&str| entry.len());
        for entry in ["aa", "bb", "cc"] {
            log.push(entry);
        }
        assert_eq!((entries(&log), log.bytes()), (vec!["bb", "cc"], 4));
        log.push("too long");
        assert_eq!((entries(&log), log.bytes()), (vec![], 0));
    }

    #[test]
    fn tracks_the_size_of_removed_entries() {
        let mut log = BoundedLog::new(10).max_bytes(100, |entry: &&str| entry.len());
        for entry in ["a", "bb", "ccc"] {
            log.push(entry);
        }
        assert_eq!((log.remove(1), log.bytes()), (Some("bb"), 4));
        log.retain(|entry| *entry == "a");
        assert_eq!((entries(&log), log.bytes()), (vec!["a"], 1));
        assert_eq!(log.remove(1), None);
    }
}
