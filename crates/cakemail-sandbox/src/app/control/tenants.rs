//! `/_sandbox/tenants`: accounts of one's own.

use serde_json::{Value, json};

use super::{Handler, Table, missing};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome, compact};
use crate::api::validation::Checked;
use crate::app::builder::Login;
use crate::app::context::Core;
use crate::domain::Account;

pub(super) const OPERATIONS: Table = &[
    ("listTenants", Handler::Now(list)),
    ("createTenant", Handler::Now(create)),
    ("deleteTenant", Handler::Now(delete)),
    ("createViewerToken", Handler::Now(token)),
];

fn list(core: &Core, _: &Checked) -> Outcome {
    let rows: Vec<_> = core.state().accounts.iter().map(shown).collect();
    Ok(Answer::ok(json!({"total": rows.len(), "data": rows})))
}

fn create(core: &Core, given: &Checked) -> Outcome {
    let tenant = core.tenant(given.body.text("email"), given.body.text("password"))?;
    Ok(Answer::created(shown(core.state().account(tenant).ok_or_else(|| missing("Account", tenant))?)))
}

fn delete(core: &Core, given: &Checked) -> Outcome {
    let id = asked(given);
    if core.state().remove(id) { Ok(Answer::ok(json!({}))) } else { Err(missing("Account", id)) }
}

fn token(core: &Core, given: &Checked) -> Outcome {
    let (id, mut state) = (asked(given), core.state());
    let id = state.account(id).ok_or_else(|| missing("Account", id))?.id;
    Ok(Answer::created(json!({"access_token": state.tokens.viewer(id)})))
}

fn asked(given: &Checked) -> i64 {
    given.path.integer("account_id").unwrap_or_default()
}

fn shown(account: &Account) -> Value {
    compact(json!({
        "account_id": account.id,
        "email": account.email,
        "password": account.password,
        "list_id": account.lists.first().map(|list| list.id),
        "sender_id": account.senders.iter().find(|sender| sender.confirmed.is_some()).map(|sender| &sender.id),
    }))
}

impl Core {
    /// A fresh account under a name of its own; its id.
    pub(crate) fn new_tenant(&self) -> i64 {
        loop {
            let email = format!("tenant-{}@example.com", uuid::Uuid::new_v4().simple());
            let made = self.control("createTenant", json!({"email": email}));
            // Without a file nothing can fail; with one that cannot be written, it is made and not kept.
            if made.is_ok() || self.tenant(Some(&email), None).is_ok() {
                let state = self.state();
                if let Some(account) = state.accounts.iter().rev().find(|account| account.email == email) {
                    return account.id;
                }
            }
        }
    }

    /// A fresh account with a list and a confirmed sender; its id.
    pub(crate) fn tenant(&self, email: Option<&str>, password: Option<&str>) -> Result<i64, Answer> {
        let mut state = self.state();
        let (now, ids) = (state.now, std::sync::Arc::clone(&state.ids));
        let email = email.map_or_else(|| format!("tenant-{}@example.com", ids.next()), str::to_owned);
        if state.accounts.iter().any(|account| account.email.eq_ignore_ascii_case(&email)) {
            return Err(Answer::bad_request(&["body", "email"], format!("There is an account {email} already")));
        }
        let password = password.map_or_else(|| ids.secret(), str::to_owned);
        let login = Login { email, password, second_factor: None };
        let mut account = Account::new(&login, now, &ids, self.start.bounds);
        account.furnished = true;
        account.confirmed_sender(&ids, now);
        let id = account.id;
        state.accounts.push(account);
        Ok(id)
    }
}
