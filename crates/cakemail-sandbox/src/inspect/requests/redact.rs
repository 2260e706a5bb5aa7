//! Removes secrets: values of fields with certain names, and values that the sandbox has issued.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::percent_decode_str;

use crate::api::form;

/// Replaces a secret. It needs no escapes in a URL.
const REDACTED: &str = "***";

/// How much of a body is stored, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// The length of secrets that the sandbox issues, in hexadecimal digits.
const SECRET_LENGTH: usize = 64;

/// The stored part of a body.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) text: String,
    /// Whether a part of it is missing, besides secrets.
    pub(super) cut: bool,
}

pub(super) struct Redactor<'a> {
    /// Whether a word is a secret that the sandbox has issued.
    is_issued: &'a dyn Fn(&str) -> bool,
    /// Whether this is a request. Its `code` is a second factor, and it may be a form; the `code` of a response is an
    /// error's number.
    is_request: bool,
}

impl<'a> Redactor<'a> {
    pub(super) fn of_request(is_issued: &'a dyn Fn(&str) -> bool) -> Self {
        Self { is_issued, is_request: true }
    }

    pub(super) fn of_response(is_issued: &'a dyn Fn(&str) -> bool) -> Self {
        Self { is_issued, is_request: false }
    }

    /// A path, whose parts are separated by `/`, or a query, whose parts are separated by `&`.
    pub(super) fn url<'t>(&self, text: &'t str, separator: char) -> Cow<'t, str> {
        self.words(self.pairs(text, separator))
    }

    pub(super) fn header<'t>(&self, name: &str, value: &'t str) -> Cow<'t, str> {
        match name {
            "authorization" | "proxy-authorization" => match value.split_once(' ') {
                Some((scheme, _)) => format!("{scheme} {REDACTED}").into(),
                None => REDACTED.into(),
            },
            "cookie" | "set-cookie" => REDACTED.into(),
            _ if name.ends_with("api-key") || name.split('-').any(|word| self.is_secret(word)) => REDACTED.into(),
            _ => self.url(value, '&'),
        }
    }

    pub(super) fn body(&self, content_type: Option<&str>, body: &[u8]) -> Body {
        let text = text(&body[..body.len().min(MAX_BODY)]);
        let whole = matches!(text, Cow::Borrowed(text) if text.len() == body.len());
        let text = if body.len() > MAX_BODY { without_partial_secret(&text) } else { &text };
        let clean = if text.trim_start().starts_with(['{', '[', '"']) {
            self.json(text)
        } else if text.to_ascii_lowercase().contains("content-disposition:") {
            self.parts(content_type.unwrap_or_default(), text)
        } else if self.is_request {
            self.pairs(text, '&')
        } else {
            text.into()
        };
        let mut clean = self.words(clean).into_owned();
        if body.len() > MAX_BODY {
            clean.push_str(&format!("… and more: {} bytes in all", body.len()));
        }
        Body { text: clean, cut: !whole }
    }

    /// Text with `name=value` in it, such as a form or a query. Everything after the name of a secret is replaced, up
    /// to the next separator.
    fn pairs<'t>(&self, text: &'t str, separator: char) -> Cow<'t, str> {
        if !text.bytes().any(|byte| matches!(byte, b'=' | b'%')) {
            return text.into();
        }
        let mut clean = Replacement::new(text);
        let mut start = 0;
        for part in text.split(separator) {
            if let Some(value) = self.value_of_secret(part) {
                clean.replace(start + value, start + part.len(), REDACTED);
            } else if part.contains('%') && self.has_issued(&percent_decode_str(part).decode_utf8_lossy()) {
                let value = part.find('=').map_or(0, |equals| equals + 1);
                clean.replace(start + value, start + part.len(), REDACTED);
            }
            start += part.len() + separator.len_utf8();
        }
        clean.finish()
    }

    /// The start of the value that follows a secret's name.
    fn value_of_secret(&self, part: &str) -> Option<usize> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.%".contains(c);
        let mut equals = part.match_indices('=').map(|(place, _)| place);
        equals.find_map(|place| {
            let name = part[..place].rsplit(|c| !is_name(c)).next()?;
            self.is_secret(&percent_decode_str(name).decode_utf8_lossy()).then_some(place + 1)
        })
    }

    /// JSON, complete or not. A colon after a quote ends a name, or is part of a text, which is safe to treat alike.
    fn json<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut clean = Replacement::new(text);
        for (colon, _) in text.match_indices(':') {
            let value = text.len() - text[colon + 1..].trim_start().len();
            if colon >= clean.done && name_before(text, colon).is_some_and(|name| self.is_secret(&decoded(name))) {
                let end = end_of_value(text, value);
                if !matches!(&text[value..end], "" | "null") {
                    clean.replace(value, end, "\"***\"");
                }
            }
        }
        let clean = clean.finish();
        if clean.contains("\\u") { Cow::Owned(self.escaped(&clean)) } else { clean }
    }

    /// JSON without strings that contain, with escapes, a secret that the sandbox has issued.
    fn escaped(&self, text: &str) -> String {
        let mut clean = Replacement::new(text);
        let mut at = 0;
        while let Some(start) = text[at..].find('"').map(|place| at + place) {
            at = end_of_string(text, start);
            if text[start..at].contains("\\u") && self.has_issued(&decoded(&text[start..at])) {
                clean.replace(start, at, "\"***\"");
            }
        }
        clean.finish().into_owned()
    }

    /// The parts of a multipart body.
    fn parts<'t>(&self, content_type: &str, text: &'t str) -> Cow<'t, str> {
        let delimiter = form::boundary(content_type).map_or("--".into(), |boundary| format!("--{boundary}"));
        let mut clean = Replacement::new(text);
        let mut start = 0;
        for part in text.split(delimiter.as_str()) {
            let head = ["\r\n\r\n", "\n\n"].into_iter().find_map(|gap| Some(part.find(gap)? + gap.len()));
            if let Some(value) = head.filter(|head| form::name(&part[..*head]).is_some_and(|it| self.is_secret(it))) {
                clean.replace(start + value, start + part.trim_end().len().max(value), REDACTED);
            }
            start += part.len() + delimiter.len();
        }
        clean.finish()
    }

    /// Replaces all secrets that the sandbox has issued.
    pub(super) fn words<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if text.len() < SECRET_LENGTH {
            return text;
        }
        let mut clean = Replacement::new(&text);
        // A run of `SECRET_LENGTH` digits covers a multiple of `SECRET_LENGTH`.
        let mut middle = 0;
        while middle < text.len() {
            let run = run_around(text.as_bytes(), middle);
            middle = (middle + SECRET_LENGTH).max(run.end.next_multiple_of(SECRET_LENGTH));
            let mut start = run.start.max(clean.done);
            while start + SECRET_LENGTH <= run.end {
                if (self.is_issued)(&text[start..start + SECRET_LENGTH]) {
                    clean.replace(start, start + SECRET_LENGTH, REDACTED);
                    start += SECRET_LENGTH;
                } else {
                    start += 1;
                }
            }
        }
        let clean = match clean.finish() {
            Cow::Owned(clean) => Some(clean),
            Cow::Borrowed(_) => None,
        };
        clean.map_or(text, Cow::Owned)
    }

    fn has_issued(&self, text: &str) -> bool {
        matches!(self.words(text.into()), Cow::Owned(_))
    }

    /// Whether a field of this name holds a secret. Case and separators make no difference.
    fn is_secret(&self, name: &str) -> bool {
        let (mut letters, mut length) = ([0; 16], 0);
        for byte in name.bytes().filter(|byte| !b"_-. ".contains(byte)) {
            let Some(letter) = letters.get_mut(length) else { return false };
            (*letter, length) = (byte.to_ascii_lowercase(), length + 1);
        }
        match &letters[..length] {
            b"password" | b"token" | b"accesstoken" | b"refreshtoken" | b"authorization" | b"challenge"
            | b"confirmationid" | b"secondfactor" | b"secret" | b"clientsecret" | b"apikey" => true,
            b"code" => self.is_request,
            _ => false,
        }
    }
}

/// Bytes as text, without a character that is cut off at the end.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(&bytes[..error.valid_up_to()]),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// A text that was cut off, without digits at its end that may be the start of a secret.
fn without_partial_secret(text: &str) -> &str {
    let digits = text.chars().rev().take(SECRET_LENGTH - 1).take_while(|c| is_digit(*c)).count();
    &text[..text.len() - digits]
}

/// The hexadecimal digits around a place.
fn run_around(bytes: &[u8], place: usize) -> Range<usize> {
    let is_digit = |byte: &&u8| is_digit(char::from(**byte));
    let before = bytes[..place].iter().rev().take_while(is_digit).count();
    let after = bytes[place..].iter().take_while(is_digit).count();
    if after == 0 { place..place } else { place - before..place + after }
}

/// The name in quotes that ends before a colon.
fn name_before(text: &str, colon: usize) -> Option<&str> {
    let name = text[..colon].trim_ascii_end();
    let is_quote = |place: &usize| name.as_bytes()[*place] == b'"' && !is_escaped(&name[..*place]);
    let end = name.len().checked_sub(1).filter(is_quote)?;
    let start = (0..end).rev().find(is_quote)?;
    Some(&name[start..])
}

/// Whether the character after a text is escaped.
fn is_escaped(text: &str) -> bool {
    text.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}

/// The end of the JSON string that begins at `start`, or of the text when it was cut off.
fn end_of_string(text: &str, start: usize) -> usize {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate().skip(start + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

/// The value of a JSON string.
fn decoded(literal: &str) -> Cow<'_, str> {
    match literal.contains('\\') {
        true => serde_json::from_str(literal).map_or(literal.into(), Cow::Owned),
        false => literal.trim_matches('"').into(),
    }
}

/// The end of the JSON value that begins at `start`, or of the text when it was cut off.
fn end_of_value(text: &str, start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => at = end_of_string(text, at) - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => break,
            _ => {}
        }
        at += 1;
    }
    at
}

/// Replaces parts of a text.
struct Replacement<'t> {
    text: &'t str,
    out: String,
    /// How many bytes of the text were copied or replaced.
    done: usize,
}

impl<'t> Replacement<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, out: String::new(), done: 0 }
    }

    fn replace(&mut self, start: usize, end: usize, by: &str) {
        self.out.push_str(&self.text[self.done..start]);
        self.out.push_str(by);
        self.done = end;
    }

    /// The same text when nothing was replaced.
    fn finish(mut self) -> Cow<'t, str> {
        if self.done == 0 {
            return self.text.into();
        }
        self.out.push_str(&self.text[self.done..]);
        self.out.into()
    }
}
