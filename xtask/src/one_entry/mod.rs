//! Proof that a new resource is one file: a copy of the workspace gets a made-up resource in one spec file, and nothing
//! else; then a program calls the resource's five methods over HTTP against the sandbox.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{cargo, git, output, run};
use crate::{Result, codegen, files};

/// The copy, inside the target folder: a fixed place, so that a second run compiles only what has changed.
const COPY: &str = "target/one-entry";
const SPEC: (&str, &str) = ("crates/cakemail-model/spec/gadgets.json", include_str!("gadgets.json"));
const PROGRAM: (&str, &str) = ("crates/cakemail/examples/gadgets.rs", include_str!("gadgets.rs"));

pub fn check() -> Result {
    let root = files::root();
    let copy = root.join(COPY);
    let mut files = copy_workspace(&root, &copy)?;
    for (path, text) in [SPEC, PROGRAM] {
        write(&copy.join(path), text.as_bytes())?;
        files.insert(path.to_owned());
    }
    remove_others(&copy, &copy, &files)?;
    codegen::write(&copy)?;

    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut program = cargo(&copy);
    program.args(["run", "--quiet", "--package", "cakemail", "--example", "gadgets"]);
    // The dependencies are those of the workspace, and are not compiled again.
    run(program.args(["--features", "all-resources,sandbox"]).env("CARGO_TARGET_DIR", target))
}

/// Copies the files that git knows, or would know, and returns their paths.
fn copy_workspace(root: &Path, copy: &Path) -> Result<BTreeSet<String>> {
    let listed = output(git(root).args(["ls-files", "--cached", "--others", "--exclude-standard"]))?;
    let paths: BTreeSet<String> = listed.lines().filter(|path| root.join(path).is_file()).map(str::to_owned).collect();
    for path in &paths {
        write(&copy.join(path), &fs::read(root.join(path))?)?;
    }
    Ok(paths)
}

/// Writes a file unless it is the same already: cargo compiles again what has a new date.
fn write(path: &Path, content: &[u8]) -> Result {
    if fs::read(path).is_ok_and(|found| found == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, content)?)
}

/// Removes what an earlier run has left.
fn remove_others(folder: &Path, copy: &Path, kept: &BTreeSet<String>) -> Result {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(copy)?.to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            remove_others(&path, copy, kept)?;
        } else if !kept.contains(&name) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
