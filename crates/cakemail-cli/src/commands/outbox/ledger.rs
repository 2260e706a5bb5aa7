//! Opens the ledger, and explains its errors.

use std::path::Path;

use cakemail::outbox::{self, Outbox};

use crate::error::{CliError, chain};

/// Opens the ledger of `--ledger`. Only a command that `creates` makes a file that does not exist.
pub async fn open(ledger: Option<String>, creates: bool) -> Result<Outbox, CliError> {
    let ledger = ledger.filter(|ledger| !ledger.is_empty()).ok_or_else(missing)?;
    let opened = match is_url(&ledger) {
        true => Outbox::connect(&ledger).await,
        false if creates || Path::new(&ledger).exists() => Outbox::open(&ledger).await,
        false => return Err(CliError::usage(format!("--ledger: the file `{ledger}` does not exist"))),
    };
    opened.map_err(|error| {
        CliError::Other(format!("cannot open the ledger {}: {}", without_password(&ledger), chain(&error)))
    })
}

fn missing() -> CliError {
    CliError::usage(
        "--ledger is missing: give a file, such as outbox.db, or postgres://user@host/database; \
         or set CAKEMAIL_OUTBOX",
    )
}

fn is_url(ledger: &str) -> bool {
    ledger.starts_with("postgres://") || ledger.starts_with("postgresql://")
}

/// The ledger for messages: a URL loses everything but its host and its database.
fn without_password(ledger: &str) -> &str {
    if !is_url(ledger) {
        return ledger;
    }
    let place = ledger.rsplit_once('@').map_or_else(|| ledger.split_once("://").unwrap_or_default().1, |parts| parts.1);
    place.split('?').next().unwrap_or_default()
}

impl From<outbox::Error> for CliError {
    fn from(error: outbox::Error) -> Self {
        Self::Other(chain(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_ledger_is_named_without_its_password() {
        for (ledger, named) in [
            ("outbox.db", "outbox.db"),
            ("postgres://ada:p@ss@db.example.com:5432/app?password=p", "db.example.com:5432/app"),
            ("postgresql://db.example.com/app", "db.example.com/app"),
            ("postgres://", ""),
        ] {
            assert_eq!(without_password(ledger), named);
        }
    }
}
