//! Rust text for a resource.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::document::{Document, Schema};
use super::names;
use super::outputs::Outputs;
use super::types::{Model, Role, SHARED, Type, Union, is_one_or_many, operations, resource};
use crate::Result;

mod operations;

pub const HEADER: &str = "// Written by `cargo xtask codegen` from the spec. Change that, not this.\n";
const WIDTH: usize = 100;

/// Whether a write without an `x-idempotency` is an error, or taken to repeat.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effects {
    Stated,
    Assumed,
}

/// The model's face: a file for each resource, one for what they share, and `mod.rs`, in `folder`.
pub fn model(document: &Document, folder: &str, effects: Effects, outputs: &mut Outputs) -> Result {
    let model = Model::new(document);
    let resources: BTreeSet<String> = operations(document).map(|(_, _, operation)| resource(operation)).collect();
    outputs.folder(folder);
    outputs.file(format!("{folder}/mod.rs"), modules(&resources));
    for name in resources.iter().map(String::as_str).chain([SHARED]) {
        let title = document.resources.get(name).map(|resource| resource.title.clone());
        let title = title.unwrap_or_else(|| format!("The resource `{name}`."));
        outputs.file(format!("{folder}/{name}.rs"), file(&model, name, &title, effects)?);
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
fn file(model: &Model<'_>, name: &str, title: &str, effects: Effects) -> Result<String> {
    let mut writer = Writer { model, text: String::new(), unions: Vec::new(), used: BTreeSet::new() };
    let mut types = BTreeSet::new();
    for (component, schema) in model.components_of(name) {
        types.insert(model.rust_name(component));
        writer.component(component, schema)?;
    }
    for (method, path, operation) in operations(model.document) {
        if name != SHARED && resource(operation) == name {
            writer.operation(method, path, operation, &types, effects)?;
        }
    }
    Ok(writer.finish(name, title))
}

struct Writer<'a> {
    model: &'a Model<'a>,
    text: String,
    unions: Vec<Union>,
    /// The types that the file names.
    used: BTreeSet<String>,
}

/// A field as it is written.
struct Field {
    docs: String,
    rename: Option<String>,
    name: String,
    kind: Type,
    required: bool,
    one_or_many: bool,
    /// The documented default is the type's empty value, so that an absent one needs no `Option`.
    empty_by_default: bool,
}

impl Writer<'_> {
    fn finish(mut self, name: &str, title: &str) -> String {
        let mut written = BTreeSet::new();
        for union in std::mem::take(&mut self.unions) {
            if written.insert(union.name.clone()) {
                self.union(&union);
            }
        }
        let mut head = String::new();
        docs(&mut head, "//!", title);
        let _ = write!(head, "\n{HEADER}\n");
        let shared: BTreeSet<String> =
            self.model.components_of(SHARED).map(|(component, _)| self.model.rust_name(component)).collect();
        for import in self.used.intersection(&shared).filter(|_| name != SHARED) {
            let _ = writeln!(head, "use super::{SHARED}::{import};");
        }
        head.push_str("use crate::prelude::*;\n");
        head + &self.text
    }

    fn component(&mut self, component: &str, schema: &Schema) -> Result {
        let name = self.model.rust_name(component);
        if schema.words.is_some() {
            self.open_enum(&name, schema);
            return Ok(());
        }
        if !schema.any_of.is_empty() {
            return Err(
                format!("{component}: a component that is one of several is not written; name the property").into()
            );
        }
        let fields = schema
            .properties
            .0
            .iter()
            .map(|(wire, property)| self.property(&name, schema, wire, property))
            .collect::<Result<Vec<_>>>()?;
        match self.model.role(component) {
            Role::Patch => self.patch(&name, &schema.description, &fields),
            Role::Request => self.request(&name, &schema.description, &fields, self.model.is_received(component)),
            Role::Answer => self.answer(&name, schema, &fields),
        }
        Ok(())
    }

    fn property(&mut self, owner: &str, schema: &Schema, wire: &str, property: &Schema) -> Result<Field> {
        let kind = self.resolve(property, &format!("{owner}_{wire}"))?;
        let default = property.default.as_ref();
        let empty_by_default = kind.empty
            && default.is_some_and(|value| {
                value.as_bool() == Some(false)
                    || value.as_u64() == Some(0)
                    || value.as_array().is_some_and(Vec::is_empty)
            });
        let (name, rename) = names::field(wire);
        Ok(Field {
            docs: property.description.clone(),
            rename,
            name,
            kind,
            required: !property.may_be_missing && schema.required.iter().any(|required| required == wire),
            one_or_many: is_one_or_many(property),
            empty_by_default,
        })
    }

    fn resolve(&mut self, schema: &Schema, name: &str) -> Result<Type> {
        let resolved = self.model.resolve(schema, name, &mut self.unions)?;
        self.used.extend(resolved.names.iter().cloned());
        Ok(resolved)
    }

    fn open_enum(&mut self, name: &str, schema: &Schema) {
        self.text.push_str("\nopen_enum! {\n");
        docs(&mut self.text, "    ///", &schema.description);
        if schema.variant_descriptions.0.is_empty() {
            self.text.push_str("    #[allow(missing_docs)] // the words say it\n");
        }
        let _ = writeln!(self.text, "    pub enum {name} {{");
        let mut taken = BTreeSet::new();
        for (index, word) in schema.words.iter().flatten().enumerate() {
            docs(&mut self.text, "        ///", schema.variant_descriptions.get(word).map_or("", String::as_str));
            let mut variant = schema.variant_names.get(index).cloned().unwrap_or_else(|| names::pascal(word));
            while !taken.insert(variant.clone()) {
                variant.push('_'); // two words that differ in no letter
            }
            let _ = writeln!(self.text, "        {variant} = {word:?},");
        }
        self.text.push_str("    }\n}\n");
    }

    fn answer(&mut self, name: &str, schema: &Schema, fields: &[Field]) {
        self.text.push('\n');
        docs(&mut self.text, "///", &schema.description);
        let default = if self.model.has_empty(schema) { "Default, " } else { "" };
        let _ = writeln!(self.text, "#[derive(Debug, Clone, {default}PartialEq, Serialize, Deserialize)]");
        let _ = write!(self.text, "#[non_exhaustive]\npub struct {name} {{\n");
        for field in fields {
            docs(&mut self.text, "    ///", &field.docs);
            let (kind, reading) = read_as(field);
            let rename = field.rename.as_ref().map(|wire| format!("rename = {wire:?}"));
            let attributes: Vec<_> = rename.into_iter().chain(reading.map(str::to_owned)).collect();
            if !attributes.is_empty() {
                let _ = writeln!(self.text, "    #[serde({})]", attributes.join(", "));
            }
            let _ = writeln!(self.text, "    pub {}: {kind},", field.name);
        }
        self.text.push_str("}\n");
    }

    fn request(&mut self, name: &str, description: &str, fields: &[Field], received: bool) {
        self.text.push_str("\nrequest! {\n");
        docs(&mut self.text, "    ///", description);
        let _ = writeln!(self.text, "    pub struct {name} {{");
        for (group, required) in [("required", true), ("optional", false)] {
            if fields.iter().any(|field| field.required == required) {
                let _ = writeln!(self.text, "        {group} {{");
                for field in fields.iter().filter(|field| field.required == required) {
                    self.sent(field, "            ", received);
                }
                self.text.push_str("        }\n");
            }
        }
        self.text.push_str("    }\n}\n");
    }

    fn patch(&mut self, name: &str, description: &str, fields: &[Field]) {
        self.text.push_str("\npatch! {\n");
        docs(&mut self.text, "    ///", description);
        let _ = writeln!(self.text, "    pub struct {name} {{");
        for field in fields {
            self.sent(field, "        ", false);
        }
        self.text.push_str("    }\n}\n");
    }

    fn sent(&mut self, field: &Field, indent: &str, received: bool) {
        docs(&mut self.text, &format!("{indent}///"), &field.docs);
        if let Some(wire) = &field.rename {
            let _ = writeln!(self.text, "{indent}#[serde(rename = {wire:?})]");
        }
        if field.one_or_many && !field.required {
            let _ = writeln!(self.text, "{indent}#[serde(deserialize_with = \"de::one_or_many\")]");
        }
        if received
            && field.required
            && field.kind.empty
            && let (_, Some(reading)) = read_as(field)
        {
            let _ = writeln!(self.text, "{indent}#[serde({reading})]");
        }
        let _ = writeln!(self.text, "{indent}{}: {},", field.name, field.kind.text);
    }

    fn union(&mut self, union: &Union) {
        let text = &mut self.text;
        let _ = write!(
            text,
            "\n/// One of several, told apart by what fits.\n#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\n#[serde(untagged)]\n#[non_exhaustive]\npub enum {} {{\n",
            union.name
        );
        for (member, kind) in &union.members {
            let _ = write!(text, "    /// [`{member}`]\n    {member}({}),\n", kind.text);
        }
        text.push_str("    /// None of these.\n    Other(de::Unread),\n}\n");
    }
}

/// The type that a received field has, and how serde is told to read it.
fn read_as(field: &Field) -> (String, Option<&'static str>) {
    let option =
        || (format!("Option<{}>", field.kind.text), Some("default, skip_serializing_if = \"Option::is_none\""));
    let plain = || (field.kind.text.clone(), Some("default, deserialize_with = \"de::or_default\""));
    match field.required {
        _ if field.kind.text.starts_with("Vec<") => {
            (field.kind.text.clone(), Some("default, deserialize_with = \"de::compact\""))
        }
        _ if field.empty_by_default => plain(),
        true if field.kind.empty => plain(),
        true if field.kind.text == "Timestamp" => option(),
        true => (field.kind.text.clone(), None),
        false => option(),
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
