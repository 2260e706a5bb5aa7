//! Metadata that the registry and docs.rs need of every published crate.

use toml::Value;

use super::Findings;
use super::workspace::{Crate, Workspace};

const WANTED: [&str; 6] = ["categories", "description", "keywords", "license", "readme", "repository"];

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    for member in workspace.crates.iter().filter(|member| member.is_published()) {
        let path = member.manifest_path();
        for key in WANTED {
            if member.manifest["package"].get(key).is_none() {
                findings.push(&path, &format!("has no {key}"), "give it one under [package]");
            }
        }
        if !documents_all_features(member) {
            let fix = "say `all-features = true` under [package.metadata.docs.rs]";
            findings.push(&path, "leaves features out on docs.rs", fix);
        }
        let readme = format!("{}/README.md", member.folder);
        let lines = workspace.files.get(&readme).map_or(0, |text| text.lines().filter(|line| !line.is_empty()).count());
        if lines < 2 {
            findings.push(&readme, "is empty", "describe the crate and its users in a few lines");
        }
    }
}

fn documents_all_features(member: &Crate) -> bool {
    let metadata = member.manifest["package"].get("metadata");
    let docs = metadata.and_then(|metadata| metadata.get("docs")?.get("rs")?.get("all-features"));
    docs.and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;

    #[test]
    fn missing_metadata_of_a_published_crate_is_found() {
        let whole = "[package]\nname = 'a'\ncategories.workspace = true\ndescription = 'x'\nkeywords = []\n\
                     license = 'MIT'\nreadme = 'README.md'\nrepository = 'x'\nmetadata.docs.rs.all-features = true";
        let files = [
            ("crates/a/Cargo.toml", whole),
            ("crates/a/README.md", "# a\n\nThe first letter.\n"),
            ("crates/b/Cargo.toml", "[package]\nname = 'b'"),
            ("crates/b/README.md", "# b\n"),
            ("xtask/Cargo.toml", "[package]\nname = 'xtask'\npublish = false"),
        ];
        let found = found(check, &files);
        assert_eq!(found.len(), 8, "{found:?}");
        assert!(found.iter().all(|line| line.starts_with("crates/b/")), "{found:?}");
    }
}
