//! Arrows between the modules of a crate: they run down only, as between crates.

use std::collections::BTreeMap;

use super::Findings;
use super::paths::Modules;
use super::workspace::Workspace;

/// The layers of a crate's `src/`, or of a folder below it, from the top down. A module may name modules of lower
/// layers and itself; modules of one layer do not name each other.
const LAYERS: [(&str, &[&[&str]]); 5] = [
    (
        "crates/cakemail-sandbox/src",
        &[
            &["app"],
            &["faults", "inspect", "webhooks"],
            &["api"],
            &["message"],
            &["engine"],
            &["domain"],
            &["generated"],
        ],
    ),
    (
        "crates/cakemail-client/src",
        &[
            &["handwritten"],
            &["generated"],
            &["builder", "preflight", "bulk", "wait", "listing"],
            &["idempotent"],
            &["log_search"],
            &["send"],
            &["client"],
            &["tokens"],
            &["credentials"],
            &["pipeline"],
            &["attachments", "credential_provider", "key_uses", "metadata", "observer"],
            &["env", "time"],
            &["error"],
        ],
    ),
    (
        "crates/cakemail-client/src/pipeline",
        &[
            &["execute"],
            &["attempt", "decode"],
            &["progress"],
            &["classify"],
            &["prepare"],
            &["options", "shared"],
            &["retry"],
            &["encode", "rate_limit"],
            &["base_url", "budget", "headers", "json", "rate_curve", "slots", "throughput"],
        ],
    ),
    (
        "crates/cakemail-outbox/src",
        &[
            &["webhook"],
            &["outbox"],
            &["worker"],
            &["postgres", "sqlite", "sqlx"],
            &["rate"],
            &["ledger"],
            &["columns"],
            &["insert"],
            &["payload"],
            &["email"],
            &["file"],
            &["error"],
            &["state"],
            &["time"],
        ],
    ),
    ("crates/cakemail-client/src/tokens", &[&["cache", "future", "renewal"], &["grant"]]),
];

pub fn check(workspace: &Workspace, findings: &mut Findings) {
    for (folder, layers) in LAYERS {
        check_folder(workspace, folder, layers, findings);
    }
}

fn check_folder(workspace: &Workspace, folder: &str, layers: &[&[&str]], findings: &mut Findings) {
    let (source, below) = folder.split_once("/src").unwrap_or((folder, ""));
    let prefix = format!("{source}/src/");
    let below: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
    let sources = workspace.sources().filter_map(|(path, text)| Some((path.strip_prefix(&prefix)?, text)));
    let modules = match Modules::read(sources) {
        Ok(modules) => modules,
        Err(error) => return findings.push(folder, &format!("cannot be read: {error}"), "correct the file"),
    };
    let rank: BTreeMap<&str, usize> =
        (0..).zip(layers).flat_map(|(rank, layer)| layer.iter().map(move |module| (*module, rank))).collect();
    let mut wrong = BTreeMap::new();
    for reference in modules.references() {
        let (Some(from), Some(to)) = (part(&reference.from, &below), part(&reference.to, &below)) else { continue };
        let full = || format!("{} names {}", reference.from.join("::"), reference.to.join("::"));
        match (rank.get(from), rank.get(to)) {
            (None, _) => {
                wrong.entry(format!("{from} has no layer")).or_insert_with(full);
            }
            (Some(upper), Some(lower)) if from != to && upper >= lower => {
                wrong.entry(format!("{from} must not use {to}")).or_insert_with(full);
            }
            _ => {}
        }
    }
    for (what, example) in wrong {
        findings.push(
            folder,
            &format!("{what} ({example})"),
            "move the item down, or its user up (see docs/architecture.md)",
        );
    }
}

/// The module of a path that the layers speak of: the segment after `below`.
fn part<'a>(path: &'a [String], below: &[&str]) -> Option<&'a str> {
    let inside = path.iter().zip(below).all(|(a, b)| a == b) && path.len() > below.len();
    inside.then(|| path[below.len()].as_str())
}

#[cfg(test)]
mod tests {
    use super::super::Findings;
    use super::super::workspace::Workspace;
    use super::check_folder;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let mut findings = Findings::default();
        let layers: &[&[&str]] = &[&["app"], &["api"], &["domain", "message"]];
        check_folder(&Workspace::new(files).unwrap(), "crates/a/src", layers, &mut findings);
        findings.0
    }

    #[test]
    fn arrows_down_are_allowed() {
        let files = [
            ("crates/a/src/lib.rs", "mod app; mod api; mod domain;"),
            ("crates/a/src/app.rs", "use crate::api::Api; use crate::domain::State;"),
            ("crates/a/src/api/mod.rs", "use super::domain::State; pub struct Api;"),
            ("crates/a/src/domain.rs", "pub struct State;"),
        ];
        assert!(found(&files).is_empty(), "{:?}", found(&files));
    }

    #[test]
    fn an_arrow_up_and_one_between_siblings_are_found() {
        let files = [
            ("crates/a/src/lib.rs", "mod api; mod domain; pub use api::Api;"),
            ("crates/a/src/api.rs", "pub struct Api;"),
            ("crates/a/src/domain.rs", "fn f() -> crate::Api { crate::message::g() }"),
        ];
        let found = found(&files);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("domain must not use api (domain names api::Api)"), "{found:?}");
        assert!(found[1].contains("domain must not use message"), "{found:?}");
    }

    #[test]
    fn a_module_without_a_layer_is_found() {
        let found = found(&[("crates/a/src/attic.rs", "use crate::domain::State;")]);
        assert!(found[0].contains("attic has no layer"), "{found:?}");
    }
}
