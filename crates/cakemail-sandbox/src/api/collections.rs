//! The operations of the tier `collection` that have no handler of their own: objects are stored, listed, filtered,
//! sorted, changed and deleted, and responses have the fields of their schemas.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::call::{Call, check_room, count};
use super::document::{Document, Operation, document};
use super::response::{ApiResponse, HandlerResult};
use super::shape::{empty, shaped};
use crate::domain::index::Table;
use crate::domain::{Account, Fields, Object};
use crate::generated::{OPERATIONS, Operation as Route, Tier};

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

/// The path of the collection that an operation is about.
fn collection_path(route: &Route) -> &'static str {
    match object_parameter(route) {
        Some(_) => route.path.rsplit_once('/').map_or("", |(path, _)| path),
        None => route.path,
    }
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
        let table = account.collections.table(self.collection(), &self.terms());
        match action {
            Action::List => self.list(table),
            Action::Get => self.respond(table.get(self.find(table)?).ok_or_else(|| self.missing())?),
            Action::Delete => self.respond(&*table.remove(self.find(table)?).ok_or_else(|| self.missing())?),
            Action::Update => {
                let number = self.find(table)?;
                table.change(number, |object| self.write_fields(object));
                self.respond(table.get(number).ok_or_else(|| self.missing())?)
            }
            Action::Create => {
                check_room(table.len())?;
                let object = self.new_object();
                let response = self.respond(&object);
                table.push(object);
                response
            }
        }
    }

    /// The number of the object whose `id` or whose field of the parameter's name is in the path.
    fn find(&self, table: &Table<Object>) -> Result<u32, ApiResponse> {
        let (key, name) = (object_parameter(self.route).unwrap_or("id"), self.object_name());
        let found = table.select("id", &name).min().or_else(|| table.select(key, &name).min());
        found.ok_or_else(|| self.missing())
    }

    fn missing(&self) -> ApiResponse {
        self.call.missing(self.route.resource, self.object_name())
    }

    /// The operation that lists the collection.
    fn listing(&self) -> Option<&Operation> {
        let path = collection_path(self.route);
        let listing = OPERATIONS.iter().find(|other| other.path == path && other.method == "GET")?;
        self.document.operation(listing.id)
    }

    /// The terms that objects are filtered, sorted and found by.
    fn terms(&self) -> Vec<String> {
        let listed = self.listing().map(|it| [it.terms("filter"), it.terms("sort")].concat());
        let key = object_parameter(self.route).map(str::to_owned);
        listed.into_iter().flatten().chain(key).collect()
    }

    /// The path of the collection, with the names of the objects that it belongs to.
    fn collection(&self) -> String {
        let segments = collection_path(self.route).split('/').map(|segment| match parameter(segment) {
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

    /// Sets the fields of the body; a `null` removes its field. A term that is missing then gets the value that the
    /// listing shows.
    fn write_fields(&self, object: &mut Object) {
        for (name, value) in self.call.body() {
            match value {
                Value::Null => object.remove(name),
                value => object.insert(name.clone(), value.clone()),
            };
        }
        object.insert("updated_on".to_owned(), self.call.now.seconds().into());
        let Some(listing) = self.listing() else { return };
        let shown = shaped(self.document, self.item(listing), &object.clone().into());
        for term in self.terms() {
            if let Some(value) = shown.get(&term) {
                object.entry(term).or_insert_with(|| value.clone());
            }
        }
    }

    /// The schema of the successful response.
    fn schema(&self) -> &Value {
        self.success_schema(self.call.operation)
    }

    fn success_schema<'o>(&'o self, operation: &'o Operation) -> &'o Value {
        let success = operation.responses.iter().find(|(status, _)| (200..300).contains(*status));
        success.map_or(&Value::Null, |(_, schema)| self.document.resolve(schema))
    }

    /// The schema of an object in a listing.
    fn item<'o>(&'o self, listing: &'o Operation) -> &'o Value {
        &self.document.resolve(&self.success_schema(listing)["properties"]["data"])["items"]
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
    fn list(&self, table: &Table<Object>) -> HandlerResult {
        let (schema, item) = (self.schema(), self.item(self.call.operation));
        let shape = |object: &Object| shaped(self.document, item, &object.clone().into());
        let mut selection = table.numbers().clone();
        self.call.filter("filter", table, &mut selection)?;
        let pagination = &schema["properties"]["pagination"];
        if pagination.is_null() {
            let all = self.call.sorted(table, &selection, 0, usize::MAX)?;
            return self.success(json!({"data": all.into_iter().map(|row| shape(row)).collect::<Vec<_>>()}));
        }
        let (page, count) = (self.call.page(), count(&selection));
        let mut place = self.call.pagination(page, count);
        if self.document.resolve(pagination)["properties"].get("has_more").is_some() {
            place["has_more"] = (count > page.saturating_mul(self.call.per_page())).into();
        }
        let data: Vec<_> = self.call.page_of(page, table, &selection)?.into_iter().map(|row| shape(row)).collect();
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
