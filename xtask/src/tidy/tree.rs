//! Dependency budgets: how many crates each of ours pulls in, and which it must not.

use std::collections::BTreeSet;

use super::Findings;
use crate::{Result, files, run};

/// The limits for one crate with one set of features.
struct Budget {
    package: &'static str,
    /// `None` for the default ones.
    features: Option<&'static str>,
    /// The most crates in the tree, itself included.
    most: usize,
    /// Crates that must be in the tree; without them the row measures something else.
    present: &'static [&'static str],
    absent: &'static [&'static [&'static str]],
}

const OTHER_TLS: [&str; 4] = ["openssl", "native-tls", "aws-lc-rs", "aws-lc-sys"];
/// What the facade has only behind features.
const OPTIONAL: [&str; 4] = ["axum", "cakemail-outbox", "cakemail-sandbox", "mockall"];

const BUDGETS: [Budget; 8] = [
    Budget {
        package: "cakemail-model",
        features: None,
        most: 16,
        present: &["serde", "serde_json"],
        absent: &[&["http", "hyper", "tokio", "reqwest"]],
    },
    Budget {
        package: "cakemail-transport",
        features: Some("hyper"),
        most: 50,
        present: &["hyper", "rustls"],
        absent: &[&OTHER_TLS, &["reqwest"]],
    },
    Budget {
        package: "cakemail-transport",
        features: Some("reqwest"),
        most: 92,
        present: &["reqwest", "rustls"],
        absent: &[&OTHER_TLS],
    },
    Budget {
        package: "cakemail",
        features: None,
        most: 105,
        present: &["reqwest", "rustls"],
        absent: &[&OTHER_TLS, &OPTIONAL],
    },
    Budget {
        package: "cakemail",
        features: Some("hyper"),
        most: 73,
        present: &["hyper", "rustls"],
        absent: &[&OTHER_TLS, &OPTIONAL, &["reqwest"]],
    },
    Budget {
        package: "cakemail",
        features: Some("outbox"),
        most: 85,
        present: &["cakemail-outbox", "hyper", "rusqlite"],
        absent: &[&OTHER_TLS, &["cakemail-webhook", "reqwest", "tokio-postgres"]],
    },
    Budget {
        package: "cakemail",
        features: Some("outbox-postgres"),
        most: 120,
        present: &["cakemail-outbox", "hyper", "tokio-postgres"],
        absent: &[&OTHER_TLS, &["cakemail-webhook", "libsqlite3-sys", "reqwest"]],
    },
    Budget {
        package: "cakemail-sandbox",
        features: None,
        most: 70, // of which a dozen sign webhooks and write MIME, five read lists of addresses, and half a dozen index and compare texts
        present: &["cakemail-model", "hyper"],
        absent: &[&["reqwest", "rustls", "cakemail-client", "cakemail-transport"]],
    },
];

impl Budget {
    fn name(&self) -> String {
        match self.features {
            None => self.package.to_owned(),
            Some(features) => format!("{} with {features}", self.package),
        }
    }

    /// The crates in the tree, each version by itself.
    fn measure(&self) -> Result<BTreeSet<String>> {
        let mut arguments =
            vec!["tree", "--locked", "--package", self.package, "--edges", "normal", "--prefix", "none"];
        if let Some(features) = self.features {
            arguments.extend(["--no-default-features", "--features", features]);
        }
        Ok(run::output(run::cargo(&files::root()).args(arguments))?.lines().filter_map(name_and_version).collect())
    }
}

/// `serde v1.0.229 (*)` is `serde v1.0.229`.
fn name_and_version(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    Some(format!("{} {}", words.next()?, words.next()?))
}

fn holds(tree: &BTreeSet<String>, name: &str) -> bool {
    tree.iter().any(|entry| entry.split(' ').next() == Some(name))
}

pub fn check(findings: &mut Findings) -> Result {
    for budget in &BUDGETS {
        judge(budget, &budget.measure()?, findings);
    }
    Ok(())
}

fn judge(budget: &Budget, tree: &BTreeSet<String>, findings: &mut Findings) {
    let name = budget.name();
    for absent in budget.absent.concat().into_iter().filter(|absent| holds(tree, absent)) {
        let fix = format!("find the dependent: cargo tree -p {} -i {absent}", budget.package);
        findings.push(&name, &format!("pulls in {absent}"), &fix);
    }
    for present in budget.present.iter().filter(|present| !holds(tree, present)) {
        findings.push(
            &name,
            &format!("has no {present}"),
            "correct the features, or the row in xtask/src/tidy/tree.rs",
        );
    }
    if tree.len() > budget.most {
        let wrong = format!("has {} crates in its tree, of {}", tree.len(), budget.most);
        findings.push(&name, &wrong, "drop one, or raise the budget in xtask/src/tidy/tree.rs and say why");
    }
}

/// Prints the counts.
pub fn print() -> Result {
    println!("| crate | crates in its tree | at most | not among them |\n| --- | ---: | ---: | --- |");
    for budget in &BUDGETS {
        let tree = budget.measure()?;
        let absent: Vec<_> = budget.absent.concat().into_iter().filter(|absent| !holds(&tree, absent)).collect();
        println!("| {} | {} | {} | {} |", budget.name(), tree.len(), budget.most, absent.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Budget, Findings, judge, name_and_version};

    #[test]
    fn a_tree_over_its_budget_is_found() {
        let budget = Budget { package: "a", features: Some("b"), most: 2, present: &["log"], absent: &[&["http"]] };
        let tree = "a v0.1.0 (/x/a)\nhttp v1.0.0\nhttp-body v1.0.0\nhttp v1.0.0 (*)\n";
        let tree: BTreeSet<_> = tree.lines().filter_map(name_and_version).collect();
        let mut findings = Findings::default();
        judge(&budget, &tree, &mut findings);
        assert_eq!(findings.0.len(), 3, "{:?}", findings.0);
        assert!(findings.0[0].starts_with("a with b: pulls in http;"));
        assert!(findings.0[1].starts_with("a with b: has no log;"));
        assert!(findings.0[2].starts_with("a with b: has 3 crates in its tree, of 2;"));
    }
}
