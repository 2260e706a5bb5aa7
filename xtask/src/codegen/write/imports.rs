//! The `use` lines of a generated file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::types::SHARED;

/// Names that the text itself brings, beside those of its types.
const NAMES: [(&str, &str); 15] = [
    ("Cow", "std::borrow"),
    ("Infallible", "std::convert"),
    ("fmt", "std"),
    ("FromStr", "std::str"),
    ("Deserialize", "serde"),
    ("Deserializer", "serde"),
    ("Serialize", "serde"),
    ("Serializer", "serde"),
    ("Format", "crate"),
    ("Idempotency", "crate"),
    ("Method", "crate"),
    ("Operation", "crate"),
    ("Redacted", "crate"),
    ("de", "crate"),
    ("path", "crate"),
];

/// Types that need no import.
const BUILT_IN: [&str; 5] = ["Vec", "String", "u64", "f64", "bool"];

/// The imports that a text needs.
///
/// `used` are the names in the types of its fields; of these, `shared` are generated in another file,
/// and those not defined in the text are written by hand in the model's root.
pub fn imports(text: &str, used: &BTreeSet<String>, shared: &BTreeSet<String>) -> String {
    let code = words(
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| line.split('"').step_by(2)),
    );
    let defined: BTreeSet<_> = text.lines().filter_map(definition).collect();
    let mut imports = BTreeMap::<String, BTreeSet<&str>>::new();
    for (name, module) in NAMES {
        // `fmt`, `path` and `de` are modules: `path::fill`, not a method called `path`.
        let is_module = name.starts_with(char::is_lowercase);
        let is_used = if is_module { text.contains(&format!("{name}::")) } else { code.contains(name) };
        if is_used && !defined.contains(name) {
            imports.entry(module.to_owned()).or_default().insert(name);
        }
    }
    for name in used.iter().map(String::as_str).filter(|name| !BUILT_IN.contains(name) && !defined.contains(name)) {
        let module = match name {
            "Value" => "serde_json".to_owned(),
            name if shared.contains(name) => format!("super::{SHARED}"),
            _ => "crate".to_owned(),
        };
        imports.entry(module).or_default().insert(name);
    }
    written(&imports)
}

/// In rustfmt's groups: the standard library, other crates, this one.
fn written(imports: &BTreeMap<String, BTreeSet<&str>>) -> String {
    let group = |module: &str| match module.split("::").next() {
        Some("std") => 0,
        Some("crate" | "super") => 2,
        _ => 1,
    };
    let mut text = String::new();
    for wanted in 0..3 {
        let modules: Vec<_> = imports.iter().filter(|(module, _)| group(module) == wanted).collect();
        for (module, names) in &modules {
            let names = names.iter().copied().collect::<Vec<_>>();
            let _ = match names.as_slice() {
                [name] => writeln!(text, "use {module}::{name};"),
                names => writeln!(text, "use {module}::{{{}}};", names.join(", ")),
            };
        }
        if !modules.is_empty() {
            text.push('\n');
        }
    }
    text
}

/// The identifiers in pieces of code.
pub fn words<'a>(pieces: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let identifiers = pieces.flat_map(|piece| piece.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    identifiers.filter(|word| !word.is_empty()).collect()
}

/// The type that a line defines.
fn definition(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))?;
    rest.split(|c: char| !c.is_ascii_alphanumeric()).next()
}
