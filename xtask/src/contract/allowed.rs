//! The list of allowed findings, each with a reason.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::report::Finding;
use crate::Result;

/// The number of unknown findings to show for each operation and check.
const SHOWN: usize = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    #[serde(default)]
    allowed: Vec<Entry>,
}

/// An allowed finding.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The name of the check.
    check: String,
    /// Texts that all occur in the request, in the response (`404 {"detail":…}`) or in the message of the check.
    says: Vec<String>,
    /// The operations, for example `POST /v2/emails`; empty for all operations.
    #[serde(default)]
    operations: Vec<String>,
    /// Why it is allowed.
    reason: String,
    /// Not every run has the finding.
    #[serde(default)]
    rare: bool,
}

impl Allowed {
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let allowed: Self = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        match allowed.allowed.iter().find(|entry| entry.reason.is_empty() || entry.says.is_empty()) {
            Some(entry) => Err(format!("{}: {entry}: give `says` and `reason`", path.display()).into()),
            None => Ok(allowed),
        }
    }

    /// Prints the number of findings that each entry allows.
    pub fn print(&self, findings: &[Finding]) {
        for entry in &self.allowed {
            let count = findings.iter().filter(|finding| entry.matches(finding)).count();
            println!("{count:6}  {entry}: {}", entry.reason);
        }
    }

    /// The findings that no entry allows, a few of each kind.
    pub fn unknown(&self, findings: &[Finding]) -> Vec<String> {
        let mut shown: Vec<&Finding> = Vec::new();
        let mut more = 0;
        for finding in findings.iter().filter(|finding| !self.allowed.iter().any(|entry| entry.matches(finding))) {
            let same = |other: &&&Finding| other.operation == finding.operation && other.check == finding.check;
            if shown.iter().filter(same).count() < SHOWN { shown.push(finding) } else { more += 1 }
        }
        let mut lines: Vec<_> = shown.iter().map(ToString::to_string).collect();
        if more > 0 {
            lines.push(format!("… and {more} more of these"));
        }
        lines
    }

    /// The entries without a finding, except those marked as rare.
    pub fn stale<'a>(&'a self, findings: &'a [Finding]) -> impl Iterator<Item = String> + 'a {
        let unused = |entry: &&Entry| !entry.rare && !findings.iter().any(|finding| entry.matches(finding));
        self.allowed.iter().filter(unused).map(|entry| format!("{entry}: no finding matches: delete the entry"))
    }
}

impl Entry {
    fn matches(&self, finding: &Finding) -> bool {
        let operation_matches = self.operations.is_empty() || self.operations.contains(&finding.operation);
        let texts = [&finding.request, &finding.response, &finding.message];
        let found = |words: &String| texts.iter().any(|text| text.contains(words));
        operation_matches && self.check == finding.check && self.says.iter().all(found)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {:?}", self.check, self.says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(operation: &str, check: &str, response: &str) -> Finding {
        let [operation, check, response] = [operation, check, response].map(str::to_owned);
        Finding { operation, check, message: "a message".into(), request: "GET /".into(), response }
    }

    fn allowed(text: &str) -> Allowed {
        toml::from_str(text).unwrap()
    }

    const MISSING: &str =
        "[[allowed]]\ncheck = 'status'\nsays = ['404', 'not_found']\noperations = ['GET /a']\nreason = 'Because.'\n";

    #[test]
    fn a_finding_without_an_entry_is_unknown() {
        let known = finding("GET /a", "status", "404 not_found");
        let other_operation = finding("GET /b", "status", "404 not_found");
        let other_check = finding("GET /a", "schema", "404 not_found");
        let other_response = finding("GET /a", "status", "410 gone");
        let unknown = allowed(MISSING).unknown(&[known, other_operation, other_check, other_response]);
        assert_eq!(unknown.len(), 3, "{unknown:?}");
        assert!(unknown[0].starts_with("GET /b: status: a message"), "{unknown:?}");
        let many = [(); 5].map(|()| finding("GET /b", "status", "500"));
        assert_eq!(allowed(MISSING).unknown(&many).last().unwrap(), "… and 3 more of these");
    }

    #[test]
    fn an_entry_without_its_finding_is_stale_unless_it_is_rare() {
        let found = [finding("GET /a", "status", "404 not_found")];
        assert_eq!(allowed(MISSING).stale(&found).count(), 0);
        assert!(allowed(MISSING).stale(&[]).next().unwrap().contains("status with [\"404\", \"not_found\"]"));
        assert_eq!(allowed(&format!("{MISSING}rare = true\n")).stale(&[]).count(), 0);
        let by_message = MISSING.replace("not_found", "a mess");
        assert_eq!(allowed(&by_message).stale(&found).count(), 0);
    }

    #[test]
    fn the_lists_of_this_workspace_are_valid() {
        for api in super::super::APIS {
            Allowed::read(&crate::files::root().join(api.allowed)).unwrap();
        }
    }
}
