//! The syntax of email addresses.

/// Checks an email address. Returns what is wrong with it, or `None` if it is valid.
///
/// It rejects what mail systems reject, such as spaces, control characters and a missing domain. Only the recipient's
/// server knows whether the mailbox exists.
pub fn check_address(address: &str) -> Option<&'static str> {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return Some("is not an email address: it has no `@`");
    };
    if address.len() > 254 || local.len() > 64 {
        return Some("is too long for an email address");
    }
    if local.is_empty() {
        return Some("is not an email address: it has no name before the `@`");
    }
    let is_invalid =
        |character: char| character.is_whitespace() || character.is_control() || "<>()[]\\,;:\"@".contains(character);
    if local.contains(is_invalid) || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Some("is not an email address: give it bare, as `name@example.com`");
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| character.is_alphanumeric() || character == '-')
    };
    // A top-level domain is never a number, so this rejects IP addresses as well.
    let top_level = domain.rsplit('.').next().unwrap_or_default();
    if !domain.contains('.') || !domain.split('.').all(is_label) || !top_level.contains(char::is_alphabetic) {
        return Some("is not an email address: the part after the `@` is not a domain");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::check_address;

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
            &long,
        ] {
            assert!(check_address(address).is_some(), "{address}");
        }
    }
}
