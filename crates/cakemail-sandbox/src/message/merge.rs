//! Merge tags: `[name]` and `[name,fallback]`, as Cakemail's help pages show them for campaigns.
//!
//! It is assumed that the Email API has them too, and that they work as follows. Names are case-sensitive. The fallback
//! replaces a missing or empty value. A tag without a value and without a fallback stays unchanged, so that a misspelt
//! name is visible and other brackets are preserved. Tags in values are not merged. `[DATE|…]`, `[IF …]` and `[RSS…]`
//! are not merged.

use super::html;

/// How many bytes values may add to a text. Further tags stay unchanged, so that a long value in many places is cheap.
const MAX_ADDED: usize = 4 << 20;

/// The maximum length of a tag in bytes.
const MAX_TAG: usize = 512;

/// The format in which values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Html,
    Text,
}

/// Replaces the tags of a text by their values.
pub(crate) fn merged<'v>(text: &str, form: Form, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let (mut merged, mut rest, mut added) = (String::with_capacity(text.len()), text, 0);
    while let Some(start) = rest.find('[') {
        let (before, from) = rest.split_at(start);
        merged.push_str(before);
        let found = tag(from).and_then(|tag| Some((tag.length, tag.value(&value)?)));
        match found.filter(|(_, value)| added + value.len() <= MAX_ADDED) {
            Some((length, value)) => {
                match form {
                    Form::Html => merged.push_str(&html::escaped(value)),
                    Form::Text => merged.push_str(value),
                }
                added += value.len();
                rest = &from[length..];
            }
            None => {
                merged.push('[');
                rest = &from[1..];
            }
        }
    }
    merged + rest
}

/// The names of the tags in a text.
pub(crate) fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('[').filter_map(|(start, _)| Some(tag(&text[start..])?.name))
}

struct Tag<'t> {
    name: &'t str,
    fallback: Option<&'t str>,
    length: usize,
}

impl<'t> Tag<'t> {
    fn value<'v: 't>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Option<&'t str> {
        match (value(self.name), self.fallback) {
            (None | Some(""), Some(fallback)) => Some(fallback),
            (value, _) => value,
        }
    }
}

/// The tag at the start of a text.
fn tag(text: &str) -> Option<Tag<'_>> {
    let end = text.bytes().take(MAX_TAG).skip(1).position(|it| matches!(it, b']' | b'[' | b'\n'))? + 1;
    let inner = text[1..end].trim_end_matches('\r');
    if !text[end..].starts_with(']') {
        return None;
    }
    let (name, fallback) = match inner.split_once(',') {
        Some((name, fallback)) => (name, Some(fallback.trim())),
        None => (inner, None),
    };
    let is_name = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.');
    let valid = name.starts_with(|it: char| it.is_alphabetic() || it == '_') && name.chars().all(is_name);
    valid.then_some(Tag { name, fallback, length: end + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(name: &str) -> Option<&'static str> {
        match name {
            "name" => Some("Zoë <\"&'>"),
            "email" => Some("a@example.com"),
            "empty" => Some(""),
            "tag" => Some("[name]"),
            _ => None,
        }
    }

    #[test]
    fn merge_tags_get_their_values() {
        for (text, html, plain) in [
            ("Hello [name]!", "Hello Zoë &lt;&quot;&amp;&#39;&gt;!", "Hello Zoë <\"&'>!"),
            ("[empty]|[empty,friend]|[none, dear friend]", "|friend|dear friend", "|friend|dear friend"),
            ("[tag]", "[name]", "[name]"),
            (
                "[Name] [none] [name ] [1,2] [] [",
                "[Name] [none] [name ] [1,2] [] [",
                "[Name] [none] [name ] [1,2] [] [",
            ),
            ("[[email]]", "[a@example.com]", "[a@example.com]"),
            ("[none,<b>]", "&lt;b&gt;", "<b>"),
            ("<!--[if mso]>é[endif]-->", "<!--[if mso]>é[endif]-->", "<!--[if mso]>é[endif]-->"),
            ("[DATE|0|Y-m-d][email\n]", "[DATE|0|Y-m-d][email\n]", "[DATE|0|Y-m-d][email\n]"),
        ] {
            assert_eq!(merged(text, Form::Html, value), html);
            assert_eq!(merged(text, Form::Text, value), plain);
        }
    }

    #[test]
    fn merged_values_are_bounded() {
        let long = "x".repeat(1 << 20);
        let merged = merged(&"[long]".repeat(1000), Form::Text, |_| Some(&long));
        assert_eq!(merged.len(), MAX_ADDED + "[long]".len() * 996);
    }

    proptest! {
        #[test]
        fn any_text_is_merged(text in "([\\[\\],a-b\\n\\r]|\\[name\\]|é|\\PC)*") {
            prop_assert!(!merged(&text, Form::Html, value).contains("[name]"));
        }
    }
}
