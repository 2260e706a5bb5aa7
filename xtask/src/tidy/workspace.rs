//! The workspace as the checks see it: its text files and parsed manifests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::Result;

/// Every text file by its path, and the parsed manifests.
pub struct Workspace {
    pub files: BTreeMap<String, String>,
    pub root: Table,
    pub crates: Vec<Crate>,
}

/// A member of the workspace.
pub struct Crate {
    pub name: String,
    /// Its folder, such as `crates/cakemail`.
    pub folder: String,
    pub manifest: Table,
}

/// One dependency in a manifest.
pub struct Dependency<'a> {
    pub name: &'a str,
    pub spec: &'a Value,
    /// Only for tests and examples.
    pub is_dev: bool,
}

impl Workspace {
    pub fn read(root: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        collect(root, "", &mut files)?;
        Self::new(files)
    }

    pub fn new(files: BTreeMap<String, String>) -> Result<Self> {
        let mut root = Table::new();
        let mut crates = Vec::new();
        for (path, text) in &files {
            let Some(folder) = path.strip_suffix("Cargo.toml") else { continue };
            let manifest: Table = text.parse().map_err(|error| format!("{path}: {error}"))?;
            match manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str) {
                Some(name) => {
                    let folder = folder.trim_end_matches('/').to_owned();
                    crates.push(Crate { name: name.to_owned(), folder, manifest });
                }
                None => root = manifest,
            }
        }
        Ok(Self { files, root, crates })
    }

    /// The `[workspace.dependencies]`.
    pub fn dependencies(&self) -> impl Iterator<Item = (&str, &Value)> {
        let table = self.root.get("workspace").and_then(|workspace| workspace.get("dependencies"));
        entries(table)
    }

    pub fn is_member(&self, name: &str) -> bool {
        self.crates.iter().any(|member| member.name == name)
    }

    /// The Rust files, by path.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.iter().filter(|(path, _)| path.ends_with(".rs"));
        files.map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

impl Crate {
    pub fn manifest_path(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// Whether it is published.
    pub fn is_published(&self) -> bool {
        self.manifest["package"].get("publish").and_then(Value::as_bool) != Some(false)
    }

    /// All its dependencies, for every target.
    pub fn dependencies(&self) -> Vec<Dependency<'_>> {
        let targets = entries(self.manifest.get("target")).filter_map(|(_, target)| target.as_table());
        let mut all = Vec::new();
        for table in std::iter::once(&self.manifest).chain(targets) {
            for (kind, is_dev) in [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)] {
                all.extend(entries(table.get(kind)).map(|(name, spec)| Dependency { name, spec, is_dev }));
            }
        }
        all
    }
}

fn entries(table: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    table.and_then(Value::as_table).into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Result {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            if !matches!(path.as_str(), "target" | ".git") {
                collect(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.insert(path, text);
        }
    }
    Ok(())
}
