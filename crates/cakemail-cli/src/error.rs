//! Errors of commands: the message on stderr and the exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use cakemail::{Error, FieldError, Outcome};
use serde_json::{Value, json};

use crate::output;

/// Exit code of an invalid command line, as clap has it.
pub const USAGE: u8 = 2;
const FAILED: u8 = 1;
const UNKNOWN: u8 = 3;
const NOT_CHECKED: u8 = 4;

/// The reason for the failure of a command.
#[derive(Debug)]
pub enum CliError {
    /// Invalid arguments, each with a message.
    Usage(Vec<FieldError>),
    /// Credentials are missing; the message says which.
    Credentials(String),
    /// A call of the API failed.
    Api(Error),
    /// A check of `doctor` could not be made, and none failed.
    NotChecked(String),
    /// Another failure, with a message.
    Other(String),
    /// Writing the output failed.
    Output(io::Error),
}

impl CliError {
    /// An invalid command line, without a particular argument.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(vec![FieldError::new("", message)])
    }

    /// Prints the error to stderr and returns the exit code.
    pub fn report(&self, json: bool) -> ExitCode {
        let mut stderr = anstream::stderr();
        // A failed write has nowhere to be reported.
        let _ = match json {
            true => writeln!(stderr, "{}", self.to_json()),
            false => writeln!(stderr, "{}", self.to_text()),
        };
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => USAGE,
            Self::Api(error) if error.outcome() == Outcome::Unknown => UNKNOWN,
            Self::NotChecked(_) => NOT_CHECKED,
            _ => FAILED,
        }
    }

    /// What failed, without a hint.
    pub fn message(&self) -> String {
        match self {
            Self::Usage(errors) => errors.iter().map(FieldError::to_string).collect::<Vec<_>>().join("; "),
            Self::Credentials(missing) => missing.clone(),
            Self::Api(error) => {
                let text = error.to_string();
                let hint = error.hint().unwrap_or_default();
                in_command_words(text.strip_suffix(hint).map(|text| text.trim_end_matches([' ', '.'])).unwrap_or(&text))
            }
            Self::NotChecked(message) | Self::Other(message) => message.clone(),
            Self::Output(error) => format!("cannot write the output: {error}"),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Usage(_) => Some("Run `cakemail --help` or `cakemail help COMMAND`".into()),
            Self::Credentials(_) => Some(CREDENTIALS.into()),
            Self::Api(error) => error.hint().map(in_command_words),
            Self::NotChecked(_) | Self::Other(_) | Self::Output(_) => None,
        }
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        match self {
            Self::Usage(errors) => {
                let lines: Vec<_> = errors.iter().map(|error| error_line(&error.to_string())).collect();
                text += &lines.join("\n");
            }
            _ => text += &error_line(&self.message()),
        }
        match self.hint() {
            Some(hint) if hint.contains('\n') => text += &format!("\n\n{hint}"),
            Some(hint) => text += &format!("\n  {hint}."),
            None => {}
        }
        text
    }

    fn to_json(&self) -> Value {
        let (kind, outcome, status, fields) = match self {
            Self::Usage(errors) => ("usage".into(), Outcome::NotDone, None, &errors[..]),
            Self::Credentials(_) => ("configuration".into(), Outcome::NotDone, None, &[][..]),
            Self::Api(error) => {
                let status = error.status().map(|status| status.as_u16());
                (snake_case(&format!("{:?}", error.kind())), error.outcome(), status, error.fields())
            }
            Self::NotChecked(_) => ("not_checked".into(), Outcome::NotDone, None, &[][..]),
            Self::Other(_) | Self::Output(_) => ("command".into(), Outcome::NotDone, None, &[][..]),
        };
        json!({
            "kind": kind,
            "outcome": snake_case(&format!("{outcome:?}")),
            "status": status,
            "fields": fields,
            "hint": self.hint(),
            "message": self.message(),
        })
    }
}

fn error_line(message: &str) -> String {
    format!("{}error:{} {}", output::RED, output::RESET, output::sanitize(message))
}

const CREDENTIALS: &str = "\
Provide them in one of these ways:
  export CAKEMAIL_EMAIL=you@example.com CAKEMAIL_PASSWORD=…
  export CAKEMAIL_ACCESS_TOKEN=…
  in your own program: Client::builder().credentials(…)

Or try it offline, without an account:
  cakemail quickstart          runs every step of the guide
  cakemail sandbox             runs a Cakemail server on this machine, for any client
  cakemail --sandbox COMMAND   runs a command against a temporary sandbox";

/// Methods and settings of the library in its hints, and the commands that stand for them.
const COMMANDS: [(&str, &str); 10] = [
    ("`senders().create(…)`", "`cakemail senders create`"),
    ("`senders().list()`", "`cakemail senders`"),
    ("`senders().list(…)`", "`cakemail senders`"),
    ("`lists().list()`", "`cakemail lists`"),
    ("`lists().list(…)`", "`cakemail lists`"),
    ("Pass an MFA prompt to the builder (`mfa_prompt`)", "Sign in at a terminal, which asks for the code"),
    ("the base URL (CAKEMAIL_API_BASE)", "the base URL (--api-base or CAKEMAIL_API_BASE)"),
    (", or call `allow_http` of the builder", ""),
    // There is no command for these.
    (" (`suppressions().remove(…)`)", ""),
    ("; `senders().resend_confirmation(…)` sends it again", ""),
];

/// Replaces the methods of the library in a hint with commands.
pub fn in_command_words(hint: &str) -> String {
    COMMANDS.iter().fold(hint.to_owned(), |hint, (library, command)| hint.replace(library, command))
}

/// An error and its causes, each once.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).fold(String::new(), |text, cause| match text.is_empty() {
        true => cause,
        false if text.ends_with(&cause) => text,
        false => format!("{text}: {cause}"),
    })
}

/// `NotDone` becomes `not_done`.
fn snake_case(name: &str) -> String {
    let mut word = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.extend(letter.to_lowercase());
    }
    word
}

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        Self::Api(error)
    }
}

impl From<FieldError> for CliError {
    fn from(error: FieldError) -> Self {
        Self::Usage(vec![error])
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

#[cfg(test)]
mod tests {
    use cakemail::FieldError;

    use super::{CliError, in_command_words, snake_case};

    #[test]
    fn each_field_error_has_its_own_line_and_json_has_all_of_them() {
        let error = CliError::Usage(vec![FieldError::new("--to", "is empty"), FieldError::new("--tag", "is invalid")]);
        assert_eq!(error.to_text().matches("error:").count(), 2);
        let object = error.to_json();
        assert_eq!((object["kind"].as_str(), object["outcome"].as_str()), (Some("usage"), Some("not_done")));
        assert_eq!(object["fields"][1]["field"], "--tag");
        assert_eq!(object["message"], "--to: is empty; --tag: is invalid");
    }

    #[test]
    fn hints_name_commands_and_kinds_are_snake_case() {
        assert_eq!(snake_case("RateLimited"), "rate_limited");
        assert_eq!(in_command_words("Ask `lists().list()`"), "Ask `cakemail lists`");
    }
}
