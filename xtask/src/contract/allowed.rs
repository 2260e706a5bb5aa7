//! What may differ from a document, each with its reason.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::report::Finding;
use crate::Result;

/// How many unknown findings of one operation and check are shown.
const SHOWN: usize = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    #[serde(default)]
    allowed: Vec<Entry>,
}

/// A finding that is no fault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The check's name.
    check: String,
    /// What is all found in the request, in the answer (`404 {"detail":…}`) or in the check's message.
    says: Vec<String>,
    /// Such as `POST /v2/emails`; all when there are none.
    #[serde(default)]
    operations: Vec<String>,
    /// Why it is no fault.
    reason: String,
    /// Chance decides whether it is found.
    #[serde(default)]
    rare: bool,
}

impl Allowed {
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let allowed: Self = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        match allowed.allowed.iter().find(|entry| entry.reason.is_empty() || entry.says.is_empty()) {
            Some(entry) => Err(format!("{}: {entry}: say what, and why", path.display()).into()),
            None => Ok(allowed),
        }
    }

    /// How many findings each entry allows.
    pub fn print(&self, findings: &[Finding]) {
        for entry in &self.allowed {
            let count = findings.iter().filter(|finding| entry.is_about(finding)).count();
            println!("{count:6}  {entry}: {}", entry.reason);
        }
    }

    /// The findings that no entry allows, a few of each kind.
    pub fn unknown(&self, findings: &[Finding]) -> Vec<String> {
        let mut shown: Vec<&Finding> = Vec::new();
        let mut more = 0;
        for finding in findings.iter().filter(|finding| !self.allowed.iter().any(|entry| entry.is_about(finding))) {
            let same = |it: &&&Finding| it.operation == finding.operation && it.check == finding.check;
            if shown.iter().filter(same).count() < SHOWN { shown.push(finding) } else { more += 1 }
        }
        let mut lines: Vec<_> = shown.iter().map(ToString::to_string).collect();
        if more > 0 {
            lines.push(format!("… and {more} more of these"));
        }
        lines
    }

    /// The entries whose finding is no more, though chance does not decide that.
    pub fn stale<'a>(&'a self, findings: &'a [Finding]) -> impl Iterator<Item = String> + 'a {
        let gone = |entry: &&Entry| !entry.rare && !findings.iter().any(|finding| entry.is_about(finding));
        self.allowed.iter().filter(gone).map(|entry| format!("{entry}: this is found no more: delete the entry"))
    }
}

impl Entry {
    fn is_about(&self, finding: &Finding) -> bool {
        let there = self.operations.is_empty() || self.operations.contains(&finding.operation);
        let texts = [&finding.request, &finding.answer, &finding.message];
        let said = |words: &String| texts.iter().any(|text| text.contains(words));
        there && self.check == finding.check && self.says.iter().all(said)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} that says {:?}", self.check, self.says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(operation: &str, check: &str, answer: &str) -> Finding {
        let [operation, check, answer] = [operation, check, answer].map(str::to_owned);
        Finding { operation, check, message: "a message".into(), request: "GET /".into(), answer }
    }

    fn allowed(text: &str) -> Allowed {
        toml::from_str(text).unwrap()
    }

    const MISSING: &str =
        "[[allowed]]\ncheck = 'status'\nsays = ['404', 'not_found']\noperations = ['GET /a']\nreason = 'Because.'\n";

    #[test]
    fn what_no_entry_is_about_is_unknown() {
        let known = finding("GET /a", "status", "404 not_found");
        let other_place = finding("GET /b", "status", "404 not_found");
        let other_check = finding("GET /a", "schema", "404 not_found");
        let other_answer = finding("GET /a", "status", "410 gone");
        let unknown = allowed(MISSING).unknown(&[known, other_place, other_check, other_answer]);
        assert_eq!(unknown.len(), 3, "{unknown:?}");
        assert!(unknown[0].starts_with("GET /b: status: a message"), "{unknown:?}");
        let many = [(); 5].map(|()| finding("GET /b", "status", "500"));
        assert_eq!(allowed(MISSING).unknown(&many).last().unwrap(), "… and 3 more of these");
    }

    #[test]
    fn an_entry_without_its_finding_is_stale_unless_it_is_rare() {
        let found = [finding("GET /a", "status", "404 not_found")];
        assert_eq!(allowed(MISSING).stale(&found).count(), 0);
        assert!(allowed(MISSING).stale(&[]).next().unwrap().contains("status that says [\"404\", \"not_found\"]"));
        assert_eq!(allowed(&format!("{MISSING}rare = true\n")).stale(&[]).count(), 0);
        let by_message = MISSING.replace("not_found", "a mess");
        assert_eq!(allowed(&by_message).stale(&found).count(), 0);
    }

    #[test]
    fn the_lists_of_the_house_can_be_read() {
        for api in super::super::APIS {
            Allowed::read(&crate::files::root().join(api.allowed)).unwrap();
        }
    }
}
