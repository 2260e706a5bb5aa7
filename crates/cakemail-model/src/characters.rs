//! Characters that do not belong in an address or in one line of text, and their names.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// Characters that a reader cannot see: those that Unicode calls format characters or default-ignorable, fillers that are
/// blank, and code points that are no characters.
const INVISIBLE: [RangeInclusive<char>; 21] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{600}'..='\u{605}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{e000}'..='\u{f8ff}', // private use: shown by some fonts only
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{ffff}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
    '\u{f0000}'..='\u{10ffff}',
];

/// The names of characters that get into text by copying.
const NAMES: [(char, &str); 27] = [
    ('\0', "NULL"),
    ('\t', "TAB"),
    ('\n', "LINE FEED"),
    ('\r', "CARRIAGE RETURN"),
    ('\u{1b}', "ESCAPE"),
    ('\u{7f}', "DELETE"),
    ('\u{85}', "NEXT LINE"),
    ('\u{a0}', "NO-BREAK SPACE"),
    ('\u{ad}', "SOFT HYPHEN"),
    ('\u{61c}', "ARABIC LETTER MARK"),
    ('\u{200b}', "ZERO WIDTH SPACE"),
    ('\u{200c}', "ZERO WIDTH NON-JOINER"),
    ('\u{200d}', "ZERO WIDTH JOINER"),
    ('\u{200e}', "LEFT-TO-RIGHT MARK"),
    ('\u{200f}', "RIGHT-TO-LEFT MARK"),
    ('\u{2028}', "LINE SEPARATOR"),
    ('\u{2029}', "PARAGRAPH SEPARATOR"),
    ('\u{202a}', "LEFT-TO-RIGHT EMBEDDING"),
    ('\u{202b}', "RIGHT-TO-LEFT EMBEDDING"),
    ('\u{202c}', "POP DIRECTIONAL FORMATTING"),
    ('\u{202d}', "LEFT-TO-RIGHT OVERRIDE"),
    ('\u{202e}', "RIGHT-TO-LEFT OVERRIDE"),
    ('\u{202f}', "NARROW NO-BREAK SPACE"),
    ('\u{2060}', "WORD JOINER"),
    ('\u{3000}', "IDEOGRAPHIC SPACE"),
    ('\u{feff}', "BYTE ORDER MARK"),
    ('\u{fffd}', "REPLACEMENT CHARACTER"),
];

/// Whether a reader cannot see the character.
pub(crate) fn is_invisible(character: char) -> bool {
    INVISIBLE.iter().any(|range| range.contains(&character))
}

/// The character's code point and, if it is in the table, its name: `U+200B ZERO WIDTH SPACE`.
pub(crate) fn name(character: char) -> String {
    let mut text = format!("U+{:04X}", u32::from(character));
    if let Some((_, name)) = NAMES.iter().find(|(named, _)| *named == character) {
        let _ = write!(text, " {name}"); // writing to a String cannot fail
    }
    text
}

/// Checks text that belongs in one line: a subject, a name, or the value of a header. Returns what is wrong with it, or
/// `None` if it is valid.
///
/// It rejects line breaks and control characters, tabs included.
pub fn check_line(text: &str) -> Option<Cow<'static, str>> {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return None;
    }
    let is_line_break =
        |character| matches!(character, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let found = text.chars().find(|character| character.is_control() || is_line_break(*character))?;
    Some(match is_line_break(found) {
        true => "contains a line break: give it in one line".into(),
        false => format!("contains the control character {}: remove it", name(found)).into(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{check_line, is_invisible, name};

    #[test]
    fn a_name_has_the_code_point_and_is_known_for_what_gets_into_text_by_copying() {
        assert_eq!(name('\u{200b}'), "U+200B ZERO WIDTH SPACE");
        assert_eq!(name('\u{1}'), "U+0001");
        assert_eq!(name('\u{e0041}'), "U+E0041");
    }

    #[test]
    fn what_can_be_seen_is_not_invisible() {
        for character in "aé@-नमस्तेдाا字e\u{301}☃😀".chars() {
            assert!(!is_invisible(character), "{}", name(character));
        }
    }

    #[test]
    fn a_line_has_no_line_break_and_no_control_character() {
        for text in ["", "Hello, Ada", "Grüße", "👩‍🚀 नमस्ते", "e\u{301}"] {
            assert_eq!(check_line(text), None, "{text}");
        }
        for text in ["a\nb", "a\r\nBcc: x@example.com", "a\u{2028}b", "a\u{85}b", "\u{b}"] {
            assert_eq!(check_line(text).unwrap(), "contains a line break: give it in one line");
        }
        assert_eq!(check_line("a\0").unwrap(), "contains the control character U+0000 NULL: remove it");
        assert_eq!(check_line("\u{9b}31m").unwrap(), "contains the control character U+009B: remove it");
    }

    proptest! {
        #[test]
        fn a_line_is_rejected_exactly_if_it_has_such_a_character(text in any::<String>()) {
            let rejected = text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
            prop_assert_eq!(check_line(&text).is_some(), rejected);
        }
    }
}
