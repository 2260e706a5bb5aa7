//! What the sandbox has confirmed, and the comparison with what it has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::Result;
use crate::client::Client;
use crate::sandbox::Sandbox;

/// What a sandbox has.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The id of each email, by the tag of its idempotency key.
    pub emails: BTreeMap<String, String>,
    /// The ids of the faults that were set.
    pub faults: BTreeSet<u64>,
    /// How many requests the fault that counts has seen.
    pub seen: u64,
}

/// What was confirmed, and what may have been done without a confirmation.
#[derive(Default)]
pub struct Model {
    pub world: World,
    /// The emails since the last check, by their tags: the ids of those that were confirmed.
    pub submitted: BTreeMap<String, Option<String>>,
    /// The changes of faults that may have been made.
    pub added: bool,
    pub removed: Option<u64>,
    /// The requests that the fault that counts may have seen.
    pub maybe_seen: u64,
    /// The latest time that was shown.
    pub time: String,
    /// An exported state, and what it has.
    pub exported: Option<(String, World)>,
    /// Whether the exported state may have been imported.
    pub maybe_imported: bool,
    /// The next number for a tag.
    pub next: u64,
    /// How many emails were confirmed.
    pub confirmed: usize,
    /// The sender and the list that emails are submitted with.
    pub sender: String,
    pub list: u64,
}

impl Model {
    /// Compares. Afterwards the world is what the sandbox has.
    pub fn check(&mut self, sandbox: &Sandbox) -> Result {
        let client = &sandbox.client;
        if self.sender.is_empty() {
            self.set_up(client)?;
        }
        if std::mem::take(&mut self.maybe_imported) {
            self.find_out_whether_imported(client)?;
        }
        self.check_emails(client)?;
        self.check_faults(client)?;
        let time = time(client)?;
        if time < self.time {
            return Err(format!("the time went back from {} to {time}", self.time).into());
        }
        self.time = time;
        Ok(())
    }

    fn set_up(&mut self, client: &Client) -> Result {
        let sender = json!({"name": "Sandbox", "email": "sandbox@example.com"});
        let sender = client.post("/brands/default/senders", &sender)?.expect(201)?;
        self.sender = text(&sender["id"])?;
        self.list = client.get("/lists")?.expect(200)?["data"][0]["id"].as_u64().ok_or("no list")?;
        let counting = json!({"on": {"operation": "getSelfUser", "every": 2}, "effect": {"status": 503}});
        client.post("/_sandbox/faults", &counting)?.expect(201)?;
        Ok(())
    }

    /// The world is the exported one if an email is missing that only the other one has.
    fn find_out_whether_imported(&mut self, client: &Client) -> Result {
        let Some((_, exported)) = &self.exported else { return Ok(()) };
        let other = self.world.emails.iter().find(|(tag, _)| !exported.emails.contains_key(*tag));
        if let Some((tag, _)) = other
            && found(client, tag)?.is_none()
        {
            self.world = exported.clone();
        }
        Ok(())
    }

    fn check_emails(&mut self, client: &Client) -> Result {
        for (tag, id) in std::mem::take(&mut self.submitted) {
            let found = found(client, &tag)?;
            if let Some(id) = id {
                if found.as_deref() != Some(&*id) {
                    return Err(format!("the email {id} ({tag}) was confirmed, and now is {found:?}").into());
                }
                self.confirmed += 1;
            }
            self.world.emails.extend(found.map(|id| (tag, id)));
        }
        for (tag, id) in some(&self.world.emails, 20) {
            client.get(&format!("/v2/emails/{id}"))?.expect(200).map_err(|error| format!("{tag}: {error}"))?;
        }
        let emails = client.get("/_sandbox/health")?.expect(200)?["emails"].as_u64().unwrap_or_default();
        if emails != self.world.emails.len() as u64 {
            return Err(format!("there are {emails} emails, and there should be {}", self.world.emails.len()).into());
        }
        let ledger = client.get("/_sandbox/ledger?per_page=1")?.expect(200)?;
        match ledger["duplicates"].as_u64() {
            Some(0) => Ok(()),
            other => Err(format!("{other:?} emails are there twice").into()),
        }
    }

    fn check_faults(&mut self, client: &Client) -> Result {
        let faults = client.get("/_sandbox/faults")?.expect(200)?;
        let faults = faults["data"].as_array().ok_or("no faults")?;
        let is_counting = |fault: &&Value| {
            fault["on"]["operation"] == "getSelfUser" || fault["fault"]["on"]["operation"] == "getSelfUser"
        };
        let counting = faults.iter().find(is_counting).ok_or("the fault that counts is gone")?;
        let (seen, least) = (counting["seen"].as_u64().unwrap_or_default(), self.world.seen);
        if seen < least || seen > least + self.maybe_seen {
            return Err(format!("a fault has seen {seen} requests, not {least} to {}", least + self.maybe_seen).into());
        }
        let ids: BTreeSet<_> =
            faults.iter().filter(|fault| !is_counting(fault)).filter_map(|fault| fault["id"].as_u64()).collect();
        let lost: Vec<_> = self.world.faults.difference(&ids).filter(|id| Some(**id) != self.removed).collect();
        let new = ids.difference(&self.world.faults).count();
        if !lost.is_empty() || new > usize::from(self.added) {
            return Err(
                format!("faults are lost ({lost:?}) or back ({new}): {ids:?}, not {:?}", self.world.faults).into()
            );
        }
        (self.world.faults, self.world.seen) = (ids, seen);
        (self.added, self.removed, self.maybe_seen) = (false, None, 0);
        Ok(())
    }
}

/// Some of the emails, other ones each time.
fn some(emails: &BTreeMap<String, String>, count: usize) -> Vec<(&String, &String)> {
    let first = fastrand::usize(..emails.len().max(1));
    emails.iter().skip(first).take(count).collect()
}

/// The id of the only email with this tag.
fn found(client: &Client, tag: &str) -> Result<Option<String>> {
    let page = client.get(&format!("/_sandbox/messages?q=tag:{tag}"))?.expect(200)?;
    match page["data"].as_array().map(Vec::as_slice) {
        Some([]) => Ok(None),
        Some([email]) => text(&email["id"]).map(Some),
        _ => Err(format!("{tag} is there twice: {page}").into()),
    }
}

pub fn time(client: &Client) -> Result<String> {
    text(&client.get("/_sandbox/clock")?.expect(200)?["time"])
}

pub fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().ok_or_else(|| format!("no text: {value}"))?.to_owned())
}
