//! The content of an email: merge tags, tracking, previews, MIME, search.

mod checks;
pub(crate) mod html;
mod merge;
mod mime;
pub(crate) mod preview;
mod search;
#[cfg(test)]
mod tests;
mod track;

use std::cell::OnceCell;
use std::collections::HashMap;

use cakemail_model::base64;
use serde_json::Value;

use crate::domain::{Email, Submission};
use merge::Form;

pub(crate) use checks::checks;
pub(crate) use mime::{headers, mime};
pub(crate) use search::{Query, Selection, text as search_text};
pub(crate) use track::is_web;

/// An email as its recipient receives it.
pub(crate) struct Message<'a> {
    pub(crate) email: &'a Email,
    /// The base URL of the sandbox, for links.
    base: &'a str,
    /// Whether merge tags are replaced by their values.
    merges: bool,
    /// Parsed when it is needed.
    submission: OnceCell<Submission>,
    /// The values for merge tags, collected when there is a tag.
    values: OnceCell<HashMap<String, String>>,
}

/// A link in an email.
pub(crate) struct Link {
    pub(crate) url: String,
    /// The sandbox's URL that logs a click and redirects to `url`.
    pub(crate) href: String,
    /// Whether the email has `href` in place of the URL.
    pub(crate) tracked: bool,
}

/// An attachment of an email.
pub(crate) struct File<'a> {
    pub(crate) name: String,
    pub(crate) kind: &'a str,
    /// Base64.
    content: &'a str,
}

impl<'a> Message<'a> {
    /// An email with its tags merged and without tracking.
    pub(crate) fn of(email: &'a Email, base: &'a str) -> Self {
        Self { email, base, merges: true, submission: OnceCell::new(), values: OnceCell::new() }
    }

    pub(crate) fn as_submitted(email: &'a Email, base: &'a str) -> Self {
        Self { merges: false, ..Self::of(email, base) }
    }

    pub(crate) fn submission(&self) -> &Submission {
        self.submission.get_or_init(|| self.email.submission())
    }

    fn values(&self) -> &HashMap<String, String> {
        self.values.get_or_init(|| {
            let email = self.email;
            let own = [
                ("email", &*email.recipient),
                ("SUBJECT", &*email.subject),
                ("SENDER_NAME", &email.sender.name),
                ("SENDER_EMAIL", &email.sender.email),
                ("UNSUBSCRIBE", &self.unsubscribe_url()),
            ];
            let of_contact = email.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let custom = self.submission().content("custom_attributes").and_then(Value::as_array);
            let custom = custom.into_iter().flatten();
            let custom = custom.filter_map(|it| Some((it["name"].as_str()?, it["value"].as_str()?)));
            own.into_iter().chain(of_contact).chain(custom).map(|(name, value)| (name.into(), value.into())).collect()
        })
    }

    pub(crate) fn subject(&self) -> String {
        self.merged(&self.email.subject, Form::Text)
    }

    /// Its HTML, when it has any.
    pub(crate) fn html(&self) -> Option<String> {
        self.content("html", Form::Html)
    }

    /// Its plain text, when it has any.
    pub(crate) fn text(&self) -> Option<String> {
        self.content("text", Form::Text)
    }

    /// A page that shows it.
    pub(crate) fn page(&self) -> String {
        self.page_of(self.html(), self.text())
    }

    /// A page that shows it, with tracking.
    pub(crate) fn tracked_page(&self) -> String {
        let (html, text) = self.tracked();
        self.page_of(html, text)
    }

    /// Its HTML and its text, with the tracking that its options allow.
    pub(crate) fn tracked(&self) -> (Option<String>, Option<String>) {
        let (mut html, mut text) = (self.html(), self.text());
        let submission = self.submission();
        let mut before = 0;
        if let Some(page) = &mut html {
            let places = self.places_of_html(page);
            before = places.len();
            if submission.tracks("clicks_html") {
                let href = |n| format!("\"{}\"", self.click_url(n));
                *page = track::rewritten(page, places.iter().enumerate().map(|(n, place)| (place, href(n))));
            }
            if submission.tracks("opens") {
                *page = track::with_pixel(std::mem::take(page), &self.open_url());
            }
        }
        if let Some(words) = text.as_mut().filter(|_| submission.tracks("clicks_text")) {
            let places = self.places_of_text(words);
            let url = |n| self.click_url(before + n);
            *words = track::rewritten(words, places.iter().enumerate().map(|(n, place)| (place, url(n))));
        }
        (html, text)
    }

    /// Its links, those of its HTML first.
    pub(crate) fn links(&self) -> Vec<Link> {
        let of_html = self.html().map(|page| self.places_of_html(&page)).unwrap_or_default();
        let of_text = self.text().map(|text| self.places_of_text(&text)).unwrap_or_default();
        let option = |option| move |place: track::Place| (place.url, self.submission().tracks(option));
        let links = of_html.into_iter().map(option("clicks_html"));
        let links = links.chain(of_text.into_iter().map(option("clicks_text"))).enumerate();
        links.map(|(n, (url, tracked))| Link { url, href: self.click_url(n), tracked }).collect()
    }

    pub(crate) fn unsubscribe_url(&self) -> String {
        format!("{}/_sandbox/unsubscribe/{}", self.base, self.email.id)
    }

    fn open_url(&self) -> String {
        format!("{}/_sandbox/open/{}", self.base, self.email.id)
    }

    fn click_url(&self, link: usize) -> String {
        format!("{}/_sandbox/click/{}/{link}", self.base, self.email.id)
    }

    fn places_of_html(&self, page: &str) -> Vec<track::Place> {
        self.without_unsubscribe(track::links_of_html(page))
    }

    fn places_of_text(&self, text: &str) -> Vec<track::Place> {
        self.without_unsubscribe(track::links_of_text(text))
    }

    /// Removes the unsubscribe link, which does not count as a click.
    fn without_unsubscribe(&self, mut places: Vec<track::Place>) -> Vec<track::Place> {
        let own = self.unsubscribe_url();
        places.retain(|place| place.url != own);
        places
    }

    fn content(&self, field: &str, form: Form) -> Option<String> {
        Some(self.merged(self.submission().content_text(field)?, form))
    }

    fn merged(&self, text: &str, form: Form) -> String {
        if !self.merges || !text.contains('[') {
            return text.to_owned();
        }
        let values = self.values();
        merge::merged(text, form, |name| values.get(name).map(String::as_str))
    }

    fn page_of(&self, html: Option<String>, text: Option<String>) -> String {
        match (html, text, self.submission().content("template")) {
            (Some(html), ..) => html,
            (None, Some(text), _) => preview::page_of_text(&text),
            (None, None, template) => {
                let id = template.map(|it| it["id"].to_string()).unwrap_or_default();
                preview::page_of_text(&format!("Template {id}, whose content the sandbox does not have."))
            }
        }
    }
}

impl<'a> File<'a> {
    fn of(file: &'a Value) -> Self {
        let text = |name: &str| file[name].as_str().unwrap_or_default();
        // The API accepts no other characters, but an imported state may have them.
        let safe = |it: char| if it.is_ascii_alphanumeric() || "-_.".contains(it) { it } else { '_' };
        Self { name: text("filename").chars().map(safe).collect(), kind: text("type"), content: text("content") }
    }

    /// The size in bytes.
    pub(crate) fn size(&self) -> usize {
        let padding = self.content.bytes().rev().take_while(|it| *it == b'=').count();
        (self.content.len() / 4 * 3).saturating_sub(padding)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        base64::decode(self.content).unwrap_or_default()
    }
}

/// The attachments of a submission.
pub(crate) fn files(submission: &Submission) -> Vec<File<'_>> {
    submission.attachments().iter().map(File::of).collect()
}
