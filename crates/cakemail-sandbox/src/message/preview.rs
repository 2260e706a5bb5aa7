//! Makes a page safe to show in a sandboxed frame.
//!
//! The page is rebuilt from its pieces: only elements, attributes and values of allow lists remain, text cannot become
//! tags, and no URL remains that a browser would load. So differences between [`html`] and a browser's parser are safe.
//! [`HEADERS`] forbid the same things a second time.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::html::{self, PieceKind, Tag};

/// The response headers of a preview. The policy does not cover DNS lookups, so `X-DNS-Prefetch-Control` does.
pub(crate) const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'self'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-dns-prefetch-control", "off"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
];

static ELEMENTS: Names = Names::new(|| {
    let names = "\
        a abbr acronym address area article aside b bdi bdo big blockquote body br caption center cite code col \
        colgroup dd del details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 head header hr \
        html i img ins kbd label li main map mark nav ol p pre q rp rt ruby s samp section small span strike strong \
        style sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr";
    names.split(' ').collect()
});

/// Attributes of style and meaning. `href`, `src`, `background` and `style` are sanitized separately.
static ATTRIBUTES: Names = Names::new(|| {
    let names = "\
        abbr align alink alt aria-hidden aria-label axis bgcolor border bordercolor cellpadding cellspacing char \
        class clear color cols colspan compact coords datetime dir face frame headers height hidden hspace id ismap \
        lang link marginheight marginwidth name noshade nowrap open reversed role rows rowspan rules scope shape \
        size span start summary text title type usemap valign value vlink vspace width";
    names.split(' ').collect()
});

/// The page without scripts, and without anything that a browser would load.
pub(crate) fn sanitized(page: &str) -> String {
    let (mut out, mut in_style) = (String::with_capacity(page.len()), false);
    for piece in html::pieces(page) {
        match piece.kind {
            PieceKind::Text(text) => push_text(&mut out, text),
            PieceKind::Raw(text) if in_style => out.push_str(&sanitized_style(text)),
            PieceKind::Doctype => out.push_str("<!DOCTYPE html>"),
            PieceKind::Start(tag) => {
                let Some(name) = known(&ELEMENTS, tag.name) else { continue };
                in_style = name == "style";
                push_tag(&mut out, name, &tag);
            }
            PieceKind::End(name) => {
                let Some(name) = known(&ELEMENTS, name) else { continue };
                in_style = false;
                out.extend(["</", name, ">"]);
            }
            PieceKind::Raw(_) | PieceKind::Ignored => {}
        }
    }
    out
}

/// A plain text as a page.
pub(crate) fn page_of_text(text: &str) -> String {
    let style = "white-space: pre-wrap; overflow-wrap: anywhere";
    format!("<!DOCTYPE html><html><body><pre style=\"{style}\">{}</pre></body></html>", html::escaped(text))
}

fn push_tag(out: &mut String, name: &'static str, tag: &Tag<'_>) {
    out.extend(["<", name]);
    let mut push = |name: &str, value: &str| {
        out.extend([" ", name, "=\""]);
        push_text(out, value);
        out.push('"');
    };
    let outside = tag.attribute("href").filter(|href| !href.value.starts_with('#'));
    for attribute in &tag.attributes {
        match known(&ATTRIBUTES, attribute.name) {
            Some("title") if outside.is_some() => {}
            Some(name) => push(name, attribute.value),
            None => {}
        }
    }
    for name in ["src", "background"] {
        let source = tag.attribute(name).filter(|it| is_image_data(&html::decoded(it.value)));
        if let Some(source) = source {
            push(name, source.value);
        }
    }
    if let Some(style) = tag.attribute("style") {
        push("style", &html::escaped(&sanitized_style(&html::decoded(style.value))));
    }
    if let Some(href) = outside {
        // It looks like a link and shows its target, but does not open it.
        push("title", href.value);
        push("href", NOWHERE);
    } else if let Some(href) = tag.attribute("href") {
        push("href", href.value);
    }
    out.push('>');
}

/// An anchor that no page has.
const NOWHERE: &str = "#_";

type Names = LazyLock<HashSet<&'static str>>;

fn known(names: &HashSet<&'static str>, name: &str) -> Option<&'static str> {
    names.get(name.to_ascii_lowercase().as_str()).copied()
}

/// Pushes text that cannot begin a tag or end a value. Character references stay unchanged: they cannot form a tag.
fn push_text(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\0' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
}

/// Whether a URL contains a picture.
fn is_image_data(url: &str) -> bool {
    url.get(..11).is_some_and(|it| it.eq_ignore_ascii_case("data:image/"))
}

/// The functions by which a style can load something, besides `url`.
const LOADING_FUNCTIONS: &[&str] =
    &["image-set", "image", "src", "cross-fade", "element", "paint", "expression", "attr"];

/// A style that loads nothing. Escapes are removed, since they can spell any name.
fn sanitized_style(style: &str) -> String {
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
            match url.filter(|it| is_embedded(it)) {
                Some(url) => out.extend(["url(\"", url, "\")"]),
                None => out.push_str("none"),
            }
        } else {
            out.push_str(if LOADING_FUNCTIONS.iter().any(|it| function.ends_with(it)) { "-no(" } else { "(" });
        }
    }
    out + rest
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
    let plain = |it: char| it.is_ascii_alphanumeric() || ":/;,+=.-_%".contains(it);
    url.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("data:")) && url.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    const TRAP: &str = "http://trap.invalid";

    /// The active content of a page, found independently of the code under test. A preview has none.
    fn active_content(page: &str) -> Vec<String> {
        let mut active = Vec::new();
        let mut report = |text: &str| active.push(text.to_owned());
        for piece in html::pieces(page) {
            match piece.kind {
                PieceKind::Start(tag) => {
                    if known(&ELEMENTS, tag.name).is_none() {
                        report(tag.name);
                    }
                    for it in &tag.attributes {
                        let value = html::decoded(it.value).to_lowercase();
                        let safe = match it.name {
                            "href" => value.starts_with('#'),
                            "src" | "background" => value.starts_with("data:image/"),
                            "style" => !loads(&value),
                            name => known(&ATTRIBUTES, name).is_some(),
                        };
                        if !safe || page[it.at.clone()].matches('"').count() != 2 {
                            report(&format!("{}={}", it.name, it.value));
                        }
                    }
                }
                PieceKind::End(name) if known(&ELEMENTS, name).is_none() => report(name),
                PieceKind::Raw(text) if loads(&text.to_lowercase()) || text.contains('<') => report(text),
                PieceKind::Text(text) if text.contains('<') => report(text),
                PieceKind::Ignored => report("comment"),
                _ => {}
            }
        }
        active
    }

    fn loads(style: &str) -> bool {
        let urls = style.match_indices("url(").any(|(at, _)| !style[at + 4..].starts_with("\"data:"));
        let others = ["@import", "image-set(", "image(", "src(", "expression(", "\\"];
        urls || others.iter().any(|it| style.replace("-no(", "").contains(it))
    }

    fn hostile() -> Vec<(String, String)> {
        let corpus = include_str!("../../tests/hostile/corpus.json");
        let corpus: Value = serde_json::from_str(corpus).unwrap();
        let cases = corpus["cases"].as_array().unwrap().iter();
        let text = |case: &Value, name: &str| case[name].as_str().unwrap().replace("{trap}", TRAP);
        cases.map(|case| (text(case, "name"), text(case, "html"))).collect()
    }

    #[test]
    fn hostile_pages_are_sanitized() {
        let corpus = hostile();
        assert!(corpus.len() >= 60, "{}", corpus.len());
        for (name, page) in &corpus {
            let preview = sanitized(page);
            assert_eq!(active_content(&preview), [""; 0], "{name}: {page} became {preview}");
            assert_eq!(sanitized(&preview), preview, "{name}: a preview of a preview is the same");
        }
    }

    #[test]
    fn the_check_for_active_content_finds_some() {
        for (name, page) in hostile() {
            assert_ne!(active_content(&page), [""; 0], "{name} has no active content: {page}");
        }
    }

    #[test]
    fn safe_pages_are_unchanged() {
        for page in [
            "<!DOCTYPE html><html lang=\"en\"><head></head><body bgcolor=\"#fff\"><p class=\"x\">a &eacute; b</p></body></html>",
            "<table width=\"600\" cellpadding=\"0\"><tr><td align=\"center\" style=\"color:red;width:calc(1px + 2px)\">x</td></tr></table>",
            "<style>@media (max-width:600px){.a{background:url(\"data:image/png;base64,AA==\") red}} a > b{}</style>",
            "<img alt=\"x\" src=\"data:image/png;base64,AA==\"><br>1 &lt; 2",
        ] {
            assert_eq!(sanitized(page), page);
        }
    }

    #[test]
    fn links_show_their_target_and_are_disabled() {
        let page = sanitized("<a title=x href=http://a.example/?a&amp;b=\">z</a><a href='#top'>");
        assert_eq!(page, "<a title=\"http://a.example/?a&amp;b=&quot;\" href=\"#_\">z</a><a href=\"#top\">");
    }

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
            assert_eq!(sanitized_style(style), expected, "{style}");
        }
    }

    #[test]
    fn a_text_is_shown_literally() {
        assert!(page_of_text("<b>&").contains(">&lt;b&gt;&amp;</pre>"));
        assert_eq!(active_content(&page_of_text("<script>")), [""; 0]);
    }

    proptest! {
        #[test]
        fn no_page_keeps_active_content(page in "(<|>|</|/|=|\"|'|<!--|-->|<style>|</style>|<a href=|<img src=|<svg |<script>|url\\(|@import|\\\\|data:image/|[ -~]|é)*") {
            let preview = sanitized(&page);
            prop_assert_eq!(active_content(&preview), Vec::<String>::new(), "{}", preview);
        }
    }
}
