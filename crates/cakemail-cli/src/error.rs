//! How a command fails: what the user is told on stderr, and the exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use cakemail::{Error, FieldError, Outcome};
use serde_json::{Value, json};

use crate::output;

/// The exit code of a wrong command line; it is clap's, too.
pub const USAGE: u8 = 2;
const FAILED: u8 = 1;
const UNKNOWN: u8 = 3;

/// Why a command failed.
#[derive(Debug)]
pub enum CliError {
    /// The command line is wrong: what is, each with its argument.
    Usage(Vec<FieldError>),
    /// There are no credentials; what is missing.
    Credentials(String),
    /// A call failed.
    Call(Error),
    /// The command itself failed.
    Other(String),
    /// The output could not be written.
    Output(io::Error),
}

impl CliError {
    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(vec![FieldError::new("", message)])
    }

    /// Tells the user, and says how to exit.
    pub fn report(&self, json: bool) -> ExitCode {
        if let Self::Output(error) = self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return ExitCode::SUCCESS; // the reader has all that it wanted
        }
        let mut stderr = anstream::stderr();
        // Nobody is left to tell when this cannot be written.
        let _ = match json {
            true => writeln!(stderr, "{}", self.object()),
            false => writeln!(stderr, "{}", self.text()),
        };
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => USAGE,
            Self::Call(error) if error.outcome() == Outcome::Unknown => UNKNOWN,
            _ => FAILED,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Usage(errors) => errors.iter().map(FieldError::to_string).collect::<Vec<_>>().join("; "),
            Self::Credentials(missing) => missing.clone(),
            Self::Call(error) => {
                let text = error.to_string();
                let hint = error.hint().unwrap_or_default();
                text.strip_suffix(hint).map(|text| text.trim_end_matches([' ', '.'])).unwrap_or(&text).to_owned()
            }
            Self::Other(message) => message.clone(),
            Self::Output(error) => format!("the output cannot be written: {error}"),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Usage(_) => Some("See `cakemail --help`, and `cakemail help COMMAND`".into()),
            Self::Credentials(_) => Some(CREDENTIALS.into()),
            Self::Call(error) => error.hint().map(for_the_command),
            Self::Other(_) | Self::Output(_) => None,
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        match self {
            Self::Usage(errors) => {
                let lines: Vec<_> = errors.iter().map(|fault| error_line(&fault.to_string())).collect();
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

    fn object(&self) -> Value {
        let (kind, outcome, status, fields) = match self {
            Self::Usage(errors) => ("usage".into(), Outcome::NotDone, None, &errors[..]),
            Self::Credentials(_) => ("configuration".into(), Outcome::NotDone, None, &[][..]),
            Self::Call(error) => {
                let status = error.status().map(|status| status.as_u16());
                (word(&format!("{:?}", error.kind())), error.outcome(), status, error.fields())
            }
            Self::Other(_) | Self::Output(_) => ("command".into(), Outcome::NotDone, None, &[][..]),
        };
        json!({
            "kind": kind,
            "outcome": word(&format!("{outcome:?}")),
            "status": status,
            "fields": fields,
            "hint": self.hint(),
            "message": self.message(),
        })
    }
}

fn error_line(message: &str) -> String {
    format!("{}error:{} {}", output::RED, output::RESET, output::plain(message))
}

const CREDENTIALS: &str = "\
Give them in one of three ways:
  export CAKEMAIL_EMAIL=you@example.com CAKEMAIL_PASSWORD=…
  export CAKEMAIL_ACCESS_TOKEN=…
  in a program of yours: Client::builder().credentials(…)

Or try it offline, without an account:
  cakemail quickstart          walks through everything once
  cakemail sandbox             a Cakemail on this machine, for any client
  cakemail --sandbox COMMAND   any command, against a sandbox of its own";

/// A hint of the library, in the words of the command.
pub fn for_the_command(hint: &str) -> String {
    hint.replace("`senders().list()`", "`cakemail senders`")
        .replace("`lists().list()`", "`cakemail lists`")
        .replace("Pass an MFA prompt to the builder (`mfa_prompt`)", "Sign in at a terminal, to be asked for the code")
        .replace("the base URL (CAKEMAIL_API_BASE)", "the base URL (--api-base or CAKEMAIL_API_BASE)")
}

/// `NotDone` as `not_done`.
fn word(name: &str) -> String {
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
        Self::Call(error)
    }
}

impl From<FieldError> for CliError {
    fn from(fault: FieldError) -> Self {
        Self::Usage(vec![fault])
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

    use super::{CliError, for_the_command, word};

    #[test]
    fn every_fault_has_a_line_and_the_object_has_all() {
        let failure = CliError::Usage(vec![FieldError::new("--to", "is empty"), FieldError::new("--tag", "is no tag")]);
        assert_eq!(failure.text().matches("error:").count(), 2);
        let object = failure.object();
        assert_eq!((object["kind"].as_str(), object["outcome"].as_str()), (Some("usage"), Some("not_done")));
        assert_eq!(object["fields"][1]["field"], "--tag");
        assert_eq!(object["message"], "--to: is empty; --tag: is no tag");
    }

    #[test]
    fn words_are_the_commands() {
        assert_eq!(word("RateLimited"), "rate_limited");
        assert_eq!(for_the_command("Ask `lists().list()`"), "Ask `cakemail lists`");
    }
}
