//! The tag filter: one that was parsed is printed as a text that parses to it.

use cakemail::TagFilter;

use super::{Target, ensure_eq, samples, text};

pub fn target() -> Target {
    let mut samples = samples(&[
        "welcome",
        r#"{"is":"welcome"}"#,
        r#"{"and":["a",{"or":["b",{"not":{"is":"c"}}]}]}"#,
        r#"{"and":{"is":"a","not":"b"},"or":[]}"#,
        " {",
        "",
    ]);
    for depth in [62, 63, 64, 125, 126, 127, 128] {
        samples.push(format!("{}\"a\"{}", "{\"not\":".repeat(depth), "}".repeat(depth)).into_bytes());
        samples.push(format!("{}\"a\"{}", "{\"and\":[".repeat(depth), "]}".repeat(depth)).into_bytes());
    }
    Target { name: "tag_filter", samples, check: Box::new(check) }
}

fn check(input: &[u8]) -> Result<(), String> {
    let Ok(filter) = text(input).parse::<TagFilter>() else { return Ok(()) };
    let again = filter.to_string().parse().map_err(|error| format!("{filter} is {error}"))?;
    ensure_eq(again, filter, "is parsed differently")
}
