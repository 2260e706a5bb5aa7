//! Operations and their queries.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::document::{BodyCondition, Operation, Parameter, Schema};
use super::super::names;
use super::super::types::{Model, Role};
use super::debug::{self, Shown};
use super::structs::Field;
use super::{Unmarked, Writer, docs};
use crate::Result;

/// Set on the client, not in the query.
const ACCOUNT: &str = "account_id";

impl Writer<'_> {
    pub(super) fn operation(
        &mut self,
        method: &str,
        path: &str,
        operation: &Operation,
        types: &BTreeSet<String>,
    ) -> Result {
        let mut name = operation.name.clone().unwrap_or_else(|| names::pascal(&operation.operation_id));
        if types.contains(&name) {
            name.push_str("Operation");
        }
        let query = self.query(&name, operation)?;
        let body = match operation.body() {
            Some((media, schema)) => Some((format(media), self.resolve(schema, &format!("{name}_body"))?.text)),
            None => None,
        };
        let (media, output) = match operation.response() {
            Some((media, schema)) => (format(media), self.resolve(schema, &format!("{name}_response"))?.text),
            None => {
                self.used.insert("Value".to_owned());
                ("Json", "Value".to_owned())
            }
        };
        let places = self.places(path, operation)?;

        self.text.push('\n');
        let route = format!("`{} {path}`", method.to_uppercase());
        let about = [&operation.summary, &operation.description, &route];
        let about: Vec<_> = about.into_iter().filter(|paragraph| !paragraph.is_empty()).map(String::as_str).collect();
        docs(&mut self.text, "///", &about.join("\n\n"));
        let (lifetime, elided) = if body.is_some() { ("<'a>", "<'_>") } else { ("", "") };
        let structs = [query.as_ref().map(|_| "query"), body.as_ref().map(|_| "body")].into_iter().flatten();
        let structs = structs.map(|name| Shown { name, is_text: false });
        let shown: Vec<_> = places.iter().map(Shown::of).chain(structs).collect();
        let debug = debug::derived(&shown);
        let _ = writeln!(self.text, "#[derive({debug}Clone)]\npub struct {name}{lifetime} {{");
        for place in &places {
            docs(&mut self.text, "    ///", &place.docs);
            let _ = writeln!(self.text, "    pub {}: {},", place.name, place.kind.text);
        }
        if let Some(query) = &query {
            let _ = writeln!(self.text, "    /// The query string.\n    pub query: {query},");
        }
        if let Some((_, body)) = &body {
            let _ = writeln!(self.text, "    /// The request's body.\n    pub body: &'a {body},");
        }

        self.text.push_str("}\n");
        debug::written(&mut self.text, &name, elided, &shown);
        let idempotency = idempotency(method, operation, self.unmarked)?;
        let _ = write!(
            self.text,
            "\nimpl Operation for {name}{elided} {{
    const ID: &'static str = {:?};
    const METHOD: Method = Method::{};
    const PATH: &'static str = {path:?};
    const IDEMPOTENCY: Idempotency = Idempotency::{idempotency};\n",
            operation.operation_id,
            names::pascal(method),
        );
        self.text.push_str(flags(self.model, operation));
        for (constant, format) in [("BODY", body.as_ref().map_or("Json", |(format, _)| format)), ("OUTPUT", media)] {
            if format != "Json" {
                let _ = writeln!(self.text, "    const {constant}: Format = Format::{format};");
            }
        }
        let unit = || "()".to_owned();
        let (query_type, body_type) =
            (query.clone().unwrap_or_else(unit), body.as_ref().map_or_else(unit, |(_, body)| body.clone()));
        let _ = write!(
            self.text,
            "\n    type Query = {query_type};\n    type Body = {body_type};\n    type Output = {output};\n\n    \
             fn path(&self) -> Cow<'static, str> {{ {} }}\n",
            filled(&places)
        );
        if query.is_some() {
            self.text.push_str("\n    fn query(&self) -> Option<&Self::Query> { Some(&self.query) }\n");
        }
        if body.is_some() {
            self.text.push_str("\n    fn body(&self) -> Option<&Self::Body> { Some(self.body) }\n");
        }
        if let Some(BodyCondition { field, equals }) = &operation.idempotent_if {
            let _ = write!(
                self.text,
                "\n    fn idempotency(&self) -> Idempotency {{
        match self.body.{field}.as_ref().map(|word| word.as_str()) {{
            Some({equals:?}) => Idempotency::Idempotent,
            _ => Self::IDEMPOTENCY,
        }}
    }}\n"
            );
        }
        if let Some((_, schema)) = operation.body() {
            self.validation(schema);
        }
        self.text.push_str("}\n");
        Ok(())
    }

    /// The check of the texts in a body that are one line: `format: line`.
    fn validation(&mut self, body: &Schema) {
        let Some((component, schema)) =
            body.target().and_then(|target| Some((target, self.model.component_schema(target)?)))
        else {
            return;
        };
        let checks = schema.properties.0.iter().filter(|(_, property)| property.format.as_deref() == Some("line"));
        let checks: String = checks
            .map(|(wire, _)| {
                let (name, _) = names::field(wire);
                let text = match self.model.role(component) {
                    Role::Patch => format!("self.body.{name}.as_set()"),
                    _ if schema.required.contains(wire) => format!("Some(&self.body.{name})"),
                    _ => format!("self.body.{name}.as_ref()"),
                };
                format!("errors.check_line({wire:?}, {text});\n")
            })
            .collect();
        if checks.is_empty() {
            return;
        }
        self.used.insert("FieldErrors".to_owned());
        let _ = write!(
            self.text,
            "\n    fn validate(&self) -> Result<(), FieldErrors> {{
        let mut errors = FieldErrors::default();
        {checks}errors.into_result()
    }}\n"
        );
    }

    /// The path's values, in the order of the template.
    fn places(&mut self, template: &str, operation: &Operation) -> Result<Vec<Field>> {
        let places = template.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        let field = |(place, _): (&str, &str)| {
            let parameter = operation.parameters_in("path").find(|parameter| parameter.name == place);
            let parameter =
                parameter.ok_or_else(|| format!("{}: no parameter is named {place}", operation.operation_id))?;
            self.parameter(place, parameter)
        };
        places.map(field).collect()
    }

    /// Writes the query's struct and returns its name. The account is not part of it: it is set on the client.
    fn query(&mut self, operation_name: &str, operation: &Operation) -> Result<Option<String>> {
        let name = operation.query.clone().unwrap_or_else(|| format!("{operation_name}Query"));
        let fields = operation
            .parameters_in("query")
            .filter(|parameter| parameter.name != ACCOUNT)
            .map(|parameter| self.parameter(&name, parameter))
            .collect::<Result<Vec<_>>>()?;
        if fields.is_empty() {
            return Ok(None);
        }
        self.request(&name, &format!("The query string of [`{operation_name}`]."), &fields, false);
        Ok(Some(name))
    }

    fn parameter(&mut self, owner: &str, parameter: &Parameter) -> Result<Field> {
        let schema = &parameter.schema;
        let kind = self.resolve(schema, &format!("{owner}_{}", parameter.name))?;
        let described = if parameter.description.is_empty() { &schema.description } else { &parameter.description };
        let mut docs = described.clone();
        let code = |terms: &[String]| terms.iter().map(|term| format!("`{term}`")).collect::<Vec<_>>().join(", ");
        for terms in [&schema.filter_terms, &schema.sort_terms] {
            if !terms.is_empty() {
                docs = format!("{docs} Terms: {}.", code(terms));
            }
        }
        if let Some(default) = &schema.default {
            let text = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
            docs = format!("{docs} Default: `{text}`.");
        }
        let (name, rename) = names::field(&parameter.name);
        Ok(Field {
            docs: docs.trim().to_owned(),
            rename,
            name,
            kind,
            required: parameter.required,
            one_or_many: false,
            empty_by_default: false,
        })
    }
}

/// The path with its values: an expression.
fn filled(places: &[Field]) -> String {
    if places.is_empty() {
        return "Cow::Borrowed(Self::PATH)".to_owned();
    }
    let values = places.iter().map(|place| format!("&self.{}", place.name)).collect::<Vec<_>>().join(", ");
    format!("Cow::Owned(path::fill(Self::PATH, &[{values}]))")
}

/// The constants that differ from the trait's own.
fn flags(model: &Model<'_>, operation: &Operation) -> &'static str {
    let account = operation.parameters_in("query").any(|parameter| parameter.name == ACCOUNT);
    let public = operation.security.as_ref().unwrap_or(&model.document.security).is_empty();
    match (account, public) {
        (true, true) => "    const ACCOUNT: bool = true;\n    const AUTH: bool = false;\n",
        (true, false) => "    const ACCOUNT: bool = true;\n",
        (false, true) => "    const AUTH: bool = false;\n",
        (false, false) => "",
    }
}

fn idempotency(method: &str, operation: &Operation, unmarked: Unmarked) -> Result<String> {
    let id = &operation.operation_id;
    match (operation.idempotency.as_deref(), method) {
        (Some(word @ ("safe" | "idempotent" | "non-idempotent")), _) => Ok(names::pascal(word)),
        (Some(other), _) => {
            Err(format!("{id}: x-idempotency `{other}` is none of safe, idempotent, non-idempotent").into())
        }
        (None, "get") => Ok("Safe".to_owned()),
        (None, _) if unmarked == Unmarked::NonIdempotent => Ok("NonIdempotent".to_owned()),
        (None, _) => Err(format!("{id}: a {method} needs an x-idempotency").into()),
    }
}

fn format(media: &str) -> &'static str {
    match media {
        "application/x-www-form-urlencoded" | "multipart/form-data" => "Form",
        media if media.starts_with("text/") => "Text",
        _ => "Json",
    }
}
