//! File headers: every file begins with its description, and generated files are marked.

use super::Findings;
use super::workspace::Workspace;
use crate::codegen::HEADER;

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    for (path, text) in workspace.sources() {
        if !text.starts_with("//! ") {
            findings.push(path, "has no description", "begin it with a `//!` line");
        }
        let generated = path.contains("/generated/");
        let marked = text.lines().any(|line| line == HEADER.trim_end());
        if generated && !marked {
            findings.push(path, "is handwritten, in a folder of generated files", "move it out of the folder");
        }
        if marked && !generated {
            findings.push(path, "is marked as generated, outside a generated folder", "delete the mark");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;
    use crate::codegen::HEADER;

    #[test]
    fn generated_and_handwritten_files_are_told_apart() {
        let marked = format!("//! A.\n\n{HEADER}");
        let found = found(
            check,
            &[
                ("a/src/generated/fine.rs", &marked),
                ("a/src/generated/hand.rs", "//! B.\n"),
                ("a/src/fine.rs", "//! C.\n"),
                ("a/src/marked.rs", &marked),
                ("a/src/silent.rs", "\n//! D.\n"),
                ("a/README.md", "# E"),
            ],
        );
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("a/src/generated/hand.rs: is handwritten"), "{found:?}");
        assert!(found[1].starts_with("a/src/marked.rs: is marked as generated"), "{found:?}");
        assert!(found[2].starts_with("a/src/silent.rs: has no description"), "{found:?}");
    }
}
