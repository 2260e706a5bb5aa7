//! Puts resources into the sandbox, and their IDs as examples into its document, so that requests find them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::sandbox::{LOGIN, Sandbox};
use crate::Result;

/// The name of the file that binds values to parameters.
pub const CONFIG: &str = "schemathesis.toml";

/// Creates the resources, adds the examples to the document and returns an access token.
pub fn prepare(sandbox: &Sandbox, document: &mut Value, folder: &Path) -> Result<String> {
    let form = format!("grant_type=password&username={}&password={}", LOGIN.0.replace('@', "%40"), LOGIN.1);
    let token = sandbox.send("POST", "/token", "", "application/x-www-form-urlencoded", &form)?;
    let token = token["access_token"].as_str().unwrap_or_default().to_owned();
    let resources = Resources::create(sandbox, &token)?;
    // Operations that delete or end a resource get these.
    let disposable = Resources::create(sandbox, &token)?;
    for (path, methods) in document.pointer_mut("/paths").and_then(Value::as_object_mut).into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            let ends = method == "delete" || path.ends_with("/archive") || path.ends_with("/unsubscribe");
            if ends { &disposable } else { &resources }.add_examples(operation);
        }
    }
    if document.get("security").is_some() {
        restrict_account(document, resources.account);
    }
    forbid_refusing_connections(document);
    fs::write(folder.join(CONFIG), resources.config())?;
    Ok(token)
}

/// Allows only the own account as `account_id`, because any other account is refused.
fn restrict_account(value: &mut Value, account: i64) {
    match value {
        Value::Object(fields)
            if fields.get("name").is_some_and(|name| name == "account_id") && fields.contains_key("in") =>
        {
            fields["schema"] = json!({"type": "integer", "minimum": account, "maximum": account});
        }
        Value::Object(fields) => fields.values_mut().for_each(|value| restrict_account(value, account)),
        Value::Array(items) => items.iter_mut().for_each(|value| restrict_account(value, account)),
        _ => {}
    }
}

/// The address of the unconfirmed sender.
const UNCONFIRMED: &str = "other@example.org";

/// Removes the setting that refuses connections, after which no other request would succeed.
fn forbid_refusing_connections(document: &mut Value) {
    let settings = document.pointer_mut("/components/schemas/FaultSetting/anyOf").and_then(Value::as_array_mut);
    settings
        .into_iter()
        .for_each(|settings| settings.retain(|setting| setting.pointer("/properties/refuse_ms").is_none()));
}

/// The IDs of one resource of each type.
struct Resources {
    account: i64,
    list: Value,
    sender: Value,
    unconfirmed: Value,
    confirmation: Value,
    contact: Value,
    email: Value,
    delivery: Value,
    request: Value,
    suppressed: Value,
    webhook: Value,
    dkim: Value,
}

impl Resources {
    fn create(sandbox: &Sandbox, token: &str) -> Result<Self> {
        let make = |path: &str, body: Value| -> Result<Value> { Ok(sandbox.post(path, token, &body)?["id"].clone()) };
        let sender = make("/brands/default/senders", json!({"name": "Sandbox", "email": LOGIN.0}))?;
        let unconfirmed = make("/brands/default/senders", json!({"name": "Other", "email": UNCONFIRMED}))?;
        let mails = sandbox.get(&format!("/_sandbox/mailbox?address={UNCONFIRMED}"))?;
        let list = make("/lists", json!({"name": "News", "default_sender": {"id": sender}}))?;
        let contacts = format!("/lists/{list}/contacts");
        let contact = make(&contacts, json!({"email": "contact@example.net", "tags": ["a"]}))?;
        let webhook = make("/webhooks", json!({"event": "Email.Clicked", "url": "https://example.com/hook"}))?;
        let email = sandbox.post("/v2/emails", token, &email(&list, &sender))?["data"]["id"].clone();
        let suppressed = format!("{}@example.net", email.as_str().unwrap_or_default());
        sandbox.post("/suppressed-emails", token, &json!({"email": suppressed}))?;
        let dkim = sandbox.post("/brands/default/dkim", token, &json!({"selector": "a", "domain": "example.com"}))?;
        // By then the email is clicked and its webhook is delivered.
        sandbox.post("/_sandbox/clock", "", &json!({"advance_ms": 10_000}))?;
        let newest = |path: &str| -> Result<Value> { Ok(sandbox.get(path)?["data"][0]["id"].clone()) };
        let account = sandbox.send("GET", "/accounts/self", token, "application/json", "")?;
        Ok(Self {
            account: account["data"]["id"].as_str().unwrap_or_default().parse()?,
            confirmation: mails["data"]
                .as_array()
                .and_then(|mails| mails.last())
                .map_or(Value::Null, |mail| mail["confirmation_id"].clone()),
            dkim: dkim["data"]["id"].clone(),
            delivery: newest("/_sandbox/deliveries")?,
            request: newest("/_sandbox/requests")?,
            suppressed: suppressed.into(),
            list,
            sender,
            unconfirmed,
            contact,
            email,
            webhook,
        })
    }

    /// Adds examples to the parameters and the body of an operation.
    fn add_examples(&self, operation: &mut Value) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        for parameter in operation.pointer_mut("/parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let name = format!(
                "{}.{}",
                parameter["in"].as_str().unwrap_or_default(),
                parameter["name"].as_str().unwrap_or_default()
            );
            if let Some(value) = self.parameter(&id, &name) {
                parameter["example"] = value;
            }
        }
        if let Some(body) = self.body(&id) {
            let contents = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut);
            contents.into_iter().flatten().for_each(|(_, content)| content["example"] = body.clone());
        }
    }

    fn parameter(&self, operation: &str, name: &str) -> Option<Value> {
        let value = match name {
            "path.list_id" => &self.list,
            "path.contact_id" => &self.contact,
            "path.sender_id" if operation == "resendConfirmationEmail" => &self.unconfirmed,
            "path.sender_id" => &self.sender,
            "path.email_id" | "query.email_id" => &self.email,
            "path.email" => &self.suppressed,
            "path.webhook_id" | "query.webhook_id" => &self.webhook,
            "path.account_id" => &json!(self.account),
            "path.id" => match operation {
                "getDelivery" | "replayDelivery" => &self.delivery,
                "getRequest" => &self.request,
                dkim if dkim.contains("dkim") => &self.dkim,
                _ => &self.email,
            },
            // The index of an attachment or a link.
            "path.index" | "path.link" => &json!(0),
            "query.id" if operation == "openConfirmationLink" => &self.confirmation,
            "query.address" => &json!(UNCONFIRMED),
            _ => return None,
        };
        Some(value.clone())
    }

    fn body(&self, operation: &str) -> Option<Value> {
        Some(match operation {
            "submitEmail" => email(&self.list, &self.sender),
            "createToken" => json!({"grant_type": "password", "username": LOGIN.0, "password": LOGIN.1}),
            "confirmSender" => json!({"confirmation_id": self.confirmation}),
            _ => return None,
        })
    }

    /// Binds these IDs to fields of generated bodies. The early phases do not reuse the IDs of responses, because they
    /// would delete these resources.
    fn config(&self) -> String {
        let bound = [
            ("username", "body.username", &json!(LOGIN.0)),
            ("password", "body.password", &json!(LOGIN.1)),
            ("list", "body.list_id", &self.list),
            ("sender", "body.sender.id", &self.sender),
            ("default_sender", "body.default_sender.id", &self.sender),
        ];
        let values = bound.iter().map(|(name, _, value)| format!("[dictionaries.{name}]\nvalues = [{value}]\n"));
        let places = bound
            .iter()
            .map(|(name, place, _)| format!("{place:?} = {{ dictionary = {name:?}, probability = 0.9 }}\n"));
        let phases = ["examples", "coverage"];
        let phases = phases.map(|phase| format!("[phases.{phase}.extra-data-sources]\nresponses = false\n"));
        values.chain(["[parameters]\n".to_owned()]).chain(places).chain(phases).collect()
    }
}

fn email(list: &Value, sender: &Value) -> Value {
    let html = "<p>Hello, <a href=\"https://example.com\">go on</a></p>";
    json!({
        "email": "clicked@example.net",
        "list_id": list,
        "sender": {"id": sender},
        "tags": ["a"],
        "content": {"type": "transactional", "subject": "Hello", "html": html, "encoding": "utf-8"},
        "attachment": [{"filename": "a.csv", "type": "csv", "content": "YSxiDQo="}],
    })
}
