//! Email addresses, as far as a sender can judge them.

/// Why this is no address that email can be sent to, or `None` when it may be one.
///
/// Stricter than a regular expression would be about what mail systems refuse (spaces, control
/// characters, a missing host), and no stricter: only the recipient's server knows its mailboxes.
pub(crate) fn complaint(address: &str) -> Option<&'static str> {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return Some("is not an email address: it has no `@`");
    };
    if address.len() > 254 || local.len() > 64 {
        return Some("is too long for an email address");
    }
    if local.is_empty() {
        return Some("is not an email address: nothing stands before the `@`");
    }
    let strange =
        |character: char| character.is_whitespace() || character.is_control() || "<>()[]\\,;:\"@".contains(character);
    if local.contains(strange) || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Some("is not an email address: give it bare, as `name@example.com`");
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| character.is_alphanumeric() || character == '-')
    };
    if !domain.contains('.') || !domain.split('.').all(label) {
        return Some("is not an email address: what follows the `@` is no domain");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::complaint;

    #[test]
    fn takes_what_mail_systems_take() {
        for address in [
            "ada@example.com",
            "ada+tag@example.co.uk",
            "a.b-c_d@sub.example.com",
            "o'hara@example.com",
            "дмитрий@пример.рф",
            "1@2.ca",
        ] {
            assert_eq!(complaint(address), None, "{address}");
        }
    }

    #[test]
    fn refuses_what_they_refuse() {
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
            "ada\n@example.com",
            "a,b@example.com",
            &long,
        ] {
            assert!(complaint(address).is_some(), "{address}");
        }
    }
}
