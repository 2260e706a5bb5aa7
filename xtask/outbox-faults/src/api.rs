//! An API that accepts every email after a fixed time and keeps none: it costs less than the workers that are measured.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

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
    served: Arc<Served>,
    _serving: JoinSet<()>,
}

#[derive(Default)]
struct Served {
    emails: AtomicU64,
    /// From the end of the request to the end of the response, of all emails.
    micros: AtomicU64,
}

impl Api {
    pub async fn start(latency: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let served = Arc::<Served>::default();
        let shared = Arc::clone(&served);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, latency, Arc::clone(&shared)));
            }
        });
        Ok(Self { url, served, _serving: serving })
    }

    /// How many emails it accepted.
    pub fn emails(&self) -> u64 {
        self.served.emails.load(Ordering::SeqCst)
    }

    /// How long it took for them, together.
    pub fn time(&self) -> Duration {
        Duration::from_micros(self.served.micros.load(Ordering::SeqCst))
    }
}

/// An I/O error is a client that has disconnected.
async fn serve(mut stream: TcpStream, latency: Duration, served: Arc<Served>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        let mut request = Message::default();
        if !request.read_start(&mut stream).await? {
            return Ok(());
        }
        request.read_whole(&mut stream).await?;
        let began = Instant::now();
        let is_email = request.bytes.starts_with(b"POST /v2/emails");
        if is_email {
            tokio::time::sleep(latency).await;
        }
        let body = if is_email { ACCEPTED } else { TOKEN };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
        stream.write_all(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
        if is_email {
            served.micros.fetch_add(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX), Ordering::SeqCst);
            served.emails.fetch_add(1, Ordering::SeqCst);
        }
    }
}
