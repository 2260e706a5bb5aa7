//! Rust text for a resource's operations and queries.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::document::{Operation, Parameter};
use super::super::names;
use super::super::types::Model;
use super::{Effects, Field, Writer, docs};
use crate::Result;

impl Writer<'_> {
    pub(super) fn operation(
        &mut self,
        method: &str,
        path: &str,
        operation: &Operation,
        types: &BTreeSet<String>,
        effects: Effects,
    ) -> Result {
        let mut name = operation.name.clone().unwrap_or_else(|| names::pascal(&operation.operation_id));
        if types.contains(&name) {
            name.push_str("Operation");
        }
        let query = self.query(&name, operation)?;
        let body = match operation.body() {
            Some((media, schema)) => Some((format(media), self.resolve(schema, &format!("{name}_body"))?)),
            None => None,
        };
        let (media, answer) = match operation.answer() {
            Some((media, schema)) => (format(media), self.resolve(schema, &format!("{name}_response"))?.text),
            None => ("Json", "Value".to_owned()),
        };

        self.text.push_str("\noperation! {\n");
        let route = format!("`{} {path}`", method.to_uppercase());
        let about = [&operation.summary, &operation.description, &route]
            .into_iter()
            .filter(|paragraph| !paragraph.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n\n");
        docs(&mut self.text, "    ///", &about);
        let idempotency = idempotency(method, operation, effects)?;
        let flags = flags(self.model, operation);
        let _ = writeln!(
            self.text,
            "    pub struct {name} = {:?} {} {path:?} {idempotency}{flags} {{",
            operation.operation_id,
            names::pascal(method),
        );
        self.path(path, operation)?;
        if let Some(query) = query {
            let _ = writeln!(self.text, "        query {query},");
        }
        if let Some((media, body)) = body {
            let _ = writeln!(self.text, "        body {media} {},", body.text);
        }
        let _ = write!(self.text, "        answer {media} {answer},\n    }}\n}}\n");
        Ok(())
    }

    /// The path's values, in the order of the template.
    fn path(&mut self, template: &str, operation: &Operation) -> Result {
        let places: Vec<&str> =
            template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(place, _)| place).collect();
        if places.is_empty() {
            return Ok(());
        }
        self.text.push_str("        path {\n");
        for place in places {
            let parameter = operation
                .parameters_in("path")
                .find(|parameter| parameter.name == place)
                .ok_or_else(|| format!("{}: no parameter is named {place}", operation.operation_id))?;
            let kind = self.resolve(&parameter.schema, place)?;
            docs(&mut self.text, "            ///", &parameter.description);
            let _ = writeln!(self.text, "            {}: {},", names::field(place).0, kind.text);
        }
        self.text.push_str("        }\n");
        Ok(())
    }

    /// Writes the query's struct and returns its name. The account is not part of it: it can be
    /// given with every call.
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
        let of = if operation.name.is_some() { operation_name } else { &operation.operation_id };
        self.request(
            &name,
            &format!("What [`{operation_name}`] can be asked for.").replace(of, operation_name),
            &fields,
            false,
        );
        Ok(Some(name))
    }

    fn parameter(&mut self, owner: &str, parameter: &Parameter) -> Result<Field> {
        let schema = &parameter.schema;
        let kind = self.resolve(schema, &format!("{owner}_{}", parameter.name))?;
        let described = if parameter.description.is_empty() { &schema.description } else { &parameter.description };
        let mut docs = described.clone();
        let code = |terms: &[String]| terms.iter().map(|term| format!("`{term}`")).collect::<Vec<_>>().join(", ");
        if !schema.filter_terms.is_empty() {
            docs = format!("{docs} Terms: {}.", code(&schema.filter_terms));
        }
        if !schema.sort_terms.is_empty() {
            docs = format!("{docs} Terms: {}.", code(&schema.sort_terms));
        }
        if let Some(default) = &schema.default {
            let text = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
            docs = format!("{docs} Default: `{text}`.");
        }
        let (name, rename) = names::field(&parameter.name);
        let docs = docs.trim().to_owned();
        Ok(Field {
            docs,
            rename,
            name,
            kind,
            required: parameter.required,
            one_or_many: false,
            empty_by_default: false,
        })
    }
}

/// Given with the call, not with the query.
const ACCOUNT: &str = "account_id";

fn flags(model: &Model<'_>, operation: &Operation) -> String {
    let account = operation.parameters_in("query").any(|parameter| parameter.name == ACCOUNT).then_some("account");
    let security = operation.security.as_ref().unwrap_or(&model.document.security);
    let public = security.is_empty().then_some("public");
    let flags: Vec<_> = account.into_iter().chain(public).collect();
    if flags.is_empty() { String::new() } else { format!(" [{}]", flags.join(", ")) }
}

fn idempotency(method: &str, operation: &Operation, effects: Effects) -> Result<String> {
    match (operation.idempotency.as_deref(), method) {
        (Some(word @ ("safe" | "idempotent" | "non-idempotent")), _) => Ok(names::pascal(word)),
        (Some(other), _) => Err(format!(
            "{}: x-idempotency `{other}` is none of safe, idempotent, non-idempotent",
            operation.operation_id
        )
        .into()),
        (None, "get") => Ok("Safe".to_owned()),
        (None, _) if effects == Effects::Assumed => Ok("NonIdempotent".to_owned()),
        (None, _) => Err(format!("{}: a {method} must say its x-idempotency", operation.operation_id).into()),
    }
}

fn format(media: &str) -> &'static str {
    match media {
        "application/x-www-form-urlencoded" | "multipart/form-data" => "Form",
        media if media.starts_with("text/") => "Text",
        _ => "Json",
    }
}
