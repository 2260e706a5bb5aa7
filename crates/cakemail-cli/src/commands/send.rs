//! `cakemail send`: sends an email.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use cakemail::model::{AttachmentError, FieldErrors};
use cakemail::{Attachment, Content, EmailId, EmailStatus, Error, FieldError, ListId, NewEmail, SenderId};
use serde_json::json;

use crate::args::{Body, Email, Global, Milestone, Send};
use crate::connection::{SampleSandbox, connect, or_sample};
use crate::error::{CliError, in_command_words};
use crate::output::Output;

/// Sends the email and prints its ID and status. With `--wait`, waits for the milestone.
pub async fn run(args: Send, global: &Global, out: &mut Output) -> Result<(), CliError> {
    let draft = Draft::read(args.email)?; // before a missing password is an error
    let connection = connect(global).await?;
    let email = draft.complete(connection.sandbox.as_ref())?;
    let emails = connection.client.emails();
    let sent = match emails.send(&email).await {
        Ok(sent) => sent,
        Err(error) => return Err(not_sent(error, out)?),
    };
    show(&sent.id, &sent.status, out)?;
    if let Some(milestone) = args.wait {
        let email = emails.wait_for(&sent.id, milestone.into(), args.timeout).await?;
        match out.is_json() {
            true => out.json(&json!({"id": email.email_id, "status": email.status}))?,
            false => out.fields(&[("status", email.status.to_string())])?,
        }
    }
    Ok(())
}

/// The email of the command line, with its files read.
pub struct Draft {
    /// Its sender and list are placeholders where they are not given.
    email: NewEmail,
    sender: Option<SenderId>,
    list: Option<ListId>,
}

impl Draft {
    /// Reads the files and stdin, and validates the email. Needs no credentials and sends nothing.
    pub fn read(mut args: Email) -> Result<Self, CliError> {
        let content = content(&args.subject, &mut args.body)?;
        let attachments = args.attachments.iter().map(|path| attachment(path)).collect::<Result<Vec<_>, _>>()?;
        let sender = args.sender.clone().unwrap_or_else(|| "1".into());
        let list = args.list.unwrap_or(ListId::new(1));
        let kind = if args.marketing { NewEmail::marketing } else { NewEmail::transactional };
        let email = kind(sender, list, args.to, content).tags(args.tags);
        let email = args.headers.into_iter().fold(email, |email, (name, value)| email.header(name, value));
        let email = attachments.into_iter().fold(email, NewEmail::attach);
        email.validate().map_err(by_arguments)?;
        Ok(Self { email, sender: args.sender, list: args.list })
    }

    /// The email with its sender and list, which default to those of the temporary sandbox.
    pub fn complete(self, sandbox: Option<&SampleSandbox>) -> Result<NewEmail, CliError> {
        let fix = "give the ID of a sender, from `cakemail senders`";
        let sender = or_sample(sandbox, self.sender, |sandbox| sandbox.sender.clone(), "--sender", fix);
        let fix = "give the ID of a list, from `cakemail lists`";
        let list = or_sample(sandbox, self.list, |sandbox| sandbox.list, "--list", fix);
        let (sender, list) = match (sender, list) {
            (Ok(sender), Ok(list)) => (sender, list),
            (sender, list) => return Err(CliError::Usage(sender.err().into_iter().chain(list.err()).collect())),
        };
        let mut email = self.email;
        email.sender.id = sender;
        Ok(email.list_id(list))
    }
}

/// Prints the ID and status of an email that the server refused, and says where its reason is.
fn not_sent(error: Error, out: &mut Output) -> io::Result<CliError> {
    let Some(refused) = error.refused_email() else { return Ok(error.into()) };
    show(&refused.id, &refused.status, out)?;
    let text = format!("the email was not sent; for the reason, run `cakemail logs --email-id {}`", refused.id);
    Ok(CliError::Other(text))
}

fn show(id: &EmailId, status: &EmailStatus, out: &mut Output) -> io::Result<()> {
    match out.is_json() {
        true => out.json(&json!({"id": id, "status": status})),
        false => out.fields(&[("id", id.to_string()), ("status", status.to_string())]),
    }
}

fn content(subject: &str, body: &mut Body) -> Result<Content, CliError> {
    let from_stdin = |text: &Option<String>| text.as_deref() == Some("-");
    let file_is_stdin = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
    let html_is_stdin = from_stdin(&body.html) || file_is_stdin(&body.html_file);
    if html_is_stdin && (from_stdin(&body.text) || file_is_stdin(&body.text_file)) {
        return Err(CliError::usage("stdin can be the HTML or the text body, not both: read one of them from a file"));
    }
    if let Some(template) = body.template {
        return Ok(Content::template(subject, template));
    }
    let html = body_part(body.html.take(), body.html_file.take(), "--html-file")?;
    let text = body_part(body.text.take(), body.text_file.take(), "--text-file")?;
    match (html, text) {
        (Some(html), Some(text)) => Ok(Content::html_and_text(subject, html, text)),
        (Some(html), None) => Ok(Content::html(subject, html)),
        (None, Some(text)) => Ok(Content::text(subject, text)),
        (None, None) => Err(CliError::usage("the email has no body: give --html, --text or --template")),
    }
}

/// The HTML or text body: from the argument, a file or stdin.
fn body_part(given: Option<String>, file: Option<PathBuf>, argument: &str) -> Result<Option<String>, CliError> {
    let path = match (given, file) {
        (Some(text), _) if text != "-" => return Ok(Some(text)),
        (None, None) => return Ok(None),
        (Some(_), _) => PathBuf::from("-"),
        (None, Some(path)) => path,
    };
    let read = match path.as_os_str() == "-" {
        true => text(io::stdin()),
        false => fs::File::open(&path).and_then(text),
    };
    let text = read.map_err(|error| FieldError::new(argument, format!("cannot read `{}`: {error}", path.display())))?;
    Ok(Some(text))
}

/// The most that a body may have, in bytes: a device such as `/dev/zero` never ends.
const BODY_LIMIT: u64 = 64 * 1024 * 1024;

/// Reads text to its end, without the byte order mark that some editors put before it.
fn text(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    if source.take(BODY_LIMIT + 1).read_to_string(&mut text)? as u64 > BODY_LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it has more than 64 MiB"));
    }
    Ok(match text.strip_prefix('\u{feff}') {
        Some(text) => text.to_owned(),
        None => text,
    })
}

fn attachment(path: &Path) -> Result<Attachment, CliError> {
    Attachment::from_path(path).map_err(|error| {
        let message = match error {
            AttachmentError::Read(error) => format!("cannot read `{}`: {error}", path.display()),
            AttachmentError::Name(error) => format!("`{}` {}", path.display(), error.message),
            other => format!("`{}`: {other}", path.display()),
        };
        FieldError::new("--attach", message).into()
    })
}

/// The error of an invalid email, by its arguments.
pub fn by_arguments(errors: FieldErrors) -> CliError {
    CliError::Usage(errors.into_vec().into_iter().map(by_argument).collect())
}

/// Names the argument of a field.
fn by_argument(error: FieldError) -> FieldError {
    let argument = match error.field.split(['[', '.']).next().unwrap_or_default() {
        "email" => "--to",
        "sender" => "--sender",
        "list_id" => "--list",
        "tags" => "--tag",
        "attachment" => "--attach",
        "additional_headers" => "--header",
        "content" => match error.field.as_str() {
            "content.subject" => "--subject",
            "content.html" => "--html",
            "content.text" => "--text",
            _ => "the body",
        },
        other => other,
    };
    FieldError::new(argument, in_command_words(&error.message))
}

impl From<Milestone> for cakemail::Milestone {
    fn from(milestone: Milestone) -> Self {
        match milestone {
            Milestone::Delivered => Self::Delivered,
            Milestone::Opened => Self::Opened,
            Milestone::Clicked => Self::Clicked,
        }
    }
}
