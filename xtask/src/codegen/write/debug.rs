//! The `Debug` of a struct: derived, or one that shows no free text, which may be personal data.

use std::fmt::Write as _;

use super::structs::{Field, item};

/// A field as `Debug` shows it.
pub struct Shown<'a> {
    pub name: &'a str,
    /// It is text or JSON, which may hold anything.
    pub is_text: bool,
}

impl<'a> Shown<'a> {
    pub fn of(field: &'a Field) -> Self {
        let kind = item(field).unwrap_or(&field.kind.text);
        Self { name: &field.name, is_text: matches!(kind, "String" | "Value" | "JsonObject") }
    }
}

/// What stands in `derive`.
pub fn derived(fields: &[Shown<'_>]) -> &'static str {
    if fields.iter().any(|field| field.is_text) { "" } else { "Debug, " }
}

/// Writes the `Debug` of a struct that does not derive it.
pub fn written(text: &mut String, name: &str, generics: &str, fields: &[Shown<'_>]) {
    if !derived(fields).is_empty() {
        return;
    }
    let _ = write!(
        text,
        "\nimpl fmt::Debug for {name}{generics} {{\nfn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {{\n\
         f.debug_struct({name:?})"
    );
    for Shown { name, is_text } in fields {
        let value = if *is_text { format!("Redacted(&self.{name})") } else { format!("self.{name}") };
        let _ = write!(text, ".field({:?}, &{value})", name.trim_start_matches("r#"));
    }
    text.push_str(".finish()\n}\n}\n");
}
