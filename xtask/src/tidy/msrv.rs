//! The declared minimum Rust version, against the versions that the dependencies declare.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;

use super::Findings;
use crate::{Result, files, run};

/// The output of `cargo metadata`.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    rust_version: Option<String>,
    /// The registries it may go to: `None` for any, empty for none.
    publish: Option<Vec<String>>,
    /// `None` for a crate of this workspace.
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// Compares every published crate with its dependencies on this platform, all features on.
pub fn check(findings: &mut Findings) -> Result {
    let platform = run::output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let arguments = ["metadata", "--locked", "--format-version", "1", "--all-features", "--filter-platform"];
    let json = run::output(run::cargo(&files::root()).args(arguments).arg(platform))?;
    judge(&serde_json::from_str(&json)?, findings);
    Ok(())
}

fn judge(metadata: &Metadata, findings: &mut Findings) {
    let packages: BTreeMap<_, _> = metadata.packages.iter().map(|package| (package.id.as_str(), package)).collect();
    let published =
        |package: &&Package| package.source.is_none() && package.publish.as_ref().is_none_or(|to| !to.is_empty());
    for member in metadata.packages.iter().filter(published) {
        let declared = member.rust_version.as_deref().unwrap_or("0");
        for dependency in dependencies(&metadata.resolve, &member.id).into_iter().map(|id| packages[id]) {
            let Some(needed) = dependency.rust_version.as_deref() else { continue };
            if numbers(needed) > numbers(declared) {
                let Package { name, version, .. } = dependency;
                let wrong = format!("declares Rust {declared}, but {name} {version} needs {needed}");
                findings.push(&member.name, &wrong, "take an older version, or raise rust-version in Cargo.toml");
            }
        }
    }
}

/// All dependencies of a package that its users compile.
fn dependencies<'a>(resolve: &'a Resolve, root: &'a str) -> BTreeSet<&'a str> {
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut seen = BTreeSet::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        let compiled = |edge: &&Edge| edge.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"));
        let next = nodes[id].deps.iter().filter(compiled).map(|edge| edge.pkg.as_str());
        open.extend(next.filter(|id| seen.insert(*id)));
    }
    seen
}

/// `1.89` is `[1, 89, 0]`.
fn numbers(version: &str) -> [u32; 3] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Findings, judge};

    fn package(name: &str, rust_version: Option<&str>, source: Option<&str>) -> serde_json::Value {
        json!({"id": name, "name": name, "version": "1.2.3", "rust_version": rust_version, "source": source})
    }

    fn node(name: &str, deps: &[(&str, Option<&str>)]) -> serde_json::Value {
        let deps: Vec<_> = deps.iter().map(|(pkg, kind)| json!({"pkg": pkg, "dep_kinds": [{"kind": kind}]})).collect();
        json!({"id": name, "deps": deps})
    }

    #[test]
    fn finds_a_dependency_that_needs_a_newer_rust_even_behind_another() {
        let registry = Some("registry");
        let metadata = json!({
            "packages": [
                package("ours", Some("1.85"), None),
                package("old", Some("1.85.0"), registry),
                package("undeclared", None, registry),
                package("new", Some("1.86"), registry),
                package("newest", Some("2.0"), registry),
            ],
            "resolve": {"nodes": [
                node("ours", &[("old", None), ("newest", Some("dev"))]),
                node("old", &[("undeclared", None)]),
                node("undeclared", &[("new", Some("build"))]),
                node("new", &[]),
                node("newest", &[]),
            ]},
        });
        let mut findings = Findings::default();
        judge(&serde_json::from_value(metadata).unwrap(), &mut findings);
        assert_eq!(findings.0.len(), 1, "{:?}", findings.0);
        assert!(findings.0[0].starts_with("ours: declares Rust 1.85, but new 1.2.3 needs 1.86;"), "{:?}", findings.0);
    }
}
