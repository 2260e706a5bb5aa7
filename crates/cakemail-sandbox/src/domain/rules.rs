//! What becomes of emails by rule, in place of what their recipients' names say.

use serde::{Deserialize, Serialize};

use super::Email;
use crate::domain::lifecycle::{self, Kind, Step};

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Rules {
    next: u64,
    all: Vec<Rule>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Rule {
    #[serde(default)]
    pub(crate) id: u64,
    /// An address; `*` stands for any text.
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

    pub(crate) fn add(&mut self, mut rule: Rule) -> &Rule {
        self.next += 1;
        rule.id = self.next;
        // An email is always submitted, and first.
        rule.steps.retain(|step| step.kind != Kind::Submitted);
        rule.steps.insert(0, Step { kind: Kind::Submitted, after_ms: 0 });
        self.all.push(rule);
        &self.all[self.all.len() - 1]
    }

    /// Whether there was one with this id.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.all.len();
        self.all.retain(|rule| rule.id != id);
        self.all.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// What becomes of an email: by the first rule that fits, else by its recipient's name.
    pub(crate) fn steps(&self, email: &Email) -> Vec<Step> {
        let rule = self.all.iter().find(|rule| rule.fits(email));
        rule.map_or_else(|| lifecycle::of(&email.recipient).into(), |rule| rule.steps.clone())
    }
}

impl Rule {
    fn fits(&self, email: &Email) -> bool {
        let recipient = email.recipient.to_lowercase();
        self.recipient.as_ref().is_none_or(|pattern| like(&pattern.to_lowercase(), &recipient))
            && self.tag.as_ref().is_none_or(|tag| email.tags().any(|it| it == tag))
    }
}

/// Whether `text` is as `pattern` says, where `*` stands for any text.
fn like(pattern: &str, text: &str) -> bool {
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
    use super::like;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, fits) in [
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
            assert_eq!(like(pattern, text), fits, "{pattern} {text}");
        }
    }
}
