//! Rust names for the document's.

/// `getEmailAPILogs`, `Email.Opened` and `utf-8` become `GetEmailApiLogs`, `EmailOpened`, `Utf8`.
pub fn pascal(text: &str) -> String {
    let name: String = words(text).iter().map(|word| capitalised(word)).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("N{name}") } else { name }
}

/// `EmailApi` becomes `email_api`.
pub fn snake(text: &str) -> String {
    words(text).join("_")
}

/// A field's name, and the wire's when it differs.
pub fn field(wire: &str) -> (String, Option<String>) {
    let name = match snake(wire).as_str() {
        "type" => "kind".to_owned(),
        keyword @ ("ref" | "in" | "match" | "self" | "use" | "where" | "for" | "as" | "fn" | "mod" | "move") => {
            format!("{keyword}_")
        }
        other => other.to_owned(),
    };
    let rename = (name != wire).then(|| wire.to_owned());
    (name, rename)
}

/// Lower-case words: split at what is no letter or digit, and where case rises.
fn words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut words = vec![String::new()];
    for (index, &character) in characters.iter().enumerate() {
        if !character.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = index.checked_sub(1).map(|at| characters[at]);
        let after = characters.get(index + 1);
        let rises = character.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if rises {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(character.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::{field, pascal, snake};

    #[test]
    fn names_follow_rust() {
        for (wire, name) in [
            ("getEmailAPILogs", "GetEmailApiLogs"),
            ("Email.ReportedAsSpam", "EmailReportedAsSpam"),
            ("utf-8", "Utf8"),
            ("en_US", "EnUs"),
            ("5m", "N5m"),
            ("ListMFAResponse", "ListMfaResponse"),
            ("Body_createToken", "BodyCreateToken"),
        ] {
            assert_eq!(pascal(wire), name);
        }
        assert_eq!(snake("EmailApi"), "email_api");
        assert_eq!(field("type"), ("kind".into(), Some("type".into())));
        assert_eq!(field("list_id"), ("list_id".into(), None));
    }
}
