//! Character references: `&eacute;`, `&#233;`.

use std::borrow::Cow;

/// Decodes the character references of an attribute's value. Those of names need their semicolon, so that the `&copy=`
/// of a URL stays.
pub(crate) fn decoded(value: &str) -> Cow<'_, str> {
    with_decoded(value, |_| None)
}

/// Decodes the character references of text. As in browsers, some names need no semicolon.
pub(super) fn decoded_text(text: &str) -> Cow<'_, str> {
    with_decoded(text, unfinished)
}

/// Decodes character references; `unfinished` decodes those of names without a semicolon.
fn with_decoded<'t>(text: &'t str, unfinished: impl Fn(&'t str) -> Option<(&'static str, &'t str)>) -> Cow<'t, str> {
    if !text.contains('&') {
        return text.into();
    }
    let mut parts = text.split('&');
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let rest = if let Some((character, rest)) = part.strip_prefix('#').and_then(numbered) {
            decoded.push(character);
            rest
        } else if let Some((value, rest)) = finished(part).or_else(|| unfinished(part)) {
            decoded.push_str(value);
            rest
        } else {
            decoded.push('&');
            part
        };
        decoded.push_str(rest);
    }
    decoded.into()
}

/// The value of the name at the start of a text that a semicolon ends, and the rest.
fn finished(text: &str) -> Option<(&'static str, &str)> {
    let (name, rest) = text.split_at(text.find(|it: char| !it.is_ascii_alphanumeric())?);
    Some((named(name)?, rest.strip_prefix(';')?))
}

fn named(name: &str) -> Option<&'static str> {
    let names = &html_escape::NAMED_ENTITIES;
    let place = names.binary_search_by_key(&name.as_bytes(), |(name, _)| name).ok()?;
    Some(names[place].1)
}

/// The longest name at the start of a text that needs no semicolon, as its value, and the rest.
fn unfinished(text: &str) -> Option<(&'static str, &str)> {
    // They are the names of characters of Latin-1, of 2 to 6 letters.
    (2..=6).rev().find_map(|length| {
        let (name, rest) = text.split_at_checked(length)?;
        let value = named(name).filter(|value| value.chars().all(|it| u32::from(it) <= 0xff))?;
        Some((value, rest))
    })
}

/// The character of the number at the start of a text, and the rest. The semicolon may be missing.
fn numbered(text: &str) -> Option<(char, &str)> {
    let (digits, radix) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    let length = digits.find(|it: char| !it.is_digit(radix)).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(length);
    let number = (length > 0).then(|| u32::from_str_radix(digits, radix).unwrap_or(u32::MAX))?;
    Some((character(number), rest.strip_prefix(';').unwrap_or(rest)))
}

/// What browsers show for the numbers from 128 to 159: the characters of Windows-1252.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The character of a number; those without one have the replacement character.
fn character(number: u32) -> char {
    let windows = number.checked_sub(0x80).and_then(|place| WINDOWS_1252.get(place as usize)).copied();
    windows.or_else(|| char::from_u32(number)).filter(|it| *it != '\0').unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_as_browsers_do() {
        for (text, shown) in [
            ("caf&eacute; &amp; th&eacute;&hellip;", "café & thé…"),
            ("&#233;&#xE9;&#XE9&#233 &#146;&#0;&#xD800;&#99999999999;", "éééé ’\u{fffd}\u{fffd}\u{fffd}"),
            ("&#65a &#x42-", "Aa B-"),
            ("&nbsp;&NotEqualTilde;&Tab;&lang;", "\u{a0}\u{2242}\u{338}\t\u{27e8}"),
            ("&unknown; &; &# &#x; && a&b&", "&unknown; &; &# &#x; && a&b&"),
            ("&amp;amp;", "&amp;"),
            ("é&é;", "é&é;"),
        ] {
            assert_eq!((decoded(text), decoded_text(text)), (shown.into(), shown.into()), "{text}");
        }
    }

    #[test]
    fn some_names_need_no_semicolon_in_text() {
        for (text, shown) in [("&copy 2026", "© 2026"), ("&eacutet&eacute", "été"), ("a&ltb&notit;", "a<b¬it;")] {
            assert_eq!((decoded_text(text), decoded(text)), (shown.into(), text.into()));
        }
        assert_eq!(decoded("https://a.example/?a=1&copy=2&lt=3"), "https://a.example/?a=1&copy=2&lt=3");
        assert_eq!(decoded_text("&hellip &euro"), "&hellip &euro", "others do");
    }
}
