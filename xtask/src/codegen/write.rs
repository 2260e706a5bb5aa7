//! The model's face: the types and operations of each resource, as plain Rust.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::document::{Document, Schema};
use super::format::rustfmt;
use super::outputs::Outputs;
use super::types::{Model, Role, SHARED, Type, Union, operations, resource};
use crate::Result;

mod debug;
mod enums;
mod imports;
mod operations;
mod structs;

pub const HEADER: &str = "// Written by `cargo xtask codegen` from the spec. Change that, not this.\n";
const WIDTH: usize = 100;

/// Whether an operation without an `x-idempotency` is an error, or taken to be non-idempotent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unmarked {
    Refused,
    NonIdempotent,
}

/// Adds a file for each resource, one for what they share, and `mod.rs`, in `folder`.
pub fn model(document: &Document, folder: &str, unmarked: Unmarked, outputs: &mut Outputs) -> Result {
    let model = Model::new(document);
    let resources: BTreeSet<String> = operations(document).map(|(_, _, operation)| resource(operation)).collect();
    outputs.folder(folder);
    outputs.file(format!("{folder}/mod.rs"), modules(&resources));
    for name in resources.iter().map(String::as_str).chain([SHARED]) {
        let title = document.resources.get(name).map(|resource| resource.title.clone());
        let title = title.unwrap_or_else(|| format!("The resource `{name}`."));
        outputs.file(format!("{folder}/{name}.rs"), file(&model, name, &title, unmarked)?);
    }
    Ok(())
}

/// `mod.rs`: a module for each file, behind its resource's feature.
fn modules(resources: &BTreeSet<String>) -> String {
    let mut text = format!("//! The types and operations of each resource.\n\n{HEADER}\n");
    let shared = SHARED.to_owned();
    let mut modules: Vec<_> = resources.iter().chain([&shared]).collect();
    modules.sort();
    for module in modules {
        if module != SHARED {
            let _ = writeln!(text, "#[cfg(feature = \"{module}\")]");
        }
        let _ = writeln!(text, "pub mod {module};");
    }
    text
}

/// A resource's file.
fn file(model: &Model<'_>, name: &str, title: &str, unmarked: Unmarked) -> Result<String> {
    let mut writer = Writer { model, unmarked, text: String::new(), unions: Vec::new(), used: BTreeSet::new() };
    let mut types = BTreeSet::new();
    for (component, schema) in model.components_of(name) {
        types.insert(model.rust_name(component));
        writer.component(component, schema)?;
    }
    for (method, path, operation) in operations(model.document) {
        if name != SHARED && resource(operation) == name {
            writer.operation(method, path, operation, &types)?;
        }
    }
    writer.finish(name, title)
}

/// Writes one file.
struct Writer<'a> {
    model: &'a Model<'a>,
    unmarked: Unmarked,
    text: String,
    /// The unions that the file's types name, still to be written.
    unions: Vec<Union>,
    /// The names in the types of fields.
    used: BTreeSet<String>,
}

impl Writer<'_> {
    fn finish(mut self, name: &str, title: &str) -> Result<String> {
        let mut written = BTreeSet::new();
        for union in std::mem::take(&mut self.unions) {
            if written.insert(union.name.clone()) {
                self.union(&union);
            }
        }
        let mut head = String::new();
        docs(&mut head, "//!", title);
        let _ = write!(head, "\n{HEADER}\n");
        let shared = self.model.components_of(SHARED).map(|(component, _)| self.model.rust_name(component));
        let shared = shared.filter(|_| name != SHARED).collect();
        head += &imports::imports(&self.text, &self.used, &shared);
        rustfmt(&(head + &self.text))
    }

    fn component(&mut self, component: &str, schema: &Schema) -> Result {
        let name = self.model.rust_name(component);
        if let Some(values) = &schema.words {
            self.open_enum(&name, schema, values);
            return Ok(());
        }
        if !schema.any_of.is_empty() {
            return Err(
                format!("{component}: a component that is one of several is not written; name the property").into()
            );
        }
        let properties = &schema.properties.0;
        let fields = properties.iter().map(|(wire, property)| self.property(&name, schema, wire, property));
        let fields = fields.collect::<Result<Vec<_>>>()?;
        match self.model.role(component) {
            Role::Patch => self.patch(&name, &schema.description, &fields),
            Role::Request => self.request(&name, &schema.description, &fields, self.model.is_received(component)),
            Role::Response => self.response(&name, schema, &fields),
        }
        Ok(())
    }

    fn resolve(&mut self, schema: &Schema, name: &str) -> Result<Type> {
        let resolved = self.model.resolve(schema, name, &mut self.unions)?;
        self.used.extend(imports::words([resolved.text.as_str()].into_iter()).into_iter().map(str::to_owned));
        Ok(resolved)
    }
}

/// Writes doc lines, wrapped.
pub fn docs(text: &mut String, prefix: &str, prose: &str) {
    for (index, paragraph) in prose.split("\n\n").enumerate() {
        if paragraph.trim().is_empty() {
            continue;
        }
        if index > 0 {
            let _ = writeln!(text, "{prefix}");
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && prefix.len() + 1 + line.len() + 1 + word.len() > WIDTH {
                let _ = writeln!(text, "{prefix} {line}");
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        let _ = writeln!(text, "{prefix} {line}");
    }
}
