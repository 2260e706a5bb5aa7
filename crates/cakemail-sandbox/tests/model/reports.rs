//! A report equals the counts of the logs.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use crate::actions::{TAGS, actions};
use crate::world::World;
use crate::{config, run};

const INTERVALS: [(&str, i64); 5] = [("5m", 300), ("15m", 900), ("30m", 1800), ("1h", 3600), ("1d", 86_400)];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn reports_equal_the_logs(
        actions in actions(),
        (interval, length) in select(&INTERVALS[..]),
        (from, to) in any::<(Index, Index)>(),
        back in prop_oneof![Just(0), 0..300_000_i64],
        tag in proptest::option::of(select(&TAGS[..])),
        keep in prop_oneof![2 => Just(usize::MAX), 1 => 1..20_usize],
        lag in prop_oneof![2 => Just(0_u64), 1 => 1..4000_u64],
    ) {
        run(async {
            let world = World::keeping(keep).await.and_then(&actions).await;
            world.sandbox.lag_logs(Duration::from_secs(lag));
            // A window ends at an event, and often begins at one.
            let emails = world.accounts.iter().flat_map(|account| &account.emails);
            let happened = emails.flat_map(|email| email.events(world.now)).map(|(time, _)| time);
            let times: Vec<_> = happened.chain([world.now]).collect();
            let (one, other) = (*from.get(&times), *to.get(&times));
            let (start, end) = (one.min(other) - back, one.max(other));
            let (from, to) = (start.to_string(), end.to_string());
            let tag: Vec<_> = tag.map(|tag| ("tags", tag)).into_iter().collect();
            for account in &world.accounts {
                let logs = account.user.rows("/v2/logs/emails", &[&[("start_time", "1")], &tag[..]].concat()).await;
                let window = [("interval", interval), ("start_time", &from), ("end_time", &to)];
                let report = account.user.query("/v2/reports/emails", &[&window, &tag[..]].concat()).await;
                let rows = report["data"].as_array().unwrap();
                whole(rows, length, start, end);
                rows.iter().for_each(|row| counted(row, &logs, length, end));
            }
        });
    }
}

/// Intervals follow each other, from one that holds the start to the end.
fn whole(rows: &[Value], length: i64, start: i64, end: i64) {
    let mut next = start - start.rem_euclid(length);
    for row in rows {
        assert_eq!(row["interval_start"], next);
        next += length;
        assert_eq!(row["interval_end"], next.min(end));
    }
    assert!(next > end && next - length <= end, "the last interval holds the end");
}

fn counted(row: &Value, logs: &[Value], length: i64, end: i64) {
    let start = row["interval_start"].as_i64().unwrap();
    let within = |log: &&Value| {
        (start..start + length).contains(&log["time"].as_i64().unwrap()) && log["time"].as_i64() <= Some(end)
    };
    let logs: Vec<_> = logs.iter().filter(within).collect();
    let of = |word: &str| {
        logs.iter().filter(|log| log["type"] == word).map(|log| log["email_id"].as_str().unwrap()).collect::<Vec<_>>()
    };
    let bounces = |kind: &str| logs.iter().filter(|log| log["metadata"]["bounce_type"] == kind).count();
    for word in
        ["submitted", "queued", "delivered", "open", "click", "bounce", "spam", "unsubscribe", "rejected", "error"]
    {
        assert_eq!(row[word], of(word).len(), "{word}: {row}");
    }
    let unique = |word: &str| of(word).into_iter().collect::<HashSet<_>>().len();
    assert_eq!((&row["unique_open"], &row["unique_click"]), (&unique("open").into(), &unique("click").into()));
    assert_eq!((&row["hard_bounce"], &row["soft_bounce"]), (&bounces("hard").into(), &bounces("soft").into()));
    assert_eq!(row["processed"], of("delivered").len() + of("bounce").len());
    let rates = [
        ("delivery_rate", of("delivered").len(), of("submitted").len()),
        ("bounce_rate", of("bounce").len(), of("submitted").len()),
        ("open_rate", of("open").len(), of("delivered").len()),
        ("unique_click_rate", unique("click"), of("delivered").len()),
        ("clickthru_rate", unique("click"), unique("open")),
        ("spam_rate", of("spam").len(), of("delivered").len()),
    ];
    for (rate, part, whole) in rates {
        let expected = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        assert!((row[rate].as_f64().unwrap() - expected).abs() < 1e-9, "{rate}: {part} of {whole}: {row}");
    }
}
