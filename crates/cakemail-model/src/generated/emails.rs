//! Emails: submit one, get its state, render it as its recipient sees it.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    AttachmentContent, ContactId, EmailId, EmailStatus, Format, Idempotency, JsonObject, ListId, Method, Operation,
    Redacted, SenderId, TemplateId, Timestamp, de, path,
};

/// A header added to an email; the server rejects `cc` and `bcc`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailHeader {
    /// Name of the header, without the colon.
    #[serde(default, deserialize_with = "de::or_default")]
    pub name: String,
    /// Value of the header.
    #[serde(default, deserialize_with = "de::or_default")]
    pub value: String,
}

impl fmt::Debug for EmailHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailHeader")
            .field("name", &Redacted(&self.name))
            .field("value", &Redacted(&self.value))
            .finish()
    }
}

impl EmailHeader {
    /// Sets the required fields, and no others.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// A file attached to an email.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attachment {
    /// Name of the file, without spaces, with one of nine extensions. `jpeg` is among them, `jpg`
    /// is not.
    pub filename: String,
    /// Kind of the file. It must agree with the extension of the name.
    #[serde(rename = "type")]
    pub kind: AttachmentType,
    /// The file's bytes in standard base64, with padding.
    pub content: AttachmentContent,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("filename", &Redacted(&self.filename))
            .field("kind", &self.kind)
            .field("content", &self.content)
            .finish()
    }
}

impl Attachment {
    /// Sets the required fields, and no others.
    pub fn new(
        filename: impl Into<String>,
        kind: impl Into<AttachmentType>,
        content: impl Into<AttachmentContent>,
    ) -> Self {
        Self { filename: filename.into(), kind: kind.into(), content: content.into() }
    }
}

/// Kind of an attached file. Each has the extension of the same name; `calendar` has `ics`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttachmentType {
    /// Comma-separated values, `.csv`.
    Csv,
    /// Word document in the old format, `.doc`.
    Doc,
    /// Word document, `.docx`.
    Docx,
    /// Calendar entry, `.ics`.
    Calendar,
    /// JPEG picture, `.jpeg`.
    Jpeg,
    /// PDF document, `.pdf`.
    Pdf,
    /// PNG picture, `.png`.
    Png,
    /// Excel workbook in the old format, `.xls`.
    Xls,
    /// Excel workbook, `.xlsx`.
    Xlsx,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl AttachmentType {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] =
        &[Self::Csv, Self::Doc, Self::Docx, Self::Calendar, Self::Jpeg, Self::Pdf, Self::Png, Self::Xls, Self::Xlsx];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Csv => "csv",
            Self::Doc => "doc",
            Self::Docx => "docx",
            Self::Calendar => "calendar",
            Self::Jpeg => "jpeg",
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Xls => "xls",
            Self::Xlsx => "xlsx",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for AttachmentType {
    fn from(value: &str) -> Self {
        match value {
            "csv" => Self::Csv,
            "doc" => Self::Doc,
            "docx" => Self::Docx,
            "calendar" => Self::Calendar,
            "jpeg" => Self::Jpeg,
            "pdf" => Self::Pdf,
            "png" => Self::Png,
            "xls" => Self::Xls,
            "xlsx" => Self::Xlsx,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for AttachmentType {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for AttachmentType {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for AttachmentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for AttachmentType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AttachmentType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// An attribute with which an email was submitted.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SentEmailAttribute {
    /// Name of the attribute.
    #[serde(default, deserialize_with = "de::or_default")]
    pub name: String,
    /// Value of the attribute, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl fmt::Debug for SentEmailAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentEmailAttribute")
            .field("name", &Redacted(&self.name))
            .field("value", &Redacted(&self.value))
            .finish()
    }
}

/// Content of an email to submit. The body is a template, or HTML, plain text or both.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailContent {
    /// Subject line.
    pub subject: String,
    /// Whether the email is marketing or transactional.
    #[serde(rename = "type")]
    pub kind: EmailType,
    /// HTML body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Plain-text body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Template that gives the body, instead of `html` and `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateRef>,
    /// Character encoding of the bodies. Always give it with `html` or `text`: the server rejects a
    /// body without it, although it is declared optional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// Values of the merge tags in the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_attributes: Option<Vec<EmailAttribute>>,
    /// Structured data to embed in the email, of any shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markup: Option<JsonObject>,
}

impl fmt::Debug for EmailContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailContent")
            .field("subject", &Redacted(&self.subject))
            .field("kind", &self.kind)
            .field("html", &Redacted(&self.html))
            .field("text", &Redacted(&self.text))
            .field("template", &self.template)
            .field("encoding", &self.encoding)
            .field("custom_attributes", &self.custom_attributes)
            .field("markup", &Redacted(&self.markup))
            .finish()
    }
}

impl EmailContent {
    /// Sets the required fields, and no others.
    pub fn new(subject: impl Into<String>, kind: impl Into<EmailType>) -> Self {
        Self {
            subject: subject.into(),
            kind: kind.into(),
            html: None,
            text: None,
            template: None,
            encoding: None,
            custom_attributes: None,
            markup: None,
        }
    }

    /// HTML body.
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }

    /// Plain-text body.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Template that gives the body, instead of `html` and `text`.
    pub fn template(mut self, template: impl Into<TemplateRef>) -> Self {
        self.template = Some(template.into());
        self
    }

    /// Character encoding of the bodies. Always give it with `html` or `text`: the server rejects a
    /// body without it, although it is declared optional.
    pub fn encoding(mut self, encoding: impl Into<Encoding>) -> Self {
        self.encoding = Some(encoding.into());
        self
    }

    /// Values of the merge tags in the content.
    ///
    /// Adds to those that are already set.
    pub fn custom_attributes(mut self, custom_attributes: impl IntoIterator<Item = impl Into<EmailAttribute>>) -> Self {
        self.custom_attributes.get_or_insert_default().extend(custom_attributes.into_iter().map(Into::into));
        self
    }

    /// Structured data to embed in the email, of any shape.
    pub fn markup(mut self, markup: impl Into<JsonObject>) -> Self {
        self.markup = Some(markup.into());
        self
    }
}

/// Content of a submitted email, without its bodies.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SentEmailContent {
    /// Subject line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Template that the body came from, if it came from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<TemplateId>,
    /// Attributes that were submitted with the content.
    #[serde(default, deserialize_with = "de::compact")]
    pub custom_attributes: Vec<SentEmailAttribute>,
    /// Whether the email is marketing or transactional.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<EmailType>,
}

impl fmt::Debug for SentEmailContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentEmailContent")
            .field("subject", &Redacted(&self.subject))
            .field("template_id", &self.template_id)
            .field("custom_attributes", &self.custom_attributes)
            .field("kind", &self.kind)
            .finish()
    }
}

/// The sender of a submitted email.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailSender {
    /// Id of the sender. A string, even where it consists of digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<SenderId>,
    /// Name that the recipient sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address that the email came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl fmt::Debug for EmailSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailSender")
            .field("id", &self.id)
            .field("name", &Redacted(&self.name))
            .field("email", &Redacted(&self.email))
            .finish()
    }
}

/// The actions to track in an email.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailTracking {
    /// Whether opens are tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<bool>,
    /// Whether clicks on links of the HTML body are tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clicks_html: Option<bool>,
    /// Whether clicks on links of the plain-text body are tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clicks_text: Option<bool>,
}

impl EmailTracking {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether opens are tracked.
    pub fn opens(mut self, opens: bool) -> Self {
        self.opens = Some(opens);
        self
    }

    /// Whether clicks on links of the HTML body are tracked.
    pub fn clicks_html(mut self, clicks_html: bool) -> Self {
        self.clicks_html = Some(clicks_html);
        self
    }

    /// Whether clicks on links of the plain-text body are tracked.
    pub fn clicks_text(mut self, clicks_text: bool) -> Self {
        self.clicks_text = Some(clicks_text);
        self
    }
}

/// The actions tracked in a submitted email.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SentEmailTracking {
    /// Whether opens are tracked.
    #[serde(default, deserialize_with = "de::scalar")]
    pub opens: bool,
    /// Whether clicks on links of the HTML body are tracked.
    #[serde(default, deserialize_with = "de::scalar")]
    pub clicks_html: bool,
    /// Whether clicks on links of the plain-text body are tracked.
    #[serde(default, deserialize_with = "de::scalar")]
    pub clicks_text: bool,
}

/// Character encoding of an email's content; `utf-8` is the usual choice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// `utf-8`
    Utf8,
    /// `armscii-8`
    Armscii8,
    /// `ascii`
    Ascii,
    /// `big-5`
    Big5,
    /// `cp51932`
    Cp51932,
    /// `cp866`
    Cp866,
    /// `cp936`
    Cp936,
    /// `euc-cn`
    EucCn,
    /// `euc-jp`
    EucJp,
    /// `eucjp-win`
    EucjpWin,
    /// `euc-kr`
    EucKr,
    /// `euc-tw`
    EucTw,
    /// `hz`
    Hz,
    /// `iso-2022-jp`
    Iso2022Jp,
    /// `iso-2022-jp-ms`
    Iso2022JpMs,
    /// `iso-2022-kr`
    Iso2022Kr,
    /// `iso-8859-1`
    Iso88591,
    /// `iso-8859-10`
    Iso885910,
    /// `iso-8859-13`
    Iso885913,
    /// `iso-8859-14`
    Iso885914,
    /// `iso-8859-15`
    Iso885915,
    /// `iso-8859-16`
    Iso885916,
    /// `iso-8859-2`
    Iso88592,
    /// `iso-8859-3`
    Iso88593,
    /// `iso-8859-4`
    Iso88594,
    /// `iso-8859-5`
    Iso88595,
    /// `iso-8859-6`
    Iso88596,
    /// `iso-8859-7`
    Iso88597,
    /// `iso-8859-8`
    Iso88598,
    /// `iso-8859-9`
    Iso88599,
    /// `jis`
    Jis,
    /// `koi8-r`
    Koi8R,
    /// `sjis`
    Sjis,
    /// `sjis-win`
    SjisWin,
    /// `uhc`
    Uhc,
    /// `windows-1251`
    Windows1251,
    /// `windows-1252`
    Windows1252,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl Encoding {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[
        Self::Utf8,
        Self::Armscii8,
        Self::Ascii,
        Self::Big5,
        Self::Cp51932,
        Self::Cp866,
        Self::Cp936,
        Self::EucCn,
        Self::EucJp,
        Self::EucjpWin,
        Self::EucKr,
        Self::EucTw,
        Self::Hz,
        Self::Iso2022Jp,
        Self::Iso2022JpMs,
        Self::Iso2022Kr,
        Self::Iso88591,
        Self::Iso885910,
        Self::Iso885913,
        Self::Iso885914,
        Self::Iso885915,
        Self::Iso885916,
        Self::Iso88592,
        Self::Iso88593,
        Self::Iso88594,
        Self::Iso88595,
        Self::Iso88596,
        Self::Iso88597,
        Self::Iso88598,
        Self::Iso88599,
        Self::Jis,
        Self::Koi8R,
        Self::Sjis,
        Self::SjisWin,
        Self::Uhc,
        Self::Windows1251,
        Self::Windows1252,
    ];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Armscii8 => "armscii-8",
            Self::Ascii => "ascii",
            Self::Big5 => "big-5",
            Self::Cp51932 => "cp51932",
            Self::Cp866 => "cp866",
            Self::Cp936 => "cp936",
            Self::EucCn => "euc-cn",
            Self::EucJp => "euc-jp",
            Self::EucjpWin => "eucjp-win",
            Self::EucKr => "euc-kr",
            Self::EucTw => "euc-tw",
            Self::Hz => "hz",
            Self::Iso2022Jp => "iso-2022-jp",
            Self::Iso2022JpMs => "iso-2022-jp-ms",
            Self::Iso2022Kr => "iso-2022-kr",
            Self::Iso88591 => "iso-8859-1",
            Self::Iso885910 => "iso-8859-10",
            Self::Iso885913 => "iso-8859-13",
            Self::Iso885914 => "iso-8859-14",
            Self::Iso885915 => "iso-8859-15",
            Self::Iso885916 => "iso-8859-16",
            Self::Iso88592 => "iso-8859-2",
            Self::Iso88593 => "iso-8859-3",
            Self::Iso88594 => "iso-8859-4",
            Self::Iso88595 => "iso-8859-5",
            Self::Iso88596 => "iso-8859-6",
            Self::Iso88597 => "iso-8859-7",
            Self::Iso88598 => "iso-8859-8",
            Self::Iso88599 => "iso-8859-9",
            Self::Jis => "jis",
            Self::Koi8R => "koi8-r",
            Self::Sjis => "sjis",
            Self::SjisWin => "sjis-win",
            Self::Uhc => "uhc",
            Self::Windows1251 => "windows-1251",
            Self::Windows1252 => "windows-1252",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for Encoding {
    fn from(value: &str) -> Self {
        match value {
            "utf-8" => Self::Utf8,
            "armscii-8" => Self::Armscii8,
            "ascii" => Self::Ascii,
            "big-5" => Self::Big5,
            "cp51932" => Self::Cp51932,
            "cp866" => Self::Cp866,
            "cp936" => Self::Cp936,
            "euc-cn" => Self::EucCn,
            "euc-jp" => Self::EucJp,
            "eucjp-win" => Self::EucjpWin,
            "euc-kr" => Self::EucKr,
            "euc-tw" => Self::EucTw,
            "hz" => Self::Hz,
            "iso-2022-jp" => Self::Iso2022Jp,
            "iso-2022-jp-ms" => Self::Iso2022JpMs,
            "iso-2022-kr" => Self::Iso2022Kr,
            "iso-8859-1" => Self::Iso88591,
            "iso-8859-10" => Self::Iso885910,
            "iso-8859-13" => Self::Iso885913,
            "iso-8859-14" => Self::Iso885914,
            "iso-8859-15" => Self::Iso885915,
            "iso-8859-16" => Self::Iso885916,
            "iso-8859-2" => Self::Iso88592,
            "iso-8859-3" => Self::Iso88593,
            "iso-8859-4" => Self::Iso88594,
            "iso-8859-5" => Self::Iso88595,
            "iso-8859-6" => Self::Iso88596,
            "iso-8859-7" => Self::Iso88597,
            "iso-8859-8" => Self::Iso88598,
            "iso-8859-9" => Self::Iso88599,
            "jis" => Self::Jis,
            "koi8-r" => Self::Koi8R,
            "sjis" => Self::Sjis,
            "sjis-win" => Self::SjisWin,
            "uhc" => Self::Uhc,
            "windows-1251" => Self::Windows1251,
            "windows-1252" => Self::Windows1252,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for Encoding {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for Encoding {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// A submitted email and its state.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Email {
    /// Id of the email, from the response to its submission.
    pub email_id: EmailId,
    /// State of the email.
    #[serde(default, deserialize_with = "de::or_default")]
    pub status: EmailStatus,
    /// Address of the recipient.
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Mailbox provider of the recipient, where it was recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// When the email was submitted, in epoch seconds; logs may write the same time in ISO 8601.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub submitted_time: Option<Timestamp>,
    /// Whether the recipient unsubscribed from the list through this email.
    #[serde(default, deserialize_with = "de::scalar")]
    pub unsubscribed: bool,
    /// Whether the recipient unsubscribed from all lists through this email.
    #[serde(default, deserialize_with = "de::scalar")]
    pub global_unsubscribed: bool,
    /// Whether delivery failed temporarily; the summary calls it `soft_bounce`.
    #[serde(default, deserialize_with = "de::scalar")]
    pub soft_bounced: bool,
    /// Whether delivery failed permanently; the summary calls it `hard_bounce`.
    #[serde(default, deserialize_with = "de::scalar")]
    pub hard_bounced: bool,
    /// Whether the recipient marked the email as spam.
    #[serde(default, deserialize_with = "de::scalar")]
    pub reported_as_spam: bool,
    /// Number of opens.
    #[serde(rename = "open", default, deserialize_with = "de::scalar")]
    pub opens: u64,
    /// Number of clicks.
    #[serde(rename = "click", default, deserialize_with = "de::scalar")]
    pub clicks: u64,
    /// List that the email was submitted with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_id: Option<ListId>,
    /// Tags of the email.
    #[serde(default, deserialize_with = "de::compact")]
    pub tags: Vec<String>,
    /// Sender of the email.
    #[serde(default, deserialize_with = "de::or_default")]
    pub sender: EmailSender,
    /// Content of the email, without its bodies.
    #[serde(default, deserialize_with = "de::or_default")]
    pub content: SentEmailContent,
    /// The actions tracked in the email.
    #[serde(default, deserialize_with = "de::or_default")]
    pub tracking: SentEmailTracking,
    /// Headers that were added to the email.
    #[serde(default, deserialize_with = "de::compact")]
    pub additional_headers: Vec<EmailHeader>,
    /// URL of a thumbnail of the email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail_url: Option<String>,
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email")
            .field("email_id", &self.email_id)
            .field("status", &self.status)
            .field("email", &Redacted(&self.email))
            .field("provider", &Redacted(&self.provider))
            .field("submitted_time", &self.submitted_time)
            .field("unsubscribed", &self.unsubscribed)
            .field("global_unsubscribed", &self.global_unsubscribed)
            .field("soft_bounced", &self.soft_bounced)
            .field("hard_bounced", &self.hard_bounced)
            .field("reported_as_spam", &self.reported_as_spam)
            .field("opens", &self.opens)
            .field("clicks", &self.clicks)
            .field("list_id", &self.list_id)
            .field("tags", &Redacted(&self.tags))
            .field("sender", &self.sender)
            .field("content", &self.content)
            .field("tracking", &self.tracking)
            .field("additional_headers", &self.additional_headers)
            .field("thumbnail_url", &Redacted(&self.thumbnail_url))
            .finish()
    }
}

/// The sender of an email to submit.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SenderRef {
    /// Id of a confirmed sender; a string, although the guide shows a number.
    pub id: SenderId,
    /// Name that the recipient sees, instead of the sender's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl fmt::Debug for SenderRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderRef").field("id", &self.id).field("name", &Redacted(&self.name)).finish()
    }
}

impl SenderRef {
    /// Sets the required fields, and no others.
    pub fn new(id: impl Into<SenderId>) -> Self {
        Self { id: id.into(), name: None }
    }

    /// Name that the recipient sees, instead of the sender's.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// An email to submit: one recipient, one sender, one content.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewEmail {
    /// Sender of the email, who must be confirmed.
    pub sender: SenderRef,
    /// Subject and body.
    pub content: EmailContent,
    /// Address of the recipient, who is added to the list if not on it. `contact_id` can replace
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// List in whose context the email is sent. Always give it: the server rejects an email without
    /// a list, although it is declared optional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_id: Option<ListId>,
    /// Contact to send to, instead of `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<ContactId>,
    /// Tags to find the email by in logs, summaries and reports. A new one is created by its first
    /// use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// The actions to track; all by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<EmailTracking>,
    /// Headers to add; the server rejects `cc` and `bcc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_headers: Option<Vec<EmailHeader>>,
    /// Files to attach: one, or a list of them.
    #[serde(deserialize_with = "de::one_or_many", default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Vec<Attachment>>,
    /// Whether to send without a list; for accounts with dedicated IP addresses. Subscriptions and
    /// bounces are then not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_list_management: Option<bool>,
}

impl fmt::Debug for NewEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewEmail")
            .field("sender", &self.sender)
            .field("content", &self.content)
            .field("email", &Redacted(&self.email))
            .field("list_id", &self.list_id)
            .field("contact_id", &self.contact_id)
            .field("tags", &Redacted(&self.tags))
            .field("tracking", &self.tracking)
            .field("additional_headers", &self.additional_headers)
            .field("attachment", &self.attachment)
            .field("without_list_management", &self.without_list_management)
            .finish()
    }
}

impl NewEmail {
    /// Sets the required fields, and no others.
    pub fn new(sender: impl Into<SenderRef>, content: impl Into<EmailContent>) -> Self {
        Self {
            sender: sender.into(),
            content: content.into(),
            email: None,
            list_id: None,
            contact_id: None,
            tags: None,
            tracking: None,
            additional_headers: None,
            attachment: None,
            without_list_management: None,
        }
    }

    /// Address of the recipient, who is added to the list if not on it. `contact_id` can replace
    /// it.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// List in whose context the email is sent. Always give it: the server rejects an email without
    /// a list, although it is declared optional.
    pub fn list_id(mut self, list_id: impl Into<ListId>) -> Self {
        self.list_id = Some(list_id.into());
        self
    }

    /// Contact to send to, instead of `email`.
    pub fn contact_id(mut self, contact_id: impl Into<ContactId>) -> Self {
        self.contact_id = Some(contact_id.into());
        self
    }

    /// Tags to find the email by in logs, summaries and reports. A new one is created by its first
    /// use.
    ///
    /// Adds to those that are already set.
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags.get_or_insert_default().extend(tags.into_iter().map(Into::into));
        self
    }

    /// The actions to track; all by default.
    pub fn tracking(mut self, tracking: impl Into<EmailTracking>) -> Self {
        self.tracking = Some(tracking.into());
        self
    }

    /// Headers to add; the server rejects `cc` and `bcc`.
    ///
    /// Adds to those that are already set.
    pub fn additional_headers(mut self, additional_headers: impl IntoIterator<Item = impl Into<EmailHeader>>) -> Self {
        self.additional_headers.get_or_insert_default().extend(additional_headers.into_iter().map(Into::into));
        self
    }

    /// Files to attach: one, or a list of them.
    ///
    /// Adds to those that are already set.
    pub fn attachment(mut self, attachment: impl IntoIterator<Item = impl Into<Attachment>>) -> Self {
        self.attachment.get_or_insert_default().extend(attachment.into_iter().map(Into::into));
        self
    }

    /// Whether to send without a list; for accounts with dedicated IP addresses. Subscriptions and
    /// bounces are then not managed.
    pub fn without_list_management(mut self, without_list_management: bool) -> Self {
        self.without_list_management = Some(without_list_management);
        self
    }
}

/// Response to submitting an email: it is accepted, not yet delivered.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailSubmitted {
    /// Address of the recipient.
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Kind of the object in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the email was accepted; true in a 201, for any status.
    #[serde(default, deserialize_with = "de::optional_scalar", skip_serializing_if = "Option::is_none")]
    pub submitted: Option<bool>,
    /// Id and state of the email.
    pub data: Submission,
}

impl fmt::Debug for EmailSubmitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailSubmitted")
            .field("email", &Redacted(&self.email))
            .field("object", &Redacted(&self.object))
            .field("submitted", &self.submitted)
            .field("data", &self.data)
            .finish()
    }
}

/// Whether an email is marketing or transactional.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmailType {
    /// Marketing: promotional, and subject to consent.
    Marketing,
    /// Transactional: sent because of something that the recipient did, such as a password reset.
    Transactional,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl EmailType {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[Self::Marketing, Self::Transactional];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Marketing => "marketing",
            Self::Transactional => "transactional",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for EmailType {
    fn from(value: &str) -> Self {
        match value {
            "marketing" => Self::Marketing,
            "transactional" => Self::Transactional,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for EmailType {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for EmailType {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for EmailType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for EmailType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EmailType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}

/// Id and state of an email just submitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Submission {
    /// Id of the email, with which to follow it.
    pub id: EmailId,
    /// State of the email: not every submission that is accepted is sent.
    #[serde(default, deserialize_with = "de::or_default")]
    pub status: EmailStatus,
}

/// The value of a merge tag in the content of an email.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailAttribute {
    /// Name of the attribute.
    pub name: String,
    /// Value of the attribute, as text.
    pub value: String,
}

impl fmt::Debug for EmailAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailAttribute")
            .field("name", &Redacted(&self.name))
            .field("value", &Redacted(&self.value))
            .finish()
    }
}

impl EmailAttribute {
    /// Sets the required fields, and no others.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// The template that gives an email its body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TemplateRef {
    /// Id of the template.
    pub id: TemplateId,
}

impl TemplateRef {
    /// Sets the required fields, and no others.
    pub fn new(id: impl Into<TemplateId>) -> Self {
        Self { id: id.into() }
    }
}

/// Submits an email for delivery to one recipient.
///
/// Needs a confirmed sender, content, a recipient and a list. A recipient who is not on the list is
/// added to it. Give `list_id` always, and `content.encoding` with `html` or `text`: the server
/// rejects an email without them with 400, although both are declared optional.
///
/// Returns 201 once the email is accepted, which is not delivery. Check the status of a 201: it is
/// `queued`, `rejected` or `error`. An email to a suppressed recipient is `rejected`. Follow the
/// email by the id in the response.
///
/// Repeating the request sends a second email: the API has no idempotency key. After a lost
/// response, search the logs for a tag that only this email has. An entry proves the submission;
/// the absence of one proves nothing.
///
/// `POST /v2/emails`
#[derive(Debug, Clone)]
pub struct SubmitEmail<'a> {
    /// The request's body.
    pub body: &'a NewEmail,
}

impl Operation for SubmitEmail<'_> {
    const ID: &'static str = "submitEmail";
    const METHOD: Method = Method::Post;
    const PATH: &'static str = "/v2/emails";
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = NewEmail;
    type Output = EmailSubmitted;

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::PATH)
    }

    fn body(&self) -> Option<&Self::Body> {
        Some(self.body)
    }
}

/// Shows a submitted email and its state.
///
/// The status is the latest one; opens and clicks are counted beside it. The response has no
/// bodies: see `GET /v2/emails/{email_id}/render`.
///
/// `GET /v2/emails/{email_id}`
#[derive(Debug, Clone)]
pub struct GetEmail {
    /// Id of the email, from the response to its submission.
    pub email_id: EmailId,
}

impl Operation for GetEmail {
    const ID: &'static str = "showEmail";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/v2/emails/{email_id}";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;

    type Query = ();
    type Body = ();
    type Output = Email;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.email_id]))
    }
}

/// The query string of [`RenderEmail`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RenderEmailQuery {
    /// Whether to show the content as submitted, before merge tags are filled in and links are
    /// added. Default: `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_submitted: Option<bool>,
    /// Whether to keep the tracking of opens and clicks. Viewing the page then counts as an open.
    /// Default: `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<bool>,
}

impl RenderEmailQuery {
    /// Sets no field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to show the content as submitted, before merge tags are filled in and links are
    /// added. Default: `false`.
    pub fn as_submitted(mut self, as_submitted: bool) -> Self {
        self.as_submitted = Some(as_submitted);
        self
    }

    /// Whether to keep the tracking of opens and clicks. Viewing the page then counts as an open.
    /// Default: `false`.
    pub fn tracking(mut self, tracking: bool) -> Self {
        self.tracking = Some(tracking);
        self
    }
}

/// Renders a submitted email as HTML.
///
/// The response is the page itself (`text/html`), not JSON. It contains the submitted HTML: treat
/// it as untrusted when you show it.
///
/// `GET /v2/emails/{email_id}/render`
#[derive(Debug, Clone)]
pub struct RenderEmail {
    /// Id of the email, from the response to its submission.
    pub email_id: EmailId,
    /// The query string.
    pub query: RenderEmailQuery,
}

impl Operation for RenderEmail {
    const ID: &'static str = "renderEmail";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/v2/emails/{email_id}/render";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const ACCOUNT: bool = true;
    const OUTPUT: Format = Format::Text;

    type Query = RenderEmailQuery;
    type Body = ();
    type Output = String;

    fn path(&self) -> Cow<'static, str> {
        Cow::Owned(path::fill(Self::PATH, &[&self.email_id]))
    }

    fn query(&self) -> Option<&Self::Query> {
        Some(&self.query)
    }
}
