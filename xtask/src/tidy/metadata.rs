//! What a registry and docs.rs want to know of every crate that is published.

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
            let mend = "say `all-features = true` under [package.metadata.docs.rs]";
            findings.push(&path, "leaves features out on docs.rs", mend);
        }
        let readme = format!("{}/README.md", member.folder);
        let lines = workspace.files.get(&readme).map_or(0, |text| text.lines().filter(|line| !line.is_empty()).count());
        if lines < 2 {
            findings.push(&readme, "says nothing", "say in a few lines what the crate is and who wants it");
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
    fn what_a_published_crate_lacks_is_found() {
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
