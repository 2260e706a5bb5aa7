//! Writes the model's generated files from an OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use self::document::Document;
use self::types::{Model, SHARED, operations, resource};
use self::write::Effects;
pub use self::write::HEADER;
use crate::{Result, files};

mod document;
mod names;
mod types;
mod write;

const DOCUMENT: &str = "crates/cakemail-model/openapi.json";
const FOLDER: &str = "crates/cakemail-model/src/generated";

/// Writes the generated files of this tree, or with `check` says what is wrong with them.
pub fn in_tree(check: bool) -> Result {
    let root = files::root();
    let document = read(&root.join(DOCUMENT))?;
    let generated = generate(&document, Effects::Stated)?;
    let folder = root.join(FOLDER);
    if !check {
        return files::replace(&folder, &generated);
    }
    let wrong = files::differences(&folder, &generated)?;
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{FOLDER}: {}; run `cargo xtask codegen`", wrong.join(", ")).into())
}

/// Writes a crate of its own from any document, to show that the generator needs no special case.
///
/// A document that is not ours says nothing of effects, so that every write in it is taken to
/// repeat: the assumption that never sends anything twice.
pub fn elsewhere(from: &Path, out: &Path) -> Result {
    let document = read(from)?;
    let generated = generate(&document, Effects::Assumed)?;
    files::replace(&out.join("src/generated"), &generated)?;
    let resources: Vec<_> = generated.keys().filter_map(|name| name.strip_suffix(".rs")).collect();
    let features: Vec<_> = resources.iter().filter(|name| !matches!(**name, "mod" | SHARED)).collect();
    let list = features.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let declared = features.iter().map(|name| format!("{name} = []\n")).collect::<String>();
    let model = files::root().join("crates/cakemail-model").canonicalize()?;
    fs::write(
        out.join("Cargo.toml"),
        format!(
            "[package]\nname = \"generated\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[features]\ndefault = [{list}]\n{declared}\n\
             [dependencies]\ncakemail-model = {{ path = {model:?}, default-features = false }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\n[workspace]\n"
        ),
    )?;
    fs::write(
        out.join("src/lib.rs"),
        "//! Generated whole from a document, to see that it compiles.\npub mod generated;\npub use cakemail_model::prelude;\n",
    )?;
    let count = operations(&document).count();
    println!(
        "{count} operations, {} components, {} files in {}",
        document.components.schemas.0.len(),
        generated.len(),
        out.display()
    );
    Ok(())
}

fn read(path: &Path) -> Result<Document> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn generate(document: &Document, effects: Effects) -> Result<BTreeMap<String, String>> {
    let model = Model::new(document);
    let resources: BTreeSet<String> = operations(document).map(|(_, _, operation)| resource(operation)).collect();
    let mut files = BTreeMap::from([("mod.rs".to_owned(), write::modules(&resources))]);
    for name in resources.iter().map(String::as_str).chain([SHARED]) {
        let title = document.resources.get(name).cloned();
        let title = title.unwrap_or_else(|| format!("The resource `{name}`."));
        files.insert(format!("{name}.rs"), write::file(&model, name, &title, effects)?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_holds_what_the_document_says() {
        super::in_tree(true).unwrap();
    }
}
