//! Words that do not belong in the tree: signs of unfinished work, and of sentences that are hard to read.

use super::Findings;
use super::workspace::Workspace;

// Each word is written in halves, so that this file does not find itself.

/// Unfinished work in Rust; prose may mention these.
const RUST: [&str; 3] = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore")];

/// Unfinished work in any text that people write.
const TEXT: [&str; 2] = [concat!("FIX", "ME"), concat!("X", "XX")];

/// Phrases that a plain sentence does without: see `docs/style.md`.
const PHRASES: [&str; 11] = [
    concat!("who", "ever"),
    concat!("what", "ever"),
    concat!("so", " many"),
    concat!("becomes", " of"),
    concat!("as it", " came"),
    concat!("one's", " own"),
    concat!("me", "nd"),
    concat!("an", "ew"),
    concat!("sure", "ly"),
    concat!("in", " vain"),
    concat!("there is no", " such"),
];

/// Kinds of files whose sentences people read.
const READ_BY_PEOPLE: [&str; 7] = [".rs", ".md", ".json", ".js", ".html", ".toml", ".yml"];

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    for (path, text) in &workspace.files {
        let rust = path.ends_with(".rs");
        let prose = [".md", ".toml", ".yml"].iter().any(|end| path.ends_with(end)) || path == ".ci/run";
        let unfinished = match (rust, prose) {
            (true, _) => [&RUST[..], &TEXT].concat(),
            (_, true) => TEXT.to_vec(),
            _ => Vec::new(),
        };
        let read = READ_BY_PEOPLE.iter().any(|end| path.ends_with(end));
        for (number, line) in (1..).zip(text.lines()) {
            let place = format!("{path}:{number}");
            for word in unfinished.iter().filter(|word| line.contains(**word)) {
                findings.push(&place, &format!("`{word}` is unfinished work"), "finish it, or delete it");
            }
            let line = if read { line.to_lowercase() } else { String::new() };
            for phrase in PHRASES.iter().filter(|phrase| has_words(&line, phrase)) {
                findings.push(&place, &format!("\"{phrase}\" is hard to read"), "say it plainly: see docs/style.md");
            }
        }
    }
}

/// Whether a line has a phrase that begins and ends at the edge of a word. An underscore is an edge, so that names count.
fn has_words(line: &str, phrase: &str) -> bool {
    let is_edge = |neighbour: Option<char>| !neighbour.is_some_and(char::is_alphanumeric);
    line.match_indices(phrase)
        .any(|(at, _)| is_edge(line[..at].chars().next_back()) && is_edge(line[at + phrase.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::{PHRASES, RUST, TEXT, check};

    fn places(files: &[(&str, &str)]) -> Vec<String> {
        found(check, files).iter().filter_map(|line| Some(line.split_once(": ")?.0.to_owned())).collect()
    }

    #[test]
    fn unfinished_work_is_found() {
        let source = format!("//! A.\nfn a() {{ {}) }}\n{}]\n// {} later\n", RUST[0], RUST[2], TEXT[0]);
        let page = format!("Never write `{})`.\n{}\n", RUST[0], TEXT[1]);
        let places = places(&[("a/src/a.rs", &source), ("docs/a.md", &page), ("a.json", TEXT[0])]);
        assert_eq!(places, ["a/src/a.rs:2", "a/src/a.rs:3", "a/src/a.rs:4", "docs/a.md:2"]);
    }

    #[test]
    fn phrases_are_found_as_whole_words_and_in_names() {
        let page = format!("{} opens it.\namended, whatsoever\nfn {}_it() {{}}\n", PHRASES[0], PHRASES[6]);
        assert_eq!(places(&[("docs/a.md", &page)]), ["docs/a.md:1", "docs/a.md:3"]);
    }
}
