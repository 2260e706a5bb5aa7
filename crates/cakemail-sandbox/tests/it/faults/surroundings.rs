//! The rate limit and the lag of the logs.

use std::time::Duration;

use cakemail_sandbox::Limit;

use crate::support::{User, frozen, seconds};

async fn allowed(user: &User<'_>, tries: usize) -> usize {
    let mut allowed = 0;
    for _ in 0..tries {
        allowed += usize::from(user.get("/lists").await.status == 200);
    }
    allowed
}

#[tokio::test]
async fn the_bucket_fills_by_the_sandboxs_clock() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    sandbox.limit(Limit::new(2.0, 3));
    assert_eq!(allowed(&user, 5).await, 3);
    sandbox.clock().advance(Duration::from_millis(499));
    assert_eq!(allowed(&user, 2).await, 0);
    sandbox.clock().advance(Duration::from_millis(1));
    assert_eq!(allowed(&user, 2).await, 1);
    sandbox.clock().advance(seconds(3600));
    assert_eq!(allowed(&user, 5).await, 3);
    assert_eq!(user.get("/lists").await.header("retry-after"), None);
    user.get("/_sandbox/health").await.expect(200);
    sandbox.limit(Limit::new(0.1, 1).with_retry_after());
    assert_eq!(allowed(&user, 2).await, 1);
    assert_eq!(user.get("/lists").await.header("retry-after"), Some("10"));
    sandbox.clear_faults();
    assert_eq!(allowed(&user, 20).await, 20);
}

#[tokio::test]
async fn log_lag_affects_logs_and_not_the_email() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    sandbox.lag_logs(seconds(5));
    let mut email = user.email("clicked@example.com").await;
    email["tags"] = serde_json::json!(["key-1"]);
    let id = user.submit(&email).await;
    let rows = |path: &'static str| {
        let user = &user;
        async move { user.get(path).await.expect(200)["data"].as_array().unwrap().len() }
    };
    let logs = "/v2/logs/emails?tags=key-1";
    assert_eq!((rows(logs).await, rows("/logs/emails-summary").await), (0, 0));
    assert_eq!(user.get_email(&id).await["status"], "queued");
    sandbox.clock().advance(Duration::from_millis(4_999));
    assert_eq!(user.get_email(&id).await["status"], "click");
    assert_eq!((rows(logs).await, rows("/logs/emails-summary").await), (0, 0));
    assert_eq!(user.get("/v2/reports/emails").await.expect(200)["data"][7]["submitted"], 0);
    sandbox.clock().advance(Duration::from_millis(1));
    assert_eq!((rows(logs).await, rows("/logs/emails-summary").await), (2, 1));
    assert_eq!(user.get("/v2/reports/emails").await.expect(200)["data"][7]["submitted"], 1);
    sandbox.clock().advance(seconds(2));
    assert_eq!(rows(logs).await, 4);
    sandbox.clear_faults();
    assert_eq!(rows(logs).await, 5);
}
