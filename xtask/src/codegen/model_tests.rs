//! The model's tests: a list of every operation and one of every open enum, for tests that check each. The fuzzer's list
//! of every response.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::document::Document;
use super::format::rustfmt;
use super::outputs::Outputs;
use super::types::Model;
use super::verbs::verbs;
use super::write::HEADER;
use crate::Result;

/// Adds the lists in `folder`.
pub fn lists(document: &Document, folder: &str, outputs: &mut Outputs) -> Result {
    let model = Model::new(document);
    let mut text = format!(
        "//! Every operation and every open enum of the model.\n\n{HEADER}\n\
         use crate::call::{{Call, body, call, hostile, query}};\nuse crate::enums::{{Check, check}};\n\n\
         /// A call of each operation, with every field set and ids that would leave their segment if they were not encoded.\n\
         pub fn calls() -> Vec<Call> {{\nvec![\n"
    );
    for (name, _) in document.resources() {
        for verb in verbs(&model, name)? {
            let id = &verb.operation.operation_id;
            let fields = verb.arguments.iter().map(|argument| match argument.field.as_str() {
                "query" => format!("query: query({id:?}), "),
                "body" => format!("body: &body({id:?}), "),
                field => format!("{field}: hostile(), "),
            });
            let _ = writeln!(
                text,
                "call(&cakemail_model::{name}::{} {{ {} }}),",
                verb.type_name,
                fields.collect::<String>()
            );
        }
    }
    text.push_str(
        "]\n}\n\n/// A check of each open enum, with the component that it is generated from.\npub fn enums() -> Vec<(&'static str, Check)> {\nvec![\n",
    );
    let modules: BTreeSet<_> = document.resources.0.iter().map(|(name, _)| name.as_str()).collect();
    for name in modules {
        for (component, _) in model.components_of(name).filter(|(_, schema)| schema.words.is_some()) {
            let path = format!("cakemail_model::{name}::{}", model.rust_name(component));
            let _ = writeln!(text, "({component:?}, |component| check(component, {path}::KNOWN, {path}::as_str)),");
        }
    }
    text.push_str("]\n}\n");
    outputs.folder(folder);
    outputs.file(format!("{folder}/mod.rs"), rustfmt(&text)?);
    Ok(())
}

/// Adds the list of how the fuzzer reads each response in `folder`.
pub fn responses(document: &Document, folder: &str, outputs: &mut Outputs) -> Result {
    let model = Model::new(document);
    let mut text = format!(
        "//! How the response of every operation is read.\n\n{HEADER}\n\
         use cakemail::model;\n\nuse crate::targets::{{Read, read}};\n\n\
         /// Reads the response of each operation, by its id.\n\
         pub fn responses() -> Vec<(&'static str, Read)> {{\nvec![\n"
    );
    for (name, _) in document.resources() {
        for verb in verbs(&model, name)? {
            let _ = writeln!(text, "({:?}, read::<model::{name}::{}>),", verb.operation.operation_id, verb.type_name);
        }
    }
    text.push_str("]\n}\n");
    outputs.folder(folder);
    outputs.file(format!("{folder}/mod.rs"), rustfmt(&text)?);
    Ok(())
}
