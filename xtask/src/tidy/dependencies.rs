//! Dependencies: each is declared once, in the workspace, and used.

use std::collections::BTreeSet;

use toml::Value;

use super::Findings;
use super::workspace::Workspace;

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    let mut used = BTreeSet::new();
    for member in &workspace.crates {
        for dependency in member.dependencies() {
            let name = dependency.name;
            used.insert(name);
            let shared = dependency.spec.get("workspace").and_then(Value::as_bool) == Some(true);
            // A crate enables its own features for its tests by depending on itself.
            let itself = dependency.is_dev && name == member.name;
            if !shared && !itself {
                let wrong = format!("{name} has a version of its own");
                findings.push(
                    &member.manifest_path(),
                    &wrong,
                    "declare it in [workspace.dependencies] and write `workspace = true`",
                );
            }
        }
    }
    for (name, _) in workspace.dependencies() {
        if !used.contains(name) {
            findings.push("Cargo.toml", &format!("{name} is used by no crate"), "delete its line");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;

    #[test]
    fn a_separate_version_and_an_unused_dependency_are_found() {
        let root = "[workspace.dependencies]\nhttp = '1'\nserde = '1'";
        let member = "[package]\nname = 'a'\n[dependencies]\nserde.workspace = true\nbytes = '1'\n\
                      [dev-dependencies]\na = { path = '.' }";
        let found = found(check, &[("Cargo.toml", root), ("crates/a/Cargo.toml", member)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("crates/a/Cargo.toml: bytes has a version of its own"), "{found:?}");
        assert!(found[1].starts_with("Cargo.toml: http is used by no crate"), "{found:?}");
    }
}
