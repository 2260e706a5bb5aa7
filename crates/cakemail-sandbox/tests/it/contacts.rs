//! The contacts of a list.

use serde_json::{Value, json};

use crate::support::{User, frozen};

/// The path of the first list's contacts.
async fn contacts(user: &User<'_>) -> String {
    format!("/lists/{}/contacts", user.list().await)
}

#[tokio::test]
async fn a_contacts_life() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let all = contacts(&user).await;
    let body = json!({"email": "a@b.co", "custom_attributes": [{"name": "city", "value": "Lyon"}, {"name": "age"}]});
    let created = user.post(&all, body).await.expect(201);
    assert_eq!(created["data"]["status"], "active");
    assert_eq!(created["data"]["custom_attributes"][1], json!({"name": "age", "value": ""}));
    let one = format!("{all}/{}", created["id"]);

    let patch =
        json!({"tags": ["x", "y"], "interests": ["z"], "custom_attributes": [{"name": "city", "value": "Nice"}]});
    let patched = user.patch(&one, patch).await.expect(200);
    assert_eq!(patched["data"]["custom_attributes"][0]["value"], "Nice");
    let patched = user.patch(&one, json!({"tags": null, "email": "c@d.co"})).await.expect(200);
    assert_eq!((&patched["data"]["tags"], &patched["data"]["interests"]), (&json!([]), &json!(["z"])));
    assert_eq!(user.get(&one).await.expect(200)["data"]["email"], "c@d.co");
    user.post(&all, json!({"email": "a@b.co"})).await.expect(201);
    assert_eq!(user.patch(&one, json!({"email": "A@b.co"})).await.error_fields(400), ["body.email"]);

    user.post(&format!("{one}/tag"), json!({"tags": ["p", "q", "p"]})).await.expect(200);
    user.post(&format!("{one}/untag"), json!({"tags": ["q", "r"]})).await.expect(200);
    assert_eq!(user.get(&one).await.expect(200)["data"]["tags"], json!(["p"]));
    assert_eq!(user.post(&format!("{one}/tag"), json!({"tags": []})).await.error_fields(422), ["body.tags"]);

    let unsubscribed = user.post(&format!("{one}/unsubscribe"), json!({})).await.expect(200);
    assert_eq!(unsubscribed["data"]["status"], "unsubscribed");
    user.delete(&one).await.expect(200);
    user.get(&one).await.expect(404);
    user.get("/lists/999999/contacts").await.expect(404);
}

#[tokio::test]
async fn an_address_is_unique_and_can_be_resubscribed() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let all = contacts(&user).await;
    let first = user.post(&all, json!({"email": "a@b.co"})).await.expect(201);
    user.post(&format!("{all}/{}/unsubscribe", first["id"]), json!({})).await.expect(200);
    let left = user.post(&format!("{all}?resubscribe=false"), json!({"email": "A@B.co"})).await.expect(201);
    assert_eq!((&left["id"], &left["data"]["status"]), (&first["id"], &json!("unsubscribed")));
    let again = user.post(&all, json!({"email": "a@b.co"})).await.expect(201);
    assert_eq!((&again["id"], &again["data"]["status"]), (&first["id"], &json!("active")));
    let pending = user.post(&format!("{all}?send_double_opt_in=new"), json!({"email": "n@b.co"})).await.expect(201);
    assert_eq!(pending["data"]["status"], "not_active");
    let faults = user.post(&format!("{all}?send_double_opt_in=perhaps"), json!({"email": "n"})).await.error_fields(422);
    assert_eq!(faults, ["query.send_double_opt_in", "body.email"]);
}

#[tokio::test]
async fn contacts_are_paged_by_cursor_and_filtered() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let all = contacts(&user).await;
    for name in ["a", "b", "c", "d", "e"] {
        let id = user.post(&all, json!({"email": format!("{name}@b.co")})).await.expect(201)["id"].clone();
        if name > "c" {
            user.post(&format!("{all}/{id}/tag"), json!({"tags": ["late"]})).await.expect(200);
        }
    }
    let emails = |body: &Value| -> String {
        body["data"].as_array().unwrap().iter().map(|it| it["email"].as_str().unwrap()[..1].to_owned()).collect()
    };
    let (mut seen, mut query) = (Vec::new(), String::from("per_page=2&sort=-email&with_count=true"));
    loop {
        let page = user.get(&format!("{all}?{query}")).await.expect(200);
        assert_eq!(page["pagination"]["count"], 5);
        seen.push(emails(&page));
        let Some(next) = page["pagination"]["cursor"]["next"].as_str() else { break };
        query = format!("per_page=2&sort=-email&with_count=true&cursor={next}");
    }
    assert_eq!(seen, ["ed", "cb", "a"]);
    let get = async |query: &str| emails(&user.get(&format!("{all}?{query}")).await.expect(200));
    assert_eq!(get("filter=tags==late;status==active").await, "de");
    assert_eq!(get("fiql=email==b@b.co").await, "b");
    assert_eq!(get("query=C@").await, "c");
    assert_eq!(user.get(&format!("{all}?cursor=x")).await.error_fields(400), ["query.cursor"]);
    assert_eq!(user.get(&format!("{all}?json=%7B%7D")).await.error_fields(400), ["query.json"]);
    assert_eq!(user.get(&format!("{all}?filter=age==3")).await.error_fields(400), ["query.filter"]);
}
