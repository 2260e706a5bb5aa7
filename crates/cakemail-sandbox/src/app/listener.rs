//! The way in: a listener that can be shut, so that whoever connects is refused, and opened again on the same port.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::Clock;
use crate::domain::Time;
use crate::engine::run_until::run_until;

/// Connections that the kernel holds for us.
const BACKLOG: u32 = 1024;

pub(crate) struct Door {
    addr: SocketAddr,
    leaf: Mutex<Leaf>,
    changed: Notify,
    runtime: Handle,
}

enum Leaf {
    Open(TcpListener),
    /// Until then. The socket is bound and does not listen, so that nobody else takes the port meanwhile.
    Shut(TcpSocket, Time),
    /// Neither: the system did not give the port back.
    Lost,
}

impl Door {
    pub(crate) async fn new(addr: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let leaf = Mutex::new(Leaf::Open(listener));
        Ok(Self { addr, leaf, changed: Notify::new(), runtime: Handle::current() })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Refuses whoever connects before `until`.
    pub(crate) fn shut(&self, until: Time) -> io::Result<()> {
        let _inside = self.runtime.enter();
        let mut leaf = self.leaf();
        *leaf = match std::mem::replace(&mut *leaf, Leaf::Lost) {
            Leaf::Shut(socket, _) => Leaf::Shut(socket, until),
            open => {
                drop(open);
                Leaf::Shut(bound(self.addr)?, until)
            }
        };
        self.changed.notify_waiters();
        Ok(())
    }

    pub(crate) fn open(&self) -> io::Result<()> {
        let _inside = self.runtime.enter();
        let mut leaf = self.leaf();
        *leaf = match std::mem::replace(&mut *leaf, Leaf::Lost) {
            Leaf::Open(listener) => Leaf::Open(listener),
            Leaf::Shut(socket, _) => Leaf::Open(socket.listen(BACKLOG)?),
            Leaf::Lost => Leaf::Open(bound(self.addr)?.listen(BACKLOG)?),
        };
        self.changed.notify_waiters();
        Ok(())
    }

    /// The next connection; a shut door opens when its time has come.
    pub(crate) async fn accept(&self, clock: &Clock) -> io::Result<TcpStream> {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let Some(until) = self.shut_until() else {
                match run_until(changed, poll_fn(|context| self.poll_accept(context))).await {
                    Some(accepted) => return accepted,
                    None => continue,
                }
            };
            if run_until(changed, clock.until(until)).await.is_some() {
                self.open()?;
            }
        }
    }

    /// Gives the port back.
    pub(crate) fn close(&self) {
        *self.leaf() = Leaf::Lost;
    }

    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        match &*self.leaf() {
            Leaf::Open(listener) => listener.poll_accept(context).map_ok(|(stream, _)| stream),
            Leaf::Shut(..) | Leaf::Lost => Poll::Pending,
        }
    }

    fn shut_until(&self) -> Option<Time> {
        match &*self.leaf() {
            Leaf::Shut(_, until) => Some(*until),
            Leaf::Open(_) | Leaf::Lost => None,
        }
    }

    fn leaf(&self) -> MutexGuard<'_, Leaf> {
        self.leaf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket with an address, to listen later.
fn bound(addr: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Elsewhere this option would let two listeners share the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    Ok(socket)
}
