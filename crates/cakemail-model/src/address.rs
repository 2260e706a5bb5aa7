//! The syntax of email addresses.

use std::borrow::Cow;

use crate::characters::{is_invisible, name};

/// Checks an email address. Returns what is wrong with it, or `None` if it is valid.
///
/// It rejects what mail systems reject, such as spaces, control characters and a missing domain, and characters that a
/// reader cannot see, which it names. Domains may be internationalized, in any normal form; whether a registry allows one
/// is up to the server. Only the recipient's server knows whether the mailbox exists.
pub fn check_address(address: &str) -> Option<Cow<'static, str>> {
    if is_plain(address) {
        return None;
    }
    if !address.bytes().all(|byte| (b' '..0x7f).contains(&byte))
        && let Some(character) = address.chars().find(|character| is_unseen(*character))
    {
        return Some(unseen(character));
    }
    check_structure(address).map(Cow::Borrowed)
}

/// Whether it is valid without a doubt, as most addresses are: the other checks take five times as long.
fn is_plain(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    // The name and each label are then short enough as well.
    let is_short = address.len() < 64;
    is_short && are_plain_words(local) && are_plain_words(domain) && {
        let (_, top_level) = domain.rsplit_once('.').unwrap_or_default();
        top_level.starts_with(|first: char| first.is_ascii_alphabetic())
    }
}

/// Whether it is words of ASCII letters, digits and inner hyphens, with single dots between them.
fn are_plain_words(text: &str) -> bool {
    let mut previous = b'.';
    for byte in text.bytes() {
        let fits = match byte {
            b'.' => previous.is_ascii_alphanumeric(),
            b'-' => previous != b'.',
            _ => byte.is_ascii_alphanumeric(),
        };
        if !fits {
            return false;
        }
        previous = byte;
    }
    previous.is_ascii_alphanumeric()
}

/// Whether it is easily overlooked. A space is not: the address is then two words.
fn is_unseen(character: char) -> bool {
    is_invisible(character) || character.is_control() || (character.is_whitespace() && !character.is_ascii())
}

fn unseen(character: char) -> Cow<'static, str> {
    let fix = match character {
        // They have a meaning in some scripts, but make two domains look alike.
        '\u{200c}' | '\u{200d}' => "remove it, or write the domain in its `xn--` form",
        _ => "remove it",
    };
    format!("contains {}: {fix}", name(character)).into()
}

fn check_structure(address: &str) -> Option<&'static str> {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return Some("is not an email address: it has no `@`");
    };
    if address.len() > 254 || local.len() > 64 {
        return Some("is too long for an email address");
    }
    if local.is_empty() {
        return Some("is not an email address: it has no name before the `@`");
    }
    let is_invalid = |character: char| character == ' ' || "<>()[]\\,;:\"@".contains(character);
    if local.contains(is_invalid) || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Some("is not an email address: give it bare, as `name@example.com`");
    }
    // Valid by RFC 5321, but many mail systems decode it, some into another address.
    if local.contains("=?") {
        return Some("contains `=?`, which mail systems read as the start of encoded text");
    }
    // A top-level domain is never a number, so this rejects IP addresses as well.
    let top_level = domain.rsplit(DOTS).next().unwrap_or_default();
    if !domain.contains(DOTS) || !domain.split(DOTS).all(is_label) || !top_level.contains(char::is_alphabetic) {
        return Some("is not an email address: the part after the `@` is not a domain");
    }
    None
}

/// The separators of a domain's labels (UTS #46).
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

fn is_label(label: &str) -> bool {
    let is_short = match label.is_ascii() {
        true => label.len() <= 63,
        false => label.chars().count() <= 59, // at least this many characters and `xn--` in ASCII
    };
    !label.is_empty()
        && is_short
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(is_label_character)
}

/// Other than in ASCII, any character that can be seen: letters, and the marks that are part of them in Devanagari or in
/// decomposed text.
fn is_label_character(character: char) -> bool {
    match character {
        // The full-width forms of ASCII stand for it.
        '\u{ff01}'..='\u{ff5e}' => {
            let narrow = u8::try_from(u32::from(character) - 0xfee0);
            narrow.is_ok_and(|narrow| narrow.is_ascii_alphanumeric() || narrow == b'-')
        }
        _ => character.is_ascii_alphanumeric() || character == '-' || !character.is_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DOTS, check_address, check_structure, is_plain, is_unseen};

    #[test]
    fn accepts_valid_addresses() {
        for address in [
            "ada@example.com",
            "ada+tag@example.co.uk",
            "a.b-c_d@sub.example.com",
            "o'hara@example.com",
            "first.last+tag@sub.example.com",
            "é@exämple.fr",
            "дмитрий@пример.рф",
            "1@2.ca",
            "a=b?c=@example.com",
            "अदा@हिन्दी.भारत",
            "ada@உதாரணம்.இந்தியா",
            "ada@ตัวอย่าง.ไทย",
            "e\u{301}@exa\u{308}mple.fr",
            "ada@例え。テスト",
            "ada@ｅｘａｍｐｌｅ.com",
            "ada@☃.net",
            "ada@xn--e1afmkfd.xn--p1ai",
        ] {
            assert_eq!(check_address(address), None, "{address}");
        }
    }

    #[test]
    fn rejects_invalid_addresses() {
        let long = format!("{}@example.com", "a".repeat(65));
        for address in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "ada@exa mple.com",
            "ada @example.com",
            "a@b@example.com",
            "Ada <ada@example.com>",
            "ada@example..com",
            ".ada@example.com",
            "ada.@example.com",
            "a..b@example.com",
            "ada@-example.com",
            "ada@example.com.",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada\n@example.com",
            "a,b@example.com",
            "ada@exa＠mple.com",
            "ada@exa%mple.com",
            "ada@例え。",
            "=?utf-8?q?ada?=@example.com",
            "a=?x@example.com",
            &long,
        ] {
            assert!(check_address(address).is_some(), "{address}");
        }
    }

    #[test]
    fn names_a_character_that_a_reader_cannot_see() {
        for (character, name) in [
            ('\u{200b}', "U+200B ZERO WIDTH SPACE"),
            ('\u{feff}', "U+FEFF BYTE ORDER MARK"),
            ('\u{202e}', "U+202E RIGHT-TO-LEFT OVERRIDE"),
            ('\u{2066}', "U+2066"),
            ('\u{a0}', "U+00A0 NO-BREAK SPACE"),
            ('\u{ad}', "U+00AD SOFT HYPHEN"),
            ('\0', "U+0000 NULL"),
        ] {
            for address in [
                format!("{character}ada@example.com"),
                format!("a{character}da@example.com"),
                format!("ada@exam{character}ple.com"),
                format!("ada@example.com{character}"),
            ] {
                let message = check_address(&address).unwrap();
                assert!(message.starts_with(&format!("contains {name}")), "{address:?}: {message}");
            }
        }
        assert!(check_address("ada@\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}.com").unwrap().contains("`xn--` form"));
    }

    proptest! {
        #[test]
        fn an_address_with_an_invisible_character_is_never_valid(
            before in "[a-zé]{1,5}",
            character in any::<char>().prop_filter("visible", |character| is_unseen(*character)),
        ) {
            let address = format!("{before}{character}@{before}.com");
            prop_assert!(check_address(&address).is_some());
            let address = format!("{before}@{before}{character}.com");
            prop_assert!(check_address(&address).is_some());
        }

        #[test]
        fn any_text_is_checked_without_a_panic_and_a_valid_address_has_two_parts(text in any::<String>()) {
            if check_address(&text).is_none() {
                let (local, domain) = text.rsplit_once('@').unwrap();
                prop_assert!(!local.is_empty() && domain.contains(DOTS));
            }
        }

        #[test]
        fn a_plain_address_passes_every_check(address in "[a-z0-9.-]{0,6}@?[a-zA-Z0-9.@-]{0,12}[.-]?[a-z0-9-]{0,70}") {
            if is_plain(&address) {
                prop_assert_eq!(check_structure(&address), None);
            }
        }

        #[test]
        fn letters_of_any_script_make_a_domain(label in r"[\p{L}][\p{L}\p{M}]{0,10}") {
            prop_assume!(!label.contains(is_unseen));
            prop_assert_eq!(check_address(&format!("ada@{label}.com")), None);
        }
    }
}
