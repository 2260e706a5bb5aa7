//! The sandbox's face: a table of the operations, with how each is answered.

use std::fmt::Write as _;

use super::document::Document;
use super::format::rustfmt;
use super::outputs::Outputs;
use super::types::{operations, resource};
use super::write::HEADER;
use crate::Result;

/// How the sandbox answers an operation: the word in `x-tier`, the Rust variant, and what it means.
pub const TIERS: [(&str, &str, &str); 4] = [
    ("collection", "Collection", "Objects are stored, listed, filtered, changed and deleted."),
    ("transition", "Transition", "An object changes its state, by the rules of a state machine."),
    ("behavior", "Behavior", "The call has effects beyond the object that it names."),
    ("example", "Example", "The response is a stored example."),
];

/// Writes the table into `folder`.
pub fn sandbox(document: &Document, folder: &str, outputs: &mut Outputs) -> Result {
    let mut text = format!(
        "//! Every operation of the API, and how the sandbox answers it.\n\n{HEADER}\n\
         /// How the sandbox answers an operation.\n#[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub(crate) enum Tier {{\n"
    );
    let is_used = |tier: &str| operations(document).any(|(_, _, operation)| operation.tier.as_deref() == Some(tier));
    for (_, variant, meaning) in TIERS.into_iter().filter(|(tier, ..)| is_used(tier)) {
        let _ = writeln!(text, "/// {meaning}\n{variant},");
    }
    text.push_str(
        "}\n\n/// An operation of the API.\n#[derive(Debug)]\npub(crate) struct Operation {\n\
         /// The `operationId`.\npub(crate) id: &'static str,\n\
         /// The HTTP method, in capitals.\npub(crate) method: &'static str,\n\
         /// The path's template, such as `/lists/{list_id}`.\npub(crate) path: &'static str,\n\
         /// The resource that it belongs to.\npub(crate) resource: &'static str,\n\
         pub(crate) tier: Tier,\n}\n\n\
         /// The operations, in the order of the spec.\npub(crate) static OPERATIONS: &[Operation] = &[\n",
    );
    for (method, path, operation) in operations(document) {
        let id = &operation.operation_id;
        let tier = operation.tier.as_deref().unwrap_or_default();
        let (_, variant, _) = TIERS
            .into_iter()
            .find(|(word, _, _)| *word == tier)
            .ok_or_else(|| format!("{id}: x-tier `{tier}` is none of collection, transition, behavior, example"))?;
        let _ = writeln!(
            text,
            "Operation {{ id: {id:?}, method: {:?}, path: {path:?}, resource: {:?}, tier: Tier::{variant} }},",
            method.to_uppercase(),
            resource(operation),
        );
    }
    text.push_str("];\n");
    outputs.folder(folder);
    outputs.file(format!("{folder}/mod.rs"), rustfmt(&text)?);
    Ok(())
}
