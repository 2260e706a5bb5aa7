//! Lints: every crate uses those of the workspace.

use toml::Value;

use super::Findings;
use super::workspace::Workspace;

/// Levels that the workspace must set.
const RUST: [(&str, &str); 2] = [("missing_docs", "deny"), ("unsafe_code", "forbid")];

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    let lints = workspace.root.get("workspace").and_then(|workspace| workspace.get("lints")?.get("rust"));
    for (lint, level) in RUST {
        if lints.and_then(|lints| lints.get(lint)?.as_str()) != Some(level) {
            let wrong = format!("the lint {lint} is not \"{level}\"");
            findings.push("Cargo.toml", &wrong, "set it in [workspace.lints.rust]");
        }
    }
    for member in &workspace.crates {
        let lints = member.manifest.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(Value::as_bool) != Some(true) {
            findings.push(&member.manifest_path(), "has lints of its own", "write `[lints] workspace = true`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;

    #[test]
    fn a_crate_with_its_own_lints_is_found() {
        let root = "[workspace.lints.rust]\nmissing_docs = 'deny'\nunsafe_code = 'deny'";
        let files = [
            ("Cargo.toml", root),
            ("crates/a/Cargo.toml", "[package]\nname = 'a'\n[lints]\nworkspace = true"),
            ("crates/b/Cargo.toml", "[package]\nname = 'b'"),
        ];
        let found = found(check, &files);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("unsafe_code is not \"forbid\""), "{found:?}");
        assert!(found[1].starts_with("crates/b/Cargo.toml: has lints of its own"), "{found:?}");
    }
}
