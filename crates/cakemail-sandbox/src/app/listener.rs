//! A listener that can be closed for a time, so that the system refuses connections, and opened again on the same port.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::domain::Time;
use crate::engine::clock::Clock;
use crate::engine::run_until;

/// Connections that the kernel queues.
const BACKLOG: u32 = 1024;

pub(crate) struct Listener {
    addr: SocketAddr,
    state: Mutex<SocketState>,
    changed: Notify,
    runtime: Handle,
}

enum SocketState {
    Open(TcpListener),
    /// Until this time. The socket is bound and does not listen, so that no other process takes the port.
    Closed(TcpSocket, Time),
    /// The system did not return the port, or the sandbox has ended.
    Lost,
}

impl Listener {
    pub(crate) async fn new(addr: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let state = Mutex::new(SocketState::Open(listener));
        Ok(Self { addr, state, changed: Notify::new(), runtime: Handle::current() })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Refuses connections until this time.
    pub(crate) fn close_until(&self, until: Time) -> io::Result<()> {
        let _inside = self.runtime.enter();
        let mut state = self.state();
        *state = match std::mem::replace(&mut *state, SocketState::Lost) {
            SocketState::Closed(socket, _) => SocketState::Closed(socket, until),
            open => {
                drop(open);
                SocketState::Closed(bound(self.addr)?, until)
            }
        };
        self.changed.notify_waiters();
        Ok(())
    }

    pub(crate) fn open(&self) -> io::Result<()> {
        let _inside = self.runtime.enter();
        let mut state = self.state();
        *state = match std::mem::replace(&mut *state, SocketState::Lost) {
            SocketState::Open(listener) => SocketState::Open(listener),
            SocketState::Closed(socket, _) => SocketState::Open(socket.listen(BACKLOG)?),
            SocketState::Lost => SocketState::Open(bound(self.addr)?.listen(BACKLOG)?),
        };
        self.changed.notify_waiters();
        Ok(())
    }

    /// The next connection. A closed listener opens when its time has come.
    pub(crate) async fn accept(&self, clock: &Clock) -> io::Result<TcpStream> {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let Some(until) = self.closed_until() else {
                match run_until(changed, poll_fn(|context| self.poll_accept(context))).await {
                    Some(accepted) => return accepted,
                    None => continue,
                }
            };
            if run_until(changed, clock.wait_until(until)).await.is_some() {
                self.open()?;
            }
        }
    }

    /// Returns the port.
    pub(crate) fn close(&self) {
        *self.state() = SocketState::Lost;
    }

    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        match &*self.state() {
            SocketState::Open(listener) => listener.poll_accept(context).map_ok(|(stream, _)| stream),
            SocketState::Closed(..) | SocketState::Lost => Poll::Pending,
        }
    }

    fn closed_until(&self) -> Option<Time> {
        match &*self.state() {
            SocketState::Closed(_, until) => Some(*until),
            SocketState::Open(_) | SocketState::Lost => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, SocketState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket that is bound and does not listen yet.
fn bound(addr: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // On other systems this option would let two listeners share the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    Ok(socket)
}
