//! Makes new inputs out of samples.

use fastrand::Rng;

/// No input is longer than this: a longer one finds nothing that a short one does not.
const MAX_LENGTH: usize = 8 * 1024;

/// Pieces that mean something to one of the targets.
const PIECES: [&str; 42] = [
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "0.5",
    "\"\"",
    "{}",
    "[]",
    "[[[[",
    "{\"a\":",
    "}",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "{\"not\":",
    "{\"is\":\"a\"}",
    "@",
    ".",
    "..",
    "xn--",
    "=",
    "==",
    ",",
    ";",
    "<",
    ">",
    "|",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\t",
    "\0",
    "=?utf-8?q?=0A?=",
    "\u{feff}",
    "\u{200b}",
    "\u{202e}",
    "\u{2028}",
    "é",
    "e\u{301}",
    "😀",
];

/// A sample with a few edits, or, rarely, random bytes.
pub fn mutated(samples: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut input = match rng.choice(samples) {
        Some(sample) if rng.u8(..) > 8 => sample.clone(),
        _ => std::iter::repeat_with(|| rng.u8(..)).take(64).collect(),
    };
    for _ in 0..rng.usize(1..=4) {
        edit(&mut input, samples, rng);
    }
    input.truncate(MAX_LENGTH);
    input
}

fn edit(input: &mut Vec<u8>, samples: &[Vec<u8>], rng: &mut Rng) {
    let (from, until) = range(input.len(), rng);
    match rng.u8(..8) {
        0 => input.truncate(from),
        1 => drop(input.drain(from..until)),
        2 => {
            let copy = input[from..until].to_vec();
            input.splice(from..from, copy);
        }
        3 => replace_value(input, from, piece(rng)),
        4 => drop(input.splice(from..until, piece(rng).bytes())),
        5 => drop(input.splice(from..from, piece(rng).bytes())),
        6 => {
            let other = rng.choice(samples).map(Vec::as_slice).unwrap_or_default();
            let (start, end) = range(other.len(), rng);
            input.splice(from..until, other[start..end].iter().copied());
        }
        _ => {
            if let Some(byte) = input.get_mut(from) {
                *byte = rng.u8(..);
            }
        }
    }
}

/// Replaces a value of a JSON object, so that the text often stays valid JSON.
fn replace_value(input: &mut Vec<u8>, at: usize, value: &str) {
    let Some(start) = input[at..].iter().position(|byte| *byte == b':').map(|found| at + found + 1) else { return };
    let length = input[start..].iter().position(|byte| matches!(byte, b',' | b'}')).unwrap_or(0);
    input.splice(start..start + length, value.bytes());
}

fn piece(rng: &mut Rng) -> &'static str {
    rng.choice(PIECES).unwrap_or_default()
}

/// A part of something of this length: often a short one.
fn range(length: usize, rng: &mut Rng) -> (usize, usize) {
    let from = rng.usize(..=length);
    let most = if rng.bool() { 4 } else { length };
    (from, rng.usize(from..=length.min(from.saturating_add(most))))
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::{MAX_LENGTH, mutated};

    #[test]
    fn a_seed_always_makes_the_same_input_of_bounded_length() {
        let samples = [b"{\"a\":1}".to_vec(), vec![b'x'; MAX_LENGTH], Vec::new()];
        for seed in 0..1000 {
            let input = mutated(&samples, &mut Rng::with_seed(seed));
            assert!(input.len() <= MAX_LENGTH);
            assert_eq!(input, mutated(&samples, &mut Rng::with_seed(seed)));
        }
    }
}
