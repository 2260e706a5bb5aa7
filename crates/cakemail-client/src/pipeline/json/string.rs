//! Writes the strings of JSON. Most strings need no escape: their bytes are compared in blocks, and copied at once.

/// Appends a string with its quotes.
pub(super) fn write_string(bytes: &mut Vec<u8>, text: &str) {
    bytes.reserve(text.len() + 2);
    bytes.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, escaped) = rest.split_at(plain_length(rest));
        bytes.extend_from_slice(plain);
        let Some((byte, after)) = escaped.split_first() else { break };
        escape(bytes, *byte);
        rest = after;
    }
    bytes.push(b'"');
}

/// Appends the name of a field, and a colon. Where the name is a constant, it is compared when the code is compiled.
#[inline(always)]
pub(super) fn write_key(bytes: &mut Vec<u8>, name: &'static str) {
    if name.as_bytes().iter().any(is_escaped) {
        write_string(bytes, name);
        bytes.push(b':');
        return;
    }
    bytes.reserve(name.len() + 3);
    bytes.push(b'"');
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(b"\":");
}

/// The number of bytes before the first that has to be escaped.
fn plain_length(text: &[u8]) -> usize {
    let (blocks, rest) = text.as_chunks::<16>();
    match blocks.iter().position(|block| !is_plain(block)) {
        Some(index) => index * 16 + first_escaped(&blocks[index]),
        None if is_end_plain(text) => text.len(),
        None => blocks.len() * 16 + first_escaped(rest),
    }
}

/// Whether nothing in the last 16 bytes has to be escaped. Blocks that overlap take less time than single bytes.
fn is_end_plain(text: &[u8]) -> bool {
    match text.len() {
        16.. => text.last_chunk::<16>().is_none_or(is_plain),
        8.. => are_ends_plain::<8>(text),
        4.. => are_ends_plain::<4>(text),
        _ => !text.iter().any(is_escaped),
    }
}

fn are_ends_plain<const N: usize>(text: &[u8]) -> bool {
    text.first_chunk::<N>().is_none_or(is_plain) && text.last_chunk::<N>().is_none_or(is_plain)
}

/// Compares without an early exit, so that the compiler compares all bytes at once.
fn is_plain<const N: usize>(block: &[u8; N]) -> bool {
    !block.iter().fold(false, |found, byte| found | is_escaped(byte))
}

fn first_escaped(text: &[u8]) -> usize {
    text.iter().position(is_escaped).unwrap_or(text.len())
}

fn is_escaped(byte: &u8) -> bool {
    (*byte < b' ') | (*byte == b'"') | (*byte == b'\\')
}

fn escape(bytes: &mut Vec<u8>, byte: u8) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => return bytes.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
    };
    bytes.extend_from_slice(&[b'\\', letter]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::write_string;

    /// Compares with `serde_json`.
    fn check(text: &str) {
        let mut bytes = Vec::new();
        write_string(&mut bytes, text);
        assert_eq!(String::from_utf8(bytes).unwrap(), serde_json::to_string(text).unwrap());
    }

    #[test]
    fn escapes_each_character_at_each_place_of_a_block() {
        for character in (0..=0x7f).map(char::from) {
            for place in 0..40 {
                let (before, after) = ("a".repeat(place), "é".repeat(40 - place));
                check(&format!("{before}{character}{after}{character}"));
            }
        }
    }

    proptest! {
        #[test]
        fn writes_any_text_as_serde_json_does(text in any::<String>(), controls in "[ -~\\x00-\\x1f\"\\\\é]{0,80}") {
            check(&text);
            check(&controls);
        }
    }
}
