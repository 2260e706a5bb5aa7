//! Tracking: a pixel that reports an open, and links that report a click.

use std::ops::Range;

use super::html::{self, PieceKind};

/// The position of a link in a text, and its URL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    at: Range<usize>,
    pub(crate) url: String,
}

/// The `http` and `https` links of a page.
pub(crate) fn links_of_html(page: &str) -> Vec<Place> {
    let tags = html::pieces(page).filter_map(|piece| match piece.kind {
        PieceKind::Start(tag) if tag.is("a") || tag.is("area") => Some(tag),
        _ => None,
    });
    let links = tags.filter_map(|tag| {
        let href = tag.attribute("href")?;
        let url = html::decoded(href.value).trim().to_owned();
        is_web(&url).then(|| Place { at: href.at.clone(), url })
    });
    links.collect()
}

/// The `http` and `https` URLs in a plain text.
pub(crate) fn links_of_text(text: &str) -> Vec<Place> {
    let mut links = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find("://") {
        let sign = from + found;
        let scheme = ["https", "http"].into_iter().find(|it| {
            let start = sign.checked_sub(it.len());
            start.and_then(|start| text.get(start..sign)).is_some_and(|word| word.eq_ignore_ascii_case(it))
        });
        from = sign + "://".len();
        let Some(scheme) = scheme else { continue };
        let start = sign - scheme.len();
        if text[..start].ends_with(char::is_alphanumeric) {
            continue;
        }
        let end = from + length_of_url(&text[from..]);
        if end > from {
            links.push(Place { at: start..end, url: text[start..end].into() });
            from = end;
        }
    }
    links
}

/// The length of the URL that continues after `://`, without the punctuation and the bracket that end a sentence.
fn length_of_url(text: &str) -> usize {
    let end = text.find(|it: char| it.is_whitespace() || it.is_control() || matches!(it, '<' | '>' | '"' | '`'));
    let mut url = &text[..end.unwrap_or(text.len())];
    let closed_only = url.contains(')') && !url.contains('(');
    while let Some(last) = url.chars().next_back() {
        match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | ']' | '}' | '*' | '_' => {}
            ')' if closed_only => {}
            _ => break,
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    url.len()
}

pub(crate) fn is_web(url: &str) -> bool {
    let starts = |scheme: &str| url.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme));
    (starts("http://") || starts("https://")) && !url.contains(char::is_control)
}

/// A text with other content at the given places.
pub(crate) fn rewritten<'p>(text: &str, places: impl Iterator<Item = (&'p Place, String)>) -> String {
    let (mut rewritten, mut from) = (String::with_capacity(text.len()), 0);
    for (place, replacement) in places {
        rewritten.push_str(&text[from..place.at.start]);
        rewritten.push_str(&replacement);
        from = place.at.end;
    }
    rewritten + &text[from..]
}

/// A page with the pixel at the end of its body.
pub(crate) fn with_pixel(mut page: String, url: &str) -> String {
    let ends = html::pieces(&page).filter_map(|piece| match piece.kind {
        PieceKind::End(name) if name.eq_ignore_ascii_case("body") => Some(piece.at),
        _ => None,
    });
    let place = ends.last().unwrap_or(page.len());
    page.insert_str(place, &format!("<img src=\"{url}\" width=\"1\" height=\"1\" alt=\"\">"));
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn urls(places: &[Place]) -> Vec<&str> {
        places.iter().map(|it| it.url.as_str()).collect()
    }

    fn numbered(text: &str, places: &[Place]) -> String {
        rewritten(text, places.iter().enumerate().map(|(n, place)| (place, format!("({n})"))))
    }

    #[test]
    fn web_links_of_a_page_are_found() {
        let page = "<A class=x HREF='http://a.example/?x=1&amp;y=2'>a</A><area href=https://b.example>\
                    <a href=\"  HTTPS://c.example \"><a href='h&#116;tp://d.example'>";
        let links = links_of_html(page);
        assert_eq!(
            urls(&links),
            ["http://a.example/?x=1&y=2", "https://b.example", "HTTPS://c.example", "http://d.example"]
        );
        assert_eq!(numbered(page, &links), "<A class=x HREF=(0)>a</A><area href=(1)><a href=(2)><a href=(3)>");
    }

    #[test]
    fn other_links_of_a_page_are_ignored() {
        for page in [
            "<a href=mailto:a@example.com>",
            "<a href='#top'>",
            "<a href='javascript:alert(1)//http://x.example'>",
            "<a href='/relative'>",
            "<a href='//x.example'>",
            "<a name='http://x.example'>",
            "<link href='http://x.example'>",
            "<!-- <a href='http://x.example'> -->",
            "<style><a href='http://x.example'></style>",
            "<a href='http://x.example",
            "<a title=\"<a href='http://x.example'>\">",
            "<a href=''  href='http://x.example'>",
        ] {
            assert_eq!(links_of_html(page), [], "{page}");
        }
    }

    #[test]
    fn urls_in_a_text_are_found_without_punctuation() {
        let text = "See http://a.example/x?y=1, (https://b.example/z). HTTP://c.example! <https://d.example/é> \
                    https://e.example/f_(g) xhttp://no.example mailto:a@example.com ftp://no.example https:// http://h.example";
        let links = links_of_text(text);
        assert_eq!(
            urls(&links),
            [
                "http://a.example/x?y=1",
                "https://b.example/z",
                "HTTP://c.example",
                "https://d.example/é",
                "https://e.example/f_(g)",
                "http://h.example"
            ]
        );
        assert!(numbered(text, &links).starts_with("See (0), ((1)). (2)! <(3)> (4) xhttp://no.example"));
    }

    #[test]
    fn the_pixel_is_at_the_end_of_the_body() {
        let pixel = "<img src=\"u\" width=\"1\" height=\"1\" alt=\"\">";
        assert_eq!(
            with_pixel("<!-- </body> --></body >x</BODY></html>".into(), "u"),
            format!("<!-- </body> --></body >x{pixel}</BODY></html>")
        );
        assert_eq!(with_pixel("<p>é".into(), "u"), format!("<p>é{pixel}"));
    }

    proptest! {
        #[test]
        fn anything_can_be_tracked(text in "(https?://[a-z.)('\"<> é]|<a href=|[<>'\"/]|\\PC)*") {
            for links in [links_of_html(&text), links_of_text(&text)] {
                prop_assert!(links.iter().all(|it| is_web(&it.url)));
                numbered(&text, &links);
            }
            prop_assert!(with_pixel(text, "u").contains("<img src=\"u\""));
        }
    }
}
