//! Pages partition a listing, in its order.

use proptest::prelude::*;
use serde_json::Value;

use crate::actions::actions;
use crate::world::World;
use crate::{config, run};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn pages_partition_every_listing(actions in actions(), per_page in 1..9_usize, sort in any::<prop::sample::Index>()) {
        run(async {
            let world = World::after(&actions).await;
            for account in &world.accounts {
                let mut listings = LISTINGS.map(|(path, keys)| (path.to_owned(), keys)).to_vec();
                let lists = account.lists.iter().filter(|list| list.status != "deleted");
                listings.extend(lists.map(|list| (format!("/lists/{}/contacts", list.id), CONTACTS)));
                for (path, keys) in listings {
                    let orders: Vec<_> = keys.iter().flat_map(|key| [format!("+{key}"), format!("-{key}")]).collect();
                    let order = if orders.is_empty() { "" } else { sort.get(&orders) };
                    let mut query = Vec::new();
                    if path.contains("/logs/") {
                        query.push(("start_time", "1"));
                    }
                    let natural = account.user.rows(&path, &query).await;
                    if !order.is_empty() {
                        query.push(("sort", order));
                    }
                    let whole = account.user.rows(&path, &query).await;
                    let paged = account.user.rows_by(per_page, &path, &query).await;
                    assert_eq!(paged, whole, "{path} by {per_page}, {order}");
                    assert_eq!(texts(&natural), texts(&whole), "{path}: {order} changes nothing but the order");
                    assert_eq!(distinct(&whole), whole.len(), "{path}: nothing is there twice");
                    in_order(&whole, order);
                    if !path.contains("/logs/") {
                        let counted = account.user.query(&path, &[("with_count", "true")]).await;
                        assert_eq!(counted["pagination"]["count"], whole.len(), "{path}");
                    }
                    if path.ends_with("/contacts") {
                        assert_eq!(by_cursor(&account.user, &path, per_page, order).await, whole, "{path}");
                    }
                }
            }
        });
    }
}

/// The paged listings, and their sort terms.
const LISTINGS: [(&str, &[&str]); 6] = [
    ("/brands/default/senders", &["name", "email", "confirmed"]),
    ("/email-tags", &[]),
    ("/lists", &["name", "created_on"]),
    ("/logs/emails-summary", &["submitted_time"]),
    ("/suppressed-emails", &[]),
    ("/v2/logs/emails", &["id", "time", "submitted_time", "type", "provider"]),
];
const CONTACTS: &[&str] = &["id", "email", "status", "subscribed_on", "last_bounce_type", "bounces_count"];

fn texts(rows: &[Value]) -> Vec<String> {
    let mut texts: Vec<_> = rows.iter().map(Value::to_string).collect();
    texts.sort();
    texts
}

fn distinct(rows: &[Value]) -> usize {
    let mut texts = texts(rows);
    texts.dedup();
    texts.len()
}

fn in_order(rows: &[Value], order: &str) {
    let (Some(key), descends) = (order.get(1..), order.starts_with('-')) else { return };
    // Log entries do not contain the time of the submission.
    for pair in rows.windows(2).filter(|pair| !pair[0][key].is_null()) {
        let (first, second) = if descends { (&pair[1], &pair[0]) } else { (&pair[0], &pair[1]) };
        let (first, second) = (&first[key], &second[key]);
        let sorted = match (first.as_str(), second.as_str()) {
            (Some(first), Some(second)) => first <= second,
            _ => (first.as_i64(), first.as_bool()) <= (second.as_i64(), second.as_bool()),
        };
        assert!(sorted, "{order}: {first}, {second}");
    }
}

async fn by_cursor(user: &crate::http::User, path: &str, per_page: usize, order: &str) -> Vec<Value> {
    let (mut rows, mut cursor, per_page) = (Vec::new(), None::<String>, per_page.to_string());
    loop {
        let mut query = vec![("per_page", per_page.as_str()), ("sort", order)];
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let answer = user.query(path, &query).await;
        rows.extend_from_slice(answer["data"].as_array().unwrap());
        match answer["pagination"]["cursor"]["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return rows,
        }
    }
}
