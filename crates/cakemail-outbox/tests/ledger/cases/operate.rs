//! What operators do.

use std::time::Duration;

use cakemail_model::EmailId;
use cakemail_outbox::state::{Decision, Remote, State};
use cakemail_outbox::{Error, Filter};

use super::*;
use crate::Database;

/// Enqueues an email for each of these states and brings it there. Its key is the prefix and the state's name.
async fn emails_in(ledger: &dyn Ledger, prefix: &str, states: &[&str]) {
    let (lock, rules) = (ledger.lock().await.unwrap(), instant());
    for expected in states {
        let name = &format!("{prefix}{expected}");
        let email = if *expected == "expired" { email(name).expires_at(at(-1)) } else { email(name) };
        ledger.enqueue(&[email]).await.unwrap();
        let reason = Reason::new("Refused", "the server refused it");
        let events = match *expected {
            "accepted" => vec![Event::Accepted(Remote::new(EmailId::from("e-1")))],
            "refused" => vec![Event::Refused(reason)],
            "unknown" => vec![lost()],
            "parked" => vec![lost(), Event::KeyConflict(reason)],
            _ => vec![],
        };
        for event in events {
            let claimed = ledger.claim(lock.owner(), &key(name), &rules).await.unwrap().unwrap();
            complete(ledger, lock.owner(), &claimed, event).await;
        }
        match *expected {
            "dispatching" | "expired" => drop(ledger.claim(lock.owner(), &key(name), &rules).await.unwrap()),
            "cancelled" => drop(ledger.decide(&key(name), &Decision::Cancel, &rules).await.unwrap()),
            _ => {}
        }
        assert_eq!(state(ledger, name).await, *expected);
    }
}

const STATES: [&str; 8] = ["queued", "dispatching", "unknown", "parked", "accepted", "refused", "cancelled", "expired"];

pub async fn decisions_follow_the_state_machine(database: &dyn Database) {
    let (ledger, rules) = (database.open().await, instant());
    let remote = Remote::new(EmailId::from("e-2"));
    let decisions = [Decision::Resend, Decision::Look, Decision::MarkAccepted(remote), Decision::Cancel];
    for (number, decision) in decisions.iter().enumerate() {
        emails_in(&*ledger, &format!("{number}-"), &STATES).await;
        for name in STATES.map(|name| format!("{number}-{name}")) {
            let before = ledger.get(&key(&name)).await.unwrap().unwrap();
            let decided = ledger.decide(&key(&name), decision, &rules).await;
            let after = ledger.get(&key(&name)).await.unwrap().unwrap();
            match (decided, before.decide(decision, &rules, after.changed_at)) {
                (Ok(record), Ok(expected)) => {
                    assert_eq!((&record, &after.progress), (&after, &expected), "{name} {decision:?}");
                }
                (Err(Error::NotAllowed(_)), Err(_)) => assert_eq!(after, before, "{name} {decision:?}"),
                other => panic!("{name} {decision:?}: {other:?}"),
            }
        }
        let error = ledger.decide(&key("none"), decision, &rules).await.unwrap_err();
        assert!(matches!(error, Error::NotFound(_)), "{error}");
    }
}

pub async fn pages_list_every_email_once(database: &dyn Database) {
    let ledger = database.open().await;
    emails_in(&*ledger, "", &STATES).await;
    enqueue(&*ledger, &["1", "2", "3"]).await;
    for (states, total) in [(&[][..], 11), (&["queued"], 4), (&["queued", "parked", "expired"], 6)] {
        let mut filter = Filter::default();
        (filter.states, filter.limit) = (states.to_vec(), 2);
        let mut ids = Vec::new();
        loop {
            let page = ledger.list(&filter).await.unwrap();
            assert!(page.len() <= 2);
            assert!(page.iter().all(|record| states.is_empty() || states.contains(&record.progress.state.name())));
            let Some(last) = page.last() else { break };
            filter.before = Some(last.id);
            ids.extend(page.iter().map(|record| record.id));
        }
        assert!(ids.is_sorted_by(|a, b| a > b), "{ids:?}");
        assert_eq!(ids.len(), total, "{states:?}");
    }
    assert_eq!(ledger.list(&Filter::default()).await.unwrap().len(), 11);
}

pub async fn counts_are_by_state(database: &dyn Database) {
    let ledger = database.open().await;
    assert_eq!(ledger.counts().await.unwrap(), Default::default());
    ledger.enqueue(&[email("scheduled").send_at(at(3600))]).await.unwrap();
    assert_eq!(ledger.counts().await.unwrap().oldest_due, None);
    emails_in(&*ledger, "", &STATES).await;
    ledger.enqueue(&[email("old").send_at(at(-600))]).await.unwrap();
    let counts = ledger.counts().await.unwrap();
    for name in STATES {
        assert_eq!(counts.by_state.get(name), Some(&if name == "queued" { 3 } else { 1 }), "{counts:?}");
    }
    let oldest = counts.oldest_due.unwrap();
    assert!(oldest >= Duration::from_secs(590) && oldest < Duration::from_secs(900), "{oldest:?}");
    assert_eq!(counts.accepted_last_minute, 1);
}

pub async fn pruning_removes_old_ended_emails_only(database: &dyn Database) {
    let ledger = database.open().await;
    emails_in(&*ledger, "", &STATES).await;
    assert_eq!(ledger.prune(Duration::from_secs(3600), 100).await.unwrap(), 0);
    let mut removed = Vec::new();
    loop {
        match ledger.prune(Duration::ZERO, 3).await.unwrap() {
            0 => break,
            count => removed.push(count),
        }
    }
    assert_eq!(removed, [3, 1]);
    let left: Vec<_> = ledger.list(&Filter::default()).await.unwrap();
    assert!(left.iter().all(|record| !record.progress.state.is_ended()), "{left:?}");
    assert_eq!(left.len(), 4);
    assert!(ledger.enqueue(&[email("accepted")]).await.unwrap()[0].is_new);
}

pub async fn migrations_at_once_create_the_tables_once(database: &dyn Database) {
    let mut calls = Vec::new();
    for _ in 0..8 {
        let ledger = database.open().await;
        calls.push(tokio::spawn(async move { ledger.migrate().await }));
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let ledger = database.open().await;
    enqueue(&*ledger, &["1"]).await;
    ledger.migrate().await.unwrap();
    assert!(matches!(ledger.get(&key("1")).await.unwrap().unwrap().progress.state, State::Queued));
}
