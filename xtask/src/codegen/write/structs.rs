//! Structs: responses, requests and patches.

use std::fmt::Write as _;

use super::super::document::Schema;
use super::super::names;
use super::super::types::{Type, Union, is_one_or_many};
use super::debug::{self, Shown};
use super::{Writer, docs};
use crate::Result;

const OPTIONAL: &str = "default, skip_serializing_if = \"Option::is_none\"";
const OPTIONAL_SCALAR: &str =
    "default, deserialize_with = \"de::optional_scalar\", skip_serializing_if = \"Option::is_none\"";
const UNCHANGED: &str = "default, skip_serializing_if = \"Patch::is_leave\"";

/// A property as a field.
pub struct Field {
    pub docs: String,
    /// The name on the wire, when the field's differs.
    pub rename: Option<String>,
    pub name: String,
    pub kind: Type,
    pub required: bool,
    pub one_or_many: bool,
    /// The documented default is the type's empty value, so that an absent one needs no `Option`.
    pub empty_by_default: bool,
}

/// A field as it is declared: its type, and what serde is told.
struct Declared<'a> {
    field: &'a Field,
    kind: String,
    serde: Vec<&'static str>,
}

impl Writer<'_> {
    pub(super) fn property(&mut self, owner: &str, schema: &Schema, wire: &str, property: &Schema) -> Result<Field> {
        let kind = self.resolve(property, &format!("{owner}_{wire}"))?;
        let default = property.default.as_ref();
        let empty_by_default = kind.empty
            && default.is_some_and(|value| {
                value.as_bool() == Some(false)
                    || value.as_u64() == Some(0)
                    || value.as_array().is_some_and(Vec::is_empty)
            });
        let (name, rename) = match &property.name {
            Some(name) => (name.clone(), Some(wire.to_owned())),
            None => names::field(wire),
        };
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

    /// A type that is only received: it has no constructor and no setters.
    pub(super) fn response(&mut self, name: &str, schema: &Schema, fields: &[Field]) {
        let declared = fields.iter().map(received).collect();
        self.declare(name, &schema.description, self.model.has_empty(schema), declared);
    }

    /// A type that is sent: `new` takes the required fields, and each other field has a setter.
    pub(super) fn request(&mut self, name: &str, description: &str, fields: &[Field], is_received: bool) {
        let (required, optional): (Vec<_>, Vec<_>) = fields.iter().partition(|field| field.required);
        let declared = required.iter().map(|field| Declared {
            kind: field.kind.text.clone(),
            serde: received(field).serde.into_iter().filter(|_| is_received && field.kind.empty).collect(),
            field,
        });
        let declared = declared.chain(optional.iter().map(|field| Declared {
            kind: format!("Option<{}>", field.kind.text),
            serde: if is_received && is_scalar(field) {
                vec![OPTIONAL_SCALAR]
            } else {
                one_or_many(field).chain([OPTIONAL]).collect()
            },
            field,
        }));
        let declared = declared.collect();
        self.declare(name, description, required.is_empty(), declared);
        let _ = write!(self.text, "\nimpl {name} {{\n");
        self.constructor(&required, &optional);
        self.setters("Some", &optional);
        self.text.push_str("}\n");
    }

    /// The body of a `PATCH`: each field is left alone, cleared or set.
    pub(super) fn patch(&mut self, name: &str, description: &str, fields: &[Field]) {
        self.used.insert("Patch".to_owned());
        let declared = fields.iter().map(|field| Declared {
            kind: format!("Patch<{}>", field.kind.text),
            serde: vec![UNCHANGED],
            field,
        });
        self.declare(name, description, true, declared.collect());
        let _ = write!(
            self.text,
            "\nimpl {name} {{\n    /// Changes nothing.\n    pub fn new() -> Self {{ Self::default() }}\n"
        );
        self.setters("Patch::Set", &fields.iter().collect::<Vec<_>>());
        self.text.push_str("}\n");
    }

    fn declare(&mut self, name: &str, description: &str, default: bool, fields: Vec<Declared<'_>>) {
        self.text.push('\n');
        docs(&mut self.text, "///", description);
        let default = if default { "Default, " } else { "" };
        let shown: Vec<_> = fields.iter().map(|declared| Shown::of(declared.field)).collect();
        let debug = debug::derived(&shown);
        let _ = writeln!(self.text, "#[derive({debug}Clone, {default}PartialEq, Serialize, Deserialize)]");
        let _ = write!(self.text, "#[non_exhaustive]\npub struct {name} {{\n");
        for Declared { field, kind, serde } in &fields {
            docs(&mut self.text, "    ///", &field.docs);
            let rename = field.rename.as_ref().map(|wire| format!("rename = {wire:?}"));
            let serde: Vec<_> = rename.into_iter().chain(serde.iter().copied().map(str::to_owned)).collect();
            if !serde.is_empty() {
                let _ = writeln!(self.text, "    #[serde({})]", serde.join(", "));
            }
            let _ = writeln!(self.text, "    pub {}: {kind},", field.name);
        }
        self.text.push_str("}\n");
        debug::written(&mut self.text, name, "", &shown);
    }

    fn constructor(&mut self, required: &[&Field], optional: &[&Field]) {
        if required.is_empty() {
            self.text.push_str("    /// Sets no field.\n    pub fn new() -> Self { Self::default() }\n");
            return;
        }
        let parameters = required.iter().map(|field| parameter(field)).collect::<Vec<_>>().join(", ");
        let given = required.iter().map(|field| format!("{}: {}, ", field.name, argument(field)));
        let unset = optional.iter().map(|field| format!("{}: None, ", field.name));
        let fields: String = given.chain(unset).collect();
        let _ = writeln!(
            self.text,
            "    /// Sets the required fields, and no others.\n    pub fn new({parameters}) -> Self {{ Self {{ {fields} }} }}"
        );
    }

    fn setters(&mut self, wrapper: &str, fields: &[&Field]) {
        for field in fields {
            self.text.push('\n');
            docs(&mut self.text, "    ///", &field.docs);
            let (name, parameter, argument) = (&field.name, parameter(field), argument(field));
            let change = match item(field) {
                Some(_) => {
                    self.text.push_str("    ///\n    /// Adds to those that are already set.\n");
                    format!("self.{name}.get_or_insert_default().extend({name}.into_iter().map(Into::into))")
                }
                None => format!("self.{name} = {wrapper}({argument})"),
            };
            let _ = writeln!(self.text, "    pub fn {name}(mut self, {parameter}) -> Self {{ {change}; self }}");
        }
    }

    pub(super) fn union(&mut self, union: &Union) {
        let _ = write!(
            self.text,
            "\n/// A value of one of several types: the first that fits.\n#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\n#[serde(untagged)]\n#[non_exhaustive]\npub enum {} {{\n",
            union.name
        );
        for (member, kind) in &union.members {
            let _ = write!(self.text, "    /// [`{member}`]\n    {member}({}),\n", kind.text);
        }
        self.text.push_str("    /// JSON that fits none of them, preserved verbatim.\n    Other(de::Unknown),\n}\n");
    }
}

/// Numbers and flags are taken as they are, or a literal would have no type; every other type converts.
fn is_plain(field: &Field) -> bool {
    matches!(field.kind.text.as_str(), "u64" | "f64" | "bool")
}

/// The type of a list's items.
pub(super) fn item(field: &Field) -> Option<&str> {
    field.kind.text.strip_prefix("Vec<")?.strip_suffix('>')
}

fn parameter(field: &Field) -> String {
    let (name, kind) = (&field.name, &field.kind.text);
    match item(field) {
        Some(item) => format!("{name}: impl IntoIterator<Item = impl Into<{item}>>"),
        None if is_plain(field) => format!("{name}: {kind}"),
        None => format!("{name}: impl Into<{kind}>"),
    }
}

fn argument(field: &Field) -> String {
    let name = &field.name;
    match item(field) {
        Some(_) => format!("{name}.into_iter().map(Into::into).collect()"),
        None if is_plain(field) => name.clone(),
        None => format!("{name}.into()"),
    }
}

fn one_or_many(field: &Field) -> impl Iterator<Item = &'static str> {
    field.one_or_many.then_some("deserialize_with = \"de::one_or_many\"").into_iter()
}

/// Whether servers write the type in several ways: see `de::Scalar`.
fn is_scalar(field: &Field) -> bool {
    is_plain(field) || field.kind.text == "Timestamp"
}

/// The type of a field in a response, and how serde reads what a server may leave out or send as `null`.
fn received(field: &Field) -> Declared<'_> {
    let kind = &field.kind.text;
    let plain = |serde| Declared { field, kind: kind.clone(), serde };
    if kind.starts_with("Vec<") {
        return plain(vec!["default, deserialize_with = \"de::compact\""]);
    }
    let scalar = is_scalar(field);
    if field.empty_by_default || (field.required && field.kind.empty) {
        let read = match scalar {
            true => "default, deserialize_with = \"de::scalar\"",
            false => "default, deserialize_with = \"de::or_default\"",
        };
        return plain(vec![read]);
    }
    if field.required && kind != "Timestamp" {
        return plain(Vec::new());
    }
    let serde = if scalar { OPTIONAL_SCALAR } else { OPTIONAL };
    Declared { field, kind: format!("Option<{kind}>"), serde: vec![serde] }
}
