//! Accounts are isolated from each other.

use http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::actions::actions;
use crate::http::{User, email};
use crate::world::{Account, World};
use crate::{config, run};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn accounts_are_isolated_from_each_other(actions in actions()) {
        run(async {
            let world = World::after(&actions).await;
            let [a, b] = &world.accounts;
            for (one, other) in [(a, b), (b, a)] {
                let before = everything(&one.user).await;
                assert_not_listed(one, &everything(&other.user).await);
                assert_not_accessible(one, other).await;
                assert_eq!(everything(&one.user).await, before);
            }
        });
    }
}

/// Everything that a user can list.
async fn everything(user: &User) -> String {
    let mut all = Vec::new();
    for path in ["/brands/default/senders", "/email-tags", "/suppressed-emails", "/webhooks", "/lists"] {
        all.extend(user.rows(path, &[]).await);
    }
    for path in ["/logs/emails-summary", "/v2/logs/emails"] {
        all.extend(user.rows(path, &[("start_time", "1")]).await);
    }
    let lists: Vec<_> = user.rows("/lists", &[]).await.iter().map(|list| list["id"].to_string()).collect();
    for list in lists {
        all.extend(user.rows(&format!("/lists/{list}/contacts"), &[]).await);
    }
    all.extend([user.get("/accounts/self").await, user.get("/users/self").await]);
    Value::from(all).to_string()
}

/// Asserts that no id of the account occurs in the responses to another.
fn assert_not_listed(account: &Account, seen: &str) {
    let numbers = account.lists.iter().flat_map(|list| list.contacts.iter().map(|it| it.id).chain([list.id]));
    let texts = account.emails.iter().map(|email| &email.id).chain(account.senders.iter().map(|(id, _)| id));
    for id in numbers.map(|id| format!("\"id\":{id},")).chain(texts.map(|id| format!("\"{id}\""))) {
        assert!(!seen.contains(&id), "{id}");
    }
}

/// Asserts that requests of another account for its objects are refused.
async fn assert_not_accessible(account: &Account, other: &Account) {
    let mut asked: Vec<(Method, String, Value)> = Vec::new();
    for (id, _) in &account.senders {
        let path = format!("/brands/default/senders/{id}");
        asked.push((Method::GET, path.clone(), Value::Null));
        asked.push((Method::PATCH, path.clone(), json!({"name": "Mine"})));
        asked.push((Method::DELETE, path.clone(), Value::Null));
        let own = other.lists[0].id;
        asked.push((Method::POST, "/v2/emails".into(), email(own, id, "a@example.com", &[], "transactional")));
    }
    for list in &account.lists {
        let path = format!("/lists/{}", list.id);
        asked.push((Method::GET, path.clone(), Value::Null));
        asked.push((Method::GET, format!("{path}/contacts"), Value::Null));
        asked.push((Method::PATCH, path.clone(), json!({"name": "Mine"})));
        asked.push((Method::POST, format!("{path}/archive"), Value::Null));
        asked.push((Method::POST, format!("{path}/contacts"), json!({"email": "mine@example.com"})));
        asked.push((Method::DELETE, path.clone(), Value::Null));
        let own = &other.senders[0].0;
        asked.push((Method::POST, "/v2/emails".into(), email(list.id, own, "a@example.com", &[], "transactional")));
        for contact in list.contacts.iter().take(2) {
            let own = format!("/lists/{}/contacts/{}", other.lists[0].id, contact.id);
            for path in [format!("{path}/contacts/{}", contact.id), own] {
                asked.push((Method::GET, path.clone(), Value::Null));
                asked.push((Method::PATCH, path.clone(), json!({"email": "mine@example.com"})));
                asked.push((Method::POST, format!("{path}/tag"), json!({"tags": ["mine"]})));
                asked.push((Method::DELETE, path, Value::Null));
            }
        }
    }
    for email in account.emails.iter().take(4) {
        asked.push((Method::GET, format!("/v2/emails/{}", email.id), Value::Null));
        asked.push((Method::GET, format!("/v2/emails/{}/render", email.id), Value::Null));
    }
    let id = account.user.get("/accounts/self").await["data"]["id"].as_str().unwrap().to_owned();
    asked.push((Method::GET, format!("/lists?account_id={id}"), Value::Null));
    asked.push((Method::GET, format!("/v2/logs/emails?account_id={id}"), Value::Null));
    for (method, path, body) in asked {
        let body = Some(body).filter(|body| !body.is_null());
        let (status, answer) = other.user.ask(method.clone(), &path, body.as_ref()).await;
        assert!(matches!(status, 400 | 404), "{method} {path}: {status} {answer}");
    }
    for email in account.emails.iter().take(4) {
        let rows = other.user.rows("/v2/logs/emails", &[("start_time", "1"), ("email_id", &email.id)]).await;
        assert!(rows.is_empty());
    }
}
