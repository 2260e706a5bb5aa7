//! Operations as the client's methods: what each takes, returns, and is called.

use std::collections::BTreeSet;

use super::document::{Operation, Parameter, Schema};
use super::names;
use super::types::{Model, Union, operations, resource};
use crate::Result;

/// Given with the client (`for_account`), not with the call.
pub const ACCOUNT: &str = "account_id";

/// An operation as a method of its resource's group.
#[derive(Debug)]
pub struct Verb<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub operation: &'a Operation,
    /// The method's name: `x-verb`.
    pub name: &'a str,
    /// The model's type of the operation.
    pub type_name: String,
    /// The path's values, in the order of the template, then the body, then the query.
    pub arguments: Vec<Argument>,
    pub returns: Returns,
}

/// An argument of a method, and how it gets into the operation's field.
#[derive(Debug)]
pub struct Argument {
    /// The field of the operation.
    pub field: String,
    pub name: String,
    pub declared: String,
    pub value: String,
}

/// What a method returns.
#[derive(Debug, PartialEq)]
pub enum Returns {
    /// A listing of these items, with the paging of `x-paging`.
    Listing { item: String, cursor: bool },
    /// The response's `data`.
    Data(String),
    /// Nothing: the response only says that it is done.
    Nothing,
    /// The response as it is.
    Response(String),
}

/// The verbs of a resource, in the spec's order.
pub fn verbs<'a>(model: &Model<'a>, name: &str) -> Result<Vec<Verb<'a>>> {
    let types: BTreeSet<_> = model.components_of(name).map(|(component, _)| model.rust_name(component)).collect();
    operations(model.document)
        .filter(|(_, _, operation)| resource(operation) == name)
        .map(|(method, path, operation)| Verb::new(model, &types, method, path, operation))
        .collect()
}

impl<'a> Verb<'a> {
    fn new(
        model: &Model<'_>,
        types: &BTreeSet<String>,
        method: &'a str,
        path: &'a str,
        operation: &'a Operation,
    ) -> Result<Self> {
        let id = &operation.operation_id;
        let name = operation.verb.as_deref().ok_or_else(|| format!("{id} has no x-verb"))?;
        let type_name = type_name(operation, types);
        let mut arguments = path_arguments(model, path, operation)?;
        if let Some((_, schema)) = operation.body() {
            arguments.push(body_argument(&resolve(model, schema, &format!("{type_name}_body"))?));
        }
        if operation.parameters_in("query").any(|parameter| parameter.name != ACCOUNT) {
            let query = operation.query.clone().unwrap_or_else(|| format!("{type_name}Query"));
            arguments.push(Argument::plain("query", query));
        }
        let returns = returns(model, method, &type_name, operation)?;
        Ok(Self { method, path, operation, name, type_name, arguments, returns })
    }

    /// The method and the path, as `GET /lists`.
    pub fn route(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// `safe`, `idempotent` or `non-idempotent`.
    pub fn idempotency(&self) -> &str {
        self.operation.idempotency.as_deref().unwrap_or("non-idempotent")
    }
}

impl Argument {
    fn plain(name: &str, declared: impl Into<String>) -> Self {
        Self { field: name.to_owned(), name: name.to_owned(), declared: declared.into(), value: name.to_owned() }
    }
}

/// The name of an operation's type, given those of its resource's other types.
fn type_name(operation: &Operation, types: &BTreeSet<String>) -> String {
    let mut name = operation.name.clone().unwrap_or_else(|| names::pascal(&operation.operation_id));
    if types.contains(&name) {
        name.push_str("Operation");
    }
    name
}

fn path_arguments(model: &Model<'_>, path: &str, operation: &Operation) -> Result<Vec<Argument>> {
    let places = path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(place, _)| place);
    places
        .map(|place| {
            let parameter = operation.parameters_in("path").find(|parameter| parameter.name == place);
            let parameter =
                parameter.ok_or_else(|| format!("{}: no parameter is named {place}", operation.operation_id))?;
            path_argument(model, parameter)
        })
        .collect()
}

/// Numbers are passed by value, text as anything that converts, other identifiers by reference.
fn path_argument(model: &Model<'_>, parameter: &Parameter) -> Result<Argument> {
    let (name, _) = names::field(&parameter.name);
    let kind = resolve(model, &parameter.schema, &name)?;
    let plain = Argument::plain(&name, kind.clone());
    Ok(match parameter.schema.kind.as_deref() {
        Some("integer" | "number" | "boolean") => plain,
        _ if kind == "String" => {
            Argument { declared: "impl Into<String>".to_owned(), value: format!("{name}.into()"), ..plain }
        }
        _ => Argument { declared: format!("&{kind}"), value: format!("{name}.clone()"), ..plain },
    })
}

/// `NewSender` is passed as `sender`, `SenderPatch` as `patch`.
fn body_argument(kind: &str) -> Argument {
    let name = match (kind.strip_prefix("New"), kind.ends_with("Patch")) {
        (Some(rest), _) => names::snake(rest),
        (None, true) => "patch".to_owned(),
        (None, false) => "body".to_owned(),
    };
    Argument { field: "body".to_owned(), declared: format!("&{kind}"), value: name.clone(), name }
}

fn returns(model: &Model<'_>, method: &str, type_name: &str, operation: &Operation) -> Result<Returns> {
    let Some((_, schema)) = operation.response() else { return Ok(Returns::Nothing) };
    let whole = resolve(model, schema, &format!("{type_name}_response"))?;
    if let Some(paging) = operation.paging.as_deref() {
        let item = whole.strip_prefix("Page<").and_then(|rest| rest.strip_suffix('>'));
        let item = item.ok_or_else(|| format!("{}: x-paging without a page", operation.operation_id))?;
        return match paging {
            "page" | "cursor" => Ok(Returns::Listing { item: item.to_owned(), cursor: paging == "cursor" }),
            other => Err(format!("{}: x-paging `{other}` is neither page nor cursor", operation.operation_id).into()),
        };
    }
    if method == "delete" {
        return Ok(Returns::Nothing);
    }
    if let Some(item) = whole.strip_prefix("Data<").and_then(|rest| rest.strip_suffix('>')) {
        return Ok(Returns::Data(item.to_owned()));
    }
    let schema = schema.target().and_then(|target| model.component_schema(target)).unwrap_or(schema);
    let only_status = schema.properties.0.iter().all(|(name, property)| says_only_that_it_is_done(name, property));
    let is_required = schema.required.iter().any(|name| name == "data");
    Ok(match schema.properties.get("data") {
        Some(data) if only_status && is_required => Returns::Data(resolve(model, data, &format!("{type_name}_data"))?),
        None if only_status && !schema.properties.0.is_empty() => Returns::Nothing,
        _ => Returns::Response(whole),
    })
}

/// Whether a field of a response carries nothing beside `data`: the id, the object's kind, or a flag such as `created`.
fn says_only_that_it_is_done(name: &str, property: &Schema) -> bool {
    matches!(name, "id" | "object" | "data") || property.kind.as_deref() == Some("boolean")
}

fn resolve(model: &Model<'_>, schema: &Schema, name: &str) -> Result<String> {
    Ok(model.resolve(schema, name, &mut Vec::<Union>::new())?.text)
}
