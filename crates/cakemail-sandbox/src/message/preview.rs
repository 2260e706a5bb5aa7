//! Makes a page safe to show in a sandboxed frame.
//!
//! The page is rebuilt from its pieces: only elements, attributes and values of allow lists remain, text cannot become
//! tags, and no URL remains that a browser would load, but those of pictures when they are asked for. So differences between [`html`] and a browser's parser are safe.
//! [`policy`] forbids the same things a second time.

use std::collections::HashSet;
use std::sync::LazyLock;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::html::{self, PieceKind, Tag};

mod style;

/// How a preview is shown.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct View {
    pub(crate) images: Images,
    pub(crate) scheme: Scheme,
}

/// How pictures on other servers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Images {
    /// Each is a box with its alternative text, and nothing is loaded.
    #[default]
    Replaced,
    /// The browser loads them.
    Loaded,
}

/// The colours of the reader's system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Scheme {
    #[default]
    Light,
    Dark,
}

/// The `Content-Security-Policy` of a preview.
pub(crate) fn policy(images: Images) -> String {
    let sources = if images == Images::Loaded { "data: http: https:" } else { "data:" };
    format!(
        "sandbox; default-src 'none'; img-src {sources}; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'self'"
    )
}

/// The other response headers of a preview. The policy does not cover DNS lookups, so `X-DNS-Prefetch-Control` does.
pub(crate) const HEADERS: &[(&str, &str)] = &[
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

/// The page without scripts, and without anything that a browser would load, but the pictures that `view` allows.
pub(crate) fn sanitized(page: &str, view: View) -> String {
    let (mut out, mut in_style) = (String::with_capacity(page.len()), false);
    for piece in html::pieces(page) {
        match piece.kind {
            PieceKind::Text(text) => push_text(&mut out, text),
            PieceKind::Raw(text) if in_style => out.push_str(&style::sanitized(text, view)),
            PieceKind::Doctype => out.push_str("<!DOCTYPE html>"),
            PieceKind::Start(tag) => {
                if view.scheme == Scheme::Dark && supports_dark(&tag) {
                    out.push_str("<style>:root{color-scheme:dark}</style>");
                }
                let Some(name) = known(&ELEMENTS, tag.name) else { continue };
                in_style = name == "style";
                push_tag(&mut out, name, &tag, view);
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

/// Whether this element says that the page has dark colours.
fn supports_dark(tag: &Tag<'_>) -> bool {
    let is = |name: &str, test: fn(&str) -> bool| {
        tag.attribute(name).is_some_and(|it| test(&html::decoded(it.value).to_ascii_lowercase()))
    };
    tag.name.eq_ignore_ascii_case("meta")
        && is("name", |it| it == "color-scheme")
        && is("content", |it| it.contains("dark"))
}

fn push_tag(out: &mut String, name: &'static str, tag: &Tag<'_>, view: View) {
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
    for attribute in ["src", "background"] {
        let Some(source) = tag.attribute(attribute) else { continue };
        let url = html::decoded(source.value);
        if is_image_data(&url) || (view.images == Images::Loaded && is_remote(&url)) {
            push(attribute, source.value);
        } else if name == "img" && attribute == "src" {
            push(
                attribute,
                &placeholder(&tag.attribute("alt").map(|alt| html::decoded(alt.value)).unwrap_or_default()),
            );
        }
    }
    if let Some(style) = tag.attribute("style") {
        push("style", &html::escaped(&style::sanitized(&html::decoded(style.value), view)));
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

/// Whether a URL is one of another server.
fn is_remote(url: &str) -> bool {
    let url = url.trim_start().to_ascii_lowercase();
    ["http://", "https://", "//"].iter().any(|start| url.starts_with(start))
}

/// A picture of a box with a text, in place of one that is not loaded. It takes any size.
fn placeholder(text: &str) -> String {
    let picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%\" height=\"100%\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#e9e9ef\" stroke=\"#a3a3ad\" stroke-dasharray=\"4\"/>\
         <text x=\"8\" y=\"19\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#55555f\">{}</text></svg>",
        html::escaped(text)
    );
    format!("data:image/svg+xml,{}", utf8_percent_encode(&picture, NON_ALPHANUMERIC))
}

/// Whether a URL contains a picture.
fn is_image_data(url: &str) -> bool {
    url.get(..11).is_some_and(|it| it.eq_ignore_ascii_case("data:image/"))
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
            let preview = sanitized(page, View::default());
            assert_eq!(active_content(&preview), [""; 0], "{name}: {page} became {preview}");
            assert_eq!(sanitized(&preview, View::default()), preview, "{name}: a preview of a preview is the same");
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
            assert_eq!(sanitized(page, View::default()), page);
        }
    }

    #[test]
    fn links_show_their_target_and_are_disabled() {
        let page = sanitized("<a title=x href=http://a.example/?a&amp;b=\">z</a><a href='#top'>", View::default());
        assert_eq!(page, "<a title=\"http://a.example/?a&amp;b=&quot;\" href=\"#_\">z</a><a href=\"#top\">");
    }

    #[test]
    fn a_remote_picture_is_a_box_with_its_text_until_it_is_asked_for() {
        let page = "<img alt=\"a &lt; b\" src=\"https://a.example/x?a&amp;b\" width=\"9\">\
                    <td background=\"//a.example/y\" style=\"background:url(https://a.example/z?1)\">\
                    <img src=\"file:///etc/passwd\"><img src=\"/local\">";
        let replaced = sanitized(page, View::default());
        assert!(!replaced.contains("a.example") && !replaced.contains("passwd"), "{replaced}");
        assert_eq!(replaced.matches("src=\"data:image/svg+xml,").count(), 3);
        assert!(replaced.contains("a%20%26lt%3B%20b") && replaced.contains("width=\"9\""), "{replaced}");
        let loaded = sanitized(page, View { images: Images::Loaded, ..View::default() });
        for part in [
            "src=\"https://a.example/x?a&amp;b\"",
            "background=\"//a.example/y\"",
            "style=\"background:url(&quot;https://a.example/z?1&quot;)\"",
        ] {
            assert!(loaded.contains(part), "{loaded}");
        }
        assert!(!loaded.contains("passwd") && !loaded.contains("\"/local\""), "{loaded}");
    }

    #[test]
    fn remote_pictures_are_the_only_active_content_that_a_view_allows() {
        let view = View { images: Images::Loaded, scheme: Scheme::Dark };
        for (name, page) in &hostile() {
            let loaded = sanitized(page, view);
            let others: Vec<_> = active_content(&loaded)
                .into_iter()
                .filter(|it| {
                    !["src=http", "src=//", "background=http", "style=", "@media"]
                        .iter()
                        .any(|known| it.starts_with(known))
                })
                .filter(|it| !it.contains("url("))
                .collect();
            assert_eq!(others, [""; 0], "{name}: {page} became {loaded}");
        }
    }

    #[test]
    fn a_page_with_dark_colours_says_so_in_a_dark_view() {
        let page = "<meta name=\"Color-Scheme\" content=\"light dark\"><p>x</p>";
        assert_eq!(sanitized(page, View::default()), "<p>x</p>");
        let dark = sanitized(page, View { scheme: Scheme::Dark, ..View::default() });
        assert_eq!(dark, "<style>:root{color-scheme:dark}</style><p>x</p>");
    }

    #[test]
    fn a_text_is_shown_literally() {
        assert!(page_of_text("<b>&").contains(">&lt;b&gt;&amp;</pre>"));
        assert_eq!(active_content(&page_of_text("<script>")), [""; 0]);
    }

    proptest! {
        #[test]
        fn no_page_keeps_active_content(page in "(<|>|</|/|=|\"|'|<!--|-->|<style>|</style>|<a href=|<img src=|<svg |<script>|url\\(|@import|\\\\|data:image/|[ -~]|é)*") {
            let preview = sanitized(&page, View::default());
            prop_assert_eq!(active_content(&preview), Vec::<String>::new(), "{}", preview);
        }
    }
}
