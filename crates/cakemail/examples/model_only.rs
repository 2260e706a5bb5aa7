//! The types without HTTP and without a runtime. A crate that needs no more depends on `cakemail-model`.

use cakemail::model::logs::EmailLog;
use cakemail::model::{Content, EmailStatus, Page};
use cakemail::{Attachment, ListId, NewEmail, Submission};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    println!("{}", submission()?);
    let response = response()?;
    println!("{} is {}", response.id, response.status);
    for log in opened()? {
        println!("{} was {}", log.email_id, log.kind); // the API's synonyms of a status are one value
    }
    Ok(())
}

/// Validates an email and writes the body of its submission.
pub fn submission() -> Result<String> {
    let content = Content::html_and_text("Your receipt", "<p>Thank you, Ada.</p>", "Thank you, Ada.");
    let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", content)
        .tag("receipt")
        .attach(Attachment::from_bytes("receipt.csv", "item,price\nbook,12.50\n")?);
    email.validate()?; // the error has all invalid fields, each with its path
    Ok(serde_json::to_string_pretty(&email)?)
}

/// Reads the response to a submission.
pub fn response() -> Result<Submission> {
    Ok(serde_json::from_str(r#"{"id": "3fbfa67e-c4c4-4e03-8dfd-556037960374", "status": "queued"}"#)?)
}

/// Reads a page of the log and filters the opened emails.
pub fn opened() -> Result<Vec<EmailLog>> {
    let page = r#"{"data": [
        {"id": "1", "email_id": "3fbfa67e", "type": "delivered", "time": 1795453200},
        {"id": "2", "email_id": "3fbfa67e", "type": "open", "time": "2026-11-23T17:00:05Z"}]}"#;
    let logs: Page<EmailLog> = serde_json::from_str(page)?;
    Ok(logs.data.into_iter().filter(|log| log.kind == EmailStatus::Opened).collect())
}
