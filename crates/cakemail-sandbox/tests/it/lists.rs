//! Lists, and the paging, filtering and sorting of all listings.

use serde_json::{Value, json};

use crate::support::{User, frozen};

#[tokio::test]
async fn an_account_starts_with_one_list() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let lists = user.get("/lists").await;
    assert_eq!(lists.header("x-sandbox-fidelity"), Some("documented"));
    let lists = lists.expect(200);
    assert_eq!(lists["pagination"], json!({"page": 1, "per_page": 50}));
    assert_eq!((&lists["data"][0]["name"], &lists["data"][0]["status"]), (&json!("Contacts"), &json!("active")));
}

#[tokio::test]
async fn a_list_is_created_changed_archived_and_deleted() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let unknown = json!({"name": "News", "default_sender": {"id": "999"}});
    assert_eq!(user.post("/lists", unknown).await.error_fields(400), ["body.default_sender.id"]);
    let mut faults =
        user.post("/lists", json!({"name": "", "webhook": {"url": "x", "actions": []}})).await.error_fields(422);
    faults.sort();
    assert_eq!(faults, ["body.default_sender", "body.name", "body.webhook.actions", "body.webhook.url"]);

    let body = json!({
        "name": "News",
        "default_sender": {"id": user.sender().await},
        "redirections": {"after_opt_out": "https://example.com/bye"},
    });
    let created = user.post("/lists", body).await.expect(201);
    assert_eq!(created["data"]["default_sender"], json!({"name": "Sandbox", "email": "sandbox@example.com"}));
    assert_eq!((&created["data"]["policy_accepted"], &created["data"]["language"]), (&json!(false), &json!("en_US")));
    let path = format!("/lists/{}", created["id"]);
    user.post(&format!("{path}/accept-policy"), json!({})).await.expect(200);
    let left = user.patch(&path, json!({"name": "Newer"})).await.expect(200);
    assert_eq!(left["data"]["redirections"], json!({"after_opt_out": "https://example.com/bye"}));
    assert_eq!((&left["data"]["name"], &left["data"]["policy_accepted"]), (&json!("Newer"), &json!(true)));
    let cleared = user.patch(&path, json!({"redirections": null})).await.expect(200);
    assert_eq!(cleared["data"]["redirections"], json!({}));
    user.post(&format!("{path}/archive"), json!({})).await.expect(200);
    assert_eq!(user.get(&path).await.expect(200)["data"]["status"], "archived");
    assert_eq!(user.delete(&path).await.expect(200), json!({"id": created["id"], "object": "list", "deleted": true}));
    user.get(&path).await.expect(404);
    user.delete(&path).await.expect(404);
}

#[tokio::test]
async fn listings_are_paged_filtered_and_sorted() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let sender = user.sender().await;
    for name in ["b", "c", "a"] {
        user.post("/lists", json!({"name": name, "default_sender": {"id": sender}})).await.expect(201);
    }
    let names = async |query: &str| -> Vec<String> {
        let body = user.get(&format!("/lists?{query}")).await.expect(200);
        body["data"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("sort=name").await, ["Contacts", "a", "b", "c"]);
    assert_eq!(names("sort=+name&per_page=2&page=2").await, ["b", "c"]);
    assert_eq!(names("sort=-name&per_page=1").await, ["c"]);
    assert_eq!(names("filter=name==b").await, ["b"]);
    assert_eq!(names("filter=name==b;status==archived").await, Vec::<String>::new());
    assert_eq!(names("page=9223372036854775807&per_page=9223372036854775807").await, Vec::<String>::new());
    let counted = user.get("/lists?with_count=true&per_page=3").await.expect(200);
    assert_eq!(counted["pagination"], json!({"page": 1, "per_page": 3, "count": 4}));

    let message = |body: Value| body["detail"][0]["msg"].as_str().unwrap().to_owned();
    let unknown = user.get("/lists?filter=size==3").await;
    assert_eq!(unknown.error_fields(400), ["query.filter"]);
    assert!(message(unknown.json()).contains("status, name"));
    assert!(message(user.get("/lists?filter=name").await.expect(400)).contains("term==value"));
    let unknown = user.get("/lists?sort=-size").await;
    assert_eq!(unknown.error_fields(400), ["query.sort"]);
    assert!(message(unknown.json()).contains("name, created_on"));
}
