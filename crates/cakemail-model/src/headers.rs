//! The headers that an email may have besides its own.

use std::borrow::Cow;

/// Headers that Cakemail writes itself, and where their value comes from.
const OWN: [(&str, &str); 13] = [
    ("bcc", "send one email to each recipient"),
    ("cc", "send one email to each recipient"),
    ("date", "Cakemail writes it"),
    ("dkim-signature", "Cakemail writes it"),
    ("from", "it is the address of the `sender`"),
    ("message-id", "Cakemail writes it"),
    ("mime-version", "Cakemail writes it"),
    ("received", "mail servers write it"),
    ("return-path", "mail servers write it"),
    ("sender", "it is the address of the `sender`"),
    ("subject", "give the subject in `content`"),
    ("to", "it is the email's recipient"),
    ("content-", "Cakemail writes it for the body and the attachments"),
];

/// The headers of unsubscribing, which Cakemail writes itself in a marketing email.
const UNSUBSCRIBE: [&str; 2] = ["list-unsubscribe", "list-unsubscribe-post"];

/// Checks the name of an additional header, in a marketing or a transactional email. Returns what is wrong with it, or `None` if it is
/// valid.
///
/// It rejects headers that the email's own fields set, such as `From` and `Subject`: the API documents only that it refuses
/// `cc` and `bcc`, so another value could be sent twice or lost. `List-Unsubscribe` and `List-Unsubscribe-Post` are valid in
/// a transactional email only.
pub fn check_header_name(name: &str, is_marketing: bool) -> Option<Cow<'static, str>> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
        return Some("is not a header name: use letters, digits and `-`".into());
    }
    let lower = name.to_ascii_lowercase();
    let is_own = |own: &str| lower == own || (own.ends_with('-') && lower.starts_with(own));
    if let Some((own, source)) = OWN.into_iter().find(|(own, _)| is_own(own)) {
        let stars = if own.ends_with('-') { "*" } else { "" };
        return Some(format!("`{own}{stars}` is not an additional header: {source}").into());
    }
    if is_marketing && UNSUBSCRIBE.contains(&&*lower) {
        return Some(format!("`{lower}` is not an additional header of a marketing email: Cakemail writes it").into());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{OWN, check_header_name};

    #[test]
    fn headers_that_cakemail_writes_are_refused_with_their_source() {
        for (name, source) in OWN {
            for name in [name.to_owned(), name.to_ascii_uppercase()] {
                let message = check_header_name(&name, false).unwrap();
                assert!(message.contains(source), "{name}: {message}");
            }
        }
        for name in ["Content-Type", "content-transfer-encoding", "From", "Message-ID"] {
            assert!(check_header_name(name, false).is_some(), "{name}");
        }
    }

    #[test]
    fn headers_of_the_senders_choice_are_valid() {
        for name in ["Reply-To", "X-Order", "In-Reply-To", "References", "Auto-Submitted", "Comments", "Contents"] {
            for is_marketing in [false, true] {
                assert_eq!(check_header_name(name, is_marketing), None, "{name}");
            }
        }
    }

    #[test]
    fn a_transactional_email_may_have_its_own_unsubscribe_header() {
        for name in ["List-Unsubscribe", "list-unsubscribe-post"] {
            assert_eq!(check_header_name(name, false), None);
            assert!(check_header_name(name, true).is_some());
        }
    }

    #[test]
    fn a_name_has_the_characters_of_a_header_name() {
        for name in ["", "X Order", "X-Order:", "X-\u{e9}", "X\n", "X\0"] {
            assert!(check_header_name(name, false).unwrap().contains("header name"), "{name:?}");
        }
    }
}
