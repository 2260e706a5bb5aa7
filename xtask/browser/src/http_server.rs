//! A server that records requests: a webhook receiver, the trap of hostile emails, or a host for unprotected pages.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Result;

pub struct HttpServer {
    pub port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
}

/// A recorded request.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

/// The maximum size of a body, in bytes.
const MAX_BODY: usize = 1 << 20;

impl HttpServer {
    /// Responds to every request with 200 and the page that `page` returns for its path.
    pub async fn start(page: impl Fn(&str) -> String + Clone + Send + Sync + 'static) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&received);
        let router = Router::new().fallback(move |request: Request| async move {
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(body, MAX_BODY).await.unwrap_or_default();
            let path = head.uri.path().to_owned();
            let response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page(&path)).into_response();
            let body = String::from_utf8_lossy(&body).into_owned();
            recorded.lock().unwrap_or_else(PoisonError::into_inner).push(Received {
                path,
                headers: head.headers,
                body,
            });
            response
        });
        // The task ends with the runtime at the latest; it returns nothing.
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { port, received, task })
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
