//! A filter returns the rows that a naive evaluator selects.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::actions::{PROVIDERS, TAGS, actions};
use crate::http::User;
use crate::world::World;
use crate::{config, run};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn filters_return_the_rows_that_match(
        actions in actions(),
        (tags, providers) in (query(&TAGS), query(&PROVIDERS)),
        log_type in select(&LOG_TYPES[..]),
        (back, span) in (0..200_i64, 0..200_i64),
        (operator, part) in (select(&["==", "!=", "~~", "!~", ""][..]), select(&PARTS[..])),
        status in select(&STATUSES[..]),
        engagement in select(&["click", "open", "none", "open_not_click"][..]),
    ) {
        run(async {
            let world = World::after(&actions).await;
            let (start, end) = (world.now - back, world.now - back + span);
            let (from, to) = (start.to_string(), end.to_string());
            let (tags_text, providers_text) = (tags.text(), providers.text());
            for account in &world.accounts {
                let user = &account.user;
                let logs = Rows::of(user, "/v2/logs/emails").await;
                let tagged = |row: &Value| tags.holds(&|tag| row["tags"].as_array().unwrap().contains(&tag.into()));
                let provided = |row: &Value| providers.holds(&|provider| row["provider"] == provider);
                logs.keeps(&[("tags", &tags_text)], tagged).await;
                logs.keeps(&[("providers", &providers_text)], provided).await;
                let of_type = |row: &Value| log_type == "all" || row["type"] == log_type;
                logs.keeps(&[("log_type", log_type)], of_type).await;
                let all = [("log_type", log_type), ("tags", tags_text.as_str()), ("providers", &providers_text)];
                logs.keeps(&all, |row| of_type(row) && tagged(row) && provided(row)).await;
                let between = |field: &str, row: &Value| (start..=end).contains(&row[field].as_i64().unwrap());
                logs.window(&from, &to, |row| between("time", row)).await;
                for email in account.emails.iter().take(3) {
                    logs.keeps(&[("email_id", &email.id)], |row| row["email_id"] == email.id.as_str()).await;
                }

                let summary = Rows::of(user, "/logs/emails-summary").await;
                summary.keeps(&[("tags", &tags_text)], tagged).await;
                summary.keeps(&[("providers", &providers_text)], provided).await;
                summary.window(&from, &to, |row| between("submitted_time", row)).await;
                let condition = format!("{operator}{part}");
                summary.keeps(&[("email", &condition)], |row| fits(operator, part, row["email"].as_str().unwrap())).await;
                summary.keeps(&[("status", status)], |row| summed(row["status"].as_str().unwrap()) == status).await;
                let not = format!("!={status}");
                summary.keeps(&[("status", &not)], |row| summed(row["status"].as_str().unwrap()) != status).await;
                summary.keeps(&[("engagement", engagement)], |row| engaged(engagement, row)).await;

                let used = user.query("/email-tags", &[]).await;
                let mut known: Vec<_> = account.emails.iter().flat_map(|email| &email.tags).copied().collect();
                known.sort_unstable();
                known.dedup();
                assert_eq!(used["data"], json!(known));

                let lists = Rows::of(user, "/lists").await;
                for status in ["active", "archived"] {
                    lists.keeps(&[("filter", &format!("status=={status}"))], |row| row["status"] == status).await;
                }
                let both = "status==active;name==List";
                lists.keeps(&[("filter", both)], |row| row["status"] == "active" && row["name"] == "List").await;
                let suppressed = Rows::of(user, "/suppressed-emails").await;
                suppressed.keeps(&[("filter", &format!("email=={part}"))], |row| row["email"] == part).await;
                for list in account.lists.iter().filter(|list| list.status != "deleted") {
                    let contacts = Rows::of(user, &format!("/lists/{}/contacts", list.id)).await;
                    for status in ["active", "bounced", "unsubscribed", "spam"] {
                        contacts.keeps(&[("filter", &format!("status=={status}"))], |row| row["status"] == status).await;
                    }
                    let tagged = |row: &Value| row["tags"].as_array().unwrap().contains(&"a".into());
                    contacts.keeps(&[("filter", "tags==a")], tagged).await;
                    contacts.keeps(&[("filter", &format!("email=={part}"))], |row| row["email"] == part).await;
                    contacts.keeps(&[("query", part)], |row| row["email"].as_str().unwrap().contains(part)).await;
                }
            }
        });
    }
}

pub const LOG_TYPES: [&str; 9] =
    ["all", "submitted", "rejected", "error", "queued", "delivered", "open", "bounce", "unsubscribe"];
pub const STATUSES: [&str; 7] = ["submitted", "delivered", "queued", "rejected", "bounced", "spam", "unsubscribed"];
pub const PARTS: [&str; 5] = ["clicked@example.com", "stuck@gmail.com", "bounce", "example", "+1@"];

/// All rows of a listing.
struct Rows<'a> {
    user: &'a User,
    path: String,
    all: Vec<Value>,
}

impl<'a> Rows<'a> {
    async fn of(user: &'a User, path: &str) -> Self {
        let mut rows = Self { user, path: path.to_owned(), all: Vec::new() };
        rows.all = user.rows(path, &rows.ever()).await;
        rows
    }

    /// A window without a start. Logs cover only a week by default.
    fn ever(&self) -> Vec<(&'static str, &'static str)> {
        if self.path.contains("/logs/") { vec![("start_time", "1")] } else { Vec::new() }
    }

    /// Compares the rows of a query with the matching rows.
    async fn keeps(&self, query: &[(&str, &str)], fits: impl Fn(&Value) -> bool) {
        self.left([&self.ever()[..], query].concat(), fits).await;
    }

    async fn window(&self, from: &str, to: &str, fits: impl Fn(&Value) -> bool) {
        self.left(vec![("start_time", from), ("end_time", to)], fits).await;
    }

    async fn left(&self, query: Vec<(&str, &str)>, fits: impl Fn(&Value) -> bool) {
        let left = self.user.rows(&self.path, &query).await;
        let fitting: Vec<_> = self.all.iter().filter(|row| fits(row)).cloned().collect();
        assert_eq!(left, fitting, "{} by {query:?}, of {:?}", self.path, self.all.len());
    }
}

pub fn fits(operator: &str, part: &str, value: &str) -> bool {
    match operator {
        "!=" => value != part,
        "~~" => value.contains(part),
        "!~" => !value.contains(part),
        _ => value == part,
    }
}

/// The name of a row's status in the summary's filter.
pub fn summed(status: &str) -> &str {
    match status {
        "open" | "click" => "delivered",
        "bounce" => "bounced",
        "unsubscribe" => "unsubscribed",
        other => other,
    }
}

fn engaged(engagement: &str, row: &Value) -> bool {
    let (opens, clicks) = (row["open"].as_i64().unwrap(), row["click"].as_i64().unwrap());
    match engagement {
        "click" => clicks > 0,
        "open" => opens > 0,
        "open_not_click" => opens > 0 && clicks == 0,
        _ => opens == 0 && clicks == 0,
    }
}

/// A condition on tags or providers.
#[derive(Debug, Clone)]
pub enum Query {
    Bare(&'static str),
    Json(Condition),
}

#[derive(Debug, Clone)]
pub enum Condition {
    Is(&'static str),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

pub fn query(words: &'static [&'static str]) -> impl Strategy<Value = Query> {
    let condition = select(words).prop_map(Condition::Is).prop_recursive(3, 12, 3, |inner| {
        let several = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            inner.clone().prop_map(|inner| Condition::Not(Box::new(inner))),
            several().prop_map(Condition::And),
            several().prop_map(Condition::Or),
        ]
    });
    prop_oneof![1 => select(words).prop_map(Query::Bare), 4 => condition.prop_map(Query::Json)]
}

impl Query {
    pub fn text(&self) -> String {
        match self {
            Self::Bare(word) => (*word).to_owned(),
            Self::Json(condition) => condition.json().to_string(),
        }
    }

    pub fn holds(&self, has: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Bare(word) => has(word),
            Self::Json(condition) => condition.holds(has),
        }
    }
}

impl Condition {
    fn json(&self) -> Value {
        let several = |all: &[Self]| all.iter().map(Self::json).collect::<Vec<_>>();
        match self {
            Self::Is(word) => json!({"is": word}),
            // Both syntaxes.
            Self::Not(inner) => match &**inner {
                Self::Is(word) if word.len() == 1 => json!({"not": word}),
                inner => json!({"not": inner.json()}),
            },
            Self::And(all) => json!({"and": several(all)}),
            Self::Or(any) => json!({"or": several(any)}),
        }
    }

    fn holds(&self, has: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Is(word) => has(word),
            Self::Not(inner) => !inner.holds(has),
            Self::And(all) => all.iter().all(|it| it.holds(has)),
            Self::Or(any) => any.iter().any(|it| it.holds(has)),
        }
    }
}
