//! One user, on one connection.

use cakemail_sandbox::Sandbox;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

pub struct User {
    connection: Mutex<SendRequest<Full<Bytes>>>,
    host: String,
    token: String,
}

impl User {
    pub async fn sign_in(sandbox: &Sandbox, email: &str) -> Self {
        let stream = TcpStream::connect(sandbox.addr()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let (connection, host) = (Mutex::new(sender), sandbox.addr().to_string());
        let mut user = Self { connection, host, token: String::new() };
        let lifetime = ("expiration_seconds", "100000000"); // longer than any test waits
        let form = [("username", email), ("password", PASSWORD), lifetime];
        let form = serde_urlencoded::to_string(form).unwrap();
        let (status, body) = user.send(Method::POST, "/token", "application/x-www-form-urlencoded", form).await;
        assert_eq!(status, 200, "{body}");
        user.token = body["access_token"].as_str().unwrap().to_owned();
        user
    }

    async fn send(&self, method: Method, path: &str, content_type: &str, body: String) -> (u16, Value) {
        let request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header(HOST, &self.host)
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, content_type)
            .body(Full::from(body))
            .unwrap();
        let mut connection = self.connection.lock().await;
        connection.ready().await.unwrap();
        let answer = connection.send_request(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(status < 500, "{method} {path}: {status} {}", String::from_utf8_lossy(&body));
        (status, serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into()))
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.send(method, path, "application/json", body.map(Value::to_string).unwrap_or_default()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, Some(&body)).await
    }

    /// The body of a successful response.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    pub async fn query(&self, path: &str, query: &[(&str, &str)]) -> Value {
        self.get(&format!("{path}?{}", serde_urlencoded::to_string(query).unwrap())).await
    }

    /// All rows of a listing, page by page.
    pub async fn rows(&self, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
        self.rows_by(100, path, query).await
    }

    /// All rows of a listing, with pages of this size.
    pub async fn rows_by(&self, per_page: usize, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
        let mut rows = Vec::new();
        for page in 1.. {
            let (page, per_page_text) = (page.to_string(), per_page.to_string());
            let query = [query, &[("page", page.as_str()), ("per_page", &per_page_text)]].concat();
            let answer = self.query(path, &query).await;
            let some = answer["data"].as_array().unwrap();
            assert!(some.len() <= per_page, "{path}: a page is too long");
            rows.extend_from_slice(some);
            let more = &answer["pagination"]["has_more"];
            if more.is_boolean() {
                assert!(*more == false || some.len() == per_page, "{path}: there is more, and the page is not full");
            }
            if if more.is_boolean() { *more == false } else { some.len() < per_page } {
                break;
            }
        }
        rows
    }
}

/// Of every account.
pub const PASSWORD: &str = "password";

/// The texts of a field, row by row.
pub fn column<'a>(rows: &'a [Value], field: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[field].as_str().unwrap_or_else(|| panic!("{field}: {row}"))).collect()
}

/// A valid email.
pub fn email(list: i64, sender: &str, recipient: &str, tags: &[&str], kind: &str) -> Value {
    let content = json!({"type": kind, "subject": "Hello", "html": "<p>Hello</p>", "encoding": "utf-8"});
    json!({"email": recipient, "list_id": list, "sender": {"id": sender}, "tags": tags, "content": content})
}
