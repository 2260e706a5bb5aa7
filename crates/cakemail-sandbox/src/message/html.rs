//! A scanner of untrusted HTML: tags and the text between them, in one pass, without a tree.

mod references;

use std::iter;
use std::ops::Range;

pub(crate) use references::decoded;

/// A piece of a page. All pieces together are the page, byte by byte.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    /// The offset of its first byte.
    pub(crate) at: usize,
    pub(crate) kind: PieceKind<'a>,
}

#[derive(Debug)]
pub(crate) enum PieceKind<'a> {
    /// Text, with its character references not decoded.
    Text(&'a str),
    /// The content of an element such as `style` or `title`, which holds no tags.
    Raw(&'a str),
    Start(Tag<'a>),
    End(&'a str),
    Doctype,
    /// Comments, and other text that browsers ignore.
    Ignored,
}

#[derive(Debug)]
pub(crate) struct Tag<'a> {
    /// In the case of the source.
    pub(crate) name: &'a str,
    pub(crate) attributes: Vec<Attribute<'a>>,
}

#[derive(Debug)]
pub(crate) struct Attribute<'a> {
    /// In the case of the source.
    pub(crate) name: &'a str,
    /// Without quotes, with its character references not decoded.
    pub(crate) value: &'a str,
    /// The range of the value, with its quotes.
    pub(crate) at: Range<usize>,
}

impl<'a> Tag<'a> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The first attribute of this name, which is the one that browsers use.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|it| it.name.eq_ignore_ascii_case(name))
    }
}

/// Elements that contain text only, and no tags.
const RAW_TEXT: &[&str] =
    &["iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"];

/// The pieces of a page.
pub(crate) fn pieces(page: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut at = 0;
    let mut raw: Option<&str> = None;
    iter::from_fn(move || {
        let (start, rest) = (at, page.get(at..).filter(|rest| !rest.is_empty())?);
        let (kind, length) = match raw.take() {
            Some(element) => (PieceKind::Raw(""), raw_length(rest, element)),
            None => piece(rest, start),
        };
        at += length;
        let kind = match kind {
            PieceKind::Raw(_) => PieceKind::Raw(&rest[..length]),
            other => other,
        };
        if let PieceKind::Start(tag) = &kind {
            raw = RAW_TEXT.iter().copied().find(|it| tag.is(it));
        }
        Some(Piece { at: start, kind })
    })
}

/// The text that a reader sees.
pub(crate) fn text(page: &str) -> String {
    let mut text = String::new();
    for piece in pieces(page) {
        match piece.kind {
            PieceKind::Text(it) => text.push_str(&references::decoded_text(it)),
            PieceKind::Start(Tag { name, .. }) | PieceKind::End(name)
                if !WITHIN_WORDS.iter().any(|it| it.eq_ignore_ascii_case(name)) =>
            {
                text.push(' ');
            }
            _ => {}
        }
    }
    text
}

/// Elements that do not end a word.
const WITHIN_WORDS: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "blink", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "ins", "kbd", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
    "u", "var", "wbr",
];

/// The length of the text of a raw element.
fn raw_length(rest: &str, element: &str) -> usize {
    let ends = rest.match_indices("</").map(|(at, _)| at);
    let mut ends = ends.filter(|at| {
        let after = rest.as_bytes().get(at + 2..).unwrap_or_default();
        let name = after.get(..element.len()).is_some_and(|it| it.eq_ignore_ascii_case(element.as_bytes()));
        name && after.get(element.len()).is_none_or(|it| ends_name(*it))
    });
    // Nothing ends `plaintext`.
    ends.next().filter(|_| element != "plaintext").unwrap_or(rest.len())
}

/// The first piece and its length, which is at least 1.
fn piece(rest: &str, offset: usize) -> (PieceKind<'_>, usize) {
    let bytes = rest.as_bytes();
    let up_to = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
    match (bytes[0], bytes.get(1)) {
        (b'<', Some(next)) if next.is_ascii_alphabetic() => match tag(rest, 1, offset) {
            Some((tag, length)) => (PieceKind::Start(tag), length),
            None => (PieceKind::Ignored, rest.len()),
        },
        (b'<', Some(b'/')) if bytes.get(2).is_some_and(u8::is_ascii_alphabetic) => match tag(rest, 2, offset) {
            Some((tag, length)) => (PieceKind::End(tag.name), length),
            None => (PieceKind::Ignored, rest.len()),
        },
        (b'<', Some(b'!')) if rest.starts_with("<!--") => (PieceKind::Ignored, comment_length(rest)),
        (b'<', Some(b'!')) if bytes.get(2..9).is_some_and(|it| it.eq_ignore_ascii_case(b"doctype")) => {
            (PieceKind::Doctype, up_to(">"))
        }
        (b'<', Some(b'!' | b'/' | b'?')) => (PieceKind::Ignored, up_to(">")),
        _ => {
            // The second byte may be within a character.
            let length = bytes[1..].iter().position(|it| *it == b'<').map_or(rest.len(), |at| at + 1);
            (PieceKind::Text(&rest[..length]), length)
        }
    }
}

/// A comment ends with `-->` or `--!>`, of which the dashes may be its first two.
fn comment_length(rest: &str) -> usize {
    if let Some(short) = ["<!-->", "<!--->"].iter().find(|it| rest.starts_with(**it)) {
        return short.len();
    }
    let ends = rest.match_indices('>').map(|(at, _)| at);
    let mut ends = ends.filter(|at| rest[4..*at].ends_with("--") || rest[4..*at].ends_with("--!"));
    ends.next().map_or(rest.len(), |at| at + 1)
}

/// The tag whose name starts at `from`, and its length. `None` when the page ends within it.
fn tag(rest: &str, from: usize, offset: usize) -> Option<(Tag<'_>, usize)> {
    let bytes = rest.as_bytes();
    let name_end = from + bytes[from..].iter().position(|it| ends_name(*it))?;
    let mut tag = Tag { name: &rest[from..name_end], attributes: Vec::new() };
    let mut at = name_end;
    loop {
        at += bytes[at..].iter().position(|it| !is_space(*it) && *it != b'/')?;
        if bytes[at] == b'>' {
            return Some((tag, at + 1));
        }
        let (attribute, end) = attribute(rest, at, offset)?;
        tag.attributes.push(attribute);
        at = end;
    }
}

/// The attribute that starts at `at`, and its end.
fn attribute(rest: &str, at: usize, offset: usize) -> Option<(Attribute<'_>, usize)> {
    let bytes = rest.as_bytes();
    // An equals sign in front is part of the name.
    let name_end = at + 1 + bytes[at + 1..].iter().position(|it| ends_name(*it) || *it == b'=')?;
    let name = &rest[at..name_end];
    let sign = name_end + bytes[name_end..].iter().position(|it| !is_space(*it))?;
    if bytes[sign] != b'=' {
        return Some((Attribute { name, value: "", at: offset + name_end..offset + name_end }, name_end));
    }
    let start = sign + 1 + bytes[sign + 1..].iter().position(|it| !is_space(*it))?;
    let (value, end) = match bytes[start] {
        quote @ (b'"' | b'\'') => {
            let length = bytes[start + 1..].iter().position(|it| *it == quote)?;
            (&rest[start + 1..start + 1 + length], start + length + 2)
        }
        _ => {
            let length = bytes[start..].iter().position(|it| is_space(*it) || *it == b'>')?;
            (&rest[start..start + length], start + length)
        }
    };
    Some((Attribute { name, value, at: offset + start..offset + end }, end))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

fn ends_name(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'/' | b'>')
}

/// Escapes text for HTML, between tags and in quoted attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn described(page: &str) -> Vec<String> {
        pieces(page).map(|it| format!("{:?}", Short(it.kind))).collect()
    }

    /// A piece in short form.
    struct Short<'a>(PieceKind<'a>);

    impl std::fmt::Debug for Short<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match &self.0 {
                PieceKind::Text(text) => write!(f, "{text}"),
                PieceKind::Raw(text) => write!(f, "raw {text}"),
                PieceKind::Start(tag) => {
                    write!(f, "<{}", tag.name)?;
                    tag.attributes.iter().try_for_each(|it| write!(f, " {}={}", it.name, it.value))
                }
                PieceKind::End(name) => write!(f, "/{name}"),
                PieceKind::Doctype => write!(f, "doctype"),
                PieceKind::Ignored => write!(f, "ignored"),
            }
        }
    }

    #[test]
    fn pages_are_parsed_as_browsers_do() {
        for (page, pieces) in [
            ("a<b>c</b>", vec!["a", "<b", "c", "/b"]),
            ("1 < 2 <3", vec!["1 ", "< 2 ", "<3"]),
            ("<a href=x/y title = 'a>b' HREF=\"z\">", vec!["<a href=x/y title=a>b HREF=z"]),
            ("<img/src=x/onerror=y>", vec!["<img src=x/onerror=y"]),
            ("<p =a b= >x", vec!["<p =a= b=", "x"]),
            ("<!-- a > b --><!--><!---><b>", vec!["ignored", "ignored", "ignored", "<b"]),
            ("<!-- a --!>b<!-- c", vec!["ignored", "b", "ignored"]),
            ("<!DOCTYPE html><?php ?></><![CDATA[x]]>", vec!["doctype", "ignored", "ignored", "ignored"]),
            ("<style>a<b></stylex></style >c", vec!["<style", "raw a<b></stylex>", "/style", "c"]),
            ("<title></title><script>x", vec!["<title", "raw ", "/title", "<script", "raw x"]),
            ("<plaintext></plaintext>", vec!["<plaintext", "raw </plaintext>"]),
            ("é<é><b é=ü>", vec!["é", "<é>", "<b é=ü"]),
            ("<a href=\"x", vec!["ignored"]),
        ] {
            assert_eq!(described(page), pieces, "{page}");
        }
    }

    #[test]
    fn html_is_reduced_to_its_text() {
        let page = "<style>no</style><p>a<b>b</b>&amp;c</p><td>d</td><!-- no --><br>e &lt; &unknown; &#65 &#x42;";
        let words = text(page);
        assert_eq!(words.split_whitespace().collect::<Vec<_>>(), ["ab&c", "d", "e", "<", "&unknown;", "A", "B"]);
    }

    proptest! {
        /// Every byte of a page is in exactly one piece.
        #[test]
        fn pieces_cover_the_page(page in "([<>/!=\"' a-c&;#-]|<a |<!--|-->|</style>|<style>|é|\\PC)*") {
            let starts: Vec<_> = pieces(&page).map(|it| it.at).chain([page.len()]).collect();
            prop_assert!(starts.is_sorted());
            prop_assert_eq!(starts[0], 0);
            for piece in pieces(&page) {
                if let PieceKind::Start(tag) = piece.kind {
                    for it in tag.attributes {
                        prop_assert!(page[it.at].contains(it.value));
                    }
                }
            }
            text(&page);
        }
    }
}
