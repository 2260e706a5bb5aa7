//! The generated files of the workspace: one list, written or checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::Result;

/// Each generated file, and the folders that hold nothing else. Paths start at the root.
#[derive(Debug, Default)]
pub struct Outputs {
    files: BTreeMap<String, String>,
    folders: BTreeSet<String>,
}

impl Outputs {
    /// Adds a file.
    pub fn file(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }

    /// Adds a folder that holds generated files only, at any depth. Any other file in it is deleted.
    pub fn folder(&mut self, path: impl Into<String>) {
        self.folders.insert(path.into());
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Writes the files that differ, and deletes the orphans.
    pub fn write(&self, root: &Path) -> Result {
        for (path, text) in &self.files {
            let path = root.join(path);
            if fs::read_to_string(&path).is_ok_and(|found| found == *text) {
                continue;
            }
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(path, text)?;
        }
        for orphan in self.orphans(root)? {
            fs::remove_file(root.join(orphan))?;
        }
        Ok(())
    }

    /// Each file that is missing, changed or an orphan, as a line.
    pub fn problems(&self, root: &Path) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        for (path, text) in &self.files {
            match fs::read_to_string(root.join(path)) {
                Ok(found) if found == *text => {}
                Ok(_) => problems.push(format!("{path} differs from the spec")),
                Err(_) => problems.push(format!("{path} is missing")),
            }
        }
        problems.extend(self.orphans(root)?.into_iter().map(|path| format!("{path} is not generated")));
        Ok(problems)
    }

    fn orphans(&self, root: &Path) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for folder in &self.folders {
            if root.join(folder).exists() {
                walk(root, folder, &mut found)?;
            }
        }
        found.retain(|path| !self.files.contains_key(path));
        Ok(found)
    }
}

fn walk(root: &Path, folder: &str, found: &mut Vec<String>) -> Result {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            walk(root, &path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Outputs;

    #[test]
    fn changed_missing_and_orphaned_files_are_reported_and_then_written() {
        let root = tempfile::tempdir().unwrap();
        let mut outputs = Outputs::default();
        outputs.folder("out");
        outputs.file("out/deep/same.rs", "same");
        outputs.write(root.path()).unwrap();
        assert_eq!(outputs.problems(root.path()).unwrap(), [""; 0]);

        outputs.file("out/new.rs", "new");
        fs::write(root.path().join("out/deep/same.rs"), "changed").unwrap();
        fs::write(root.path().join("out/deep/orphan.rs"), "").unwrap();
        fs::write(root.path().join("beside.rs"), "").unwrap();
        let problems = outputs.problems(root.path()).unwrap();
        assert_eq!(
            problems,
            ["out/deep/same.rs differs from the spec", "out/new.rs is missing", "out/deep/orphan.rs is not generated"]
        );

        outputs.write(root.path()).unwrap();
        assert_eq!(outputs.problems(root.path()).unwrap(), [""; 0]);
        assert!(root.path().join("beside.rs").exists());
    }
}
