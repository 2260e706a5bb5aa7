//! Addresses that are not written to.

use serde_json::{Map, Value, json};

use super::{Call, Fields, Handler};
use crate::api::response::{Answer, Outcome};
use crate::api::validation::FieldError;
use crate::domain::{Account, Source};

pub(super) const OPERATIONS: super::Table = &[
    ("listSuppressedEmails", Handler::Signed(list)),
    ("createSuppressedEmail", Handler::Signed(create)),
    ("deleteSuppressedEmail", Handler::Signed(delete)),
];

/// The three forms of an entry, which the schema tells for removing one only.
pub(super) fn rules(body: &Map<String, Value>) -> Vec<FieldError> {
    let Some((name, domain)) =
        body.text("email").filter(|it| !it.is_empty()).map(|it| it.split_once('@').unwrap_or((it, "")))
    else {
        return Vec::new();
    };
    let plain = |part: &str| !part.is_empty() && !part.contains(['@', '*']);
    let named =
        |domain: &str| plain(domain) && domain.split_once('.').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
    if (plain(name) && (domain == "*" || named(domain))) || (name == "*" && named(domain)) {
        return Vec::new();
    }
    let msg = "This must be an address (a@b.c), a whole domain (*@b.c) or a name at any domain (a@*)";
    vec![FieldError::value(&["body".into(), "email".into()], msg)]
}

fn list(call: &Call<'_>, account: &mut Account) -> Outcome {
    let entries = account.suppressions.iter();
    let mut rows: Vec<_> = entries.map(|(email, source)| json!({"email": email, "source": source.word()})).collect();
    call.filter("filter", &mut rows)?;
    call.paged(rows)
}

fn create(call: &Call<'_>, account: &mut Account) -> Outcome {
    let email = call.body().text("email").unwrap_or_default();
    account.suppressions.add(email, Source::User);
    Ok(Answer::created(json!({"email": email, "created": true})))
}

fn delete(call: &Call<'_>, account: &mut Account) -> Outcome {
    let email = call.name("email");
    match account.suppressions.source(email) {
        Some(Source::User) => account.suppressions.remove(email),
        Some(source) => {
            let msg = format!("{email} was suppressed by a {} entry, which cannot be removed", source.word());
            return Err(Answer::bad_request(&["path", "email"], msg).documented());
        }
        None => return Err(call.missing("Suppressed email", email)),
    }
    Ok(Answer::ok(json!({"email": email, "deleted": true})))
}
