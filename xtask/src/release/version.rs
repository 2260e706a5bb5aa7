//! The version of a release.

use std::fmt;
use std::str::FromStr;

/// Three numbers, for example `0.2.0`. Pre-release suffixes are not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u64; 3]);

impl Version {
    /// The requirement for this version or a compatible one, for example `0.2`.
    pub fn requirement(self) -> String {
        let [major, minor, _] = self.0;
        format!("{major}.{minor}")
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Option<Vec<u64>> = text.split('.').map(number).collect();
        let numbers = numbers.and_then(|numbers| numbers.try_into().ok());
        numbers.map(Self).ok_or_else(|| format!("`{text}` is not a version: give three numbers, for example 0.2.0"))
    }
}

/// Accepts only digits. Rust also parses a sign and leading zeros.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_three_numbers_in_order() {
        let read = |text: &str| text.parse::<Version>();
        for text in ["0.1.0", "1.20.300"] {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
        assert!(read("0.10.0").unwrap() > read("0.9.9").unwrap());
        assert_eq!(read("0.2.7").unwrap().requirement(), "0.2");
        for wrong in ["", "1", "1.0", "1.0.0.0", "v1.0.0", "1.0.0-rc.1", "01.0.0", "+1.0.0", "1..0", "1.0.x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
