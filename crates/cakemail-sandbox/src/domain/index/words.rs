//! Finds the rows whose texts may contain a word.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use roaring::MultiOps as _;

use super::Numbers;

/// The sets are cleaned when a row was removed for every 8 that stay.
const ROWS_PER_STALE: u64 = 8;

/// Up to how many numbers a set is a list. In a larger one, each number is a bit.
const MAX_LIST: u64 = 4096;

/// The rows that have each sequence of 3 bytes in their texts.
///
/// A text that contains a word contains all of the word's sequences. The reverse does not hold, so candidates have to be
/// checked. Bytes serve every script alike: most characters beyond ASCII are two or three of them.
#[derive(Debug, Default)]
pub(crate) struct Words {
    rows: HashMap<Sequence, Numbers, BuildHasherDefault<Mix>>,
    /// How many rows were removed since the sets were last cleaned.
    stale: u64,
    /// The number after the last row that was added.
    next: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sequence([u8; 3]);

impl Words {
    /// Adds a row.
    pub(crate) fn add(&mut self, number: u32, text: &str) {
        self.next = self.next.max(number + 1);
        // The end mark: every byte begins a sequence, so that short words are found at the end, too.
        let padded = text.bytes().chain([0, 0]);
        let (second, third) = (padded.clone().skip(1), padded.clone().skip(2));
        for ((first, second), third) in padded.zip(second).zip(third) {
            let numbers = self.rows.entry(Sequence([first, second, third])).or_default();
            // At the end of a list a number is pushed, without a search for its place.
            if numbers.len() >= MAX_LIST || numbers.try_push(number).is_err() {
                numbers.insert(number);
            }
        }
    }

    /// The number after the last row that was added.
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    /// Notes that a row was removed; `rows` are those that stay. The sets are cleaned now and then, so a removal costs
    /// little and needs no text.
    pub(crate) fn remove(&mut self, rows: &Numbers) {
        self.stale += 1;
        if self.stale <= rows.len() / ROWS_PER_STALE {
            return;
        }
        self.stale = 0;
        self.rows.retain(|_, numbers| {
            *numbers &= rows;
            !numbers.is_empty()
        });
    }

    /// The rows whose texts may contain `word`: all that do, some that do not, and some that were removed.
    pub(crate) fn candidates(&self, word: &str) -> Numbers {
        let bytes = word.as_bytes();
        if bytes.len() < 3 {
            let starting = self.rows.iter().filter(|(sequence, _)| sequence.0.starts_with(bytes));
            return starting.map(|(_, numbers)| numbers).union();
        }
        let mut sets = Vec::new();
        for sequence in bytes.windows(3) {
            match sequence.try_into().ok().and_then(|sequence| self.rows.get(&Sequence(sequence))) {
                Some(numbers) => sets.push(numbers),
                None => return Numbers::new(),
            }
        }
        // The smallest first, so that the others are only looked into.
        sets.sort_unstable_by_key(|numbers| numbers.len());
        sets.into_iter().intersection()
    }
}

impl std::hash::Hash for Sequence {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let [first, second, third] = self.0;
        hasher.write_u32(u32::from_be_bytes([0, first, second, third]));
    }
}

/// A fast hash of one number. Sequences are few enough that nobody can make many of them collide.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32((*byte).into()));
    }

    fn write_u32(&mut self, number: u32) {
        let mixed = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(prop_oneof!["[abé日 ]{0,12}", "\\PC{0,8}", Just("\0".to_owned())], 0..40)
    }

    proptest! {
        #[test]
        fn every_row_that_contains_a_word_is_a_candidate(
            texts in texts(),
            removed in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
            words in prop::collection::vec(prop_oneof!["[abé日 ]{0,4}", "\\PC{1,3}"], 1..8),
        ) {
            let (mut index, mut rows) = (Words::default(), Numbers::new());
            for (number, text) in (0..).zip(&texts) {
                index.add(number, text);
                rows.insert(number);
            }
            for place in removed.iter().filter(|_| !texts.is_empty()) {
                if rows.remove(u32::try_from(place.index(texts.len())).unwrap()) {
                    index.remove(&rows);
                }
            }
            // Parts of the texts, too.
            let parts = texts.iter().filter_map(|text| Some(&text[text.char_indices().nth(2)?.0..]));
            for word in words.iter().map(String::as_str).chain(parts) {
                let found = index.candidates(word);
                for number in rows.iter().filter(|number| texts[*number as usize].contains(word)) {
                    prop_assert!(word.is_empty() || found.contains(number), "{word:?} in {:?}", texts[number as usize]);
                }
            }
            rows.clear();
            index.remove(&rows);
            prop_assert!(index.rows.is_empty(), "nothing stays of rows that are gone");
        }
    }

    #[test]
    fn other_rows_are_seldom_candidates() {
        let mut index = Words::default();
        for (number, text) in (0..).zip(["your order has shipped", "a code for your account", "日本語のメール", "x"])
        {
            index.add(number, text);
        }
        let found = |word: &str| index.candidates(word).iter().collect::<Vec<_>>();
        assert_eq!(
            (found("your"), found("order"), found("ord er"), found("codes")),
            (vec![0, 1], vec![0], vec![], vec![])
        );
        assert_eq!(
            (found("語"), found("日語"), found("x"), found("t"), found("ur")),
            (vec![2], vec![], vec![3], vec![1], vec![0, 1])
        );
    }
}
