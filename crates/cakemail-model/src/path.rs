//! Builds paths. Each value is percent-encoded, so it cannot leave its segment.

use std::fmt::{self, Write as _};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Encodes every character except the unreserved ones of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Replaces the `{…}` placeholders of a route's template in order. Each value is percent-encoded.
///
/// A segment `.` or `..` is encoded as well, since a server or proxy that normalizes paths would resolve it. Placeholders
/// without a value stay unchanged.
pub fn fill(template: &str, values: &[&dyn fmt::Display]) -> String {
    let mut path = String::with_capacity(template.len() + 24 * values.len());
    let mut rest = template;
    for value in values {
        let Some((before, after)) = rest.split_once('{') else { break };
        path.push_str(before);
        push_segment(&mut path, &value.to_string());
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    path.push_str(rest);
    path
}

fn push_segment(path: &mut String, value: &str) {
    match value {
        "." => path.push_str("%2E"),
        ".." => path.push_str("%2E%2E"),
        _ => {
            // Writing to a String cannot fail.
            let _ = write!(path, "{}", utf8_percent_encode(value, SEGMENT));
        }
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::fill;

    #[test]
    fn fills_placeholders_in_order() {
        assert_eq!(fill("/lists/{list_id}/contacts/{contact_id}", &[&7, &"a b"]), "/lists/7/contacts/a%20b");
        assert_eq!(fill("/lists", &[]), "/lists");
    }

    #[test]
    fn a_value_cannot_leave_its_segment() {
        assert_eq!(fill("/a/{x}/b", &[&"../../token?x=1#y"]), "/a/..%2F..%2Ftoken%3Fx%3D1%23y/b");
        assert_eq!(fill("/a/{x}/b", &[&".."]), "/a/%2E%2E/b");
        assert_eq!(fill("/a/{x}", &[&"{y}"]), "/a/%7By%7D");
    }

    proptest! {
        #[test]
        fn any_value_is_one_segment_and_round_trips(value in any::<String>()) {
            let path = fill("/a/{x}/z", &[&value]);
            let segments: Vec<_> = path.split('/').collect();
            prop_assert_eq!(segments.len(), 4);
            prop_assert!(!path.contains(['?', '#', '\\', ' ']));
            prop_assert!(segments[2] != "." && segments[2] != "..");
            prop_assert_eq!(percent_decode_str(segments[2]).decode_utf8().unwrap(), value);
        }
    }
}
