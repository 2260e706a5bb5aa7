//! The pages: their snippets, texts and links.

use std::path::{Path, PathBuf};
use std::{fs, iter};

use crate::tables;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files in a folder and its subfolders, as paths from the root.
fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).into_iter().flatten().map(|entry| entry.unwrap());
    entries
        .flat_map(|entry| {
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}

/// The path of every page, from the root.
fn pages() -> Vec<String> {
    let readmes = tables::crates().into_iter().map(|(name, _)| format!("crates/{name}/README.md"));
    let root_pages = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned);
    let pages = root_pages.into_iter().chain(files("docs")).chain(readmes);
    pages.filter(|page| page.ends_with(".md") && root().join(page).exists()).collect()
}

/// The files that may contain the snippets of a page, word for word: these tests, and the tests and examples of its crate.
fn sources(page: &str) -> Vec<String> {
    let own = page
        .strip_suffix("/README.md")
        .into_iter()
        .flat_map(|folder| ["tests", "examples"].map(|it| format!("{folder}/{it}")));
    let files = own.chain(["crates/cakemail/tests/docs".to_owned()]).flat_map(|folder| files(&folder));
    files.filter(|path| path.ends_with(".rs")).map(|path| read(&path)).collect()
}

/// The fenced blocks of a page, each with its language.
pub fn blocks(page: &str) -> Vec<(String, String)> {
    let text = read(page);
    let mut lines = text.lines();
    iter::from_fn(|| {
        let kind = lines.find_map(|line| line.strip_prefix("```"))?.to_owned();
        let body = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        Some((kind, body))
    })
    .collect()
}

/// Checks that a page has a block with exactly this text. Line breaks may differ.
#[track_caller]
pub fn shows(page: &str, text: &str) {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = blocks(page).iter().any(|(kind, body)| kind == "text" && flat(body) == flat(text));
    assert!(shown, "{page} does not show:\n{text}");
}

fn indented(block: &str, by: usize) -> String {
    let indent = " ".repeat(by);
    block.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") }).collect()
}

#[test]
fn a_test_or_example_contains_every_snippet() {
    let mut count = 0;
    for page in pages() {
        let sources = sources(&page);
        for (kind, body) in blocks(&page) {
            let rust = kind.starts_with("rust");
            assert!(!rust || kind == "rust", "{page}: `{kind}` would skip the snippet: use `rust`");
            assert!(!kind.is_empty(), "{page}: a block has no language");
            if rust {
                count += 1;
                let held =
                    [0, 4, 8].iter().any(|by| sources.iter().any(|source| source.contains(&indented(&body, *by))));
                assert!(held, "{page}: no test or example contains this snippet\n{body}");
            }
        }
    }
    assert!(count > 20, "only {count} snippets were found");
}

/// The targets of the links in a text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = |character: &char| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_');
    heading.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

#[test]
fn every_link_has_a_target() {
    let mut count = 0;
    for page in pages() {
        let text = read(&page);
        for link in links(&text).filter(|link| !link.contains("://")) {
            count += 1;
            let (path, place) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if path.is_empty() { root().join(&page) } else { root().join(&page).parent().unwrap().join(path) };
            assert!(target.exists(), "{page}: the target of {link} does not exist");
            if !place.is_empty() {
                let target = fs::read_to_string(target).unwrap();
                let found = target.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == place);
                assert!(found, "{page}: the target of {link} does not exist");
            }
        }
    }
    assert!(count > 20, "only {count} links were found");
}
