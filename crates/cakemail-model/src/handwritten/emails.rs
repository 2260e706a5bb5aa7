//! Constructors and validation of emails.

use std::fmt;

use super::attachment::{AttachmentContent, check_attachment_name};
use crate::base64::is_base64;
use crate::emails::{
    Attachment, EmailAttribute, EmailContent, EmailHeader, EmailTracking, EmailType, Encoding, NewEmail, SenderRef,
    TemplateRef,
};
use crate::{FieldErrors, ListId, SenderId, TemplateId, check_address, check_header_name, check_line};

/// The subject and body of an email. `Debug` shows neither.
#[derive(Clone, PartialEq)]
pub struct Content {
    subject: String,
    body: Body,
}

#[derive(Clone, PartialEq)]
enum Body {
    Html(String),
    Text(String),
    Both { html: String, text: String },
    Template(TemplateId),
}

impl Content {
    /// An HTML body.
    pub fn html(subject: impl Into<String>, html: impl Into<String>) -> Self {
        Self { subject: subject.into(), body: Body::Html(html.into()) }
    }

    /// A plain text body.
    pub fn text(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { subject: subject.into(), body: Body::Text(text.into()) }
    }

    /// An HTML body, and a plain text alternative.
    pub fn html_and_text(subject: impl Into<String>, html: impl Into<String>, text: impl Into<String>) -> Self {
        Self { subject: subject.into(), body: Body::Both { html: html.into(), text: text.into() } }
    }

    /// The body of a template that is stored at Cakemail.
    pub fn template(subject: impl Into<String>, template: TemplateId) -> Self {
        Self { subject: subject.into(), body: Body::Template(template) }
    }

    fn into_email_content(self, kind: EmailType) -> EmailContent {
        // Some servers reject a body without an encoding.
        let content = EmailContent::new(self.subject, kind).encoding(Encoding::Utf8);
        match self.body {
            Body::Html(html) => content.html(html),
            Body::Text(text) => content.text(text),
            Body::Both { html, text } => content.html(html).text(text),
            Body::Template(id) => content.template(TemplateRef::new(id)),
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").finish_non_exhaustive()
    }
}

impl NewEmail {
    /// A transactional email: one that an action of the recipient triggers, such as a receipt or a password reset.
    pub fn transactional(
        sender: impl Into<SenderId>,
        list: ListId,
        recipient: impl Into<String>,
        content: Content,
    ) -> Self {
        Self::with_recipient(
            sender.into(),
            list,
            recipient.into(),
            content.into_email_content(EmailType::Transactional),
        )
    }

    /// A marketing email.
    pub fn marketing(
        sender: impl Into<SenderId>,
        list: ListId,
        recipient: impl Into<String>,
        content: Content,
    ) -> Self {
        Self::with_recipient(sender.into(), list, recipient.into(), content.into_email_content(EmailType::Marketing))
    }

    fn with_recipient(sender: SenderId, list: ListId, recipient: String, content: EmailContent) -> Self {
        Self::new(SenderRef::new(sender), content).email(recipient).list_id(list)
    }

    /// Adds a tag, which logs and reports can be filtered by.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.get_or_insert_default().push(tag.into());
        self
    }

    /// Adds an attachment: see the constructors of [`Attachment`].
    #[must_use]
    pub fn attach(mut self, attachment: Attachment) -> Self {
        self.attachment.get_or_insert_default().push(attachment);
        self
    }

    /// Adds a header. [`check_header_name`] says which ones the email may not have.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.additional_headers.get_or_insert_default().push(EmailHeader::new(name, value));
        self
    }

    /// Adds a value for a merge tag.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.content.custom_attributes.get_or_insert_default().push(EmailAttribute::new(name, value));
        self
    }

    /// Disables the tracking of opens and clicks.
    #[must_use]
    pub fn untracked(self) -> Self {
        self.tracking(EmailTracking::new().opens(false).clicks_html(false).clicks_text(false))
    }

    /// Validates the email as far as that is possible without the server.
    ///
    /// # Errors
    /// All wrong fields, each with its path and how to fix it.
    pub fn validate(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.sender.id.as_str().is_empty() {
            errors.push("sender.id", "is empty: give a confirmed sender's id, from `senders().list()`");
        }
        errors.check_line("sender.name", self.sender.name.as_ref());
        self.check_recipient(&mut errors);
        check_content(&self.content, &mut errors);
        for (index, tag) in self.tags.iter().flatten().enumerate() {
            if let Some(message) = check_tag(tag) {
                errors.push(format!("tags[{index}]"), message);
            }
        }
        for (index, header) in self.additional_headers.iter().flatten().enumerate() {
            check_header(index, header, &self.content.kind, &mut errors);
        }
        for (index, attachment) in self.attachment.iter().flatten().enumerate() {
            if let Some(message) = check_attachment_name(&attachment.filename) {
                errors.push(format!("attachment[{index}].filename"), message);
            }
            if let AttachmentContent::Base64(content) = &attachment.content
                && !is_base64(content)
            {
                errors.push(
                    format!("attachment[{index}].content"),
                    "is not base64: create the attachment with `from_bytes` or `from_path`",
                );
            }
        }
        errors.into_result()
    }

    fn check_recipient(&self, errors: &mut FieldErrors) {
        match (&self.email, self.contact_id) {
            (Some(address), _) => {
                if let Some(message) = check_address(address) {
                    errors.push("email", message);
                }
            }
            (None, None) => errors.push("email", "is missing: give the recipient's address"),
            (None, Some(_)) => {}
        }
        // The guide requires a list. The API documentation also accepts a contact, or `without_list_management`.
        let without_list = self.without_list_management == Some(true);
        match self.list_id {
            Some(list) if list.get() == 0 => errors.push("list_id", "is 0: give a list's id, from `lists().list()`"),
            None if self.contact_id.is_none() && !without_list => {
                errors.push("list_id", "is missing: give a list's id, from `lists().list()`");
            }
            _ => {}
        }
    }
}

fn check_content(content: &EmailContent, errors: &mut FieldErrors) {
    if content.subject.trim().is_empty() {
        errors.push("content.subject", "is empty: give the email a subject");
    }
    errors.check_line("content.subject", Some(&content.subject));
    for (field, body) in [("content.html", &content.html), ("content.text", &content.text)] {
        if body.as_ref().is_some_and(String::is_empty) {
            errors.push(field, "is empty: leave it out or give it a body");
        }
    }
    let has_body = content.html.is_some() || content.text.is_some();
    match (has_body, content.template.is_some()) {
        (true, true) => errors
            .push("content.template", "is set together with `html` or `text`: give a template or a body, not both"),
        (false, false) => errors.push("content", "has no body: give `html`, `text` or both, or a `template`"),
        _ => {}
    }
    for (index, attribute) in content.custom_attributes.iter().flatten().enumerate() {
        if attribute.name.is_empty() {
            errors.push(format!("content.custom_attributes[{index}].name"), "is empty: name the merge tag");
        } else if let Some(message) = check_line(&attribute.name) {
            errors.push(format!("content.custom_attributes[{index}].name"), message);
        }
    }
}

fn check_header(index: usize, header: &EmailHeader, kind: &EmailType, errors: &mut FieldErrors) {
    let field = |part: &str| format!("additional_headers[{index}].{part}");
    if let Some(message) = check_header_name(&header.name, *kind == EmailType::Marketing) {
        errors.push(field("name"), message);
    }
    if let Some(message) = check_line(&header.value) {
        errors.push(field("value"), message);
    }
}

/// Checks a tag. Returns what is wrong with it, or `None` if it is valid. A tag has 1 to 255 letters, digits, `-` and `_`.
pub fn check_tag(tag: &str) -> Option<&'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match tag.len() {
        0 => Some("is empty: a tag has 1 to 255 characters"),
        256.. => Some("is too long: a tag has 1 to 255 characters"),
        _ if tag.bytes().all(allowed) => None,
        _ => Some("is not a tag: use letters, digits, `-` and `_`"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, check_tag};
    use crate::emails::{Attachment, AttachmentType, EmailContent, EmailType, NewEmail, SenderRef, TemplateRef};
    use crate::{ListId, TemplateId};

    fn valid_email() -> NewEmail {
        NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::html("Hello", "<p>Hi</p>"))
    }

    fn fields(email: &NewEmail) -> Vec<String> {
        let errors = email.validate().err().unwrap_or_default();
        errors.into_vec().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn the_guides_email_is_valid() {
        let json = serde_json::json!({
            "sender": {"id": "7"},
            "content": {"subject": "Hello", "type": "transactional", "html": "<p>Hi</p>", "encoding": "utf-8"},
            "email": "ada@example.com",
            "list_id": 42,
            "tags": ["password-reset", "auth"],
        });
        let email = valid_email().tag("password-reset").tag("auth");
        assert_eq!(serde_json::to_value(&email).unwrap(), json);
        assert_eq!(serde_json::from_value::<NewEmail>(json).unwrap(), email);
        assert!(fields(&email).is_empty());
    }

    #[test]
    fn reports_all_wrong_fields_at_once_with_their_paths() {
        let mut email = NewEmail::new(SenderRef::new(""), EmailContent::new(" ", EmailType::Marketing))
            .email("nobody")
            .tag("fine")
            .tag("not fine")
            .header("Cc", "x@example.com")
            .attach(Attachment::new("a b.pdf", AttachmentType::Pdf, "!"));
        email.content.text = Some(String::new());
        assert_eq!(
            fields(&email),
            [
                "sender.id",
                "email",
                "list_id",
                "content.subject",
                "content.text",
                "tags[1]",
                "additional_headers[0].name",
                "attachment[0].filename",
                "attachment[0].content",
            ]
        );
    }

    #[test]
    fn requires_a_body_or_a_template_and_not_both() {
        let mut email = valid_email();
        email.content.template = Some(TemplateRef::new(TemplateId::new(1)));
        assert_eq!(fields(&email), ["content.template"]);
        email.content.html = None;
        assert!(fields(&email).is_empty());
        email.content.template = None;
        assert_eq!(fields(&email), ["content"]);
    }

    #[test]
    fn a_contact_replaces_the_address_and_the_list() {
        let content = EmailContent::new("Hello", EmailType::Marketing).text("Hi");
        let email = NewEmail::new(SenderRef::new("7"), content);
        assert_eq!(fields(&email), ["email", "list_id"]);
        assert!(fields(&email.contact_id(9)).is_empty());
    }

    #[test]
    fn a_control_character_is_refused_in_each_place_that_is_one_line() {
        for text in ["a\nb", "a\r\nBcc: x@example.com", "a\0b", "a\tb", "a\u{2028}b", "\u{9b}0m"] {
            let mut email = valid_email().tag(text).header(text, "x").header("X-A", text).attribute(text, "x");
            email.content.subject = text.to_owned();
            email.sender.name = Some(text.to_owned());
            let expected = [
                "sender.name",
                "content.subject",
                "content.custom_attributes[0].name",
                "tags[0]",
                "additional_headers[0].name",
                "additional_headers[1].value",
            ];
            assert_eq!(fields(&email), expected, "{text:?}");
        }
    }

    #[test]
    fn messages_never_repeat_a_value() {
        let email = valid_email().email("s3cret @nowhere").tag("s3cret tag").header("s3cret:", "s3cret\n");
        let errors = email.validate().unwrap_err();
        assert_eq!(errors.as_slice().len(), 4);
        assert!(!errors.to_string().contains("s3cret"), "{errors}");
    }

    #[test]
    fn checks_tags_by_the_documents_pattern() {
        for (tag, valid) in [("a", true), ("A-b_9", true), ("", false), ("a b", false), ("é", false), ("a.b", false)] {
            assert_eq!(check_tag(tag).is_none(), valid, "{tag}");
        }
        assert!(check_tag(&"a".repeat(255)).is_none() && check_tag(&"a".repeat(256)).is_some());
    }
}
