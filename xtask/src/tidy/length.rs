//! Length: a file of more than 400 lines is two things.

use super::Findings;
use super::workspace::Workspace;

const MOST: usize = 400;

/// Files that are longer, and why they stay whole.
const LONGER: [(&str, &str); 0] = [];

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    for (path, text) in workspace.sources() {
        let lines = text.lines().count();
        let exempt = path.contains("/generated/") || path.contains("/tests/") || path.ends_with("/tests.rs");
        if lines > MOST && !exempt && !LONGER.iter().any(|(longer, _)| *longer == path) {
            findings.push(path, &format!("has {lines} lines, of {MOST}"), "find the two things it is, and split it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;

    #[test]
    fn one_line_too_many_is_found() {
        let (right, long) = ("//! A.\n".repeat(400), "//! A.\n".repeat(401));
        let files = [("a/src/right.rs", right.as_str()), ("a/src/long.rs", &long), ("a/tests/long.rs", &long)];
        let found = found(check, &files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("a/src/long.rs: has 401 lines"), "{found:?}");
    }
}
