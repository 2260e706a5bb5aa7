//! The targets: each is a property of any bytes, and samples to start from.

mod addresses;
mod attachments;
mod messages;
mod responses;
mod tag_filter;
mod webhooks;

use std::fmt::Debug;

use crate::Result;

pub use responses::{Read, read};

/// A property of any bytes.
pub struct Target {
    pub name: &'static str,
    /// Realistic inputs, and those that once failed.
    pub samples: Vec<Vec<u8>>,
    /// Returns what is wrong.
    pub check: Check,
}

pub type Check = Box<dyn Fn(&[u8]) -> std::result::Result<(), String>>;

/// Every target.
pub fn all() -> Result<Vec<Target>> {
    Ok(vec![
        responses::target()?,
        webhooks::target()?,
        tag_filter::target(),
        addresses::target(),
        attachments::target(),
        messages::target()?,
    ])
}

fn samples(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The text before the first line's end and the bytes after it.
fn first_line(input: &[u8]) -> (String, &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    (text(&input[..end]), input.get(end + 1..).unwrap_or_default())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn ensure(holds: bool, problem: &str) -> std::result::Result<(), String> {
    if holds { Ok(()) } else { Err(problem.to_owned()) }
}

fn ensure_eq<T: PartialEq + Debug>(found: T, expected: T, what: &str) -> std::result::Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?} instead of {expected:?}")) }
}
