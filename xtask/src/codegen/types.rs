//! Which Rust type stands for which schema, and which file it belongs to.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Operation, Schema};
use super::names;
use crate::Result;

/// The file for types that several resources use.
pub const SHARED: &str = "shared";

/// A Rust type: its text, and its properties.
#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    pub text: String,
    /// It has an empty value, which an absent field reads as.
    pub empty: bool,
    /// The components it names.
    pub names: Vec<String>,
}

impl Type {
    fn new(text: impl Into<String>, empty: bool) -> Self {
        Self { text: text.into(), empty, names: Vec::new() }
    }

    fn wrapped(self, wrapper: &str, empty: bool) -> Self {
        Self { text: format!("{wrapper}<{}>", self.text), empty, names: self.names }
    }
}

/// One of several types: the first that fits.
#[derive(Debug, Clone)]
pub struct Union {
    pub name: String,
    pub members: Vec<(String, Type)>,
}

/// How a component is used, which decides the code for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The body of a `PATCH`, none of whose fields is required.
    Patch,
    /// Sent, so that it has a constructor; it may come back as well.
    Request,
    /// Only ever received.
    Response,
}

/// The document, with the facts that need all of it: who uses a component, and how.
pub struct Model<'a> {
    pub document: &'a Document,
    components: BTreeMap<&'a str, &'a Schema>,
    resources: BTreeMap<&'a str, BTreeSet<String>>,
    roles: BTreeMap<&'a str, Role>,
    received: BTreeSet<&'a str>,
    /// The types of `x-type`.
    handwritten: BTreeSet<&'a str>,
}

impl<'a> Model<'a> {
    pub fn new(document: &'a Document) -> Self {
        let components = document.components.schemas.0.iter().map(|(name, schema)| (name.as_str(), schema)).collect();
        let (resources, roles, received, handwritten) = Default::default();
        let mut model = Self { document, components, resources, roles, received, handwritten };
        for (method, _, operation) in operations(document) {
            let resource = resource(operation);
            let role = if method == "patch" { Role::Patch } else { Role::Request };
            if let Some((_, schema)) = operation.body() {
                model.visit(schema, &resource, role);
            }
            for parameter in &operation.parameters {
                model.visit(&parameter.schema, &resource, Role::Request);
            }
            if let Some((_, schema)) = operation.response() {
                model.visit(schema, &resource, Role::Response);
            }
        }
        model
    }

    fn visit(&mut self, schema: &'a Schema, resource: &str, role: Role) {
        self.handwritten.extend(schema.handwritten.as_deref());
        let Some(target) = schema.target() else {
            return schema.parts().for_each(|part| self.visit(part, resource, role));
        };
        let Some(&component) = self.components.get(target) else { return };
        self.handwritten.extend(component.handwritten.as_deref());
        let patch = role == Role::Patch && component.required.is_empty() && component.words.is_none();
        let role = if role == Role::Patch && !patch { Role::Request } else { role };
        let merged = match self.roles.get(target) {
            None => role,
            Some(Role::Response) if role == Role::Response => Role::Response,
            Some(Role::Patch) if role == Role::Patch => Role::Patch,
            Some(_) => Role::Request,
        };
        let changed = self.roles.insert(target, merged) != Some(merged);
        let added = self.resources.entry(target).or_default().insert(resource.to_owned());
        let received = role == Role::Response && self.received.insert(target);
        if changed || added || received {
            // The objects in a patch are not patches themselves.
            let inner = if role == Role::Patch { Role::Request } else { role };
            component.parts().for_each(|part| self.visit(part, resource, inner));
        }
    }

    /// The components of a file, in the document's order.
    pub fn components_of(&self, file: &str) -> impl Iterator<Item = (&'a str, &'a Schema)> {
        let file = file.to_owned();
        self.document.components.schemas.0.iter().filter_map(move |(name, schema)| {
            let place = self.file_of(name)?;
            (place == file && self.is_written(schema)).then_some((name.as_str(), schema))
        })
    }

    /// The file of a component, when any operation uses it.
    pub fn file_of(&self, component: &str) -> Option<&str> {
        let resources = self.resources.get(component)?;
        Some(if resources.len() == 1 { resources.first()? } else { SHARED })
    }

    fn is_written(&self, schema: &Schema) -> bool {
        schema.handwritten.is_none() && page_item(schema).is_none() && data_item(schema).is_none()
    }

    pub fn role(&self, component: &str) -> Role {
        self.roles.get(component).copied().unwrap_or(Role::Response)
    }

    /// Whether a response holds the component.
    pub fn is_received(&self, component: &str) -> bool {
        self.received.contains(component)
    }

    /// The schema of a component.
    pub fn component_schema(&self, component: &str) -> Option<&'a Schema> {
        self.components.get(component).copied()
    }

    /// The generated module that has the type with this Rust name, unless the type is written by hand.
    pub fn module_of(&self, rust_name: &str) -> Option<&str> {
        let component = self.components.keys().find(|component| self.rust_name(component) == rust_name)?;
        self.file_of(component)
    }

    /// Whether the type with this Rust name stands beside the generated ones.
    pub fn is_handwritten(&self, rust_name: &str) -> bool {
        self.handwritten.contains(rust_name)
    }

    pub fn rust_name(&self, component: &str) -> String {
        let given = self.components.get(component).and_then(|schema| schema.name.clone());
        given.unwrap_or_else(|| names::pascal(component))
    }

    /// The type of a schema. A union that has no name yet is given `name` and noted in `unions`.
    pub fn resolve(&self, schema: &Schema, name: &str, unions: &mut Vec<Union>) -> Result<Type> {
        if let Some(handwritten) = &schema.handwritten {
            return Ok(Type::new(handwritten, handwritten_has_empty(handwritten)));
        }
        if let Some(target) = schema.target() {
            return self.component(target, unions);
        }
        if schema.format.as_deref() == Some("password") {
            return Ok(Type::new("Secret", false));
        }
        if !schema.any_of.is_empty() {
            return self.any_of(&schema.any_of, name, unions);
        }
        if schema.words.is_some() || !schema.properties.0.is_empty() {
            return Err(format!("{name}: give this enum or object a name under components/schemas").into());
        }
        Ok(match (schema.kind.as_deref(), schema.format.as_deref()) {
            (Some("string"), Some("date-time")) => Type::new("Timestamp", false),
            (Some("string"), _) => Type::new("String", true),
            (Some("integer"), _) => Type::new("u64", true),
            (Some("number"), _) => Type::new("f64", true),
            (Some("boolean"), _) => Type::new("bool", true),
            (Some("object"), _) => Type::new("JsonObject", true),
            (Some("array"), _) => match schema.items.as_deref() {
                Some(items) => self.resolve(items, name, unions)?.wrapped("Vec", true),
                None => Type::new("Vec<Value>", true),
            },
            (None, _) => Type::new("Value", true),
            (Some(other), _) => return Err(format!("{name}: no Rust type is known for `{other}`").into()),
        })
    }

    fn component(&self, target: &str, unions: &mut Vec<Union>) -> Result<Type> {
        let schema = *self.components.get(target).ok_or_else(|| format!("no component is named {target}"))?;
        if schema.handwritten.is_some() {
            return self.resolve(schema, target, unions);
        }
        let name = self.rust_name(target);
        if let Some(item) = page_item(schema) {
            return Ok(self.resolve(item, &name, unions)?.wrapped("Page", false));
        }
        if let Some(item) = data_item(schema) {
            return Ok(self.resolve(item, &name, unions)?.wrapped("Data", false));
        }
        let empty = schema.words.is_some() || (self.role(target) == Role::Response && self.has_empty(schema));
        Ok(Type { text: name.clone(), empty, names: vec![name] })
    }

    /// Whether an object with nothing in it is a value of this type: whether it has no required
    /// field that must not be empty.
    pub fn has_empty(&self, schema: &Schema) -> bool {
        schema.properties.0.iter().filter(|(name, _)| schema.required.contains(name)).all(|(name, property)| {
            self.resolve(property, name, &mut Vec::new()).is_ok_and(|field| field.empty || field.text == "Timestamp")
        })
    }

    fn any_of(&self, options: &[Schema], name: &str, unions: &mut Vec<Union>) -> Result<Type> {
        let types = options.iter().map(|option| self.resolve(option, name, unions)).collect::<Result<Vec<_>>>()?;
        if types.iter().any(|option| option.text == "Timestamp") {
            return Ok(Type::new("Timestamp", false)); // it reads every spelling of a time
        }
        if let [first, rest @ ..] = types.as_slice() {
            if rest.iter().all(|other| other == first) {
                return Ok(first.clone());
            }
            if let [many] = rest
                && many.text == format!("Vec<{}>", first.text)
            {
                return Ok(many.clone());
            }
        }
        if options.iter().any(|option| option.target().is_none()) {
            return Ok(Type::new("Value", true));
        }
        let members = types.iter().map(|option| (option.text.clone(), option.clone())).collect();
        let mut name = names::pascal(name);
        if self.components.keys().any(|component| self.rust_name(component) == name) {
            name.push_str("Choice");
        }
        let names = types.into_iter().flat_map(|option| option.names).collect();
        unions.push(Union { name: name.clone(), members });
        Ok(Type { text: name, empty: false, names })
    }
}

/// Whether the schema takes one item or a list of them.
pub fn is_one_or_many(schema: &Schema) -> bool {
    matches!(schema.any_of.as_slice(), [one, many] if one.kind.as_deref() != Some("array") && many.kind.as_deref() == Some("array"))
}

/// Every operation: its method, path template and the operation itself.
pub fn operations(document: &Document) -> impl Iterator<Item = (&str, &str, &Operation)> {
    document.paths.0.iter().flat_map(|(path, methods)| {
        methods.0.iter().map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

/// The file of an operation: its `x-resource`, or else its first tag.
pub fn resource(operation: &Operation) -> String {
    let tag = operation.tags.first().map_or("untagged", String::as_str);
    operation.resource.clone().unwrap_or_else(|| names::snake(tag))
}

/// The items of a page, if the schema is one.
fn page_item(schema: &Schema) -> Option<&Schema> {
    let only = |allowed: &[&str]| schema.properties.0.iter().all(|(name, _)| allowed.contains(&name.as_str()));
    schema.properties.get("pagination")?;
    only(&["pagination", "parameters", "data"]).then(|| schema.properties.get("data")?.items.as_deref()).flatten()
}

/// The schema of `data`, if the schema has no other property.
fn data_item(schema: &Schema) -> Option<&Schema> {
    match schema.properties.0.as_slice() {
        [(name, item)] if name == "data" => Some(item),
        _ => None,
    }
}

/// Identifiers, timestamps and secrets have no empty value; the other handwritten types have one.
fn handwritten_has_empty(name: &str) -> bool {
    !(name.ends_with("Id") || matches!(name, "Timestamp" | "Secret"))
}
