//! The operations of the tier `collection` that have no handler of their own: objects are stored, listed, filtered,
//! sorted, changed and deleted, and responses have the fields of their schemas.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::document::{Document, document};
use super::response::{ApiResponse, HandlerResult};
use super::shape::{empty, shaped};
use crate::domain::{Account, Fields, Object};
use crate::generated::{OPERATIONS, Operation as Route, Tier};

/// The maximum number of objects in a collection.
const MAX_OBJECTS: usize = 10_000;

/// The action of an operation on a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    List,
    Create,
    Get,
    Update,
    Delete,
}

impl Action {
    /// Determined by the method, and by whether the path ends with the name of an object. A `POST` creates an object if
    /// the same path can be listed.
    fn of(route: &Route) -> Option<Self> {
        let is_listed = || OPERATIONS.iter().any(|other| other.path == route.path && other.method == "GET");
        match (route.method, object_parameter(route)) {
            ("GET", None) => Some(Self::List),
            ("POST", None) if is_listed() => Some(Self::Create),
            ("GET", Some(_)) => Some(Self::Get),
            ("PATCH" | "PUT", Some(_)) => Some(Self::Update),
            ("DELETE", Some(_)) => Some(Self::Delete),
            _ => None,
        }
    }
}

/// The route of an operation that this module handles.
fn route(operation: &str) -> Option<(&'static Route, Action)> {
    let route = OPERATIONS.iter().find(|route| route.id == operation && route.tier == Tier::Collection)?;
    Some((route, Action::of(route)?))
}

/// Whether this module handles an operation.
pub(crate) fn handles(operation: &str) -> bool {
    route(operation).is_some()
}

/// Handles an operation on a collection of the account.
pub(crate) fn handle(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let document = document().map_err(ApiResponse::internal_error)?;
    let Some((route, action)) = route(&call.operation.id) else { return Err(ApiResponse::no_route()) };
    Request { call, document, route }.run(action, account)
}

/// The parameter at the end of the path, which names one object.
fn object_parameter(route: &Route) -> Option<&'static str> {
    route.path.rsplit('/').next().and_then(parameter)
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// A request for a collection or one of its objects.
struct Request<'a> {
    call: &'a Call<'a>,
    document: &'a Document,
    route: &'static Route,
}

impl Request<'_> {
    fn run(&self, action: Action, account: &mut Account) -> HandlerResult {
        let collections = &mut account.collections;
        let (path, key, name) = (self.collection(), object_parameter(self.route).unwrap_or("id"), self.object_name());
        let missing = || self.call.missing(self.route.resource, &name);
        match action {
            Action::List => self.list(collections.objects(&path)),
            Action::Get => self.respond(collections.find(&path, key, &name).ok_or_else(missing)?),
            Action::Delete => self.respond(&collections.remove(&path, key, &name).ok_or_else(missing)?),
            Action::Update => {
                let object = collections.find(&path, key, &name).ok_or_else(missing)?;
                self.write_fields(object);
                self.respond(object)
            }
            Action::Create => {
                if collections.objects(&path).len() >= MAX_OBJECTS {
                    let msg = format!("The sandbox stores at most {MAX_OBJECTS} objects in a collection");
                    return Err(ApiResponse::bad_request(&["path"], msg).assumed());
                }
                let object = self.new_object();
                let response = self.respond(&object);
                collections.add(path, object);
                response
            }
        }
    }

    /// The path of the collection, with the names of the objects that it belongs to.
    fn collection(&self) -> String {
        let path = match object_parameter(self.route) {
            Some(_) => self.route.path.rsplit_once('/').map_or("", |(path, _)| path),
            None => self.route.path,
        };
        let segments = path.split('/').map(|segment| match parameter(segment) {
            Some(name) => self.path_value(name),
            None => segment.to_owned(),
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// The name of the object in the path.
    fn object_name(&self) -> String {
        object_parameter(self.route).map_or_else(String::new, |name| self.path_value(name))
    }

    fn path_value(&self, name: &str) -> String {
        match self.call.request.path.field(name) {
            Some(Value::String(text)) => text.clone(),
            other => other.map_or_else(String::new, Value::to_string),
        }
    }

    fn new_object(&self) -> Object {
        let now = self.call.now.seconds();
        let mut object = Map::from_iter([("id".to_owned(), self.new_id()), ("created_on".to_owned(), now.into())]);
        self.write_fields(&mut object);
        object
    }

    /// An id of the type that the response has.
    fn new_id(&self) -> Value {
        let schema = self.schema();
        let data = self.document.resolve(&schema["properties"]["data"]);
        let declared = [&data["properties"]["id"], &schema["properties"]["id"]];
        let declared = declared.into_iter().find(|schema| !schema.is_null()).unwrap_or(&Value::Null);
        let declared = self.document.resolve(declared);
        match (declared["type"].as_str(), declared["format"].as_str()) {
            (Some("string"), Some("uuid")) => self.call.ids.uuid().to_string().into(),
            (Some("string"), _) => self.call.ids.next().to_string().into(),
            _ => self.call.ids.next().into(),
        }
    }

    /// Sets the fields of the body; a `null` removes its field.
    fn write_fields(&self, object: &mut Object) {
        for (name, value) in self.call.body() {
            match value {
                Value::Null => object.remove(name),
                value => object.insert(name.clone(), value.clone()),
            };
        }
        object.insert("updated_on".to_owned(), self.call.now.seconds().into());
    }

    /// The schema of the successful response.
    fn schema(&self) -> &Value {
        let success = self.call.operation.responses.iter().find(|(status, _)| (200..300).contains(*status));
        success.map_or(&Value::Null, |(_, schema)| self.document.resolve(schema))
    }

    /// The response about one object: the object under `data`, where the schema has that, or as a whole. Flags such as
    /// `created` are true.
    fn respond(&self, object: &Object) -> HandlerResult {
        let schema = self.schema();
        let mut body = object.clone();
        if schema["properties"].get("data").is_some() || self.route.method == "DELETE" {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                if self.document.resolve(property)["type"] == "boolean" {
                    body.insert(name.clone(), true.into());
                }
            }
            body.insert("data".to_owned(), object.clone().into());
        }
        self.success(shaped(self.document, schema, &body.into()))
    }

    /// One page of the objects, or all of them where the operation has no pages.
    fn list(&self, objects: &[Object]) -> HandlerResult {
        let schema = self.schema();
        let item = &self.document.resolve(&schema["properties"]["data"])["items"];
        let mut rows: Vec<_> =
            objects.iter().map(|object| shaped(self.document, item, &object.clone().into())).collect();
        self.call.filter("filter", &mut rows)?;
        self.call.sorted(&mut rows)?;
        let pagination = &schema["properties"]["pagination"];
        if pagination.is_null() {
            return self.success(json!({"data": rows}));
        }
        let (page, count) = (self.call.page(), rows.len());
        let mut place = self.call.pagination(page, count);
        if self.document.resolve(pagination)["properties"].get("has_more").is_some() {
            place["has_more"] = (count > page.saturating_mul(self.call.per_page())).into();
        }
        let data = self.call.rows_of_page(page, rows);
        let mut body = empty(self.document, schema);
        body["pagination"] = place;
        body["data"] = data.into();
        self.success(body)
    }

    fn success(&self, body: Value) -> HandlerResult {
        let created = self.call.operation.responses.contains_key(&201);
        Ok(if created { ApiResponse::created(body) } else { ApiResponse::ok(body) })
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, OPERATIONS};

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
}
