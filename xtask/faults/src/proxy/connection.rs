//! Serves a connection: relays requests to the sandbox until a fault ends it.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::fault::{End, Fault, Step};
use super::message::Message;
use super::stream::Stream;
use super::{Event, Shared};

/// Longer than a client waits.
const STALL: Duration = Duration::from_secs(8);
/// From this length on, a body does not fit in the buffers of two sockets.
pub const LARGE: usize = 3_500_000;

/// Counts a connection whose requests may still reach the sandbox.
struct Live<'a>(&'a Shared);

impl<'a> Live<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.live.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for Live<'_> {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Serves one connection. An I/O error is a client that has disconnected.
pub async fn serve(shared: &Shared, stream: TcpStream) -> io::Result<()> {
    let live = Live::new(shared);
    stream.set_nodelay(true)?;
    let fault = (shared.plan)(Event::Connection);
    if let Some(fault) = fault.filter(|fault| fault.step == Step::Connected || shared.acceptor.is_some()) {
        if fault.step == Step::Handshake {
            stream.peek(&mut [0]).await?;
        }
        return end(Stream::Tcp(stream), live, fault.end, &[]).await;
    }
    let mut stream = match &shared.acceptor {
        None => Stream::Tcp(stream),
        Some(acceptor) => Stream::Tls(Box::new(acceptor.accept(stream).await?)),
    };
    let mut sandbox = TcpStream::connect(shared.sandbox).await?;
    sandbox.set_nodelay(true)?;
    let mut reused = false;
    loop {
        let (mut request, mut response) = (Message::default(), Message::default());
        if !request.read_start(&mut stream).await? {
            return Ok(());
        }
        shared.count(&shared.requests, &request);
        let fault = (shared.plan)(Event::Request { start: &request.bytes, reused });
        reused = true;
        if let Some(Fault { end: how, .. }) = step(&fault, Step::Head) {
            return end(stream, live, how, &[]).await;
        }
        if step(&fault, Step::Body).is_some() {
            request.read_into_body(&mut stream).await?;
        } else {
            request.read_head(&mut stream).await?;
        }
        let is_large = request.content_length() >= LARGE;
        let fault = if is_large { (shared.plan)(Event::LargeBody).or(fault) } else { fault };
        if let Some(Fault { end: how, .. }) = step(&fault, Step::Body) {
            return end(stream, live, how, &[]).await;
        }
        request.read_whole(&mut stream).await?;
        shared.record(&request);
        if let Some(Fault { end: how, .. }) = step(&fault, Step::Request) {
            return end(stream, live, how, &[]).await;
        }
        shared.hold(&request).await;
        sandbox.write_all(&request.bytes).await?;
        response.read_whole(&mut sandbox).await?;
        if response.bytes.starts_with(b"HTTP/1.1 2") {
            shared.count(&shared.applied, &request);
        }
        let (bytes, head) = (&response.bytes, response.head_length().unwrap_or_default());
        let Some(Fault { step, end: how }) = fault else {
            stream.write_all(bytes).await?;
            stream.flush().await?;
            continue;
        };
        let sent = match step {
            Step::ResponseHead => head / 2,
            Step::ResponseBody => head + (bytes.len() - head) / 2,
            Step::Idle => bytes.len(),
            _ => 0,
        };
        stream.write_all(&bytes[..sent]).await?;
        stream.flush().await?;
        return end(stream, live, how, &bytes[sent..]).await;
    }
}

fn step(fault: &Option<Fault>, step: Step) -> Option<Fault> {
    fault.clone().filter(|fault| fault.step == step)
}

/// Ends a connection. `rest` is the part of the true response that was not sent.
async fn end(mut stream: Stream, live: Live<'_>, end: End, rest: &[u8]) -> io::Result<()> {
    match end {
        End::Close => return stream.shutdown().await,
        End::Reset => return stream.reset_on_drop(),
        End::Stall => {
            drop(live);
            tokio::time::sleep(STALL).await;
            return Ok(());
        }
        End::Send(bytes) => stream.write_all(&bytes).await?,
        End::EndlessHeaders => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                stream.write_all(b"x-endless: and another header\r\n").await?;
            }
        }
        End::Drip => {
            for byte in rest {
                stream.write_all(&[*byte]).await?;
                stream.flush().await?;
                tokio::task::yield_now().await;
            }
        }
    }
    stream.shutdown().await?;
    // Closing with unread bytes would reset the connection, and the client might lose what was sent.
    let mut buffer = vec![0; 64 * 1024];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}
