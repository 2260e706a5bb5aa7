//! Operations without their types, so that a test can check each.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::LazyLock;
use std::{fs, path};

use cakemail_model::{Format, Idempotency, Method, Operation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// An operation, and how it reads.
pub struct Call {
    pub id: &'static str,
    pub method: Method,
    pub template: &'static str,
    pub idempotency: Idempotency,
    pub account: bool,
    pub auth: bool,
    pub path: String,
    pub query: Option<String>,
    pub body: Option<(Format, Value)>,
    pub output: Format,
    pub debug: String,
    /// Reads a response, and writes it again.
    pub read: fn(&Value) -> Result<Value, ReadError>,
    /// Reads a response, and formats it with `Debug`.
    pub show: fn(&Value) -> Result<String, ReadError>,
    /// Reads a query, and writes it again.
    pub read_query: fn(&Value) -> Result<Value, ReadError>,
    /// Reads a request's body, and writes it again.
    pub read_body: fn(&Value) -> Result<Value, ReadError>,
}

pub type ReadError = serde_path_to_error::Error<serde_json::Error>;

pub fn call<O>(operation: &O) -> Call
where
    O: Operation<Output: Debug + Serialize, Query: DeserializeOwned, Body: DeserializeOwned> + Debug,
{
    Call {
        id: O::ID,
        method: O::METHOD,
        template: O::PATH,
        idempotency: O::IDEMPOTENCY,
        account: O::ACCOUNT,
        auth: O::AUTH,
        path: operation.path().into_owned(),
        query: operation.query().map(|query| serde_urlencoded::to_string(query).unwrap()),
        body: operation.body().map(|body| (O::BODY, serde_json::to_value(body).unwrap())),
        output: O::OUTPUT,
        debug: format!("{operation:?} {operation:#?}"),
        read: there_and_back::<O::Output>,
        show: |response| read::<O::Output>(response).map(|output| format!("{output:?} {output:#?}")),
        read_query: there_and_back::<O::Query>,
        read_body: there_and_back::<O::Body>,
    }
}

fn there_and_back<T: DeserializeOwned + Serialize>(json: &Value) -> Result<Value, ReadError> {
    read::<T>(json).map(|value| serde_json::to_value(value).unwrap())
}

fn read<T: DeserializeOwned>(json: &Value) -> Result<T, ReadError> {
    // From text, as from a server: a `Value` reads differently.
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(&json.to_string()))
}

/// An id that leaves its segment unless it is encoded.
pub const HOSTILE: &str = "../../token?a=b#c%2F;é\\ ";

/// A value for the path: [`HOSTILE`], or the largest number.
pub fn hostile<T: DeserializeOwned>() -> T {
    read(&json!(HOSTILE)).or_else(|_| read(&json!(u64::MAX))).unwrap()
}

/// The fixture of each operation, by its id.
static FIXTURES: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    let folder = path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.flat_map(|text| serde_json::from_slice::<BTreeMap<String, Value>>(&text).unwrap()).collect()
});

/// The request and the response of an operation.
pub fn fixture(id: &str) -> &'static Value {
    &FIXTURES[id]
}

/// The query of an operation's fixture.
pub fn query<T: DeserializeOwned>(id: &str) -> T {
    read(&fixture(id)["request"]["query"]).unwrap()
}

/// The body of an operation's fixture.
pub fn body<T: DeserializeOwned>(id: &str) -> T {
    read(&fixture(id)["request"]["body"]).unwrap()
}
