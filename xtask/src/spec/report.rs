//! The differences found, each with its class.

use std::collections::BTreeMap;
use std::fmt;

use super::accepted::Accepted;

/// Whether our requests and types still work where the official document differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Additive,
    Breaking,
}

/// Each difference once, with the worse class when it is found in two places.
#[derive(Debug, Default)]
pub struct Report {
    found: BTreeMap<String, Class>,
    accepted: usize,
}

impl Report {
    pub fn add(&mut self, class: Class, place: &str, change: impl fmt::Display) {
        let found = self.found.entry(format!("{place}: {change}")).or_insert(class);
        *found = class.max(*found);
    }

    pub fn additive(&mut self, place: &str, change: impl fmt::Display) {
        self.add(Class::Additive, place, change);
    }

    pub fn breaking(&mut self, place: &str, change: impl fmt::Display) {
        self.add(Class::Breaking, place, change);
    }

    pub fn without(mut self, accepted: &Accepted) -> Self {
        let before = self.found.len();
        self.found.retain(|difference, _| !accepted.contains(difference));
        self.accepted = before - self.found.len();
        self
    }

    pub fn worst(&self) -> Option<Class> {
        self.found.values().copied().max()
    }

    fn of(&self, wanted: Class) -> impl Iterator<Item = &str> {
        self.found.iter().filter(move |(_, class)| **class == wanted).map(|(difference, _)| difference.as_str())
    }
}

/// The breaking ones first, then the counts.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (class, word) in [(Class::Breaking, "breaking"), (Class::Additive, "additive")] {
            for difference in self.of(class) {
                writeln!(f, "{word}  {difference}")?;
            }
        }
        let count = |class| self.of(class).count();
        let (breaking, additive) = (count(Class::Breaking), count(Class::Additive));
        writeln!(f, "{breaking} breaking, {additive} additive, {} accepted", self.accepted)
    }
}
