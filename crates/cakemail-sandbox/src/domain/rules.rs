//! Rules that replace the lifecycle of an email, which its recipient's name selects otherwise.

use serde::{Deserialize, Serialize};

use super::emails::Email;
use super::lifecycle::{self, EventKind, Step};

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Rules {
    next: u64,
    all: Vec<Rule>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Rule {
    #[serde(default)]
    pub(crate) id: u64,
    /// An address pattern in which `*` matches any text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
    /// A tag that the email must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    steps: Vec<Step>,
}

impl Rules {
    pub(crate) fn all(&self) -> &[Rule] {
        &self.all
    }

    pub(crate) fn add(&mut self, mut rule: Rule) {
        self.next += 1;
        rule.id = self.next;
        // Every email is submitted first.
        rule.steps.retain(|step| step.kind != EventKind::Submitted);
        rule.steps.insert(0, Step { kind: EventKind::Submitted, after_ms: 0 });
        self.all.push(rule);
    }

    pub(crate) fn remove(&mut self, id: u64) {
        self.all.retain(|rule| rule.id != id);
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// The lifecycle of an email: that of the first rule that matches, or else that of its recipient's name.
    pub(crate) fn steps(&self, email: &Email) -> Vec<Step> {
        let rule = self.all.iter().find(|rule| rule.matches(email));
        rule.map_or_else(|| lifecycle::for_recipient(&email.recipient).into(), |rule| rule.steps.clone())
    }
}

impl Rule {
    fn matches(&self, email: &Email) -> bool {
        let recipient = email.recipient.to_lowercase();
        self.recipient.as_ref().is_none_or(|pattern| matches_pattern(&pattern.to_lowercase(), &recipient))
            && self.tag.as_ref().is_none_or(|tag| email.tags().any(|other| other == tag))
    }
}

/// Whether `text` matches `pattern`, in which `*` matches any text.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let Some((middle, end)) = rest.rsplit_once('*') else { return text.ends_with(rest) };
    for piece in middle.split('*') {
        let Some(at) = text.find(piece) else { return false };
        text = &text[at + piece.len()..];
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::matches_pattern;

    #[test]
    fn a_star_matches_any_text() {
        for (pattern, text, expected) in [
            ("a@b.c", "a@b.c", true),
            ("a@b.c", "aa@b.c", false),
            ("*", "", true),
            ("*@b.c", "x@b.c", true),
            ("*@b.c", "x@b.cc", false),
            ("a*c", "ac", true),
            ("a*a", "a", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("**b**", "abc", true),
            ("*ab*ab", "xab", false),
        ] {
            assert_eq!(matches_pattern(pattern, text), expected, "{pattern} {text}");
        }
    }
}
