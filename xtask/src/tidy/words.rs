//! Words that stand for unfinished work.

use super::Findings;
use super::workspace::Workspace;

/// In Rust alone: prose may speak of them. Written in halves, so as not to find themselves.
const RUST: [&str; 3] = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore")];

/// In any text that people write.
const TEXT: [&str; 2] = [concat!("FIX", "ME"), concat!("X", "XX")];

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    for (path, text) in &workspace.files {
        let rust = path.ends_with(".rs");
        let prose = [".md", ".toml", ".yml"].iter().any(|end| path.ends_with(end)) || path == ".ci/run";
        let words = match (rust, prose) {
            (true, _) => [&RUST[..], &TEXT].concat(),
            (_, true) => TEXT.to_vec(),
            _ => continue,
        };
        for (number, line) in (1..).zip(text.lines()) {
            for word in words.iter().filter(|word| line.contains(**word)) {
                let place = format!("{path}:{number}");
                findings.push(&place, &format!("`{word}` is unfinished work"), "finish it, or delete it");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::{RUST, TEXT, check};

    #[test]
    fn unfinished_work_is_found() {
        let source = format!("//! A.\nfn a() {{ {}) }}\n{}]\n// {} later\n", RUST[0], RUST[2], TEXT[0]);
        let page = format!("Never write `{})`.\n{}\n", RUST[0], TEXT[1]);
        let found = found(check, &[("a/src/a.rs", &source), ("docs/a.md", &page), ("a.json", TEXT[0])]);
        let places: Vec<_> = found.iter().map(|line| line.split(": ").next().unwrap()).collect();
        assert_eq!(places, ["a/src/a.rs:2", "a/src/a.rs:3", "a/src/a.rs:4", "docs/a.md:2"]);
    }
}
