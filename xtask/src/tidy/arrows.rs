//! Dependencies between the crates of the workspace: they point down only.

use toml::Value;

use super::Findings;
use super::workspace::Workspace;

/// Each crate, and the crates of this workspace that it may depend on.
const ARROWS: [(&str, &[&str]); 19] = [
    (
        "cakemail",
        &[
            "cakemail-client",
            "cakemail-model",
            "cakemail-outbox",
            "cakemail-sandbox",
            "cakemail-transport",
            "cakemail-webhook",
        ],
    ),
    ("cakemail-bench", &["cakemail"]),
    ("cakemail-browser", &["cakemail", "cakemail-sandbox-proxy"]),
    ("cakemail-cli", &["cakemail"]),
    ("cakemail-client", &["cakemail-model", "cakemail-transport"]),
    ("cakemail-faults", &["cakemail"]),
    ("cakemail-fuzz", &["cakemail"]),
    ("cakemail-model", &[]),
    ("cakemail-outbox", &["cakemail-client", "cakemail-model", "cakemail-transport", "cakemail-webhook"]),
    ("cakemail-outbox-faults", &["cakemail", "cakemail-faults", "cakemail-outbox", "cakemail-postgres"]),
    ("cakemail-outbox-sim", &["cakemail-client", "cakemail-model", "cakemail-outbox"]),
    ("cakemail-postgres", &[]),
    ("cakemail-sandbox", &["cakemail-model", "cakemail-webhook"]),
    ("cakemail-sandbox-bench", &["cakemail-sandbox"]),
    ("cakemail-sandbox-kills", &[]),
    ("cakemail-sandbox-proxy", &["cakemail"]),
    ("cakemail-transport", &[]),
    ("cakemail-webhook", &["cakemail-model"]),
    ("xtask", &[]),
];

/// Dependencies that must be optional, behind a feature.
const OPTIONAL: [(&str, &str); 4] = [
    ("cakemail", "cakemail-outbox"),
    ("cakemail", "cakemail-sandbox"),
    ("cakemail", "cakemail-webhook"),
    ("cakemail-outbox", "cakemail-webhook"),
];

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    for member in &workspace.crates {
        let path = member.manifest_path();
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
            findings.push(&path, "is not in the table of arrows", "add it to xtask/src/tidy/arrows.rs");
            continue;
        };
        for dependency in member.dependencies() {
            let name = dependency.name;
            if dependency.is_dev || !workspace.is_member(name) {
                continue;
            }
            if !allowed.contains(&name) {
                let wrong = format!("{} must not depend on {name}", member.name);
                findings.push(&path, &wrong, "move the item to a lower crate, or its user to a higher one");
            }
            let optional = dependency.spec.get("optional").and_then(Value::as_bool) == Some(true);
            if OPTIONAL.contains(&(member.name.as_str(), name)) && !optional {
                let wrong = format!("{name} is not optional");
                findings.push(&path, &wrong, "write `optional = true` and enable it by a feature");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;

    const MODEL: (&str, &str) = ("crates/cakemail-model/Cargo.toml", "[package]\nname = 'cakemail-model'");

    #[test]
    fn a_dependency_that_points_up_is_found() {
        let transport = "[package]\nname = 'cakemail-transport'\n[dependencies]\ncakemail-model = {}\nhttp = {}";
        let found = found(check, &[MODEL, ("crates/cakemail-transport/Cargo.toml", transport)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("cakemail-transport must not depend on cakemail-model"), "{found:?}");
    }

    #[test]
    fn dev_dependencies_may_point_up() {
        let sandbox = "[package]\nname = 'cakemail-sandbox'\n[dependencies]\ncakemail-model = {}\n\
                       [dev-dependencies]\ncakemail-client = {}";
        let client = ("crates/cakemail-client/Cargo.toml", "[package]\nname = 'cakemail-client'");
        assert!(found(check, &[MODEL, client, ("crates/cakemail-sandbox/Cargo.toml", sandbox)]).is_empty());
    }

    #[test]
    fn a_crate_outside_the_table_and_a_mandatory_sandbox_are_found() {
        let facade = "[package]\nname = 'cakemail'\n[target.'cfg(unix)'.dependencies]\ncakemail-sandbox = {}";
        let sandbox = ("crates/cakemail-sandbox/Cargo.toml", "[package]\nname = 'cakemail-sandbox'");
        let attic = ("crates/attic/Cargo.toml", "[package]\nname = 'attic'");
        let found = found(check, &[attic, sandbox, ("crates/cakemail/Cargo.toml", facade)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("not in the table") && found[1].contains("not optional"), "{found:?}");
    }
}
