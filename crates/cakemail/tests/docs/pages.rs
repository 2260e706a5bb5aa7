//! The pages that people read: their snippets, their texts and their links.

use std::path::{Path, PathBuf};
use std::{fs, iter};

use crate::tables;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files of a folder and of those in it, by their paths from the root.
fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).into_iter().flatten().map(|entry| entry.unwrap());
    entries
        .flat_map(|entry| {
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}

/// Every page, by its path from the root.
fn pages() -> Vec<String> {
    let readmes = tables::crates().into_iter().map(|(name, _)| format!("crates/{name}/README.md"));
    let root_pages = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned);
    let pages = root_pages.into_iter().chain(files("docs")).chain(readmes);
    pages.filter(|page| page.ends_with(".md") && root().join(page).exists()).collect()
}

/// Where a page's snippets run: here, or in the tests and examples of the crate that it belongs to. A snippet stands in
/// one of these files, word for word.
fn sources(page: &str) -> Vec<String> {
    let own = page
        .strip_suffix("/README.md")
        .into_iter()
        .flat_map(|folder| ["tests", "examples"].map(|it| format!("{folder}/{it}")));
    let files = own.chain(["crates/cakemail/tests/docs".to_owned()]).flat_map(|folder| files(&folder));
    files.filter(|path| path.ends_with(".rs")).map(|path| read(&path)).collect()
}

/// The fenced blocks of a page, each with what stands after its fence.
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

/// Checks that a page shows this text in a block of its own. Where its lines end is the page's business.
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
fn every_snippet_is_run() {
    let mut count = 0;
    for page in pages() {
        let sources = sources(&page);
        for (kind, body) in blocks(&page) {
            let rust = kind.starts_with("rust");
            assert!(!rust || kind == "rust", "{page}: no snippet is left out, and ```{kind} would be");
            assert!(!kind.is_empty(), "{page}: say after each ``` what follows it");
            if rust {
                count += 1;
                let held =
                    [0, 4, 8].iter().any(|by| sources.iter().any(|source| source.contains(&indented(&body, *by))));
                assert!(held, "{page}: no test or example has these lines, so that nothing runs them\n{body}");
            }
        }
    }
    assert!(count > 20, "only {count} snippets were found");
}

/// What `](…)` leads to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The name by which a heading is linked to.
fn anchor(heading: &str) -> String {
    let kept = |character: &char| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_');
    heading.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    for page in pages() {
        let text = read(&page);
        for link in links(&text).filter(|link| !link.contains("://")) {
            count += 1;
            let (path, place) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if path.is_empty() { root().join(&page) } else { root().join(&page).parent().unwrap().join(path) };
            assert!(target.exists(), "{page}: there is no {link}");
            if !place.is_empty() {
                let target = fs::read_to_string(target).unwrap();
                let found = target.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == place);
                assert!(found, "{page}: there is no {link}");
            }
        }
    }
    assert!(count > 20, "only {count} links were found");
}
