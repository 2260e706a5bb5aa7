//! Emails: submit one, look at one, see one as its recipient does.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::prelude::*;

request! {
    /// A header added to an email; `cc` and `bcc` are refused.
    pub struct EmailHeader {
        required {
            /// Name of the header, without the colon.
            #[serde(default, deserialize_with = "de::or_default")]
            name: String,
            /// Value of the header.
            #[serde(default, deserialize_with = "de::or_default")]
            value: String,
        }
    }
}

request! {
    /// A file attached to an email.
    pub struct Attachment {
        required {
            /// Name of the file, without spaces, with one of nine extensions. `jpeg` is among them,
            /// `jpg` is not.
            filename: String,
            /// Kind of the file; presumably has to agree with the extension.
            #[serde(rename = "type")]
            kind: AttachmentType,
            /// The file's bytes in standard base64, with padding.
            content: AttachmentContent,
        }
    }
}

open_enum! {
    /// Kind of an attached file; each goes with the extension of its name, `calendar` with `ics`.
    pub enum AttachmentType {
        /// Comma-separated values, `.csv`.
        Csv = "csv",
        /// Word document in the old format, `.doc`.
        Doc = "doc",
        /// Word document, `.docx`.
        Docx = "docx",
        /// Calendar entry, `.ics`.
        Calendar = "calendar",
        /// JPEG picture, `.jpeg`.
        Jpeg = "jpeg",
        /// PDF document, `.pdf`.
        Pdf = "pdf",
        /// PNG picture, `.png`.
        Png = "png",
        /// Excel workbook in the old format, `.xls`.
        Xls = "xls",
        /// Excel workbook, `.xlsx`.
        Xlsx = "xlsx",
    }
}

/// An attribute with which an email was submitted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SentEmailAttribute {
    /// Name of the attribute.
    #[serde(default, deserialize_with = "de::or_default")]
    pub name: String,
    /// Value of the attribute, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

request! {
    /// Content of an email to submit. The body is assumed to be either a template, or HTML, plain
    /// text or both, but not nothing.
    pub struct EmailContent {
        required {
            /// Subject line.
            subject: String,
            /// Whether the email is marketing or transactional.
            #[serde(rename = "type")]
            kind: EmailType,
        }
        optional {
            /// HTML body.
            html: String,
            /// Plain-text body.
            text: String,
            /// Template to take the body from; assumed to exclude `html` and `text`.
            template: TemplateRef,
            /// Character encoding of the bodies. `utf-8` by the guide when left out, but a live
            /// server is known to refuse a body without it: always give it.
            encoding: Encoding,
            /// Values for the merge tags of the content, presumably.
            custom_attributes: Vec<EmailAttribute>,
            /// Structured data to embed in the email, presumably; without a documented shape.
            markup: JsonObject,
        }
    }
}

/// Content of a submitted email, without its bodies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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

/// The sender of a submitted email.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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

request! {
    /// What is to be tracked in an email.
    pub struct EmailTracking {
        optional {
            /// Whether opens are tracked.
            opens: bool,
            /// Whether clicks on links of the HTML body are tracked.
            clicks_html: bool,
            /// Whether clicks on links of the plain-text body are tracked.
            clicks_text: bool,
        }
    }
}

/// What is tracked in a submitted email.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SentEmailTracking {
    /// Whether opens are tracked.
    #[serde(default, deserialize_with = "de::or_default")]
    pub opens: bool,
    /// Whether clicks on links of the HTML body are tracked.
    #[serde(default, deserialize_with = "de::or_default")]
    pub clicks_html: bool,
    /// Whether clicks on links of the plain-text body are tracked.
    #[serde(default, deserialize_with = "de::or_default")]
    pub clicks_text: bool,
}

open_enum! {
    /// Character encoding of an email's content; `utf-8` unless there is a reason.
    #[allow(missing_docs)] // the words say it
    pub enum Encoding {
        Utf8 = "utf-8",
        Armscii8 = "armscii-8",
        Ascii = "ascii",
        Big5 = "big-5",
        Cp51932 = "cp51932",
        Cp866 = "cp866",
        Cp936 = "cp936",
        EucCn = "euc-cn",
        EucJp = "euc-jp",
        EucjpWin = "eucjp-win",
        EucKr = "euc-kr",
        EucTw = "euc-tw",
        Hz = "hz",
        Iso2022Jp = "iso-2022-jp",
        Iso2022JpMs = "iso-2022-jp-ms",
        Iso2022Kr = "iso-2022-kr",
        Iso88591 = "iso-8859-1",
        Iso885910 = "iso-8859-10",
        Iso885913 = "iso-8859-13",
        Iso885914 = "iso-8859-14",
        Iso885915 = "iso-8859-15",
        Iso885916 = "iso-8859-16",
        Iso88592 = "iso-8859-2",
        Iso88593 = "iso-8859-3",
        Iso88594 = "iso-8859-4",
        Iso88595 = "iso-8859-5",
        Iso88596 = "iso-8859-6",
        Iso88597 = "iso-8859-7",
        Iso88598 = "iso-8859-8",
        Iso88599 = "iso-8859-9",
        Jis = "jis",
        Koi8R = "koi8-r",
        Sjis = "sjis",
        SjisWin = "sjis-win",
        Uhc = "uhc",
        Windows1251 = "windows-1251",
        Windows1252 = "windows-1252",
    }
}

/// A submitted email and what has become of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Email {
    /// Id of the email, as its submission answered it.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_time: Option<Timestamp>,
    /// Whether the recipient unsubscribed from the list through this email.
    #[serde(default, deserialize_with = "de::or_default")]
    pub unsubscribed: bool,
    /// Whether the recipient unsubscribed from all lists, presumably, through this email.
    #[serde(default, deserialize_with = "de::or_default")]
    pub global_unsubscribed: bool,
    /// Whether delivery failed temporarily; the summary calls it `soft_bounce`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub soft_bounced: bool,
    /// Whether delivery failed for good; the summary calls it `hard_bounce`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub hard_bounced: bool,
    /// Whether the recipient marked the email as spam.
    #[serde(default, deserialize_with = "de::or_default")]
    pub reported_as_spam: bool,
    /// Number of opens.
    #[serde(default, deserialize_with = "de::or_default")]
    pub open: u64,
    /// Number of clicks.
    #[serde(default, deserialize_with = "de::or_default")]
    pub click: u64,
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
    /// What is tracked in the email.
    #[serde(default, deserialize_with = "de::or_default")]
    pub tracking: SentEmailTracking,
    /// Headers that were added to the email.
    #[serde(default, deserialize_with = "de::compact")]
    pub additional_headers: Vec<EmailHeader>,
    /// URL of a small picture of the email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail_url: Option<String>,
}

request! {
    /// The sender of an email to submit.
    pub struct SenderRef {
        required {
            /// Id of a confirmed sender; a string, although the guide shows a number.
            id: SenderId,
        }
        optional {
            /// Name that the recipient sees, presumably in place of the sender's own.
            name: String,
        }
    }
}

request! {
    /// An email to submit: one recipient, one sender, one content.
    pub struct NewEmail {
        required {
            /// Sender of the email, who must be confirmed.
            sender: SenderRef,
            /// Subject and body.
            content: EmailContent,
        }
        optional {
            /// Address of the recipient, who is added to the list if not on it. Presumably
            /// `contact_id` may stand in for it.
            email: String,
            /// List in whose context the email is sent. Required by the guide, optional in the
            /// description of the API, where `contact_id` or `without_list_management` may stand in
            /// for it. A live server is known to refuse an email without a list.
            list_id: ListId,
            /// Contact to send to. By the description of the API it may stand in for `list_id`, and
            /// presumably for `email`.
            contact_id: ContactId,
            /// Tags to find the email by in logs, summaries and reports. A new one is created by
            /// its first use.
            tags: Vec<String>,
            /// What is to be tracked; everything when left out.
            tracking: EmailTracking,
            /// Headers to add; `cc` and `bcc` are refused.
            additional_headers: Vec<EmailHeader>,
            /// Files to attach: one, or a list of them.
            #[serde(deserialize_with = "de::one_or_many")]
            attachment: Vec<Attachment>,
            /// Whether to send without a list; for accounts with dedicated IP addresses. Presumably
            /// subscriptions and bounces are then not managed.
            without_list_management: bool,
        }
    }
}

/// Answer to submitting an email: accepted, which is not delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmailSubmitted {
    /// Address of the recipient.
    #[serde(default, deserialize_with = "de::or_default")]
    pub email: String,
    /// Kind of the object that the answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether the email was accepted; true in a 201, whatever the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted: Option<bool>,
    /// Id and state of the email.
    pub data: Submission,
}

open_enum! {
    /// Whether an email is marketing or transactional.
    pub enum EmailType {
        /// Marketing: sent because the sender wants to, and subject to consent.
        Marketing = "marketing",
        /// Transactional: sent because of something that the recipient did, such as a password
        /// reset.
        Transactional = "transactional",
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

request! {
    /// A value for a merge tag in the content of an email, presumably.
    pub struct EmailAttribute {
        required {
            /// Name of the attribute.
            name: String,
            /// Value of the attribute, as text.
            value: String,
        }
    }
}

request! {
    /// The template that gives an email its body.
    pub struct TemplateRef {
        required {
            /// Id of the template.
            id: TemplateId,
        }
    }
}

operation! {
    /// Submits an email for delivery to one recipient.
    ///
    /// Needs a confirmed sender, content, a recipient and, in practice, a list: the guide requires
    /// `list_id`, the description of the API does not, and a live server is known to answer 400
    /// without it. A recipient who is not on the list is added to it. Give `content.encoding` with
    /// `html` or `text`: it is documented as optional with the default `utf-8`, but a live server
    /// is known to refuse an email without it.
    ///
    /// Answers 201 once the email is accepted, which is not delivery: the status is `queued`, or
    /// `rejected` or `error`, so a 201 has to be looked at. A suppressed recipient is assumed to
    /// lead to `rejected`. Follow the email with the id in the answer.
    ///
    /// Repeating the request sends a second email; no idempotency key is documented. After an
    /// answer that was lost, a tag unique to the email lets you look for it in the logs, where
    /// finding it is proof, and not finding it is none.
    ///
    /// `POST /v2/emails`
    pub struct SubmitEmail = "submitEmail" Post "/v2/emails" NonIdempotent [account] {
        body Json NewEmail,
        answer Json EmailSubmitted,
    }
}

operation! {
    /// Shows a submitted email and what has become of it.
    ///
    /// The status is presumably the latest of its life; opens and clicks are counted beside it. The
    /// email's bodies are not in the answer: see `GET /v2/emails/{email_id}/render`.
    ///
    /// `GET /v2/emails/{email_id}`
    pub struct GetEmail = "showEmail" Get "/v2/emails/{email_id}" Safe [account] {
        path {
            /// Email that is meant, by the id that its submission answered.
            email_id: EmailId,
        }
        answer Json Email,
    }
}

request! {
    /// What [`RenderEmail`] can be asked for.
    pub struct RenderEmailQuery {
        optional {
            /// Whether to show the content as it was submitted. Presumably before anything is
            /// merged or added. Default: `false`.
            as_submitted: bool,
            /// Whether to keep the tracking of opens and clicks. Looking at the page is then
            /// presumably counted. Default: `false`.
            tracking: bool,
        }
    }
}

operation! {
    /// Renders a submitted email as HTML.
    ///
    /// The answer is the page itself (`text/html`), not JSON. Treat it as hostile when you show it:
    /// it is whatever was submitted.
    ///
    /// `GET /v2/emails/{email_id}/render`
    pub struct RenderEmail = "renderEmail" Get "/v2/emails/{email_id}/render" Safe [account] {
        path {
            /// Email that is meant, by the id that its submission answered.
            email_id: EmailId,
        }
        query RenderEmailQuery,
        answer Text String,
    }
}
