//! An API that accepts every email after a fixed time and keeps none: it costs less than the workers that are measured.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cakemail_faults::proxy::Message;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::Result;

const TOKEN: &str = r#"{"access_token":"e30.e30.c2ln","token_type":"bearer","expires_in":3600,"refresh_token":"r"}"#;
const ACCEPTED: &str = r#"{"email":"r@example.org","object":"email","submitted":true,"data":{"id":"0b7a4d5e-6a51-4c1c-9d8c-3f6f6f3f2a10","status":"queued"}}"#;

/// Serves until it is dropped.
pub struct Api {
    pub url: String,
    emails: Arc<AtomicU64>,
    _serving: JoinSet<()>,
}

impl Api {
    pub async fn start(latency: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let emails = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&emails);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, latency, Arc::clone(&count)));
            }
        });
        Ok(Self { url, emails, _serving: serving })
    }

    /// How many emails it accepted.
    pub fn emails(&self) -> u64 {
        self.emails.load(Ordering::SeqCst)
    }
}

/// An I/O error is a client that has disconnected.
async fn serve(mut stream: TcpStream, latency: Duration, emails: Arc<AtomicU64>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        let mut request = Message::default();
        if !request.read_start(&mut stream).await? {
            return Ok(());
        }
        request.read_whole(&mut stream).await?;
        let is_email = request.bytes.starts_with(b"POST /v2/emails");
        if is_email {
            tokio::time::sleep(latency).await;
            emails.fetch_add(1, Ordering::SeqCst);
        }
        let body = if is_email { ACCEPTED } else { TOKEN };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
        stream.write_all(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
    }
}
