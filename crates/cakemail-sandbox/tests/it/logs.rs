//! Logs, summary, reports and tags, which are all computed from the same events.

use cakemail_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{User, frozen, noon, seconds};

/// The values of a field, row by row.
fn column(body: &Value, field: &str) -> Vec<String> {
    let rows = body["data"].as_array().unwrap().iter();
    rows.map(|row| row[field].as_str().map_or_else(|| row[field].to_string(), str::to_owned)).collect()
}

/// Three emails: clicked (tags a, b), bounced (tag b), opened (no tag), a minute apart.
async fn three(user: &User<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    for (recipient, tags) in [
        ("clicked@gmail.com", json!(["a", "b"])),
        ("bounced@example.org", json!(["b"])),
        ("opened@example.com", Value::Null),
    ] {
        let mut email = user.email(recipient).await;
        email["tags"] = tags;
        ids.push(user.submit(&email).await);
        user.sandbox.clock().advance(seconds(60));
    }
    ids
}

#[tokio::test]
async fn logs_are_filtered_sorted_and_paged() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let ids = three(&user).await;
    let logs = async |query: &str| user.get(&format!("/v2/logs/emails?{query}")).await.expect(200);

    let all = logs("").await;
    assert_eq!(
        column(&all, "type"),
        [
            "open",
            "delivered",
            "queued",
            "submitted", // opened
            "bounce",
            "queued",
            "submitted", // bounced
            "click",
            "open",
            "delivered",
            "queued",
            "submitted", // clicked
        ]
    );
    assert_eq!(all["data"][0]["time"], 1_767_268_800 + 122);
    assert_eq!(all["data"][0]["sender_email"], "sandbox@example.com");
    assert_eq!(column(&logs("log_type=open").await, "email"), ["opened@example.com", "clicked@gmail.com"]);
    assert_eq!(column(&logs(&format!("email_id={}", ids[1])).await, "type"), ["bounce", "queued", "submitted"]);
    assert_eq!(column(&logs("tags=a&log_type=click").await, "email"), ["clicked@gmail.com"]);
    let not_a = "log_type=submitted&tags=%7B%22not%22%3A%7B%22is%22%3A%22a%22%7D%7D";
    assert_eq!(column(&logs(not_a).await, "email"), ["opened@example.com", "bounced@example.org"]);
    assert_eq!(logs(not_a).await["parameters"]["tags"], json!({"not": {"is": "a"}}));
    assert_eq!(column(&logs("providers=gmail&log_type=submitted").await, "provider"), ["gmail"]);
    assert_eq!(logs("tags=a").await["parameters"]["tags"], json!({"is": "a"}));

    for (sort, first) in
        [("-time", "open"), ("time", "submitted"), ("%2Btime", "submitted"), ("+time", "submitted"), ("type", "bounce")]
    {
        assert_eq!(column(&logs(&format!("sort={sort}")).await, "type")[0], first, "{sort}");
    }
    assert_eq!(column(&logs("sort=provider").await, "provider")[0], "example");
    assert_eq!(column(&logs("sort=-submitted_time").await, "email")[0], "opened@example.com");
    let mut by_id = column(&logs("sort=id").await, "id");
    assert!(by_id.is_sorted());
    by_id.dedup();
    assert_eq!(by_id.len(), 12);

    let (first, last) = (logs("per_page=5&page=1").await, logs("per_page=5&page=3").await);
    assert_eq!(first["pagination"], json!({"page": 1, "per_page": 5, "has_more": true}));
    assert_eq!(last["pagination"], json!({"page": 3, "per_page": 5, "has_more": false}));
    assert_eq!((column(&first, "id").len(), column(&last, "id").len()), (5, 2));

    assert_eq!(user.get("/v2/logs/emails?sort=size").await.error_fields(400), ["query.sort"]);
    assert_eq!(user.get("/v2/logs/emails?tags=%7B").await.error_fields(400), ["query.tags"]);
    assert_eq!(user.get("/v2/logs/emails?start_time=5&end_time=4").await.error_fields(400), ["query.start_time"]);
}

#[tokio::test]
async fn times_are_numbers_or_iso_and_default_to_seven_days() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    user.submit(&user.email("stuck@example.com").await).await;
    let iso = user.get("/v2/logs/emails?iso_time=true").await.expect(200);
    assert_eq!(iso["data"][0]["time"], "2026-01-01T12:00:00Z");
    assert_eq!(
        iso["parameters"],
        json!({"start_time": "2025-12-25T12:00:00Z", "end_time": "2026-01-01T12:00:00Z", "iso_time": true})
    );
    sandbox.clock().advance(seconds(7 * 24 * 3600));
    let user = User::of(&sandbox).await; // the first token has expired by now
    assert_eq!(user.get("/v2/logs/emails").await.json()["data"].as_array().unwrap().len(), 2, "to the second");
    sandbox.clock().advance(seconds(1));
    assert_eq!(user.get("/v2/logs/emails").await.json()["data"], json!([]));
    assert_eq!(user.get("/logs/emails-summary").await.json()["data"], json!([]));
    let since = user.get("/v2/logs/emails?start_time=1767268800").await.expect(200);
    assert_eq!(since["data"].as_array().unwrap().len(), 2);
    let until = user.get("/v2/logs/emails?start_time=1&end_time=1767268799").await.expect(200);
    assert_eq!(until["data"], json!([]));
}

#[tokio::test]
async fn the_summary_has_a_row_for_each_email() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let ids = three(&user).await;
    let summary = async |query: &str| user.get(&format!("/logs/emails-summary?{query}")).await.expect(200);

    let all = summary("").await;
    assert_eq!(column(&all, "email"), ["opened@example.com", "bounced@example.org", "clicked@gmail.com"]);
    assert_eq!(column(&all, "status"), ["open", "bounce", "click"]);
    let clicked = &all["data"][2];
    assert_eq!((&clicked["open"], &clicked["click"], &clicked["hard_bounce"]), (&json!(1), &json!(1), &json!(false)));
    let time = |after: i64| json!(1_767_268_800 + after);
    assert_eq!(
        [&clicked["submitted_time"], &clicked["delivered_time"], &clicked["first_open_time"]],
        [&time(0), &time(1), &time(2)]
    );
    assert_eq!([&clicked["first_engagement_time"], &clicked["last_engagement_time"]], [&time(2), &time(3)]);
    assert!(all["data"][1].get("first_open_time").is_none());
    assert_eq!(all["data"][1]["hard_bounce"], true);

    for (query, expected) in [
        ("engagement=click", &["clicked@gmail.com"][..]),
        ("engagement=open_not_click", &["opened@example.com"]),
        ("engagement=none", &["bounced@example.org"]),
        ("engagement=!%3Dnone", &["opened@example.com", "clicked@gmail.com"]),
        ("status=delivered", &["opened@example.com", "clicked@gmail.com"]),
        ("status=%3D%3Dbounced", &["bounced@example.org"]),
        ("status=!%3Dbounced&sort=submitted_time", &["clicked@gmail.com", "opened@example.com"]),
        ("email=opened@example.com", &["opened@example.com"]),
        ("email===opened@example.com", &["opened@example.com"]),
        ("email=~~example", &["opened@example.com", "bounced@example.org"]),
        ("email=!~example", &["clicked@gmail.com"]),
        ("email=!%3Dclicked@gmail.com", &["opened@example.com", "bounced@example.org"]),
        ("tags=b&providers=example", &["bounced@example.org"]),
    ] {
        assert_eq!(column(&summary(query).await, "email"), expected, "{query}");
    }
    assert_eq!(column(&summary(&format!("email_id={}", ids[0])).await, "email_id"), [ids[0].clone()]);
    assert_eq!(summary("per_page=2").await["pagination"], json!({"page": 1, "per_page": 2, "has_more": true}));
    let faults = user.get("/logs/emails-summary?status=!%3Dopened&engagement=maybe").await.error_fields(422);
    assert_eq!(faults, ["query.engagement", "query.status"]);
}

#[tokio::test]
async fn reports_agree_with_the_logs() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    three(&user).await;
    let report = async |query: &str| user.get(&format!("/v2/reports/emails?{query}")).await.expect(200);

    // From 12:00:30 to 12:03:00, by five minutes: the one whole interval of 12:00, up to now.
    let one = report("interval=5m&start_time=1767268830").await;
    let row = &one["data"][0];
    assert_eq!(one["data"].as_array().unwrap().len(), 1);
    assert_eq!((&row["interval_start"], &row["interval_end"]), (&json!(1_767_268_800), &json!(1_767_268_980)));
    for (field, value) in [
        ("submitted", 3),
        ("queued", 3),
        ("processed", 3),
        ("delivered", 2),
        ("open", 2),
        ("unique_open", 2),
        ("click", 1),
        ("bounce", 1),
        ("hard_bounce", 1),
        ("soft_bounce", 0),
        ("rejected", 0),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    assert_eq!((&row["unique_open_rate"], &row["clickthru_rate"]), (&json!(1.0), &json!(0.5)));
    assert_eq!(one["parameters"]["interval"], "5m");

    // Any window's intervals add up to the logs of the same emails.
    let wide = report("interval=15m&tags=b&iso_time=true").await;
    let rows = wide["data"].as_array().unwrap();
    assert_eq!(rows.len(), 7 * 24 * 4 + 1);
    let total = |field: &str| rows.iter().map(|row| row[field].as_i64().unwrap()).sum::<i64>();
    for (field, log_type) in
        [("submitted", "submitted"), ("delivered", "delivered"), ("click", "click"), ("bounce", "bounce")]
    {
        let logs = user.get(&format!("/v2/logs/emails?tags=b&log_type={log_type}")).await.expect(200);
        assert_eq!(total(field), i64::try_from(logs["data"].as_array().unwrap().len()).unwrap(), "{field}");
    }
    for pair in rows.windows(2) {
        assert_eq!(pair[0]["interval_end"], pair[1]["interval_start"], "no gap, no overlap");
    }
    assert_eq!(rows.last().unwrap()["interval_end"], "2026-01-01T12:03:00Z");
    assert_eq!(report("").await["parameters"]["interval"], "1d");
    let faults = user.get("/v2/reports/emails?interval=5m&start_time=1").await.error_fields(400);
    assert_eq!(faults, ["query.interval"]);
}

#[tokio::test]
async fn tags_exist_once_an_email_has_them() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    assert_eq!(user.get("/email-tags").await.expect(200)["pagination"], json!({"page": 1, "per_page": 50, "count": 0}));
    three(&user).await;
    let tags = user.get("/email-tags?per_page=1&page=2").await.expect(200);
    assert_eq!(tags, json!({"pagination": {"page": 2, "per_page": 1, "count": 2}, "data": ["b"]}));
    let uncounted = user.get("/email-tags?with_count=false&name=a&type=emails").await.expect(200);
    assert_eq!(uncounted, json!({"pagination": {"page": 1, "per_page": 50}, "data": ["a"]}));
    let later = user.get("/email-tags?start_time=1767268860").await.expect(200);
    assert_eq!(later["data"], json!(["b"]));
}

#[tokio::test]
async fn a_search_for_a_key_finds_its_emails_that_are_still_stored() {
    let sandbox = Sandbox::builder().clock(noon()).keep(2).start().await.unwrap();
    let user = User::of(&sandbox).await;
    for (recipient, key) in [("dropped", "key-1"), ("first", "key-1"), ("second", "key-2")] {
        let mut email = user.email(&format!("{recipient}@example.org")).await;
        email["tags"] = json!([key, "news", key]);
        user.submit(&email).await;
    }
    for (key, recipients) in [("key-1", &["first@example.org"][..]), ("key-2", &["second@example.org"]), ("key-3", &[])]
    {
        let logs = user.get(&format!("/v2/logs/emails?log_type=submitted&tags={key}")).await.expect(200);
        assert_eq!(column(&logs, "email"), recipients, "{key}");
    }
}
