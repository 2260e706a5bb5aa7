//! The book: every page of `docs/` is in its summary, and its links stay inside it.

use std::collections::BTreeSet;

use super::Findings;
use super::workspace::Workspace;

const SUMMARY: &str = "docs/SUMMARY.md";

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    let pages: BTreeSet<_> = workspace.files.keys().filter(|path| is_page(path)).map(String::as_str).collect();
    let summary = workspace.files.get(SUMMARY).map_or("", String::as_str);
    let listed: BTreeSet<_> = links(summary).map(|link| format!("docs/{link}")).collect();
    for page in pages.iter().filter(|page| !listed.contains(**page)) {
        findings.push(page, "is not in the book", &format!("add it to {SUMMARY}"));
    }
    for page in listed.iter().filter(|page| !pages.contains(page.as_str())) {
        findings.push(SUMMARY, &format!("lists {page}, which does not exist"), "write the page, or delete its line");
    }
    for page in pages {
        for link in links(&workspace.files[page]).filter(|link| leaves_the_book(page, link)) {
            let fix = "write the path as code, since the book has only the pages of docs/";
            findings.push(page, &format!("links to {link}, outside the book"), fix);
        }
    }
}

fn is_page(path: &str) -> bool {
    path.starts_with("docs/") && path.ends_with(".md") && path != SUMMARY
}

/// The targets of a page's links.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

fn leaves_the_book(page: &str, link: &str) -> bool {
    let ups = link.split('/').take_while(|segment| *segment == "..").count();
    let depth = page.matches('/').count() - 1; // below docs/
    link.starts_with('/') || ups > depth
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;

    #[test]
    fn finds_unlisted_pages_missing_pages_and_links_out_of_the_book() {
        let found = found(
            check,
            &[
                ("docs/SUMMARY.md", "- [A](a.md)\n  - [B](b/c.md)\n- [D](d.md)\n"),
                ("docs/a.md", "[in](b/c.md#x) [out](../README.md) [web](https://example.com/)\n"),
                ("docs/b/c.md", "[in](../a.md) [out](../../README.md)\n"),
                ("docs/e.md", "# E\n"),
                ("README.md", "[in](docs/a.md)\n"),
            ],
        );
        let lines: Vec<_> = found.iter().map(|line| line.split(';').next().unwrap()).collect();
        let expected = [
            "docs/e.md: is not in the book",
            "docs/SUMMARY.md: lists docs/d.md, which does not exist",
            "docs/a.md: links to ../README.md, outside the book",
            "docs/b/c.md: links to ../../README.md, outside the book",
        ];
        assert_eq!(lines, expected);
    }
}
