//! File length: more than 400 lines are usually two modules.

use super::Findings;
use super::workspace::Workspace;

const MOST: usize = 400;

/// Longer files, each with the reason why it is not split.
const LONGER: [(&str, &str); 0] = [];

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    for (path, text) in workspace.sources() {
        let lines = text.lines().count();
        let exempt = path.contains("/generated/") || path.contains("/tests/") || path.ends_with("/tests.rs");
        if lines > MOST && !exempt && !LONGER.iter().any(|(longer, _)| *longer == path) {
            findings.push(
                path,
                &format!("has {lines} lines, of {MOST}"),
                "split it into the two modules that it contains",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;

    #[test]
    fn a_file_over_the_limit_is_found() {
        let (right, long) = ("//! A.\n".repeat(400), "//! A.\n".repeat(401));
        let files = [("a/src/right.rs", right.as_str()), ("a/src/long.rs", &long), ("a/tests/long.rs", &long)];
        let found = found(check, &files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("a/src/long.rs: has 401 lines"), "{found:?}");
    }
}
