//! The server: accepts and counts every email.

use std::convert::Infallible;
use std::io::{self, BufRead, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::rt::{Read, Write as HyperWrite};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{Result, email, machine, tls};

/// Accepts emails on loopback. Prints its port, then its count for each line on stdin, and exits when stdin closes.
#[derive(clap::Args)]
pub struct Server {
    /// Folder of the certificate, for HTTPS.
    #[arg(long)]
    tls: Option<PathBuf>,
}

static EMAILS: AtomicU64 = AtomicU64::new(0);

pub fn run(server: &Server) -> Result {
    machine::pin(0)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let acceptor =
        server.tls.as_deref().map(tls::server).transpose()?.map(|config| TlsAcceptor::from(Arc::new(config)));
    // Reading stdin blocks, so it has its own thread, which exits the process at the end of stdin.
    std::thread::spawn(|| std::process::exit(i32::from(print_counts().is_err())));
    runtime.block_on(async move {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        print_line(listener.local_addr()?.port())?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                match acceptor {
                    None => serve(TokioIo::new(stream)).await,
                    Some(acceptor) => match acceptor.accept(stream).await {
                        Ok(stream) => serve(TokioIo::new(stream)).await,
                        Err(error) => eprintln!("server: {error}"),
                    },
                }
            });
        }
    })
}

fn print_counts() -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        line?;
        print_line(EMAILS.load(Ordering::SeqCst))?;
    }
    Ok(())
}

fn print_line(line: impl std::fmt::Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

async fn serve<T: Read + HyperWrite + Unpin>(stream: T) {
    // A client may close its connection at any time.
    let _ = http1::Builder::new().serve_connection(stream, service_fn(accept)).await;
}

async fn accept(request: Request<Incoming>) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let is_submission = request.uri().path() == email::PATH && request.headers().contains_key(header::AUTHORIZATION);
    let mut body = request.into_body();
    let mut length = 0;
    while let Some(Ok(frame)) = body.frame().await {
        length += frame.data_ref().map_or(0, Bytes::len);
    }
    let mut response = Response::new(Full::new(Bytes::from_static(email::RESPONSE.as_bytes())));
    *response.status_mut() = StatusCode::CREATED;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if is_submission && length > 300 {
        EMAILS.fetch_add(1, Ordering::SeqCst);
    } else {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}
