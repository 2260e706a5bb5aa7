//! The tables of the documents, against what they are tables of.

use crate::pages::read;

/// The rows of a page that begin so.
fn rows(page: &str, start: &str) -> Vec<String> {
    read(page).lines().filter(|line| line.starts_with(start)).map(str::to_owned).collect()
}

#[test]
fn recipients() {
    let source = read("crates/cakemail-sandbox/src/lifecycle.rs");
    let documented: Vec<_> = source.lines().filter_map(|line| line.strip_prefix("//! ")).collect();
    let table: Vec<_> = documented.into_iter().filter(|line| line.starts_with("| `")).collect();
    assert!(table.len() > 5);
    let page = read("docs/testing.md");
    for row in table {
        assert!(page.contains(row), "docs/testing.md lacks the row\n{row}");
    }
}

#[test]
fn features() {
    let manifest = read("crates/cakemail/Cargo.toml");
    let features = manifest.split("[features]").nth(1).unwrap().split("\n[").next().unwrap();
    let names: Vec<_> = features.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    assert!(names.len() > 3);
    for name in names.into_iter().filter(|name| *name != "default") {
        assert_eq!(rows("README.md", &format!("| `{name}` |")).len(), 1, "README.md: the feature {name}");
    }
}

/// `("cakemail-cli", &["cakemail"]),` is the row `| cakemail-cli | cakemail |`.
#[test]
fn arrows() {
    let source = read("xtask/src/tidy/arrows.rs");
    let table = source.split("const ARROWS").nth(1).unwrap().split("];").next().unwrap();
    let table: Vec<_> = table.lines().filter_map(|line| line.trim().strip_prefix("(\"")).collect();
    assert!(table.len() > 5);
    for line in table {
        let (name, below) = line.trim_end_matches("]),").split_once("\", &[").unwrap();
        let below = below.replace('"', "`");
        let row = format!("| `{name}` | {} |", if below.is_empty() { "nothing" } else { &below });
        assert!(rows("docs/architecture.md", &row).len() == 1, "docs/architecture.md lacks the row\n{row}");
    }
}

/// Every crate is on the README's map, and every page in its list.
#[test]
fn maps() {
    let members = std::fs::read_dir(crate::pages::root().join("crates")).unwrap();
    for member in members {
        let name = member.unwrap().file_name().into_string().unwrap();
        assert_eq!(rows("README.md", &format!("| [`{name}`](crates/{name})")).len(), 1, "README.md: {name}");
    }
    for page in std::fs::read_dir(crate::pages::root().join("docs")).unwrap() {
        let name = page.unwrap().file_name().into_string().unwrap();
        assert!(read("README.md").contains(&format!("(docs/{name})")), "README.md: {name}");
    }
}
