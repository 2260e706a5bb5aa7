//! The text of an error response that is not in the API's own shape: a gateway's JSON, plain text, a page of HTML.

use serde_json::Value;

use crate::FieldError;

/// The number of characters that are kept of a message.
const MAX_LENGTH: usize = 1_000;
/// The number of bytes of a page that are read.
const MAX_PAGE: usize = 64 * 1024;

/// The message in JSON: the longest one that OAuth, gateways and cloud load balancers give.
pub(super) fn in_json(value: &Value) -> Option<&str> {
    [&value["error_description"], &value["message"], &value["error"]["message"], &value["error"]]
        .into_iter()
        .find_map(|text| text.as_str().filter(|text| !text.trim().is_empty()))
}

/// The text of a body that is not JSON: its title if it is a page, or else its first words.
pub(super) fn in_page(body: &[u8]) -> Option<FieldError> {
    let text = body[..body.len().min(MAX_PAGE)].utf8_chunks().next()?.valid().trim_start();
    let text = match text.chars().next()? {
        '<' => first_text(text),
        '{' | '[' => return None, // JSON that is cut off
        _ => one_line(text),
    };
    (!text.is_empty() && text != "null").then(|| FieldError::new("", text))
}

/// The title of a page, or the text outside of its tags.
fn first_text(page: &str) -> String {
    let title = one_line(&decode_entities(element(page, "title").unwrap_or_default()));
    if !title.is_empty() {
        return title;
    }
    let mut text = String::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        text.push(' ');
        let tag = &rest[start..];
        // Scripts and styles are not text.
        let hidden = ["script", "style"].into_iter().find(|name| starts_with_ignoring_case(&tag[1..], name));
        let end = match hidden {
            Some(name) => find_ignoring_case(tag, &format!("</{name}")),
            None => Some(0),
        };
        let close = end.and_then(|end| Some(end + tag[end..].find('>')? + 1));
        rest = close.map_or("", |close| &tag[close..]);
    }
    one_line(&decode_entities(&(text + rest)))
}

/// The content of the first element with this name.
fn element<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let after = &page[find_ignoring_case(page, &format!("<{name}"))?..];
    let content = &after[after.find('>')? + 1..];
    Some(&content[..content.find('<')?])
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

fn starts_with_ignoring_case(text: &str, word: &str) -> bool {
    text.as_bytes().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// Decodes the entities that titles of error pages have.
fn decode_entities(text: &str) -> String {
    const ENTITIES: [(&str, &str); 6] =
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

/// The text on one line, without control characters and marks that reorder what follows, cut at the limit.
pub(super) fn one_line(text: &str) -> String {
    let is_reordering =
        |letter| matches!(letter, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_space =
        |letter: char| letter.is_whitespace() || letter.is_control() || is_reordering(letter) || letter == '\u{feff}';
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        for letter in word.chars() {
            if length >= MAX_LENGTH {
                line.push('…');
                return line;
            }
            line.push(letter);
            length += 1;
        }
    }
    line
}
