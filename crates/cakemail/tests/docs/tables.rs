//! Compares the tables of the pages with the code.

use crate::pages::read;

/// The lines of a page with this start.
fn rows(page: &str, start: &str) -> Vec<String> {
    read(page).lines().filter(|line| line.starts_with(start)).map(str::to_owned).collect()
}

#[test]
fn recipients_match_the_sandbox() {
    let source = read("crates/cakemail-sandbox/src/domain/lifecycle.rs");
    let documented: Vec<_> = source.lines().filter_map(|line| line.strip_prefix("//! ")).collect();
    let table: Vec<_> = documented.into_iter().filter(|line| line.starts_with("| `")).collect();
    assert!(table.len() > 5);
    let page = read("docs/testing.md");
    for row in table {
        assert!(page.contains(row), "docs/testing.md lacks the row\n{row}");
    }
}

#[test]
fn features_match_the_manifest() {
    let manifest = read("crates/cakemail/Cargo.toml");
    let features = manifest.split("[features]").nth(1).unwrap().split("\n[").next().unwrap();
    let names: Vec<_> = features.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    assert!(names.len() > 3);
    for name in names.into_iter().filter(|name| *name != "default") {
        assert_eq!(rows("README.md", &format!("| `{name}` |")).len(), 1, "README.md: the feature {name}");
    }
}

/// Each crate, and the crates that it may depend on.
pub fn crates() -> Vec<(String, String)> {
    let source = read("xtask/src/tidy/arrows.rs");
    let table = source.split("const ARROWS").nth(1).unwrap().split("];").next().unwrap();
    let quoted = |text: &str| text.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = table.split('(').map(quoted).filter(|names| !names.is_empty());
    let crates: Vec<_> = rows
        .map(|names| {
            let below: Vec<_> = names[1..].iter().map(|name| format!("`{name}`")).collect();
            (names[0].clone(), below.join(", "))
        })
        .collect();
    assert!(crates.len() > 5);
    crates
}

#[test]
fn dependencies_match_tidy() {
    for (name, below) in crates() {
        let row = format!("| `{name}` | {} |", if below.is_empty() { "nothing" } else { &below });
        assert!(rows("docs/architecture.md", &row).len() == 1, "docs/architecture.md lacks the row\n{row}");
    }
}

#[test]
fn the_readme_lists_every_crate_and_page() {
    let published = |name: &str| crate::pages::root().join("crates").join(name).exists();
    for (name, _) in crates().into_iter().filter(|(name, _)| published(name)) {
        let row = format!("| [`{name}`](crates/{name})");
        assert_eq!(rows("README.md", &row).len(), 1, "README.md, The crates, lacks the row\n{row} | who wants it |");
    }
    let summary = read("docs/SUMMARY.md");
    let chapters = summary.lines().filter_map(|line| line.strip_prefix("- [")?.split_once("](")?.1.strip_suffix(')'));
    for page in chapters {
        assert!(read("README.md").contains(&format!("(docs/{page})")), "README.md, Documentation, lacks docs/{page}");
    }
}
