//! A server of the tests' own, which keeps what it was told: a webhook's receiver, a trap, or pages without protection.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Result;

pub struct Listener {
    pub port: u16,
    heard: Arc<Mutex<Vec<Heard>>>,
    task: JoinHandle<()>,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Heard {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

/// Bytes of a body that are read.
const MOST: usize = 1 << 20;

impl Listener {
    /// Answers every request with the page that `page` has for its path, and 200.
    pub async fn start(page: impl Fn(&str) -> String + Clone + Send + Sync + 'static) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&heard);
        let router = Router::new().fallback(move |request: Request| async move {
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(body, MOST).await.unwrap_or_default();
            let path = head.uri.path().to_owned();
            let answer = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page(&path)).into_response();
            let body = String::from_utf8_lossy(&body).into_owned();
            noted.lock().unwrap_or_else(PoisonError::into_inner).push(Heard { path, headers: head.headers, body });
            answer
        });
        // It ends with the runtime at the latest, and has nothing to say.
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { port, heard, task })
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}
