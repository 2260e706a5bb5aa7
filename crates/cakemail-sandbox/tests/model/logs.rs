//! Every combination of a filter, a window, a lag, an order and a page returns what a scan of the model returns, also
//! after emails were dropped.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::actions::{PROVIDERS, TAGS, actions};
use crate::email::{Email, word};
use crate::filters::{LOG_TYPES, PARTS, Query, STATUSES, fits, query, summed};
use crate::world::{Account, World};
use crate::{config, run};

/// An event of the model: its time, its email's place among the account's, its place among the email's events, its name.
type Event = (i64, usize, usize, &'static str);

/// What is asked for.
#[derive(Debug, Clone)]
struct Asked {
    tags: Option<Query>,
    providers: Option<Query>,
    log_type: &'static str,
    sort: &'static str,
    descends: bool,
    /// Seconds before now.
    window: (i64, i64),
    lag: u64,
    /// One email.
    email: Option<Index>,
    page: usize,
    per_page: usize,
}

fn asked() -> impl Strategy<Value = Asked> {
    let filters = (proptest::option::of(query(&TAGS)), proptest::option::of(query(&PROVIDERS)), select(&LOG_TYPES[..]));
    let window = (prop_oneof![0..10_i64, 0..300_000_i64], prop_oneof![Just(0), -5..10_i64]);
    let lag = prop_oneof![2 => Just(0_u64), 1 => 1..5_u64, 1 => 60..4000_u64];
    let order = (select(&["id", "time", "submitted_time", "type", "provider"][..]), any::<bool>());
    let page = (prop_oneof![3 => 1..3_usize, 1 => 1..9_usize], 1..12_usize);
    (filters, window, lag, order, proptest::option::weighted(0.1, any::<Index>()), page).prop_map(
        |((tags, providers, log_type), window, lag, (sort, descends), email, (page, per_page))| Asked {
            tags,
            providers,
            log_type,
            sort,
            descends,
            window,
            lag,
            email,
            page,
            per_page,
        },
    )
}

impl Asked {
    fn start(&self, now: i64) -> i64 {
        (now - self.window.0).min(self.end(now))
    }

    fn end(&self, now: i64) -> i64 {
        now - self.window.1
    }

    /// The last second of which the logs show something.
    fn logged(&self, now: i64) -> i64 {
        now - self.lag.cast_signed()
    }

    fn includes(&self, time: i64, now: i64) -> bool {
        (self.start(now)..=self.end(now)).contains(&time) && time <= self.logged(now)
    }

    fn matches(&self, email: &Email) -> bool {
        let tags = self.tags.as_ref().is_none_or(|it| it.holds(&|tag| email.tags.contains(&tag)));
        tags && self.providers.as_ref().is_none_or(|it| it.holds(&|provider| email.provider() == provider))
    }

    /// The parameters that all these requests have.
    fn parameters(&self, now: i64) -> Vec<(&'static str, String)> {
        let mut query = vec![("start_time", self.start(now).to_string()), ("end_time", self.end(now).to_string())];
        query.extend(self.tags.as_ref().map(|tags| ("tags", tags.text())));
        query.extend(self.providers.as_ref().map(|providers| ("providers", providers.text())));
        query
    }

    /// The parameters of a page.
    fn paged(&self, now: i64) -> Vec<(&'static str, String)> {
        let page = [("page", self.page.to_string()), ("per_page", self.per_page.to_string())];
        [self.parameters(now), page.into()].concat()
    }

    /// The page of these rows, in ascending order, and whether there are more.
    fn page_of<T: Clone>(&self, rows: &[T], descends: bool) -> (Vec<T>, bool) {
        let mut rows = rows.to_vec();
        if descends {
            rows.reverse();
        }
        let end = self.page * self.per_page;
        (rows.iter().skip(end - self.per_page).take(self.per_page).cloned().collect(), rows.len() > end)
    }
}

async fn rows(account: &Account, path: &str, query: &[(&str, String)]) -> (Vec<Value>, Value) {
    let query: Vec<_> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut response = account.user.query(path, &query).await;
    let Value::Array(rows) = response["data"].take() else { panic!("{response}") };
    (rows, response["pagination"].take())
}

fn order(sort: &str, event: &Event, email: &Email) -> (String, i64, usize, usize) {
    let (time, place, step, name) = *event;
    match sort {
        "submitted_time" => (String::new(), 0, place, step),
        "type" => (word(name).into(), time, place, step),
        "provider" => (email.provider().into(), time, place, step),
        _ => (String::new(), time, place, step),
    }
}

async fn logs(asked: &Asked, account: &Account, now: i64) {
    let emails = &account.emails;
    let email = asked.email.filter(|_| !emails.is_empty()).map(|index| index.index(emails.len()));
    let events =
        |place: usize| emails[place].events(now).enumerate().map(move |(step, (time, name))| (time, place, step, name));
    let mut expected: Vec<Event> = (0..emails.len())
        .filter(|place| asked.matches(&emails[*place]) && email.is_none_or(|email| email == *place))
        .flat_map(events)
        .filter(|(time, .., name)| {
            asked.includes(*time, now) && (asked.log_type == "all" || asked.log_type == word(name))
        })
        .collect();
    expected.sort_by_key(|event| order(asked.sort, event, &emails[event.1]));
    let (expected, has_more) = asked.page_of(&expected, asked.descends);
    let sign = if asked.descends { '-' } else { '+' };
    let mut query = asked.paged(now);
    query.extend([("log_type", asked.log_type.to_owned()), ("sort", format!("{sign}{}", asked.sort))]);
    query.extend(email.map(|email| ("email_id", emails[email].id.clone())));
    let (rows, pagination) = rows(account, "/v2/logs/emails", &query).await;
    let seen: Vec<_> = rows.iter().map(|row| json!([row["email_id"], row["type"], row["time"]])).collect();
    let expected: Vec<_> =
        expected.iter().map(|(time, place, _, name)| json!([emails[*place].id, word(name), time])).collect();
    assert_eq!((seen, &pagination["has_more"]), (expected, &json!(has_more)), "{asked:?}");
}

async fn summary(asked: &Asked, account: &Account, now: i64, filters: [Option<(&str, &str)>; 3]) {
    let [recipient, status, engagement] = filters;
    let is_not = |operator: &str| operator == "!=" || operator == "!~";
    let expected: Vec<_> = account
        .emails
        .iter()
        .filter(|email| asked.matches(email) && asked.includes(email.submitted, now))
        .filter(|email| recipient.is_none_or(|(operator, part)| fits(operator, part, &email.recipient)))
        .filter(|email| {
            let name = summed(word(email.status(now)));
            status.is_none_or(|(operator, status)| (name == status) != is_not(operator))
        })
        .filter(|email| {
            let has = |kind: &str| email.events(now).any(|(_, step)| step == kind);
            let holds = |engagement: &str| match engagement {
                "click" => has("click"),
                "open" => has("open"),
                "open_not_click" => has("open") && !has("click"),
                _ => !has("open") && !has("click"),
            };
            engagement.is_none_or(|(operator, engagement)| holds(engagement) != is_not(operator))
        })
        .map(|email| email.id.as_str())
        .collect();
    let (expected, has_more) = asked.page_of(&expected, asked.descends);
    let mut query = asked.paged(now);
    query.push(("sort", format!("{}submitted_time", if asked.descends { '-' } else { '+' })));
    for (name, filter) in ["email", "status", "engagement"].into_iter().zip(filters) {
        query.extend(filter.map(|(operator, value)| (name, format!("{operator}{value}"))));
    }
    let (rows, pagination) = rows(account, "/logs/emails-summary", &query).await;
    let seen: Vec<_> = rows.iter().map(|row| row["email_id"].as_str().unwrap()).collect();
    assert_eq!((seen, &pagination["has_more"]), (expected, &json!(has_more)), "{asked:?} {filters:?}");
}

async fn tags(asked: &Asked, account: &Account, now: i64, name: &str) {
    // The request has no filter by provider.
    let asked = &Asked { providers: None, ..asked.clone() };
    let emails = account.emails.iter().filter(|it| asked.matches(it) && asked.includes(it.submitted, now));
    let mut expected: Vec<_> = emails.flat_map(|email| &email.tags).filter(|tag| tag.contains(name)).collect();
    expected.sort();
    expected.dedup();
    let mut query = asked.paged(now);
    query.push(("name", name.to_owned()));
    let (rows, pagination) = rows(account, "/email-tags", &query).await;
    assert_eq!(json!(rows), json!(asked.page_of(&expected, false).0), "{asked:?}");
    assert_eq!(pagination["count"], expected.len());
}

/// The control API shows the emails and events of all accounts, without a lag.
async fn control(asked: &Asked, world: &World) {
    let page = [("page", asked.page.to_string()), ("per_page", asked.per_page.to_string())];
    let [a, b] = &world.accounts;
    let mut events = Vec::new();
    for (number, account) in [a, b].into_iter().enumerate() {
        for (place, email) in account.emails.iter().enumerate() {
            let of_email = email.events(world.now).enumerate();
            events.extend(of_email.map(|(step, (time, name))| (time, 1 - number, place, step, &email.id, name)));
        }
    }
    events.sort_unstable();
    let expected: Vec<_> = events.iter().map(|(.., id, name)| json!([id, name.replace(' ', "_")])).collect();
    let (seen, _) = rows(a, "/_sandbox/events", &page).await;
    let seen: Vec<_> = seen.iter().map(|row| json!([row["email_id"], row["kind"]])).collect();
    assert_eq!(seen, asked.page_of(&expected, true).0, "{asked:?}");

    let emails: Vec<_> = [a, b].into_iter().flat_map(|account| &account.emails).map(|email| json!(email.id)).collect();
    let (seen, _) = rows(a, "/_sandbox/ledger", &page).await;
    let seen: Vec<_> = seen.iter().map(|row| row["id"].clone()).collect();
    assert_eq!(seen, asked.page_of(&emails, false).0, "{asked:?}");
    let ledger = world.sandbox.ledger();
    let dropped = a.dropped + b.dropped;
    assert_eq!((ledger.dropped(), ledger.total()), (dropped as u64, (dropped + emails.len()) as u64));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn pages_of_logs_summaries_and_tags_equal_those_of_a_scan(
        actions in actions(),
        keep in prop_oneof![2 => Just(usize::MAX), 1 => 1..6_usize, 1 => 6..20_usize],
        asked in prop::collection::vec(asked(), 8),
        recipient in proptest::option::of((select(&["==", "!=", "~~", "!~", ""][..]), select(&PARTS[..]))),
        status in proptest::option::of((select(&["==", "!=", ""][..]), select(&STATUSES[..]))),
        engagement in proptest::option::of((
            select(&["==", "!=", ""][..]), select(&["click", "open", "none", "open_not_click"][..]),
        )),
        tag in select(&["", "e", "key", "nothing"][..]),
    ) {
        run(async {
            let world = World::keeping(keep).await.and_then(&actions).await;
            for asked in &asked {
                world.sandbox.lag_logs(Duration::from_secs(asked.lag));
                for account in &world.accounts {
                    logs(asked, account, world.now).await;
                    for filters in [[recipient, None, None], [None, status, None], [recipient, status, engagement]] {
                        summary(asked, account, world.now, filters).await;
                    }
                    tags(asked, account, world.now, tag).await;
                }
                control(asked, &world).await;
            }
        });
    }
}
