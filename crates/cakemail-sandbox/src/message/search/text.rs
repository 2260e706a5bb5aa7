//! The text of an email as a search sees it.

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::Email;
use crate::message::{Message, html};

/// What is searched of an email, as its reader sees it and in [`comparable`] form: a line each for the sender, the
/// recipient, the subject, the plain text and the text of the HTML. Comparable texts have no line breaks and no tabs, so
/// no word is found across two of them.
pub(crate) fn text(email: &Email) -> Box<str> {
    let message = Message::of(email, "");
    let [plain, html] = [message.text(), message.html().map(|page| html::text(&page))]
        .map(|it| it.map(|text| comparable(&text)).unwrap_or_default());
    // Most emails say the same in both.
    let plain = if html.contains(&plain) { "" } else { &plain };
    let [address, name, recipient, subject] =
        [&*email.sender.email, &*email.sender.name, &*email.recipient, &message.subject()].map(comparable);
    format!("{address}\t{name}\n{recipient}\n{subject}\n{plain}\n{html}").into()
}

/// A view of the text of an email.
#[derive(Clone, Copy)]
pub(super) struct Searched<'a>(pub(super) &'a str);

impl<'a> Searched<'a> {
    /// The address and the name.
    pub(super) fn sender(self) -> &'a str {
        self.line(0)
    }

    pub(super) fn recipient(self) -> &'a str {
        self.line(1)
    }

    pub(super) fn subject(self) -> &'a str {
        self.line(2)
    }

    /// The recipient, the subject and the content.
    pub(super) fn all_but_sender(self) -> &'a str {
        self.0.split_once('\n').map_or("", |(_, rest)| rest)
    }

    fn line(self, place: usize) -> &'a str {
        self.0.split('\n').nth(place).unwrap_or_default()
    }
}

/// A text in the form in which emails and the words of a query are compared: without characters that nobody sees, in
/// Unicode's form NFKC, case folded, with one space for white space, and none at its ends.
pub(super) fn comparable(text: &str) -> String {
    let mut comparable = String::with_capacity(text.len());
    if text.is_ascii() {
        push_words(&mut comparable, text.chars().map(|it| it.to_ascii_lowercase()));
    } else {
        let visible = text.chars().filter(|it| !is_invisible(*it));
        // Letters such as `ς` and `ß` differ from others in lower case only, `ẞ` in upper case only.
        let lower = visible.nfkc().flat_map(char::to_lowercase);
        push_words(&mut comparable, lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase));
    }
    comparable
}

fn push_words(out: &mut String, characters: impl Iterator<Item = char>) {
    let mut space = false;
    for character in characters {
        if character.is_whitespace() {
            space = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut space) {
            out.push(' ');
        }
        out.push(character);
    }
}

/// Whether a character is one that is not shown (Unicode's `Default_Ignorable_Code_Point`): soft hyphens, characters
/// without a width, marks of direction, variation selectors.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::message::tests::email;

    #[test]
    fn a_text_is_what_a_reader_sees() {
        let html = "<style>no</style><p>Caf&eacute;&nbsp;cr&#232;me</p>un<b>break</b>able <!-- no -->super\u{ad}cali\
            &shy;fragi<wbr>listic<td>new\n  line</td><p>STRAẞE &amp; Straße</p>";
        for (content, lines) in [
            (json!({"html": html}), ["", "café crème unbreakable supercalifragilistic new line strasse & strasse"]),
            (json!({"text": "  Bonjour\r\n\tle monde "}), ["bonjour le monde", ""]),
            (json!({"html": "<p>Hello <b>you</b></p><p>bye</p>", "text": "Hello you\n\nBye"}), ["", "hello you bye"]),
            (json!({"html": "<p>Hello</p>", "text": "Other"}), ["other", "hello"]),
            (json!({"template": {"id": 1}}), ["", ""]),
        ] {
            let text = text(&email(json!({"content": content})));
            assert_eq!(text.split('\n').skip(3).collect::<Vec<_>>(), lines);
        }
        let text = text(&email(json!({"content": {"subject": "[firstname]:\n Ｗｉｄｅ ﬁne"}})));
        let searched = Searched(&text);
        assert_eq!((searched.sender(), searched.recipient()), ("shop@example.org\tthe shop", "zoe@example.com"));
        assert_eq!(searched.subject(), "zoë: wide fine");
        assert_eq!(searched.all_but_sender(), "zoe@example.com\nzoë: wide fine\n\n");
    }

    proptest! {
        #[test]
        fn all_ways_to_write_a_text_compare_as_one(text in "([a-zA-Z \\t\\n]|[éÉßẞΣσςǅﬁﷺ가각]|\\PC){0,12}") {
            let comparable = |text: &str| comparable(text);
            let form = comparable(&text);
            let hidden: String = text.chars().flat_map(|it| ['\u{ad}', it, '\u{feff}']).collect();
            for (other, way) in [
                (text.nfd().collect(), "decomposed"),
                (text.nfc().collect(), "composed"),
                (text.nfkd().collect(), "compatible"),
                (format!(" \n{text}\u{a0}\r"), "spaces around"),
                (text.replace(' ', "\u{2003}\n"), "other spaces"),
            ] {
                prop_assert_eq!(comparable(&other), form.as_str(), "{}", way);
            }
            if text.nfc().eq(text.nfd()) {
                prop_assert_eq!(comparable(&hidden), form.as_str());
            }
            prop_assert!(!form.contains(['\n', '\t']) && !form.contains("  "));
        }
    }
}
