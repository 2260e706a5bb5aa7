//! The table of operations in the docs: what each is called, and how far it is covered.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::document::Document;
use super::outputs::Outputs;
use super::sandbox::TIERS;
use super::types::Model;
use super::verbs::{Verb, verbs};
use crate::Result;

const HEAD: &str = "\
# The API, operation by operation

<!-- Written by `cargo xtask codegen` from the spec. Change that, not this. -->

Each operation of the spec (`crates/cakemail-model/spec/`), the client's method for it, and how the sandbox answers it.

- *Idempotency* is RFC 9110's: the client repeats a `safe` or `idempotent` call after a lost response, and never a
  `non-idempotent` one.
- *Sandbox* is the tier of the sandbox's answer:
";
const TESTS: &str = "\
- *Tested by* is a test of the facade that makes the call over HTTP. `fixture` means that the types are tested with an
  example of the request and the response.
";

/// Writes the page.
pub fn coverage(document: &Document, root: &Path, page: &str, outputs: &mut Outputs) -> Result {
    let model = Model::new(document);
    let tests = tests(root)?;
    let mut text = HEAD.to_owned();
    for (word, _, meaning) in TIERS {
        let _ = writeln!(text, "  - `{word}`: {meaning}");
    }
    text.push_str(TESTS);
    for (name, resource) in document.resources() {
        let _ = write!(
            text,
            "\n## {name}\n\n{}\n\n| operation | route | method | idempotency | sandbox | tested by |\n| --- | --- | --- | --- | --- | --- |\n",
            resource.title
        );
        for verb in verbs(&model, name)? {
            let _ = writeln!(
                text,
                "| `{}` | `{}` | `client.{name}().{}` | {} | {} | {} |",
                verb.operation.operation_id,
                verb.route(),
                verb.name,
                verb.idempotency(),
                verb.operation.tier.as_deref().unwrap_or_default(),
                tested_by(&tests, name, &verb)
            );
        }
    }
    outputs.file(page, text);
    Ok(())
}

/// A function of the facade's tests.
struct Test {
    /// The file's name and the function's, as `contacts::a_contact_is_created`.
    name: String,
    /// Its text, without spaces.
    body: String,
}

/// The functions of the facade's tests, in the order of their files.
fn tests(root: &Path) -> Result<Vec<Test>> {
    let mut sources = Vec::new();
    read(&root.join("crates/cakemail/tests/it"), &mut sources)?;
    Ok(sources
        .iter()
        .flat_map(|(file, source)| source.split("fn ").skip(1).filter_map(|text| test(file, text)))
        .collect())
}

fn test(file: &str, text: &str) -> Option<Test> {
    let (name, body) = text.split_once('(')?;
    Some(Test { name: format!("{file}::{name}"), body: body.split_whitespace().collect() })
}

fn read(folder: &Path, sources: &mut Vec<(String, String)>) -> Result {
    let mut paths: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read(&path, sources)?;
        } else if let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) {
            sources.push((name.to_owned(), fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// The first test that calls the method, in the resource's own file if there is one.
fn tested_by(tests: &[Test], resource: &str, verb: &Verb<'_>) -> String {
    let calls = [format!("{resource}().{}(", verb.name), format!("{resource}.{}(", verb.name)];
    let callers = tests.iter().filter(|test| calls.iter().any(|call| test.body.contains(call.as_str())));
    let own = format!("{resource}::");
    let test = callers.min_by_key(|test| !test.name.starts_with(&own));
    test.map_or_else(|| "fixture".to_owned(), |test| format!("`{}`", test.name))
}
