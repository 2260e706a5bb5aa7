//! What mail clients and receiving servers may object to in an email. Nothing is loaded from a network.

use serde::Serialize;

use super::Message;
use super::html::{PieceKind, Tag, decoded, pieces};
use super::track::is_web;

/// The size in bytes of the HTML from which Gmail cuts a message off.
const CLIPPED: usize = 102 * 1024;

/// How many characters of a value are shown.
const SHOWN: usize = 80;

/// Something to correct.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Check {
    rule: &'static str,
    severity: Severity,
    /// What is wrong, and how to fix it.
    message: String,
    /// Where in the email.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Severity {
    Error,
    Warning,
    Info,
}

/// Checks an email as its recipient receives it.
pub(crate) fn checks(message: &Message<'_>) -> Vec<Check> {
    let (html, text) = (message.html(), message.text());
    let mut found = Vec::new();
    if let Some(page) = &html {
        check_size(&mut found, page);
        for piece in pieces(page) {
            if let PieceKind::Start(tag) = piece.kind {
                check_link(&mut found, page, piece.at, &tag);
                check_image(&mut found, page, piece.at, &tag);
            }
        }
    }
    if html.is_some() && text.is_none() {
        let message = "There is no plain text: some clients show it, and filters expect it. Set content.text.";
        found.push(Check::of("no-text", Severity::Info, message));
    }
    check_unsubscribe(&mut found, message, html.as_deref(), text.as_deref());
    let parts = [("subject", Some(message.subject())), ("HTML", html), ("text", text)];
    for (part, content) in parts.iter().filter_map(|(part, content)| Some((*part, content.as_deref()?))) {
        check_tags(&mut found, part, content);
    }
    found
}

impl Check {
    fn of(rule: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self { rule, severity, message: message.into(), place: None }
    }

    fn at(mut self, page: &str, offset: usize) -> Self {
        let line = page.get(..offset).map_or(0, |before| before.matches('\n').count()) + 1;
        self.place = Some(format!("line {line} of the HTML"));
        self
    }
}

fn check_size(found: &mut Vec<Check>, page: &str) {
    if page.len() > CLIPPED {
        let size = page.len().div_ceil(1024);
        let message = format!("The HTML has {size} KiB: Gmail shows the first 102 KiB and hides the rest. Shorten it.");
        found.push(Check::of("clipped", Severity::Warning, message));
    }
}

fn check_link(found: &mut Vec<Check>, page: &str, offset: usize, tag: &Tag<'_>) {
    if !tag.is("a") && !tag.is("area") {
        return;
    }
    let Some(target) = tag.attribute("href").map(|href| decoded(href.value)) else { return };
    if let Some(problem) = problem_of_link(target.trim()) {
        let message = format!("The link to {:?} {problem}", shown(&target));
        found.push(Check::of("dead-link", Severity::Error, message).at(page, offset));
    }
}

/// Why a link leads nowhere, judged by its form.
fn problem_of_link(target: &str) -> Option<&'static str> {
    let lower = target.to_ascii_lowercase();
    let scheme = lower.split_once(':').map(|(scheme, _)| scheme);
    match scheme {
        _ if target.is_empty() => Some("is empty. Give it a target."),
        _ if target == "#" => Some("is a placeholder. Give it a target."),
        // A place in the same email.
        _ if target.starts_with('#') => None,
        Some("http" | "https") if has_host(&lower) => None,
        Some("http" | "https") => Some("has no host. Write the whole address."),
        Some("mailto" | "tel" | "sms") => None,
        Some("javascript" | "vbscript" | "data" | "file") => Some("does not work in an email. Use a web address."),
        // A tag without a value, which has its own rule.
        _ if target.starts_with('[') => None,
        Some(scheme) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) => None,
        _ => Some("is relative, and an email has no page to be relative to. Write the whole address."),
    }
}

fn has_host(target: &str) -> bool {
    let rest = target.split_once("://").map_or("", |(_, rest)| rest);
    rest.chars().next().is_some_and(|first| first.is_alphanumeric() || first == '[')
}

fn check_image(found: &mut Vec<Check>, page: &str, offset: usize, tag: &Tag<'_>) {
    if !tag.is("img") {
        return;
    }
    let source = tag.attribute("src").map(|src| decoded(src.value)).unwrap_or_default();
    let name = shown(&source);
    if tag.attribute("alt").is_none() {
        let message = format!(
            "The picture {name:?} has no alt text: who cannot see it reads nothing. Add alt, empty if it only decorates."
        );
        found.push(Check::of("no-alt", Severity::Warning, message).at(page, offset));
    }
    let lower = source.trim().to_ascii_lowercase();
    if lower.starts_with("http://") {
        let message =
            format!("The picture {name:?} is loaded without encryption: some clients do not show it. Use https.");
        found.push(Check::of("insecure-image", Severity::Warning, message).at(page, offset));
    } else if lower.starts_with("data:") {
        let message = "A picture is a data: URL: Gmail and Outlook do not show it. Link to it with https.";
        found.push(Check::of("data-image", Severity::Warning, message).at(page, offset));
    } else if !is_web(&lower) && !lower.starts_with("cid:") && !lower.starts_with('[') {
        let message = format!("The picture {name:?} has no web address, so it is not shown. Link to it with https.");
        found.push(Check::of("dead-image", Severity::Error, message).at(page, offset));
    }
}

fn check_unsubscribe(found: &mut Vec<Check>, message: &Message<'_>, html: Option<&str>, text: Option<&str>) {
    let url = message.unsubscribe_url();
    let has = |content: Option<&str>| content.is_none_or(|content| content.contains(&url));
    if message.email.is_marketing && !(has(html) && has(text)) {
        let message = "A marketing email needs a link to unsubscribe in each of its forms. Add [UNSUBSCRIBE].";
        found.push(Check::of("no-unsubscribe", Severity::Error, message));
    }
}

fn check_tags(found: &mut Vec<Check>, part: &str, content: &str) {
    let mut names: Vec<_> = super::merge::tags(content).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let message = format!(
            "[{name}] has no value, so the {part} shows it as it is. Set it in content.custom_attributes, or write [{name},fallback]."
        );
        found.push(Check::of("unmerged-tag", Severity::Warning, message));
    }
}

fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::message::tests::{BASE, email};

    fn rules(content: Value) -> Vec<&'static str> {
        checks(&Message::of(&email(json!({"content": content})), BASE)).iter().map(|check| check.rule).collect()
    }

    #[test]
    fn each_rule_finds_what_it_names_and_nothing_else() {
        for (html, expected) in [
            ("<p>Hello</p>", &[][..]),
            ("<a href=https://a.example>a</a><a href='mailto:a@b.co'>m</a><a name=x>n</a><a href='#x'>x</a>", &[]),
            ("<a href='tel:1'>t</a><a href='[link]'>a</a>", &["unmerged-tag"]),
            ("<a href=''>a</a>", &["dead-link"]),
            ("<a href='#'>a</a>", &["dead-link"]),
            ("<a href=' JavaScript:go()'>a</a>", &["dead-link"]),
            ("<a href='&#106;avascript:go()'>a</a>", &["dead-link"]),
            ("<a href='/shop'>a</a><area href=shop.html>", &["dead-link", "dead-link"]),
            ("<a href='https:///shop'>a</a>", &["dead-link"]),
            ("<img src=https://a.example/a.png alt=''>", &[]),
            ("<img src=https://a.example/a.png>", &["no-alt"]),
            ("<img src=cid:a alt=a>", &[]),
            ("<img src=http://a.example/a.png alt=a>", &["insecure-image"]),
            ("<img src='data:image/png;base64,AA==' alt=a>", &["data-image"]),
            ("<img src=a.png alt=a><img alt=a>", &["dead-image", "dead-image"]),
            ("<p>[firstname] [absent] [absent] [other,there]</p>", &["unmerged-tag"]),
            ("<!-- <a href=''> --><style>a[href='']{}</style>", &[]),
        ] {
            let found = rules(json!({"type": "transactional", "subject": "s", "text": "t", "html": html}));
            assert_eq!(found, expected, "{html}");
        }
    }

    #[test]
    fn the_size_the_text_part_and_the_unsubscribe_link_are_checked() {
        let (small, large) = ("x".repeat(CLIPPED), "x".repeat(CLIPPED + 1));
        assert_eq!(rules(json!({"text": "t", "html": small})), [""; 0]);
        assert_eq!(rules(json!({"text": "t", "html": large})), ["clipped"]);
        assert_eq!(rules(json!({"html": "h"})), ["no-text"]);
        assert_eq!(rules(json!({"text": "t"})), [""; 0]);
        let marketing = |html: &str| rules(json!({"type": "marketing", "text": "[UNSUBSCRIBE]", "html": html}));
        assert_eq!(marketing("<a href='[UNSUBSCRIBE]'>out</a>"), [""; 0]);
        assert_eq!(marketing("<p>no way out</p>"), ["no-unsubscribe"]);
    }

    #[test]
    fn a_check_says_where_and_cuts_long_values() {
        let html = format!("<p>\n\n<a href='{}'>a</a>", "é".repeat(200));
        let found = checks(&Message::of(&email(json!({"content": {"text": "t", "html": html}})), BASE));
        assert_eq!(found[0].place.as_deref(), Some("line 3 of the HTML"));
        assert!(found[0].message.contains(&format!("\"{}…\"", "é".repeat(SHOWN))), "{}", found[0].message);
    }
}
