//! Two accounts, the actions of their users, and the naive model of their state.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use cakemail_sandbox::{Clock, Sandbox};
use http::Method;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::actions::Action;
use crate::email::{Email, REJECTED, plan};
use crate::http::{PASSWORD, User, email};

/// 2026-01-01T12:00:00Z.
const START: i64 = 1_767_268_800;

pub struct World {
    pub sandbox: Sandbox,
    pub accounts: [Account; 2],
    pub now: i64,
}

/// The model of an account, and its user.
pub struct Account {
    pub user: User,
    pub lists: Vec<List>,
    /// The ids, and whether each is confirmed. The first one is.
    pub senders: Vec<(String, bool)>,
    /// Patterns and their sources.
    pub suppressions: BTreeMap<String, &'static str>,
    /// Those that are stored.
    pub emails: Vec<Email>,
    /// How many emails are stored at most.
    keep: usize,
    /// How many were dropped.
    pub dropped: usize,
    /// The time up to which side effects were applied.
    drawn: i64,
}

#[derive(Debug)]
pub struct List {
    pub id: i64,
    pub status: &'static str,
    pub contacts: Vec<Contact>,
}

#[derive(Debug, PartialEq)]
pub struct Contact {
    pub id: i64,
    pub email: String,
    pub status: &'static str,
    pub bounces: i64,
    pub tags: Vec<&'static str>,
}

impl World {
    pub async fn new() -> Self {
        Self::keeping(usize::MAX).await
    }

    /// Stores at most `keep` emails of each account.
    pub async fn keeping(keep: usize) -> Self {
        let clock = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(START.unsigned_abs()));
        let builder = Sandbox::builder().account("a@example.com", PASSWORD).account("b@example.com", PASSWORD);
        let sandbox = builder.clock(clock).keep(keep).start().await.unwrap();
        let mut accounts =
            [Account::new(&sandbox, "a@example.com").await, Account::new(&sandbox, "b@example.com").await];
        accounts.iter_mut().for_each(|account| account.keep = keep);
        Self { sandbox, accounts, now: START }
    }

    /// Runs the actions. Asserts that each response is the one that the model expects.
    pub async fn after(actions: &[(usize, Action)]) -> Self {
        Self::new().await.and_then(actions).await
    }

    /// The same, in this world.
    pub async fn and_then(self, actions: &[(usize, Action)]) -> Self {
        let mut world = self;
        for (who, action) in actions {
            world.run(*who, action).await;
        }
        world
    }

    pub async fn run(&mut self, who: usize, action: &Action) {
        if let Action::Wait(seconds) = action {
            self.sandbox.clock().advance(Duration::from_secs(*seconds));
            self.now += seconds.cast_signed();
        } else if let Action::ConfirmSender(which) = action {
            self.confirm(who, *which).await;
        } else {
            self.accounts[who].run(action, self.now).await;
        }
        self.accounts.iter_mut().for_each(|account| account.apply_side_effects(self.now));
    }

    /// Opens the link of a confirmation email.
    async fn confirm(&mut self, who: usize, which: Index) {
        let account = &mut self.accounts[who];
        let place = which.index(account.senders.len());
        let mails = self.sandbox.mailbox(&address(who, place));
        let Some(mail) = mails.last() else { return };
        let confirmation = json!({"confirmation_id": mail.confirmation_id});
        let (status, body) = account.user.post("/brands/default/senders/confirm-email", confirmation).await;
        // A link is valid for two days.
        assert!(matches!(status, 200 | 400), "{body}");
        account.senders[place].1 |= status == 200;
    }
}

/// The address of an account's sender.
fn address(who: usize, place: usize) -> String {
    format!("sender-{who}-{place}@example.org")
}

impl Account {
    async fn new(sandbox: &Sandbox, login: &str) -> Self {
        let user = User::sign_in(sandbox, login).await;
        let list = user.get("/lists").await["data"][0]["id"].as_i64().unwrap();
        let (_, sender) = user.post("/brands/default/senders", json!({"name": "Own", "email": login})).await;
        Self {
            user,
            lists: vec![List { id: list, status: "active", contacts: Vec::new() }],
            senders: vec![(sender["id"].as_str().unwrap().to_owned(), true)],
            suppressions: BTreeMap::new(),
            emails: Vec::new(),
            keep: usize::MAX,
            dropped: 0,
            drawn: START - 1,
        }
    }

    async fn run(&mut self, action: &Action, now: i64) {
        match action {
            Action::CreateList => self.create_list().await,
            Action::ArchiveList(list) => self.end_list(*list, Method::POST, "/archive", "archived").await,
            Action::DeleteList(list) => self.end_list(*list, Method::DELETE, "", "deleted").await,
            Action::AddContact(list, email) => self.add_contact(*list, email).await,
            Action::Unsubscribe(list, contact) => self.unsubscribe(*list, *contact).await,
            Action::Tag(list, contact, tags) => self.tag(*list, *contact, tags, "tag").await,
            Action::Untag(list, contact, tags) => self.tag(*list, *contact, tags, "untag").await,
            Action::DeleteContact(list, contact) => self.delete_contact(*list, *contact).await,
            Action::CreateSender => self.create_sender().await,
            Action::Suppress(pattern) => self.suppress(pattern).await,
            Action::Unsuppress(which) => self.unsuppress(*which).await,
            Action::Send { list, sender, recipient, tags, marketing } => {
                let (list, sender) = (list.index(self.lists.len()), sender.index(self.senders.len()));
                self.send(list, sender, recipient, tags, *marketing, now).await;
            }
            Action::ConfirmSender(_) | Action::Wait(_) => unreachable!("these are the world's"),
        }
    }

    async fn create_list(&mut self) {
        let sender = json!({"id": self.senders[0].0});
        let (status, body) = self.user.post("/lists", json!({"name": "List", "default_sender": sender})).await;
        assert_eq!(status, 201, "{body}");
        self.lists.push(List { id: body["id"].as_i64().unwrap(), status: "active", contacts: Vec::new() });
    }

    async fn end_list(&mut self, list: Index, method: Method, path: &str, end: &'static str) {
        let list = list.index(self.lists.len());
        let list = &mut self.lists[list];
        let (status, body) = self.user.ask(method, &format!("/lists/{}{path}", list.id), None).await;
        assert_eq!(status, if list.status == "deleted" { 404 } else { 200 }, "{body}");
        if list.status != "deleted" {
            list.status = end;
        }
    }

    async fn add_contact(&mut self, list: Index, email: &str) {
        let list = list.index(self.lists.len());
        let list = &mut self.lists[list];
        let (status, body) = self.user.post(&format!("/lists/{}/contacts", list.id), json!({"email": email})).await;
        if list.status == "deleted" {
            return assert_eq!(status, 404, "{body}");
        }
        assert_eq!(status, 201, "{body}");
        let id = body["id"].as_i64().unwrap();
        let known = list.contacts.iter_mut().find(|contact| contact.email == email);
        assert_eq!(body["created"], known.is_none());
        match known {
            Some(known) => {
                assert_eq!(known.id, id);
                known.status = "active"; // `resubscribe` is on unless it is turned off
            }
            None => list.contacts.push(Contact::new(id, email)),
        }
    }

    /// A contact of a list that is not deleted.
    fn contact(&mut self, list: Index, contact: Index) -> Option<(i64, usize, usize)> {
        let list = list.index(self.lists.len());
        let List { id, status, contacts } = &self.lists[list];
        if *status == "deleted" || contacts.is_empty() {
            return None;
        }
        Some((*id, list, contact.index(contacts.len())))
    }

    async fn unsubscribe(&mut self, list: Index, contact: Index) {
        let Some((id, list, place)) = self.contact(list, contact) else { return };
        let contact = &mut self.lists[list].contacts[place];
        let path = format!("/lists/{id}/contacts/{}/unsubscribe", contact.id);
        let (status, body) = self.user.post(&path, json!({})).await;
        assert_eq!(status, 200, "{body}");
        contact.status = "unsubscribed";
    }

    async fn tag(&mut self, list: Index, contact: Index, tags: &[&'static str], verb: &str) {
        let Some((id, list, place)) = self.contact(list, contact) else { return };
        let contact = &mut self.lists[list].contacts[place];
        let path = format!("/lists/{id}/contacts/{}/{verb}", contact.id);
        let (status, body) = self.user.post(&path, json!({"tags": tags})).await;
        if tags.is_empty() && status == 422 {
            return;
        }
        assert_eq!(status, 200, "{body}");
        contact.tags.retain(|tag| !tags.contains(tag) || verb == "tag");
        if verb == "tag" {
            let new: Vec<_> = tags.iter().filter(|tag| !contact.tags.contains(tag)).copied().collect();
            contact.tags.extend(new);
        }
    }

    async fn delete_contact(&mut self, list: Index, contact: Index) {
        let Some((id, list, place)) = self.contact(list, contact) else { return };
        let contact = self.lists[list].contacts.remove(place);
        let path = format!("/lists/{id}/contacts/{}", contact.id);
        let (status, body) = self.user.ask(Method::DELETE, &path, None).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(self.user.ask(Method::GET, &path, None).await.0, 404);
    }

    async fn create_sender(&mut self) {
        let login = self.user.get("/users/self").await["data"]["email"].as_str().unwrap().to_owned();
        let address = address(usize::from(login.starts_with('b')), self.senders.len());
        let (status, body) =
            self.user.post("/brands/default/senders", json!({"name": "Other", "email": address})).await;
        assert_eq!((status, &body["data"]["confirmed"]), (201, &json!(false)), "{body}");
        self.senders.push((body["id"].as_str().unwrap().to_owned(), false));
    }

    async fn suppress(&mut self, pattern: &str) {
        let (status, body) = self.user.post("/suppressed-emails", json!({"email": pattern})).await;
        assert_eq!(status, 201, "{body}");
        self.suppressions.entry(pattern.to_owned()).or_insert("user");
    }

    async fn unsuppress(&mut self, which: Index) {
        let Some(pattern) = self.suppressions.keys().nth(which.index(self.suppressions.len() + 1)).cloned() else {
            let path = "/suppressed-emails/nobody%40example.com";
            return assert_eq!(self.user.ask(Method::DELETE, path, None).await.0, 404);
        };
        let path =
            format!("/suppressed-emails/{}", pattern.replace('@', "%40").replace('*', "%2A").replace('+', "%2B"));
        let (status, body) = self.user.ask(Method::DELETE, &path, None).await;
        if self.suppressions[&pattern] == "user" {
            assert_eq!(status, 200, "{body}");
            self.suppressions.remove(&pattern);
        } else {
            assert_eq!(status, 400, "the entries of the system stay: {body}");
        }
    }

    async fn send(
        &mut self,
        list: usize,
        sender: usize,
        recipient: &str,
        tags: &[&'static str],
        marketing: bool,
        now: i64,
    ) {
        let kind = if marketing { "marketing" } else { "transactional" };
        let (sender, confirmed) = self.senders[sender].clone();
        let list = &mut self.lists[list];
        let (status, body) = self.user.post("/v2/emails", email(list.id, &sender, recipient, tags, kind)).await;
        if list.status != "active" || !confirmed {
            return assert_eq!(status, 400, "{body}");
        }
        assert_eq!(status, 201, "{body}");
        let contact = list.contacts.iter().find(|contact| contact.email == recipient);
        let refused = suppressed(&self.suppressions, recipient)
            || marketing && contact.is_some_and(|contact| contact.status == "unsubscribed");
        let plan = if refused { REJECTED } else { plan(recipient) };
        let word = plan[1].1;
        assert_eq!(body["data"]["status"], word, "{recipient}");
        if contact.is_none() && !refused && list.contacts.len() < self.keep {
            // Its id is read from the list later.
            list.contacts.push(Contact::new(0, recipient));
            read_new_ids(&self.user, list).await;
        }
        let (id, list) = (body["data"]["id"].as_str().unwrap().to_owned(), list.id);
        self.emails.push(Email { id, recipient: recipient.into(), tags: tags.into(), list, submitted: now, plan });
        if self.emails.len() > self.keep {
            self.emails.remove(0);
            self.dropped += 1;
        }
    }

    /// Applies the side effects of the events up to now, in order.
    fn apply_side_effects(&mut self, now: i64) {
        let drawn = self.drawn;
        let new = self.emails.iter().flat_map(|email| email.events(now).map(move |(time, step)| (time, step, email)));
        let mut new: Vec<_> =
            new.filter(|(time, step, _)| *time > drawn && !matches!(*step, "submitted" | "queued")).collect();
        new.sort_by_key(|(time, ..)| *time);
        for (_, step, email) in new {
            match step {
                "hard bounce" => self.suppressions.insert(email.recipient.clone(), "system"),
                "spam" => self.suppressions.insert(email.recipient.clone(), "complaint"),
                _ => None,
            };
            let lists = self.lists.iter_mut().filter(|list| list.id == email.list && list.status != "deleted");
            for contact in lists.flat_map(|list| &mut list.contacts).filter(|it| it.email == email.recipient) {
                contact.record(step);
            }
        }
        self.drawn = now;
    }
}

/// Reads the ids of contacts that were added by an email.
async fn read_new_ids(user: &User, list: &mut List) {
    let rows = user.rows(&format!("/lists/{}/contacts", list.id), &[]).await;
    for contact in list.contacts.iter_mut().filter(|contact| contact.id == 0) {
        let row = rows.iter().find(|row| row["email"] == contact.email.as_str()).expect("the recipient is on the list");
        contact.id = row["id"].as_i64().unwrap();
    }
}

fn suppressed(suppressions: &BTreeMap<String, &str>, recipient: &str) -> bool {
    let (name, domain) = recipient.split_once('@').unwrap();
    [recipient, &format!("*@{domain}"), &format!("{name}@*")].iter().any(|it| suppressions.contains_key(*it))
}

impl Contact {
    fn new(id: i64, email: &str) -> Self {
        Self { id, email: email.into(), status: "active", bounces: 0, tags: Vec::new() }
    }

    /// Applies an event of an email to it.
    fn record(&mut self, step: &str) {
        self.bounces += i64::from(step.ends_with("bounce"));
        self.status = match step {
            "hard bounce" => "bounced",
            "soft bounce" if self.bounces >= 4 => "bounced",
            "spam" => "spam",
            "unsubscribe" => "unsubscribed",
            _ => self.status,
        };
    }

    /// The JSON of the API.
    pub fn to_json(&self) -> Value {
        json!([self.id, self.email, self.status, self.bounces, self.tags])
    }
}
