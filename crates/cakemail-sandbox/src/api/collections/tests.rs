//! Collections by the operations of lists, which fit the tier.

use super::*;
use crate::api::response::ResponseBody;
use crate::domain::{Bounds, Ids, Login, Profile, Rules, Time};
use crate::engine::ValidatedRequest;

/// An account whose collections the generic handler serves.
struct Account {
    account: crate::domain::Account,
    ids: Ids,
}

impl Account {
    fn new() -> Self {
        let ids = Ids::default();
        let login = Login { email: "a@b.co".into(), password: "a".into(), mfa_code: None };
        Self { account: crate::domain::Account::new(&login, Time(0), &ids, Bounds::default()), ids }
    }

    fn call(&mut self, operation: &str, path: Value, query: Value, body: Value) -> (u16, Value) {
        let fields = |value: Value| value.as_object().cloned().unwrap_or_default();
        let request = ValidatedRequest {
            operation: operation.into(),
            path: fields(path),
            query: fields(query),
            body: fields(body),
            ..ValidatedRequest::default()
        };
        let call = Call {
            operation: document().unwrap().operation(operation).unwrap(),
            profile: &Profile::default(),
            base: "",
            now: Time(1_000),
            logged: Time(0),
            request,
            ids: &self.ids,
            rules: &Rules::default(),
        };
        let response = handle(&call, &mut self.account).unwrap_or_else(|error| error);
        let ResponseBody::Json(body) = response.body else { panic!("not JSON") };
        (response.status, body)
    }

    fn create(&mut self, name: &str) -> i64 {
        let (status, body) = self.call("createList", json!({}), json!({}), json!({"name": name}));
        assert_eq!(status, 201, "{body}");
        body["id"].as_i64().unwrap()
    }

    fn names(&mut self, query: Value) -> Vec<String> {
        let mut all = json!({"page": 1, "per_page": 50});
        all.as_object_mut().unwrap().extend(query.as_object().cloned().unwrap());
        let (status, body) = self.call("listLists", json!({}), all, json!({}));
        assert_eq!(status, 200, "{body}");
        body["data"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().into()).collect()
    }
}

#[test]
fn objects_are_created_filtered_sorted_and_changed() {
    let mut account = Account::new();
    let ids = ["b", "c", "a", "b"].map(|name| account.create(name));
    assert_eq!(account.names(json!({})), ["b", "c", "a", "b"]);
    assert_eq!(account.names(json!({"sort": "-name"})), ["c", "b", "b", "a"]);
    assert_eq!(account.names(json!({"sort": "name", "per_page": 2, "page": 2})), ["b", "c"]);
    assert_eq!(account.names(json!({"filter": "name==b"})), ["b", "b"]);
    let (_, listed) = account.call("listLists", json!({}), json!({"page": 1, "per_page": 1}), json!({}));
    let shown = listed["data"][0]["status"].as_str().unwrap();
    let filter = format!("status=={shown};name==a");
    assert_eq!(account.names(json!({"filter": filter})), ["a"], "a value that the listing adds can be filtered by");

    let path = json!({"list_id": ids[0]});
    let (status, changed) =
        account.call("patchList", path.clone(), json!({}), json!({"name": "d", "status": "archived"}));
    assert_eq!((status, &changed["data"]["name"]), (200, &json!("d")));
    assert_eq!(account.names(json!({"filter": "status==archived"})), ["d"]);
    let (_, shown) = account.call("getList", path, json!({}), json!({}));
    assert_eq!((&shown["data"]["id"], &shown["data"]["status"]), (&json!(ids[0]), &json!("archived")));
    assert_eq!(account.call("listLists", json!({}), json!({"filter": "size==1"}), json!({})).0, 400);
}

#[test]
fn a_deleted_object_is_gone() {
    let mut account = Account::new();
    let key = |action: &str, path: &str| format!("{action}_dkim_key_brands_default_dkim{path}");
    let (status, created) = account.call(&key("create", "_post"), json!({}), json!({}), json!({"domain": "b.co"}));
    assert_eq!(status, 201, "{created}");
    let path = json!({"id": created["data"]["id"]});
    let mut call = |operation| account.call(operation, path.clone(), json!({}), json!({})).0;
    let (get, delete) = (key("get", "__id__get"), key("delete", "__id__delete"));
    assert_eq!([call(&get), call(&delete), call(&get), call(&delete)], [200, 200, 404, 404]);
}

#[test]
fn a_collection_is_the_same_after_it_was_stored() {
    let mut account = Account::new();
    for name in ["b", "a"] {
        account.create(name);
    }
    let stored = serde_json::to_string(&account.account.collections).unwrap();
    account.account.collections = serde_json::from_str(&stored).unwrap();
    account.create("c");
    assert_eq!(account.names(json!({"sort": "name"})), ["a", "b", "c"]);
    assert_eq!(account.names(json!({})), ["b", "a", "c"]);
}

#[test]
fn a_full_collection_says_so() {
    assert!(check_room(999_999).is_ok());
    let ResponseBody::Json(body) = check_room(1_000_000).unwrap_err().body else { panic!("not JSON") };
    assert!(body["detail"][0]["msg"].as_str().unwrap().contains("at most 1000000 objects"), "{body}");
}

#[test]
fn the_route_determines_the_action_on_a_collection() {
    for (operation, action) in [
        ("listLists", Some(Action::List)),
        ("createList", Some(Action::Create)),
        ("getList", Some(Action::Get)),
        ("patchList", Some(Action::Update)),
        ("deleteList", Some(Action::Delete)),
        ("archiveList", None),
        ("createToken", None),
    ] {
        let route = OPERATIONS.iter().find(|route| route.id == operation).unwrap();
        assert_eq!(Action::of(route), action, "{operation}");
    }
}
