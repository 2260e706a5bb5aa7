//! Numbers in an order that their rows define.

use std::ops::Range;

/// How many numbers a block holds at most. A change moves the numbers of one block.
const BLOCK: usize = 512;

/// The numbers of rows, sorted by a key that only the rows have. A number takes 4 bytes. A place in the order is found by
/// its rank at the cost of counting the blocks before it.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    /// None is empty.
    blocks: Vec<Vec<u32>>,
    len: usize,
}

impl Order {
    /// The order of numbers that are sorted already.
    pub(super) fn of(sorted: impl IntoIterator<Item = u32>) -> Self {
        let sorted: Vec<u32> = sorted.into_iter().collect();
        Self { blocks: sorted.chunks(BLOCK / 2).map(<[u32]>::to_vec).collect(), len: sorted.len() }
    }

    /// Inserts a number after those that are before it.
    pub(super) fn insert(&mut self, number: u32, is_before: impl Fn(u32) -> bool) {
        self.len += 1;
        let (index, place) = self.place(is_before);
        let Some(block) = self.blocks.get_mut(index) else { return self.blocks.push(vec![number]) };
        block.insert(place, number);
        if block.len() > BLOCK {
            let rest = block.split_off(BLOCK / 2);
            self.blocks.insert(index + 1, rest);
        }
    }

    /// Removes a number, which is the first one after those that are before it.
    pub(super) fn remove(&mut self, number: u32, is_before: impl Fn(u32) -> bool) {
        let rank = self.rank(is_before);
        let mut before = 0;
        for (index, block) in self.blocks.iter_mut().enumerate() {
            if rank - before < block.len() {
                if block[rank - before] == number {
                    block.remove(rank - before);
                    self.len -= 1;
                }
                if block.is_empty() {
                    self.blocks.remove(index);
                }
                return;
            }
            before += block.len();
        }
    }

    /// How many numbers are before a place.
    pub(super) fn rank(&self, is_before: impl Fn(u32) -> bool) -> usize {
        let (index, place) = self.place(is_before);
        self.blocks[..index].iter().map(Vec::len).sum::<usize>() + place
    }

    /// The numbers with these ranks.
    pub(super) fn range(&self, ranks: Range<usize>) -> impl DoubleEndedIterator<Item = u32> {
        let (mut before, mut parts) = (0, Vec::new());
        for block in &self.blocks {
            let within = |rank: usize| rank.saturating_sub(before).min(block.len());
            parts.push(&block[within(ranks.start)..within(ranks.end)]);
            before += block.len();
            if before >= ranks.end {
                break;
            }
        }
        parts.into_iter().flatten().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The block of a place, and the place in it.
    fn place(&self, is_before: impl Fn(u32) -> bool) -> (usize, usize) {
        let starts_before = |block: &Vec<u32>| block.first().is_some_and(|number| is_before(*number));
        let index = self.blocks.partition_point(starts_before).saturating_sub(1);
        let place = self.blocks.get(index).map_or(0, |block| block.partition_point(|number| is_before(*number)));
        (index, place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in the order of a permutation.
    fn key(number: u32) -> u32 {
        number.wrapping_mul(0x9E37_79B9)
    }

    #[test]
    fn numbers_are_found_by_their_ranks_through_all_changes() {
        let mut order = Order::default();
        let mut model: Vec<u32> = Vec::new();
        for number in 0..5000 {
            order.insert(number, |other| key(other) < key(number));
            model.insert(model.partition_point(|other| key(*other) < key(number)), number);
            if number % 3 == 0 {
                let gone = number / 2;
                order.remove(gone, |other| key(other) < key(gone));
                model.retain(|other| *other != gone);
            }
        }
        assert_eq!(order.len(), model.len());
        for ranks in [0..0, 0..1, 0..model.len(), 255..258, 511..1030, 2000..3000, model.len()..model.len() + 5] {
            let expected = &model[ranks.start..ranks.end.min(model.len())];
            assert_eq!(order.range(ranks.clone()).collect::<Vec<_>>(), expected, "{ranks:?}");
            let reversed: Vec<_> = expected.iter().rev().copied().collect();
            assert_eq!(order.range(ranks.clone()).rev().collect::<Vec<_>>(), reversed, "{ranks:?}");
        }
        for rank in [0, 1, 300, 4000.min(model.len() - 1)] {
            assert_eq!(order.rank(|other| key(other) < key(model[rank])), rank);
        }
        assert_eq!(Order::of(model.iter().copied()).range(0..model.len()).collect::<Vec<_>>(), model);
        for number in model {
            order.remove(number, |other| key(other) < key(number));
        }
        assert!(order.blocks.is_empty());
    }
}
