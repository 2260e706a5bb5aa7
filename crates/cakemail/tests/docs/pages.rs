//! The pages that people read: their snippets, their texts and their links.

use std::path::{Path, PathBuf};
use std::{fs, iter};

/// Where snippets run. A snippet of a page stands in one of these, word for word.
const SOURCES: [&str; 4] =
    [include_str!("errors.rs"), include_str!("readme.rs"), include_str!("sending.rs"), include_str!("testing.rs")];

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every page, by its path from the root.
fn pages() -> Vec<String> {
    let within = |folder: &str| {
        let folder = root().join(folder);
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let crates = within("crates").into_iter().chain([root().join("xtask")]).map(|folder| folder.join("README.md"));
    let pages = within("").into_iter().chain(within("docs")).chain(crates);
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "md") && path.exists());
    pages.map(|path| path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/")).collect()
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
        for (kind, body) in blocks(&page) {
            let rust = kind.starts_with("rust");
            assert!(!rust || kind == "rust", "{page}: no snippet is left out, and ```{kind} would be");
            assert!(!kind.is_empty(), "{page}: say after each ``` what follows it");
            if rust {
                count += 1;
                let held =
                    [0, 4, 8].iter().any(|by| SOURCES.iter().any(|source| source.contains(&indented(&body, *by))));
                assert!(held, "{page}: no test here runs\n{body}");
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
