//! The choices that make a schedule: drawn from a seed, or replayed from a list. 0 is always the choice without a fault, so
//! a list that is shorter, or has more zeros, is a simpler schedule.

/// Where a schedule's choices come from.
pub struct Choices {
    random: Option<fastrand::Rng>,
    made: Vec<u32>,
    next: usize,
}

impl Choices {
    /// The schedule of a seed.
    pub fn seeded(seed: u64) -> Self {
        Self { random: Some(fastrand::Rng::with_seed(seed)), made: Vec::new(), next: 0 }
    }

    /// The schedule of these choices. All further ones are 0.
    pub fn replayed(made: Vec<u32>) -> Self {
        Self { random: None, made, next: 0 }
    }

    /// A number below `count`.
    pub fn below(&mut self, count: u32) -> u32 {
        let choice = match &mut self.random {
            Some(random) => {
                self.made.push(random.u32(..count));
                self.made[self.next]
            }
            None => self.made.get(self.next).map_or(0, |choice| choice % count),
        };
        self.next += 1;
        choice
    }

    /// True once in `count` times.
    pub fn once_in(&mut self, count: u32) -> bool {
        self.below(count) == count - 1
    }

    /// One of these. The first is the simplest.
    pub fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u32) as usize]
    }

    /// All choices made.
    pub fn into_made(mut self) -> Vec<u32> {
        self.made.truncate(self.next);
        self.made
    }
}

/// The simplest list of choices found that still fails.
pub fn shrink(mut choices: Vec<u32>, fails: impl Fn(&[u32]) -> bool) -> Vec<u32> {
    loop {
        let before = choices.clone();
        shrink_once(&mut choices, &fails);
        if choices == before {
            return choices;
        }
    }
}

fn shrink_once(choices: &mut Vec<u32>, fails: &impl Fn(&[u32]) -> bool) {
    let mut size = choices.len().next_power_of_two();
    while size > 0 {
        let mut start = 0;
        while start < choices.len() {
            let end = (start + size).min(choices.len());
            let without = [&choices[..start], &choices[end..]].concat();
            let mut zeroed = choices.clone();
            zeroed[start..end].fill(0);
            if fails(&without) {
                *choices = without;
            } else if zeroed != *choices && fails(&zeroed) {
                *choices = zeroed;
                start = end;
            } else {
                start = end;
            }
        }
        size /= 2;
    }
    for index in 0..choices.len() {
        let mut smaller = choices.clone();
        smaller[index] /= 2;
        if smaller != *choices && fails(&smaller) {
            *choices = smaller;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Choices, shrink};

    #[test]
    fn a_replayed_schedule_makes_the_choices_of_the_seeded_one_and_then_the_simplest() {
        let mut seeded = Choices::seeded(7);
        let choices: Vec<u32> = (0..10).map(|_| seeded.below(100)).collect();
        let mut replayed = Choices::replayed(seeded.into_made());
        assert_eq!((0..10).map(|_| replayed.below(100)).collect::<Vec<_>>(), choices);
        assert_eq!(replayed.below(100), 0);
    }

    #[test]
    fn a_failing_list_is_shrunk_to_what_makes_it_fail() {
        let choices: Vec<u32> = (0..200).map(|index| index % 17).collect();
        let fails = |choices: &[u32]| choices.iter().filter(|choice| **choice >= 5).count() >= 2;
        let shrunk = shrink(choices, fails);
        assert_eq!(shrunk.len(), 2);
        assert!(shrunk.iter().all(|choice| (5..10).contains(choice)), "{shrunk:?}");
    }
}
