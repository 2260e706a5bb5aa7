//! The client's face: a group for each resource, with a method for each operation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::document::Document;
use super::features::{self, CORE};
use super::format::rustfmt;
use super::outputs::Outputs;
use super::types::Model;
use super::verbs::{Returns, Verb, verbs};
use super::write::{HEADER, docs};
use crate::Result;

/// Writes a file for each resource, and `mod.rs`, in `folder`.
pub fn client(document: &Document, folder: &str, outputs: &mut Outputs) -> Result {
    let model = Model::new(document);
    let mut modules = format!("//! The groups of the client's methods, one for each resource.\n\n{HEADER}\n");
    let mut exports = String::from("\n");
    for (name, resource) in document.resources() {
        let verbs = verbs(&model, name)?;
        let group = resource.group_name(name);
        let text = File { model: &model, resource: name, group: &group, verbs: &verbs }.text(&resource.title);
        outputs.file(format!("{folder}/{name}.rs"), rustfmt(&text)?);
        let gate = features::gate(resource, name, CORE);
        let _ = writeln!(modules, "{gate}mod {name};");
        let _ = writeln!(exports, "{gate}pub use {name}::{group};");
    }
    outputs.folder(folder);
    outputs.file(format!("{folder}/mod.rs"), rustfmt(&(modules + &exports))?);
    Ok(())
}

/// The file of a resource.
struct File<'a> {
    model: &'a Model<'a>,
    resource: &'a str,
    group: &'a str,
    verbs: &'a [Verb<'a>],
}

impl File<'_> {
    fn text(&self, title: &str) -> String {
        let (group, name) = (self.group, self.resource);
        let generated: Vec<_> = self.verbs.iter().filter(|verb| !verb.operation.handwritten).collect();
        let mut text = String::new();
        docs(&mut text, "//!", title);
        let _ = writeln!(text, "\n{HEADER}");
        self.imports(&mut text, &generated);
        let mut group_docs = String::new();
        docs(&mut group_docs, "///", title);
        let _ = write!(
            text,
            "\n{group_docs}#[derive(Debug, Clone, Copy)]\npub struct {group}<'a> {{ pub(crate) client: &'a Client }}\n\n\
             impl Client {{\n{group_docs}pub fn {name}(&self) -> {group}<'_> {{ {group} {{ client: self }} }}\n}}\n"
        );
        if !generated.is_empty() {
            let _ = writeln!(text, "\nimpl {group}<'_> {{");
            for (index, verb) in generated.iter().enumerate() {
                text.push_str(if index > 0 { "\n" } else { "" });
                method(&mut text, verb);
            }
            text.push_str("}\n");
        }
        generated.iter().for_each(|verb| paging(&mut text, verb));
        text
    }

    /// The `use` lines of every type that the methods name.
    fn imports(&self, text: &mut String, verbs: &[&Verb<'_>]) {
        let mut crates = BTreeSet::from(["Client"]);
        let mut types = Vec::new();
        for verb in verbs {
            types.push(verb.type_name.as_str());
            types.extend(verb.arguments.iter().map(|argument| argument.declared.as_str()));
            types.extend(match &verb.returns {
                Returns::Listing { item: kind, .. } | Returns::Data(kind) | Returns::Response(kind) => {
                    Some(kind.as_str())
                }
                Returns::Nothing => None,
            });
            match &verb.returns {
                Returns::Listing { .. } => crates.extend(["listing::Paged", "Listing"]),
                _ => crates.extend(["Result"]),
            }
        }
        let mut modules: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for name in types.iter().flat_map(|kind| identifiers(kind)) {
            if let Some(module) = self.module_of(name) {
                modules.entry(module).or_default().insert(name);
            }
        }
        for (module, names) in modules {
            let _ = writeln!(text, "use {module}::{{{}}};", Vec::from_iter(names).join(", "));
        }
        text.push('\n');
        let (inner, outer): (Vec<_>, Vec<_>) = crates.into_iter().partition(|path| path.contains("::"));
        inner.iter().for_each(|path| _ = writeln!(text, "use crate::{path};"));
        let _ = writeln!(text, "use crate::{{{}}};", outer.join(", "));
    }

    /// The module to import a type from, unless it is in scope everywhere.
    fn module_of(&self, name: &str) -> Option<String> {
        match name {
            "Into" | "Option" | "String" | "Vec" => None,
            "Value" => Some("serde_json".to_owned()),
            "JsonObject" | "Secret" | "Timestamp" => Some("cakemail_model".to_owned()),
            _ if self.model.is_handwritten(name) => Some("cakemail_model".to_owned()),
            _ => Some(format!("cakemail_model::{}", self.model.module_of(name).unwrap_or(self.resource))),
        }
    }
}

/// The names in a type that start with a capital.
fn identifiers(kind: &str) -> impl Iterator<Item = &str> {
    let words = kind.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| word.starts_with(|first: char| first.is_ascii_uppercase()))
}

fn method(text: &mut String, verb: &Verb<'_>) {
    docs(text, "    ///", &about(verb));
    if !matches!(verb.returns, Returns::Listing { .. }) {
        text.push_str("    ///\n    /// # Errors\n");
        docs(text, "    ///", &errors(verb));
    }
    let (parameters, fields) = (parameters(verb), fields(verb));
    let (name, type_name) = (verb.name, &verb.type_name);
    let execute = if verb.returns == Returns::Nothing { "execute_and_discard" } else { "execute" };
    let call = format!("self.client.{execute}(&{type_name} {{ {fields} }}).await");
    let (declared, body) = match &verb.returns {
        Returns::Listing { item, .. } => {
            let body = format!("Listing::new(self.client, {type_name} {{ {fields} }})");
            let _ = writeln!(text, "pub fn {name}(&self{parameters}) -> Listing<{item}> {{ {body} }}");
            return;
        }
        Returns::Data(kind) => (kind.as_str(), format!("Ok({call}?.data)")),
        Returns::Nothing => ("()", call),
        Returns::Response(kind) => (kind.as_str(), call),
    };
    let _ = writeln!(text, "pub async fn {name}(&self{parameters}) -> Result<{declared}> {{ {body} }}");
}

fn parameters(verb: &Verb<'_>) -> String {
    verb.arguments.iter().map(|argument| format!(", {}: {}", argument.name, argument.declared)).collect()
}

fn fields(verb: &Verb<'_>) -> String {
    let field = |argument: &super::verbs::Argument| match argument.field == argument.value {
        true => argument.field.clone(),
        false => format!("{}: {}", argument.field, argument.value),
    };
    verb.arguments.iter().map(field).collect::<Vec<_>>().join(", ")
}

/// A method's documentation, without its errors.
fn about(verb: &Verb<'_>) -> String {
    let route = format!("`{}`", verb.route());
    let mut paragraphs = vec![verb.operation.summary.clone(), verb.operation.description.clone(), route];
    paragraphs.extend(repetition(verb).map(str::to_owned));
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs.join("\n\n")
}

/// What the client does when the response of a write is lost.
fn repetition(verb: &Verb<'_>) -> Option<&'static str> {
    match verb.idempotency() {
        "safe" => None,
        "idempotent" => Some("Idempotent: the client repeats the call when its response is lost."),
        _ => Some(
            "Not idempotent: the client does not repeat the call when its response is lost, and the error's outcome is \
             [`Unknown`](crate::Outcome::Unknown).",
        ),
    }
}

/// The kinds of error that the operation's own statuses and path lead to.
fn errors(verb: &Verb<'_>) -> String {
    let declares = |status: &str| verb.operation.responses.get(status).is_some();
    let named_by_id = verb.path.contains('{');
    let public = verb.operation.security.as_ref().is_some_and(Vec::is_empty);
    let mut kinds = Vec::new();
    if declares("400") || declares("422") {
        kinds.push("[`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request");
    }
    if named_by_id || declares("404") {
        kinds.push("[`NotFound`](crate::ErrorKind::NotFound) if the object does not exist");
    }
    if public && declares("401") {
        kinds.push("[`Authentication`](crate::ErrorKind::Authentication) if the credentials are wrong");
    }
    kinds.push("the kinds that [every call](crate::Client::execute) can return");
    let (last, first) = (kinds.pop().unwrap_or_default(), kinds.join(", "));
    if first.is_empty() { format!("Returns {last}.") } else { format!("{first}, and {last}.") }
}

/// How the listing finds its next page.
fn paging(text: &mut String, verb: &Verb<'_>) {
    let Returns::Listing { item, cursor } = &verb.returns else { return };
    let by_number = "self.query.page = Some(self.page().saturating_add(1))";
    let (parameter, next) = match cursor {
        false => ("_", format!("{by_number};")),
        true => (
            "cursor",
            format!(
                "match cursor {{\n\
                 Some(cursor) => {{ self.query.page = None; self.query.cursor = Some(cursor.to_owned()); }}\n\
                 None => {by_number},\n}}"
            ),
        ),
    };
    let has_end = verb.operation.parameters.iter().any(|parameter| parameter.name == "end_time");
    let pin_end = match has_end {
        true => "fn pin_end(&mut self, end: cakemail_model::Timestamp) { self.query.end_time.get_or_insert(end); }\n\n",
        false => "",
    };
    let _ = write!(
        text,
        "\nimpl Paged for {} {{\ntype Item = {item};\n\n\
         fn page(&self) -> u64 {{ self.query.page.unwrap_or(1) }}\n\n\
         fn per_page(&self) -> Option<u64> {{ self.query.per_page }}\n\n\
         {pin_end}fn advance(&mut self, {parameter}: Option<&str>) {{ {next} }}\n}}\n",
        verb.type_name
    );
}

#[cfg(test)]
mod tests {
    use super::super::bundle::bundle;
    use super::super::document::Document;
    use super::super::json::Ordered;
    use super::super::outputs::Outputs;

    /// The spec of one made-up resource.
    fn gadgets() -> Document {
        let mut files = Ordered::default();
        files.push("gadgets", serde_json::from_str(include_str!("../one_entry/gadgets.json")).unwrap());
        files.push(
            "shared",
            serde_json::from_str(include_str!("../../../crates/cakemail-model/spec/shared.json")).unwrap(),
        );
        Document::from_json(&bundle(&files).unwrap()).unwrap()
    }

    #[test]
    fn a_resource_has_a_group_with_a_documented_method_for_each_operation() {
        let mut outputs = Outputs::default();
        super::client(&gadgets(), "out", &mut outputs).unwrap();
        let text = |wanted: &str| outputs.files().find(|(path, _)| *path == wanted).unwrap().1;
        insta::assert_snapshot!("gadgets", text("out/gadgets.rs"));
        insta::assert_snapshot!("mod", text("out/mod.rs"));
    }
}
