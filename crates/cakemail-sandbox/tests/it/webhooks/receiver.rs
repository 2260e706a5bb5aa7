//! A receiver of webhooks: it sends the responses that a test sets, 200 by default, and records the requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use cakemail_model::Secret;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::support::User;

#[derive(Clone)]
pub(super) struct Post {
    pub(super) head: String,
    pub(super) body: String,
}

impl Post {
    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.lines().filter_map(|line| line.split_once(": "))
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Listens until it is dropped.
pub(super) struct Receiver {
    pub(super) url: String,
    shared: Arc<Shared>,
    _task: JoinSet<()>,
}

struct Shared {
    /// Raw responses to the next posts, in order. An empty one closes the connection.
    responses: Mutex<VecDeque<String>>,
    silent: bool,
    posts: watch::Sender<Vec<Post>>,
    hung_up: watch::Sender<usize>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        Self::listening(false).await
    }

    /// A receiver that never responds.
    pub(super) async fn silent() -> Self {
        Self::listening(true).await
    }

    async fn listening(silent: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?a=b", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            responses: Mutex::default(),
            silent,
            posts: watch::Sender::default(),
            hung_up: watch::Sender::default(),
        });
        let mut task = JoinSet::new();
        let receiver = Arc::clone(&shared);
        task.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(Arc::clone(&receiver), stream));
            }
        });
        Self { url, shared, _task: task }
    }

    /// Sets the statuses of the next responses.
    pub(super) fn respond(&self, statuses: impl IntoIterator<Item = u16>) {
        self.respond_raw(
            statuses.into_iter().map(|status| format!("HTTP/1.1 {status} So\r\ncontent-length: 0\r\n\r\n")),
        );
    }

    pub(super) fn respond_raw(&self, responses: impl IntoIterator<Item = String>) {
        self.shared.responses.lock().unwrap().extend(responses);
    }

    pub(super) fn port(&self) -> &str {
        self.url.split([':', '/']).nth(4).unwrap()
    }

    pub(super) fn posts(&self) -> Vec<Post> {
        self.shared.posts.borrow().clone()
    }

    pub(super) async fn wait_for(&self, count: usize) -> Vec<Post> {
        self.shared.posts.subscribe().wait_for(|posts| posts.len() >= count).await.unwrap().clone()
    }

    /// How many connections were closed before a response.
    pub(super) fn hung_up(&self) -> usize {
        *self.shared.hung_up.borrow()
    }

    pub(super) async fn wait_until_hung_up(&self) {
        self.shared.hung_up.subscribe().wait_for(|count| *count > 0).await.unwrap();
    }
}

async fn serve(shared: Arc<Shared>, mut stream: TcpStream) {
    let Some(post) = read(&mut stream).await else { return };
    shared.posts.send_modify(|posts| posts.push(post));
    if shared.silent {
        let _ = stream.read_u8().await;
        return shared.hung_up.send_modify(|count| *count += 1);
    }
    let next = shared.responses.lock().unwrap().pop_front();
    let response = next.unwrap_or_else(|| "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".into());
    let _ = stream.write_all(response.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Post> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = str::from_utf8(&bytes).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() == length.parse::<usize>().unwrap() {
            return Some(Post { head: format!("{head}\r\n"), body: body.to_owned() });
        }
    }
}

pub(super) struct Webhook {
    pub(super) id: String,
    pub(super) key: Secret,
}

/// Creates a webhook.
pub(super) async fn webhook(user: &User<'_>, event: &str, url: &str) -> Webhook {
    let created = user.post("/webhooks", json!({"event": event, "url": url})).await.expect(201);
    let id = created["id"].as_str().unwrap().to_owned();
    let shown = user.get(&format!("/webhooks/{id}")).await.expect(200);
    Webhook { id, key: shown["signature"]["key"].as_str().unwrap().into() }
}
