//! Makes a style safe to show: see the module above.

use super::{Images, Scheme, View, is_remote};

/// The functions by which a style can load something, besides `url`.
const LOADING_FUNCTIONS: &[&str] =
    &["image-set", "image", "src", "cross-fade", "element", "paint", "expression", "attr"];

/// A style that loads nothing, but the pictures that `view` allows. Escapes are removed, since they can spell any name.
pub(super) fn sanitized(style: &str, view: View) -> String {
    let style: String = style.chars().filter(|it| !matches!(it, '\\' | '<' | '\0')).collect();
    let (mut out, mut rest) = (String::with_capacity(style.len()), style.as_str());
    while let Some(found) = rest.find(['@', '(']) {
        let (before, from) = rest.split_at(found);
        out.push_str(before);
        rest = &from[1..];
        if from.starts_with('@') {
            let import = rest.get(..6).is_some_and(|it| it.eq_ignore_ascii_case("import"));
            out.push_str(if import { "@no-" } else { "@" });
            continue;
        }
        let function = before.rsplit(|it: char| !it.is_alphanumeric() && it != '-').next().unwrap_or_default();
        let function = function.to_ascii_lowercase();
        if function.ends_with("url") {
            let (url, after) = url_in(rest);
            rest = after;
            out.truncate(out.len() - "url".len());
            match url.filter(|it| is_embedded(it) || (view.images == Images::Loaded && is_plain_and_remote(it))) {
                Some(url) => out.extend(["url(\"", url, "\")"]),
                None => out.push_str("none"),
            }
        } else {
            out.push_str(if LOADING_FUNCTIONS.iter().any(|it| function.ends_with(it)) { "-no(" } else { "(" });
        }
    }
    with_scheme(&(out + rest), view.scheme)
}

/// The URL at the start of the argument of `url(…)`, and the text after the closing bracket.
fn url_in(rest: &str) -> (Option<&str>, &str) {
    let inner = rest.trim_start();
    let end = match inner.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let Some(end) = inner[1..].find(quote) else { return (None, "") };
            let after = &inner[end + 2..];
            return (Some(&inner[1..=end]), after.find(')').map_or("", |at| &after[at + 1..]));
        }
        _ => inner.find(')'),
    };
    match end {
        Some(end) => (Some(inner[..end].trim_end()), &inner[end + 1..]),
        None => (None, ""),
    }
}

/// Whether a URL contains its data, and no character that could end the URL.
fn is_embedded(url: &str) -> bool {
    url.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("data:")) && url.chars().all(is_plain)
}

/// Whether a URL is one of another server, and has no character that could end the URL.
fn is_plain_and_remote(url: &str) -> bool {
    is_remote(url) && url.chars().all(|it| is_plain(it) || "?&#~@!*".contains(it))
}

fn is_plain(it: char) -> bool {
    it.is_ascii_alphanumeric() || ":/;,+=.-_%".contains(it)
}

const CONDITION: &str = "prefers-color-scheme";

/// The style as a system with light or dark colours applies it: each condition on them is one that always or never holds,
/// so that a preview does not depend on the system of the person who looks at it.
fn with_scheme(style: &str, scheme: Scheme) -> String {
    let lower = style.to_ascii_lowercase();
    let (mut out, mut done) = (String::with_capacity(style.len()), 0);
    for (at, _) in lower.match_indices(CONDITION) {
        let after = lower[at + CONDITION.len()..].trim_start();
        let Some(value) = after.strip_prefix(':').map(str::trim_start) else { continue };
        let word = value.split(|it: char| !it.is_ascii_alphabetic()).next().unwrap_or_default();
        let holds = match word {
            "light" => scheme == Scheme::Light,
            "dark" => scheme == Scheme::Dark,
            _ => continue,
        };
        out.push_str(&style[done..at]);
        out.push_str(if holds { "min-width:0" } else { "max-width:0" });
        done = lower.len() - value.len() + word.len();
    }
    out + &style[done..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_lose_only_what_they_load() {
        for (style, expected) in [
            ("background:#fff url(http://x/y) no-repeat;color:red", "background:#fff none no-repeat;color:red"),
            ("background:URL( 'x)y' ) red", "background:none red"),
            ("a:url(data:image/png;base64,A)", "a:url(\"data:image/png;base64,A\")"),
            ("@import 'x';@IMPORT url(x);@media print{}", "@no-import 'x';@no-IMPORT none;@media print{}"),
            ("a:-webkit-image-set('x' 1x);b:rgb(1,2,3)", "a:-webkit-image-set-no('x' 1x);b:rgb(1,2,3)"),
            ("a:u\\72l(x);b:ur\\l(x", "a:u72l(x);b:none"),
            ("a:url('x", "a:none"),
        ] {
            assert_eq!(sanitized(style, View::default()), expected, "{style}");
        }
    }

    #[test]
    fn conditions_on_the_colour_scheme_hold_as_the_view_says() {
        let style = "a{}@media (Prefers-Color-Scheme : dark) and (x:1){b{}}@media(prefers-color-scheme:light){c{}}";
        let view = |scheme| View { scheme, ..View::default() };
        assert_eq!(
            sanitized(style, view(Scheme::Dark)),
            "a{}@media (min-width:0) and (x:1){b{}}@media(max-width:0){c{}}"
        );
        assert_eq!(
            sanitized(style, view(Scheme::Light)),
            "a{}@media (max-width:0) and (x:1){b{}}@media(min-width:0){c{}}"
        );
        for other in ["@media(prefers-color-scheme){}", "prefers-color-scheme:", "@media (prefers-color-scheme: é)"] {
            assert_eq!(sanitized(other, view(Scheme::Dark)), other);
        }
    }
}
