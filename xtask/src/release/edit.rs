//! Sets the version in the files of the workspace.

use super::version::Version;

const UNRELEASED: &str = "## Unreleased";

/// The root manifest, with the version of all crates and of their dependencies on each other.
pub fn manifest(text: &str, version: Version) -> Result<String, String> {
    let mut section = "";
    let mut changed = 0;
    let lines = text.lines().map(|line| {
        if line.starts_with('[') {
            section = line;
        }
        let own = section == "[workspace.package]" && line.starts_with("version = ");
        let internal = section == "[workspace.dependencies]" && line.contains("path = \"crates/");
        if !own && !internal {
            return line.to_owned();
        }
        changed += 1;
        replace_quoted(line, "version = ", &version.to_string())
    });
    let text = join(lines);
    if changed < 2 { Err("Cargo.toml: no version to set was found".to_owned()) } else { Ok(text) }
}

/// The changelog, with the unreleased entries under the new version.
pub fn changelog(text: &str, version: Version, date: &str) -> Result<String, String> {
    let (before, after) = text
        .split_once(&format!("{UNRELEASED}\n"))
        .ok_or_else(|| format!("CHANGELOG.md: has no heading `{UNRELEASED}`: add it, with the changes"))?;
    let entries = after.split("\n## ").next().unwrap_or_default();
    if !entries.lines().any(|line| line.starts_with("- ")) {
        return Err(format!("CHANGELOG.md: has no entry under `{UNRELEASED}`: add the changes"));
    }
    Ok(format!("{before}{UNRELEASED}\n\n## {version} ({date})\n{after}"))
}

/// A page, with the new version in its snippets.
pub fn page(text: &str, version: Version) -> String {
    let lines = text.lines().map(|line| {
        let name = line.split(" = ").next().unwrap_or_default();
        let ours = name == "cakemail" || name.starts_with("cakemail-");
        match line.strip_prefix(name) {
            Some(rest) if ours && rest.starts_with(" = \"") => replace_quoted(line, " = ", &version.requirement()),
            Some(rest) if ours && rest.contains("version = \"") => {
                replace_quoted(line, "version = ", &version.requirement())
            }
            _ => line.to_owned(),
        }
    });
    join(lines)
}

/// Replaces the text in quotes after `key`.
fn replace_quoted(line: &str, key: &str, value: &str) -> String {
    let parts = line.split_once(&format!("{key}\"")).and_then(|(before, rest)| {
        let (_, after) = rest.split_once('"')?;
        Some(format!("{before}{key}\"{value}\"{after}"))
    });
    parts.unwrap_or_else(|| line.to_owned())
}

fn join(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::{changelog, manifest, page};

    fn version() -> super::Version {
        "0.2.1".parse().unwrap()
    }

    #[test]
    fn the_version_is_set_throughout_the_manifest() {
        let before = "[workspace.package]\nversion = \"0.1.0\"\nrust-version = \"1.95\"\n\n[workspace.dependencies]\n\
                      a = { path = \"crates/a\", version = \"0.1.0\", default-features = false }\n\
                      http = { version = \"0.1.0\" }\nversion = \"0.1.0\"\n";
        let after = "[workspace.package]\nversion = \"0.2.1\"\nrust-version = \"1.95\"\n\n[workspace.dependencies]\n\
                     a = { path = \"crates/a\", version = \"0.2.1\", default-features = false }\n\
                     http = { version = \"0.1.0\" }\nversion = \"0.1.0\"\n";
        assert_eq!(manifest(before, version()).unwrap(), after);
        assert!(manifest("[workspace]\n", version()).is_err());
    }

    #[test]
    fn the_version_of_this_workspace_can_be_set() {
        let text = std::fs::read_to_string(crate::files::root().join("Cargo.toml")).unwrap();
        let after = manifest(&text, "98.7.6".parse().unwrap()).unwrap();
        let internal = text.matches("path = \"crates/").count();
        assert_eq!(after.matches("\"98.7.6\"").count(), 1 + internal);
        assert_eq!(manifest(&after, "98.7.6".parse().unwrap()).unwrap(), after);
    }

    #[test]
    fn unreleased_entries_move_under_the_version() {
        let before = "# Changelog\n\n## Unreleased\n\n### Added\n- All.\n\n## 0.1.0 (2026-01-01)\n- First.\n";
        let after = "# Changelog\n\n## Unreleased\n\n## 0.2.1 (2026-11-23)\n\n### Added\n- All.\n\n\
                     ## 0.1.0 (2026-01-01)\n- First.\n";
        assert_eq!(changelog(before, version(), "2026-11-23").unwrap(), after);
        assert!(changelog(after, version(), "2026-11-23").unwrap_err().contains("has no entry"), "no entry is left");
        assert!(changelog("# Changelog\n", version(), "2026-11-23").unwrap_err().contains("has no heading"));
        assert!(changelog("## Unreleased\n\n### Added\n", version(), "2026-11-23").is_err(), "a heading is no entry");
    }

    #[test]
    fn snippets_get_the_new_version() {
        let before = "cakemail = \"0.1\"\ncakemail-model = { version = \"0.1\", features = [\"x\"] }\n\
                      cakemail = { path = \"../x\" }\ntokio = \"0.1\"\nSay cakemail = \"0.1\" aloud.\nlet cakemail = 1;\n";
        let after = "cakemail = \"0.2\"\ncakemail-model = { version = \"0.2\", features = [\"x\"] }\n\
                     cakemail = { path = \"../x\" }\ntokio = \"0.1\"\nSay cakemail = \"0.1\" aloud.\nlet cakemail = 1;\n";
        assert_eq!(page(before, version()), after);
    }
}
