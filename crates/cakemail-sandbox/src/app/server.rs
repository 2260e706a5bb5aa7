//! The HTTP/1.1 server: accepts connections until the sandbox is closed.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::connection::serve_connection;
use super::context::App;
use super::listener::Listener;
use crate::engine::run_until;
use crate::webhooks::{Receivers, dispatcher};

/// How long requests in flight may take when the sandbox is closed.
const GRACE: Duration = Duration::from_secs(5);

/// The longest time to the next try when a connection cannot be accepted.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves requests and delivers webhooks until the sandbox is closed and the requests in flight have their responses. When
/// it is dropped, all connections are closed at once.
pub(crate) async fn serve(app: Arc<App>) {
    let (allowed, own, public) = (app.config.receivers.clone(), app.listener.addr(), app.base.origin().to_owned());
    let receivers = Receivers { allowed, own, public };
    run_until(dispatcher::run(&app.engine, receivers), serve_connections(&app)).await;
}

async fn serve_connections(app: &Arc<App>) {
    let mut connections = JoinSet::new();
    let listening = CloseOnDrop(&app.listener);
    run_until(app.closing.begun(), accept_connections(app, &mut connections)).await;
    drop(listening);
    // After that, dropping them closes them.
    let _ = timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
}

async fn accept_connections(app: &Arc<App>, connections: &mut JoinSet<()>) {
    loop {
        match app.listener.accept(app.clock()).await {
            Ok(stream) => {
                // Without TCP_NODELAY responses are only slower.
                let _ = stream.set_nodelay(true);
                connections.spawn(serve_connection(Arc::clone(app), stream));
            }
            // Most likely out of file descriptors. The end of a connection may free one.
            Err(_) => drop(timeout(PAUSE, end_of_one(connections)).await),
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn end_of_one(connections: &mut JoinSet<()>) {
    if connections.join_next().await.is_none() {
        pending().await
    }
}

struct CloseOnDrop<'a>(&'a Listener);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
