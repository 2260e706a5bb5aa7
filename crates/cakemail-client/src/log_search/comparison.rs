//! Whether an email in the logs is the one to send, by its recipient and subject as the API shows them.

use cakemail_model::emails::NewEmail;

use crate::error::KeyDifference;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Same,
    Different(KeyDifference),
    /// The API does not show it, or may show it in another form.
    Undetermined,
}

/// Compares an email with the recipient and the subject that the logs show.
pub(super) fn compare(email: &NewEmail, recipient: Option<&str>, subject: Option<&str>) -> Comparison {
    match compare_recipients(email, recipient) {
        Comparison::Same => compare_subjects(&email.content.subject, subject),
        other => other,
    }
}

/// Compares without regard to case: the API may show an address in lower case.
fn compare_recipients(email: &NewEmail, shown: Option<&str>) -> Comparison {
    // An address outside ASCII has several forms, and a contact's address is not known.
    let has_forms = |address: &str| !address.is_ascii() || address.contains("xn--");
    match (&email.email, shown.map(str::trim).filter(|shown| !shown.is_empty())) {
        (Some(address), Some(shown)) if address.to_lowercase() == shown.to_lowercase() => Comparison::Same,
        (Some(address), Some(shown)) if email.contact_id.is_none() && !has_forms(address) && !has_forms(shown) => {
            Comparison::Different(KeyDifference::Recipient)
        }
        _ => Comparison::Undetermined,
    }
}

fn compare_subjects(subject: &str, shown: Option<&str>) -> Comparison {
    let Some(shown) = shown.filter(|shown| !shown.trim().is_empty()) else { return Comparison::Undetermined };
    // White space, Unicode forms and characters outside the email's encoding may be shown otherwise.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    if words(subject) == words(shown) {
        Comparison::Same
    } else if subject.contains('[') || letters(subject) == letters(shown) {
        Comparison::Undetermined // it may be shown with its merge tags filled in
    } else {
        Comparison::Different(KeyDifference::Subject)
    }
}

#[cfg(test)]
mod tests {
    use cakemail_model::emails::NewEmail;
    use cakemail_model::{Content, ListId};

    use super::Comparison::{self, Different, Same, Undetermined};
    use super::compare;
    use crate::error::KeyDifference::{Recipient, Subject};

    fn email(recipient: &str, subject: &str) -> NewEmail {
        NewEmail::transactional("7", ListId::new(42), recipient, Content::text(subject, "Hello."))
    }

    #[test]
    fn recipients_are_compared_as_far_as_they_have_one_form() {
        for (recipient, shown, expected) in [
            ("ada@example.com", Some("ada@example.com"), Same),
            ("Ada@Example.com", Some(" ada@example.COM "), Same),
            ("ada@example.com", Some("bob@example.com"), Different(Recipient)),
            ("ada@example.com", Some("ada@example.org"), Different(Recipient)),
            ("ada@exämple.fr", Some("ada@exämple.fr"), Same),
            ("ada@exämple.fr", Some("ada@xn--exmple-cua.fr"), Undetermined),
            ("ada@xn--exmple-cua.fr", Some("ada@exämple.fr"), Undetermined),
            ("ada@example.com", Some(""), Undetermined),
            ("ada@example.com", None, Undetermined),
        ] {
            assert_eq!(compare(&email(recipient, "Hi"), shown, Some("Hi")), expected, "{recipient} {shown:?}");
        }
        let mut contact = email("ada@example.com", "Hi").contact_id(7_u64);
        assert_eq!(compare(&contact, Some("bob@example.com"), Some("Hi")), Undetermined);
        contact.email = None;
        assert_eq!(compare(&contact, Some("ada@example.com"), Some("Hi")), Undetermined);
    }

    #[test]
    fn subjects_are_compared_as_far_as_they_have_one_form() {
        let cases: [(&str, Option<&str>, Comparison); 8] = [
            ("Order 42", Some("Order 42"), Same),
            ("Order  42 ", Some(" Order 42"), Same),
            ("Order 42", Some("Order 43"), Different(Subject)),
            ("Reçu 42", Some("Reçu 43"), Different(Subject)),
            ("Re\u{e7}u 42", Some("Rec\u{327}u 42"), Different(Subject)),
            ("Order 42 – paid", Some("Order 42 ? paid"), Undetermined),
            ("Order of [first_name]", Some("Order of Ada"), Undetermined),
            ("Order 42", None, Undetermined),
        ];
        for (subject, shown, expected) in cases {
            assert_eq!(compare(&email("a@b.ca", subject), Some("a@b.ca"), shown), expected, "{subject} {shown:?}");
        }
    }
}
