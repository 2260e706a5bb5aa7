//! The states of emails, contacts, suppressions, lists and senders.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::actions::actions;
use crate::email::{LEGAL, word};
use crate::http::column;
use crate::world::{Account, World};
use crate::{config, run};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_sandbox_agrees_with_the_model(actions in actions()) {
        run(async {
            let world = World::after(&actions).await;
            for account in &world.accounts {
                emails(account, world.now).await;
                lists(account).await;
                suppressions(account).await;
                senders(account).await;
            }
        });
    }

    #[test]
    fn events_of_an_email_are_only_appended(actions in actions()) {
        run(async {
            let mut world = World::new().await;
            let mut before = BTreeMap::new();
            for (who, action) in &actions {
                world.run(*who, action).await;
                before = events_since(&world.accounts[*who], before).await;
            }
            for account in &world.accounts {
                before = events_since(account, before).await;
            }
        });
    }
}

/// The events of an account's emails. Asserts that they begin with the events of before.
async fn events_since(account: &Account, mut before: BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    let mut now: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in account.user.rows("/v2/logs/emails", &[("start_time", "1"), ("sort", "time")]).await {
        let id = row["email_id"].as_str().unwrap().to_owned();
        now.entry(id).or_default().push(row["type"].as_str().unwrap().to_owned());
    }
    for (id, events) in now {
        assert_eq!(events[0], "submitted");
        for pair in events.windows(2) {
            let (_, next) = LEGAL.iter().find(|(from, _)| *from == pair[0]).unwrap();
            assert!(next.contains(&pair[1].as_str()), "{events:?}");
        }
        let response = account.user.get(&format!("/v2/emails/{id}")).await;
        assert_eq!(response["status"], events.last().unwrap().as_str(), "{events:?}");
        let earlier = before.insert(id, events.clone()).unwrap_or_default();
        assert!(events.starts_with(&earlier), "{earlier:?}, then {events:?}");
    }
    before
}

async fn emails(account: &Account, now: i64) {
    let mut logs = Vec::new();
    for email in &account.emails {
        let steps: Vec<_> = email.events(now).collect();
        let count = |step: &str| steps.iter().filter(|(_, it)| *it == step).count();
        let response = account.user.get(&format!("/v2/emails/{}", email.id)).await;
        assert_eq!(response["status"], word(email.status(now)), "{email:?}");
        let facts = ["email", "list_id", "tags", "submitted_time", "provider"].map(|field| response[field].clone());
        let (recipient, tags) = (&email.recipient, &email.tags);
        let expected = json!([recipient, email.list, tags, email.submitted, email.provider()]);
        assert_eq!(json!(facts), expected);
        let flags = ["open", "click", "soft_bounced", "hard_bounced", "reported_as_spam", "unsubscribed"];
        let expected = json!([
            count("open"),
            count("click"),
            count("soft bounce") > 0,
            count("hard bounce") > 0,
            count("spam") > 0,
            count("unsubscribe") > 0,
        ]);
        assert_eq!(json!(flags.map(|flag| response[flag].clone())), expected, "{email:?}");
        logs.extend(steps.into_iter().map(|(time, step)| (time, email.id.clone(), word(step).to_owned())));
    }
    let rows = account.user.rows("/v2/logs/emails", &[("start_time", "1")]).await;
    let event = |row: &Value| {
        let text = |field: &str| row[field].as_str().unwrap().to_owned();
        (row["time"].as_i64().unwrap(), text("email_id"), text("type"))
    };
    let mut seen: Vec<_> = rows.iter().map(event).collect();
    seen.sort();
    logs.sort();
    assert_eq!(seen, logs);
    let summary = account.user.rows("/logs/emails-summary", &[("start_time", "1"), ("sort", "submitted_time")]).await;
    let ids: Vec<_> = account.emails.iter().map(|email| email.id.as_str()).collect();
    assert_eq!(column(&summary, "email_id"), ids);
}

async fn lists(account: &Account) {
    let seen = account.user.rows("/lists", &[]).await;
    let seen: Vec<_> = seen.iter().map(|row| (row["id"].as_i64().unwrap(), row["status"].as_str().unwrap())).collect();
    let there: Vec<_> = account.lists.iter().filter(|list| list.status != "deleted").collect();
    assert_eq!(seen, there.iter().map(|list| (list.id, list.status)).collect::<Vec<_>>());
    for list in there {
        let rows = account.user.rows(&format!("/lists/{}/contacts", list.id), &[("sort", "id")]).await;
        let fields = ["id", "email", "status", "bounces_count", "tags"];
        let seen: Vec<_> = rows.iter().map(|row| json!(fields.map(|field| row[field].clone()))).collect();
        assert_eq!(seen, list.contacts.iter().map(|contact| contact.to_json()).collect::<Vec<_>>());
    }
}

async fn suppressions(account: &Account) {
    let rows = account.user.rows("/suppressed-emails", &[]).await;
    let seen: BTreeMap<_, _> = column(&rows, "email").into_iter().zip(column(&rows, "source")).collect();
    assert_eq!(seen.len(), rows.len(), "each is there once");
    assert_eq!(seen, account.suppressions.iter().map(|(pattern, source)| (pattern.as_str(), *source)).collect());
}

async fn senders(account: &Account) {
    let rows = account.user.rows("/brands/default/senders", &[]).await;
    let seen: Vec<_> = rows.iter().map(|row| json!([row["id"], row["confirmed"]])).collect();
    assert_eq!(seen, account.senders.iter().map(|sender| json!(sender)).collect::<Vec<_>>());
}
