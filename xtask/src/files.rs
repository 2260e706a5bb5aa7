//! Files of the workspace, written or checked.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// The workspace's root.
///
/// What cargo says now goes first: two checkouts that share a target folder share this program as well.
pub fn root() -> PathBuf {
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&folder).parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// What is wrong with a folder that should hold exactly these files, or nothing.
pub fn differences(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (name, text) in files {
        match fs::read_to_string(folder.join(name)) {
            Ok(found) if found == *text => {}
            Ok(_) => wrong.push(format!("{name} is changed")),
            Err(_) => wrong.push(format!("{name} is missing")),
        }
    }
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !files.contains_key(&name) {
            wrong.push(format!("{name} does not belong here"));
        }
    }
    Ok(wrong)
}

/// Makes a folder hold exactly these files.
pub fn replace(folder: &Path, files: &BTreeMap<String, String>) -> Result {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (name, text) in files {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}
