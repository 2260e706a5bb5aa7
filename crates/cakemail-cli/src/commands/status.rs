//! `cakemail status`: shows the status of an email.

use cakemail::{Email, EmailId};

use super::time;
use crate::connection::Connection;
use crate::error::CliError;
use crate::output::Output;

pub async fn run(id: Option<EmailId>, connection: &Connection, out: &mut Output) -> Result<(), CliError> {
    let fix = "give the ID of an email, from `cakemail send` or `cakemail logs`";
    let id = connection.or_sample(id, |sandbox| sandbox.email.clone(), "the email ID", fix)?;
    let email = connection.client.emails().get(&id).await?;
    match out.is_json() {
        true => out.json(&email)?,
        false => show(&email, out)?,
    }
    Ok(())
}

fn show(email: &Email, out: &mut Output) -> std::io::Result<()> {
    let optional = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or("-").to_owned();
    out.fields(&[
        ("id", email.email_id.to_string()),
        ("status", status(email)),
        ("recipient", email.email.clone()),
        ("subject", optional(email.content.subject.as_deref())),
        ("sender", optional(email.sender.email.as_deref())),
        ("list", email.list_id.map_or_else(|| "-".to_owned(), |list| list.to_string())),
        ("tags", optional(Some(&email.tags.join(", ")))),
        ("submitted", time(email.submitted_time)),
        ("opens", email.opens.to_string()),
        ("clicks", email.clicks.to_string()),
    ])
}

/// The status, with the kind of a bounce.
fn status(email: &Email) -> String {
    let bounce = match (email.hard_bounced, email.soft_bounced) {
        (true, _) => " (hard: the address is now suppressed)",
        (_, true) => " (soft: delivery may succeed later)",
        _ => "",
    };
    format!("{}{bounce}", email.status)
}
