//! The types alone: no HTTP, no runtime. A crate that wants no more depends on `cakemail-model`.

use cakemail::model::logs::EmailLog;
use cakemail::model::{Content, EmailStatus, Page};
use cakemail::{Attachment, ListId, NewEmail, Submission};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    println!("{}", submission()?);
    let answer = answer()?;
    println!("{} is {}", answer.id, answer.status);
    for log in opened()? {
        println!("{} was {}", log.email_id, log.kind); // one status for all the words that the API has for it
    }
    Ok(())
}

/// The body of a submission, checked before it is written.
pub fn submission() -> Result<String> {
    let content = Content::html_and_text("Your receipt", "<p>Thank you, Ada.</p>", "Thank you, Ada.");
    let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", content)
        .tag("receipt")
        .attach(Attachment::from_bytes("receipt.csv", "item,price\nbook,12.50\n")?);
    email.validate()?; // else every fault at once, each with its field's path
    Ok(serde_json::to_string_pretty(&email)?)
}

/// What a submission is answered with.
pub fn answer() -> Result<Submission> {
    Ok(serde_json::from_str(r#"{"id": "3fbfa67e-c4c4-4e03-8dfd-556037960374", "status": "queued"}"#)?)
}

/// A page of the logs, in which opened emails are looked for.
pub fn opened() -> Result<Vec<EmailLog>> {
    let page = r#"{"data": [
        {"id": "1", "email_id": "3fbfa67e", "type": "delivered", "time": 1795453200},
        {"id": "2", "email_id": "3fbfa67e", "type": "open", "time": "2026-11-23T17:00:05Z"}]}"#;
    let logs: Page<EmailLog> = serde_json::from_str(page)?;
    Ok(logs.data.into_iter().filter(|log| log.kind == EmailStatus::Opened).collect())
}
