//! Base64 in the standard alphabet with padding, the encoding of attachments and of webhook signatures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Encodes bytes.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// Decodes text, or returns `None` if it is not base64.
pub fn decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Whether text is base64: its length, alphabet and padding. Attachments are large, so only the last four characters are
/// decoded.
pub fn is_base64(text: &str) -> bool {
    let data = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - data.len() <= 2
        && data.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        && decode(&text.as_bytes()[text.len().saturating_sub(4)..]).is_some() // its unused bits are zero
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_and_decodes_with_padding() {
        for (bytes, text) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), (">>>???", "Pj4+Pz8/")] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
            assert!(is_base64(text), "{text}");
        }
    }

    #[test]
    fn recognizes_base64_by_length_alphabet_and_padding() {
        for text in ["", "aGk=", "aGkh", "aA==", "a+/9"] {
            assert!(is_base64(text), "{text:?}");
        }
        for text in ["aGk", "a===", "====", "aG k", "=aGk", "aGk=aGk=", "aGk\n", "aG-_", "é===", "aGl=", "aB=="] {
            assert!(!is_base64(text) && decode(text).is_none(), "{text:?}");
        }
    }
}
