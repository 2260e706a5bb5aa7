//! Writes every generated file of the workspace from the spec.
//!
//! The spec is a folder ([`bundle`]), read as one [`Document`]. Each face of it is a function in a
//! file of its own that adds to the one list of [`Outputs`].

use std::fs;
use std::path::Path;

use self::document::Document;
use self::outputs::Outputs;
use self::types::{SHARED, operations};
pub use self::write::HEADER;
use self::write::Unmarked;
use crate::{Result, files};

mod bundle;
mod client;
mod coverage;
mod document;
mod facade;
mod features;
mod fixtures;
mod format;
mod json;
mod model_tests;
mod names;
mod outputs;
mod sandbox;
mod types;
mod verbs;
mod write;

const SPEC: &str = "crates/cakemail-model/spec";
const OPENAPI: &str = "crates/cakemail-model/openapi.json";
const MODEL: &str = "crates/cakemail-model/src/generated";
const FIXTURES: &str = "crates/cakemail-model/tests/fixtures";
const MODEL_TESTS: &str = "crates/cakemail-model/tests/wire/generated";
const CLIENT: &str = "crates/cakemail-client/src/generated";
const FACADE: &str = "crates/cakemail/src/generated";
const SANDBOX: &str = "crates/cakemail-sandbox/src/generated";
const CONTROL: &str = "crates/cakemail-sandbox/control";
const FUZZ: &str = "xtask/fuzz/src/generated";
const COVERAGE: &str = "docs/api.md";

/// Writes the generated files of this tree, or with `check` fails when one differs, is missing, or is an orphan.
pub fn in_tree(check: bool) -> Result {
    let root = files::root();
    if !check {
        return write(&root);
    }
    let outputs = outputs(&root)?;
    let problems = outputs.problems(&root)?;
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("{}; run `cargo xtask codegen`", problems.join(", ")).into())
}

/// Writes the generated files of the workspace at `root`.
pub fn write(root: &Path) -> Result {
    outputs(root)?.write(root)
}

/// The spec as one document.
pub fn bundled() -> Result<serde_json::Value> {
    Ok(serde_json::to_value(bundle::read(&files::root().join(SPEC))?)?)
}

/// All that is generated: every face adds its files and folders here.
fn outputs(root: &Path) -> Result<Outputs> {
    let bundle = bundle::read(&root.join(SPEC))?;
    let document = Document::from_json(&bundle)?;
    let mut outputs = Outputs::default();
    outputs.file(OPENAPI, serde_json::to_string_pretty(&bundle)? + "\n");
    write::model(&document, MODEL, Unmarked::Refused, &mut outputs)?;
    fixtures::fixtures(&document, FIXTURES, &mut outputs)?;
    model_tests::lists(&document, MODEL_TESTS, &mut outputs)?;
    model_tests::responses(&document, FUZZ, &mut outputs)?;
    client::client(&document, CLIENT, &mut outputs)?;
    features::manifests(&document, root, &mut outputs)?;
    facade::facade(&document, FACADE, &mut outputs)?;
    sandbox::sandbox(&document, SANDBOX, &mut outputs)?;
    let control = bundle::read(&root.join(CONTROL))?;
    outputs.file(format!("{SANDBOX}/control.json"), serde_json::to_string_pretty(&control)? + "\n");
    coverage::coverage(&document, root, COVERAGE, &mut outputs)?;
    Ok(outputs)
}

/// Writes a crate of its own from any document, to show that the generator needs no special case.
///
/// A document that is not ours says nothing of idempotency, so that every write in it is taken to
/// be non-idempotent: the assumption that never sends anything twice.
pub fn elsewhere(from: &Path, out: &Path) -> Result {
    let text = fs::read_to_string(from).map_err(|error| format!("{}: {error}", from.display()))?;
    let document: Document = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", from.display()))?;
    let mut outputs = Outputs::default();
    write::model(&document, "src/generated", Unmarked::NonIdempotent, &mut outputs)?;
    let modules = outputs.files().filter_map(|(path, _)| path.strip_prefix("src/generated/")?.strip_suffix(".rs"));
    let features: Vec<_> = modules.filter(|name| !matches!(*name, "mod" | SHARED)).collect();
    let list = features.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let declared = features.iter().map(|name| format!("{name} = []\n")).collect::<String>();
    let model = files::root().join("crates/cakemail-model").canonicalize()?;
    let count = features.len() + 2;
    outputs.file(
        "Cargo.toml",
        format!(
            "[package]\nname = \"generated\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[features]\ndefault = [{list}]\n{declared}\n\
             [dependencies]\ncakemail-model = {{ path = {model:?}, default-features = false }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\n[workspace]\n"
        ),
    );
    outputs.file(
        "src/lib.rs",
        "//! Generated from a document, to check that it compiles.\npub mod generated;\npub use cakemail_model::*;\n",
    );
    outputs.write(out)?;
    println!(
        "{} operations, {} components, {count} files in {}",
        operations(&document).count(),
        document.components.schemas.0.len(),
        out.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::document::Document;
    use super::outputs::Outputs;
    use super::write::{self, Unmarked};
    use super::{SPEC, bundle, files, fixtures};

    #[test]
    fn the_generated_files_match_the_spec() {
        super::in_tree(true).unwrap();
    }

    #[test]
    fn the_files_of_a_made_up_resource_are_plain_rust() {
        let mut spec = bundle::files(&files::root().join(SPEC)).unwrap();
        spec.push("gadgets", serde_json::from_str(include_str!("../one_entry/gadgets.json")).unwrap());
        let document = Document::from_json(&bundle::bundle(&spec).unwrap()).unwrap();
        let mut outputs = Outputs::default();
        write::model(&document, "model", Unmarked::Refused, &mut outputs).unwrap();
        fixtures::fixtures(&document, "fixtures", &mut outputs).unwrap();
        for (path, text) in outputs.files().filter(|(path, _)| path.contains("/gadgets.")) {
            insta::assert_snapshot!(path.replace(['/', '.'], "_"), text);
        }
    }
}
