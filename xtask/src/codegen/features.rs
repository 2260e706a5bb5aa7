//! The features of the manifests: one for each resource, and the groups that they belong to.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::document::{Document, Resource};
use super::outputs::Outputs;
use crate::Result;

/// The group that the client is built on: its resources are no feature of the client and the facade, but always there.
pub const CORE: &str = "email-api";

const START: &str = "# generated: features\n";
const END: &str = "# end generated\n";

/// Writes the features of the model, the client and the facade between the markers of their manifests.
pub fn manifests(document: &Document, root: &Path, outputs: &mut Outputs) -> Result {
    for (manifest, below) in [
        ("crates/cakemail-model/Cargo.toml", None),
        ("crates/cakemail-client/Cargo.toml", Some("cakemail-model")),
        ("crates/cakemail/Cargo.toml", Some("cakemail-client")),
    ] {
        let text = fs::read_to_string(root.join(manifest))?;
        let replaced = replaced(&text, &features(document, below))
            .ok_or_else(|| format!("{manifest} has no lines between `{}` and `{}`", START.trim(), END.trim()))?;
        outputs.file(manifest, replaced);
    }
    Ok(())
}

/// The attribute of an item that is there only with its resource's feature, or nothing where the resource is always there.
pub fn gate(resource: &Resource, name: &str, always: &str) -> String {
    match resource.feature.as_deref() == Some(always) {
        true => String::new(),
        false => format!("#[cfg(feature = \"{name}\")]\n"),
    }
}

/// The lines of a manifest. A crate above the model has no feature for what is always there.
fn features(document: &Document, below: Option<&str>) -> String {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut resources = Vec::new();
    for (name, resource) in document.resources() {
        if below.is_some() && resource.feature.as_deref() == Some(CORE) {
            continue;
        }
        resources.push(name);
        if let Some(group) = &resource.feature {
            groups.entry(group).or_default().push(name);
        }
    }
    let mut text = format!("## Every resource.\nall-resources = {}\n", list(&resources));
    for (group, members) in groups {
        let _ = writeln!(text, "## The resources of the group `{group}`.\n{group} = {}", list(&members));
    }
    for name in resources {
        let lower: Vec<_> = below.map(|below| format!("{below}/{name}")).into_iter().collect();
        let lower: Vec<_> = lower.iter().map(String::as_str).collect();
        let _ = writeln!(text, "{name} = {}", list(&lower));
    }
    text
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

/// The manifest with other lines between the markers.
fn replaced(manifest: &str, lines: &str) -> Option<String> {
    let (before, rest) = manifest.split_once(START)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{START}{lines}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_the_lines_between_the_markers_are_replaced() {
        let manifest = "[features]\nmine = []\n# generated: features\nold = []\n# end generated\n\n[dependencies]\n";
        let expected = "[features]\nmine = []\n# generated: features\nnew = []\n# end generated\n\n[dependencies]\n";
        assert_eq!(replaced(manifest, "new = []\n").as_deref(), Some(expected));
        assert_eq!(replaced("[features]\n", "new = []\n"), None);
    }
}
