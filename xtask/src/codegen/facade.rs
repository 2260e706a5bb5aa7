//! The facade's face: the model's modules, re-exported.

use std::fmt::Write as _;

use super::document::Document;
use super::features::{self, CORE};
use super::format::rustfmt;
use super::outputs::Outputs;
use super::write::HEADER;
use crate::Result;

/// Writes the facade's exports into `folder`.
pub fn facade(document: &Document, folder: &str, outputs: &mut Outputs) -> Result {
    let mut text = format!("//! The types of each resource.\n\n{HEADER}\n");
    let resources = document.resources().map(|(name, resource)| (features::gate(resource, name, CORE), name));
    let (always, optional): (Vec<_>, Vec<_>) = resources.partition(|(gate, _)| gate.is_empty());
    let always: Vec<_> = always.into_iter().map(|(_, name)| name).chain(["shared"]).collect();
    let _ = writeln!(text, "pub use cakemail_model::{{{}}};", always.join(", "));
    for (gate, name) in optional {
        let _ = writeln!(text, "{gate}pub use cakemail_model::{name};");
    }
    outputs.folder(folder);
    outputs.file(format!("{folder}/mod.rs"), rustfmt(&text)?);
    Ok(())
}
