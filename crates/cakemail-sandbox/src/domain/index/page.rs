//! A page of a set.

use std::ops::Range;

use super::Numbers;

/// `count` numbers of a set after the first `skip`, ascending or descending. The cost is that of the page.
pub(crate) fn page(numbers: &Numbers, skip: usize, count: usize, descends: bool) -> Vec<u32> {
    let size = numbers.len();
    let skip = u64::try_from(skip).unwrap_or(u64::MAX);
    if skip >= size || count == 0 {
        return Vec::new();
    }
    let select = |rank: u64| u32::try_from(rank).ok().and_then(|rank| numbers.select(rank));
    match descends {
        false => select(skip).map_or_else(Vec::new, |first| numbers.range(first..).take(count).collect()),
        true => {
            select(size - 1 - skip).map_or_else(Vec::new, |last| numbers.range(..=last).rev().take(count).collect())
        }
    }
}

/// The numbers of a set that are in a range.
pub(crate) fn within(numbers: &Numbers, range: Range<u32>) -> Numbers {
    let mut found = numbers.clone();
    found.remove_range(..range.start);
    found.remove_range(range.end..);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_slice_of_the_set() {
        let numbers: Numbers = (0..200_000).step_by(3).collect();
        let all: Vec<u32> = numbers.iter().collect();
        for skip in [0, 1, 50, 21_845, 66_600, 66_666, 66_667, usize::MAX] {
            for count in [0, 1, 50, 100] {
                let expected: Vec<_> = all.iter().copied().skip(skip).take(count).collect();
                assert_eq!(page(&numbers, skip, count, false), expected, "{skip} {count}");
                let expected: Vec<_> = all.iter().copied().rev().skip(skip).take(count).collect();
                assert_eq!(page(&numbers, skip, count, true), expected, "{skip} {count} descending");
            }
        }
    }
}
