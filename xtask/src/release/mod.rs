//! Prepares a release, up to the push.
//!
//! All steps run in a clone. The tree gets the commit and the tag only when every step has succeeded.

use std::fs;
use std::path::Path;
use std::process::Command;

use self::version::Version;
use crate::run::{cargo, git, output, run};
use crate::{Result, files};

mod edit;
mod version;

/// Prepares the release. With `dry_run` the tree does not change.
pub fn release(version: &str, dry_run: bool) -> Result {
    let root = files::root();
    let version: Version = version.parse()?;
    let last = last_tag(&root)?;
    refuse_dirty(&root)?;
    refuse_lower(version, current(&root)?, last.as_deref())?;

    let clone = tempfile::tempdir()?;
    let folder = clone.path();
    clone_tree(&root, folder)?;
    edit_files(folder, version)?;
    run(cargo(folder).args(["update", "--quiet", "--workspace"]))?;
    run(git(folder).args(["--no-pager", "diff", "--stat"]))?;
    run(git(folder).args(["commit", "--quiet", "--all", "--message", &format!("Release {version}")]))?;

    run(with_own_target(Command::new("bash").current_dir(folder).arg(".ci/run"), folder))?;
    refuse_dirty(folder)?;
    run(with_own_target(cargo(folder).args(["publish", "--workspace", "--dry-run", "--locked"]), folder))?;
    check_semver(folder, last.as_deref())?;

    let tag = format!("v{version}");
    run(git(folder).args(["tag", "--annotate", "--message", &format!("Version {version}"), &tag]))?;
    if dry_run {
        println!("\n{version} can be released; nothing was changed here.");
        return Ok(());
    }
    // The merge fails when the tree has changed since; then it gets no tag either.
    run(git(&root).args(["fetch", "--quiet", "--no-tags"]).arg(folder).arg("HEAD"))?;
    run(git(&root).args(["merge", "--quiet", "--ff-only", "FETCH_HEAD"]))?;
    run(git(&root).args(["fetch", "--quiet"]).arg(folder).arg(format!("refs/tags/{tag}:refs/tags/{tag}")))?;
    println!("\n{version} is committed and tagged. To publish it:\n");
    println!("  git push --follow-tags && cargo publish --workspace");
    Ok(())
}

/// The tag of the last release in the history of the tree.
fn last_tag(root: &Path) -> Result<Option<String>> {
    let tags = output(git(root).args(["tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname"]))?;
    Ok(tags.lines().find(|tag| tag[1..].parse::<Version>().is_ok()).map(str::to_owned))
}

fn refuse_dirty(root: &Path) -> Result {
    let changes = output(git(root).args(["status", "--porcelain"]))?;
    if changes.is_empty() { Ok(()) } else { Err(format!("there are uncommitted changes:\n{changes}").into()) }
}

/// The current version of the crates.
fn current(root: &Path) -> Result<Version> {
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    Ok(manifest["workspace"]["package"]["version"].as_str().unwrap_or_default().parse()?)
}

/// Refuses a version that is not above the last release. The first release may have the version of the crates.
fn refuse_lower(version: Version, current: Version, last: Option<&str>) -> Result {
    let released = last.map(|tag| tag[1..].parse::<Version>()).transpose()?;
    if version < current || released.is_some_and(|released| version <= released) {
        let last = last.unwrap_or("none");
        return Err(format!("{version} is not higher: the crates have {current}, the last release is {last}").into());
    }
    Ok(())
}

/// Clones the tree, with the committer of its configuration.
fn clone_tree(root: &Path, folder: &Path) -> Result {
    let mut clone = git(root);
    clone.args(["clone", "--quiet"]);
    for key in ["user.name", "user.email"] {
        if let Ok(value) = output(git(root).args(["config", key])) {
            clone.arg("--config").arg(format!("{key}={value}"));
        }
    }
    run(clone.arg(".").arg(folder))
}

fn edit_files(folder: &Path, version: Version) -> Result {
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    rewrite(&folder.join("Cargo.toml"), |text| edit::manifest(text, version))?;
    rewrite(&folder.join("CHANGELOG.md"), |text| edit::changelog(text, version, &today))?;
    for page in output(git(folder).args(["ls-files", "*.md"]))?.lines().filter(|page| *page != "CHANGELOG.md") {
        rewrite(&folder.join(page), |text| Ok(edit::page(text, version)))?;
    }
    Ok(())
}

fn rewrite(path: &Path, edit: impl Fn(&str) -> std::result::Result<String, String>) -> Result {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(fs::write(path, edit(&text)?)?)
}

/// Compares the public API with the last release, if cargo-semver-checks is installed.
fn check_semver(folder: &Path, last: Option<&str>) -> Result {
    let Some(last) = last else {
        println!("There is no earlier release to compare the public API with.");
        return Ok(());
    };
    if output(cargo(folder).args(["semver-checks", "--version"])).is_err() {
        println!("cargo-semver-checks is not installed: the public API was not compared with {last}.");
        return Ok(());
    }
    let arguments = ["semver-checks", "--workspace", "--exclude", "xtask", "--baseline-rev", last];
    run(with_own_target(cargo(folder).args(arguments), folder))
}

/// Sets a separate target folder, because a shared one could hold tests of the tree.
fn with_own_target<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    command.env("CARGO_TARGET_DIR", folder.join("target"))
}

#[cfg(test)]
mod tests {
    use super::refuse_lower;

    #[test]
    fn a_release_has_a_higher_version() {
        let accepted = |version: &str, current: &str, last| {
            refuse_lower(version.parse().unwrap(), current.parse().unwrap(), last).is_ok()
        };
        assert!(accepted("0.1.0", "0.1.0", None), "the first");
        assert!(accepted("0.1.1", "0.1.0", Some("v0.1.0")) && accepted("1.0.0", "0.9.9", Some("v0.9.9")));
        assert!(!accepted("0.1.0", "0.1.0", Some("v0.1.0")), "again");
        assert!(!accepted("0.1.9", "0.2.0", Some("v0.1.0")) && !accepted("0.0.9", "0.1.0", None), "below the crates");
    }
}
