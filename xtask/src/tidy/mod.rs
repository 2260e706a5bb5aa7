//! Checks that the whole workspace keeps its rules: manifests, layers, file headers, lengths, words, dependency budgets.

use self::workspace::Workspace;
use crate::{Result, files};

mod arrows;
mod book;
mod dependencies;
mod headers;
mod length;
mod lints;
mod metadata;
mod modules;
mod msrv;
mod paths;
mod tree;
mod words;
mod workspace;

/// Reports every violation at once.
pub fn check() -> Result {
    let workspace = Workspace::read(&files::root())?;
    let mut findings = Findings::default();
    for check in [
        arrows::check,
        book::check,
        dependencies::check,
        headers::check,
        length::check,
        lints::check,
        metadata::check,
        modules::check,
        words::check,
    ] {
        check(&workspace, &mut findings);
    }
    tree::check(&mut findings)?;
    msrv::check(&mut findings)?;
    findings.into_result()
}

pub use tree::print as print_tree;

/// One line for each violation: `path: the violation; how to fix it`.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn push(&mut self, path: &str, wrong: &str, fix: &str) {
        self.0.push(format!("{path}: {wrong}; {fix}"));
    }

    fn into_result(self) -> Result {
        if self.0.is_empty() { Ok(()) } else { Err(format!("untidy\n{}", self.0.join("\n")).into()) }
    }
}

/// The findings of one check in these files.
#[cfg(test)]
fn found(check: fn(&Workspace, &mut Findings), files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let mut findings = Findings::default();
    check(&Workspace::new(files).unwrap(), &mut findings);
    findings.0
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_is_tidy() {
        if let Err(untidy) = super::check() {
            panic!("{untidy}");
        }
    }
}
