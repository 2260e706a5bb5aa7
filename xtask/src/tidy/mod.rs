//! What every manifest and every file of this house keeps to.

use self::workspace::Workspace;
use crate::{Result, files};

mod arrows;
mod dependencies;
mod headers;
mod length;
mod lints;
mod metadata;
mod tree;
mod words;
mod workspace;

/// Says all that is untidy, at once.
pub fn check() -> Result {
    let workspace = Workspace::read(&files::root())?;
    let mut findings = Findings::default();
    for check in
        [arrows::check, dependencies::check, headers::check, length::check, lints::check, metadata::check, words::check]
    {
        check(&workspace, &mut findings);
    }
    tree::check(&mut findings)?;
    findings.into_result()
}

pub use tree::print as print_tree;

/// One line for each thing that is wrong: `path: what is wrong; the mend`.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn push(&mut self, path: &str, wrong: &str, mend: &str) {
        self.0.push(format!("{path}: {wrong}; {mend}"));
    }

    fn into_result(self) -> Result {
        if self.0.is_empty() { Ok(()) } else { Err(format!("untidy\n{}", self.0.join("\n")).into()) }
    }
}

/// What a check finds in these files.
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
