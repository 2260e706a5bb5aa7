//! The table of outcomes: for each thing that can happen to a call, how the client reports the call. Each report is
//! compared with what the server did.

mod cell;
mod happenings;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use cakemail::sandbox::Sandbox;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::Result;
use crate::test_bed::{TestBed, access_token, builder, credentials, send};
use cakemail_faults::proxy::{End, Event, Fault, Plan, Proxy, Security, Step};
use cell::Cell;
use happenings::{Cause, Happening, Kind, Place, happenings};

/// The time limit of an attempt that stalls: longer than a busy machine needs for what precedes the stall.
const STALLED_TIMEOUT: Duration = Duration::from_secs(4);
/// The time limit of other attempts and of connecting: no call gets there, however busy the machine is.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The time in which a client notices that a connection was closed, if it watches.
const NOTICE: Duration = Duration::from_millis(200);

/// Makes every call of the table, and returns the table.
pub async fn run() -> Result<String> {
    let mut table = String::from(
        "| what happens | read | change | `send` | `send_idempotent` |\n| --- | --- | --- | --- | --- |\n",
    );
    let happenings = happenings();
    let places = happenings.iter().flat_map(|happening| happening.places().map(move |place| (happening, place)));
    let calls = places.clone().flat_map(|(happening, place)| Kind::ALL.map(|kind| (happening, kind, place)));
    // Calls that stall mostly wait. They are made apart, so that what precedes the stall is done long before the timeout.
    let concurrent = |happening: &Happening| match (happening.is_large, happening.stalls) {
        (true, _) => 4,
        (_, true) => 32,
        (_, false) => 64,
    };
    let mut groups: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for (index, call) in calls.enumerate() {
        groups.entry(concurrent(call.0)).or_default().push((index, call));
    }
    let mut cells = BTreeMap::new();
    for (concurrent, calls) in groups {
        let calls = calls.into_iter().map(|(index, (happening, kind, place))| async move {
            let cell = cell(happening, kind, place).await;
            let cell = cell.map_err(|error| format!("{}, {kind:?}, {}: {error}", happening.name, place.name()))?;
            Ok::<_, String>((index, cell))
        });
        cells.extend(stream::iter(calls).buffered(concurrent).try_collect::<Vec<_>>().await?);
    }
    let cells: Vec<_> = cells.into_values().collect();
    let places: Vec<_> = places.zip(cells.chunks(Kind::ALL.len())).collect();
    for chunk in places.chunk_by(|((one, _), _), ((other, _), _)| std::ptr::eq(*one, *other)) {
        for row in rows(chunk) {
            writeln!(table, "{row}")?;
        }
    }
    Ok(table)
}

/// The rows of a happening: one, or one for each group of places whose cells agree.
fn rows(places: &[((&Happening, Place), &[String])]) -> Vec<String> {
    let mut rows: Vec<(Vec<Place>, &[String])> = Vec::new();
    for ((_, place), cells) in places {
        match rows.iter_mut().find(|(_, known)| known == cells) {
            Some((group, _)) => group.push(*place),
            None => rows.push((vec![*place], cells)),
        }
    }
    let is_split = rows.len() > 1;
    let row = |(group, cells): &(Vec<Place>, &[String])| {
        let name = &places[0].0.0.name;
        let group = if is_split { format!(" ({})", group_name(group)) } else { String::new() };
        format!("| {name}{group} | {} |", cells.join(" | "))
    };
    rows.iter().map(row).collect()
}

/// The name of a group of places: the security that they share, or each transport with its securities.
fn group_name(group: &[Place]) -> String {
    if let [one, other] = group
        && one.security == other.security
    {
        return one.security.name().to_owned();
    }
    let transports = group.chunk_by(|one, other| one.transport == other.transport);
    let names = transports.map(|places| match places {
        [place] => place.name(),
        _ => format!("`{}`", places[0].transport.name()),
    });
    names.collect::<Vec<_>>().join(", ")
}

/// Makes one call.
async fn cell(happening: &Happening, kind: Kind, Place { transport, security }: Place) -> Result<String> {
    if !happening.kinds.contains(&kind) {
        return Ok("–".to_owned());
    }
    let sandbox = Sandbox::start().await?;
    let setup = builder(sandbox.url(), transport, TIMEOUT)?.credentials(credentials(&sandbox)).build()?;
    let bed = TestBed::new(&setup, &sandbox).await?;
    let token = access_token(&setup, &sandbox).await?;
    let armed = Arc::new(AtomicBool::new(false));
    let proxy = Proxy::start(sandbox.addr(), security, kind.request(), plan(happening, kind, &armed)).await?;
    let mut url = proxy.url.clone();
    let mut connect_timeout = TIMEOUT;
    let mut unreachable = None;
    match happening.cause {
        Cause::ConnectionRefused => unreachable = Some(Unreachable::refusing()?),
        Cause::ConnectStall { connect_timeout: timeout } => {
            connect_timeout = timeout;
            unreachable = Some(Unreachable::stalling().await?);
        }
        _ => {}
    }
    if let Some(unreachable) = &unreachable {
        url = unreachable.url(security);
    }
    let credentials = if matches!(happening.cause, Cause::SignedIn(_)) { credentials(&sandbox) } else { token };
    let attempt_timeout = if happening.stalls { STALLED_TIMEOUT } else { TIMEOUT };
    let client = builder(&url, transport, connect_timeout)?.attempt_timeout(attempt_timeout).credentials(credentials);
    let client = client.build()?;
    match &happening.cause {
        Cause::SignedIn(faults) => {
            client.users().me().await?;
            for fault in faults {
                sandbox.fault(fault.clone());
            }
        }
        Cause::ClosedAtReuse => {
            client.users().me().await?;
        }
        Cause::IdleClosed => {
            client.users().me().await?;
            proxy.quiet().await;
            tokio::time::sleep(NOTICE).await;
        }
        Cause::LogDelay(delay) => {
            sandbox.lag_logs(*delay);
        }
        _ => {}
    }
    armed.store(true, Ordering::SeqCst);
    let recipient = "ada@example.org";
    let email = if happening.is_large { bed.large_email(recipient)? } else { bed.email(recipient) };
    let cell = match kind {
        Kind::Read => Cell::of_call(&bed.read(&client).await),
        Kind::Change => Cell::of_call(&bed.change(&client).await),
        Kind::Send => Cell::of_send(&send(&client, &email, false).await),
        Kind::SendIdempotent => Cell::of_send(&send(&client, &email, true).await),
    };
    if matches!(kind, Kind::Send | Kind::SendIdempotent) && sandbox.ledger().accepted(recipient) != proxy.applied() {
        return Err("the ledger and the proxy disagree".into());
    }
    Ok(cell.checked(kind, &proxy)?.to_string())
}

/// The proxy's part of a happening, once it is armed.
fn plan(happening: &Happening, kind: Kind, armed: &Arc<AtomicBool>) -> Plan {
    let (fault, limit) = match &happening.cause {
        Cause::Every(fault) => (Some(fault.clone()), u64::MAX),
        Cause::Once(fault) => (Some(fault.clone()), 1),
        Cause::LogDelay(_) => (Some(Fault::new(Step::Processed, End::Close)), u64::MAX),
        Cause::ClosedAtReuse => (Some(Fault::new(Step::Head, End::Close)), u64::MAX),
        _ => (None, 0),
    };
    let only_reused = matches!(happening.cause, Cause::ClosedAtReuse);
    let closes_idle = matches!(happening.cause, Cause::IdleClosed);
    let (armed, struck) = (Arc::clone(armed), AtomicU64::new(0));
    Box::new(move |event| {
        if closes_idle && !armed.load(Ordering::SeqCst) {
            return matches!(event, Event::Request { .. }).then(|| Fault::new(Step::Idle, End::Close));
        }
        let fault = fault.as_ref().filter(|_| armed.load(Ordering::SeqCst))?;
        let at_connection = matches!(fault.step, Step::Connected | Step::Handshake);
        let strikes = match event {
            Event::Connection => at_connection,
            Event::Request { start, reused } => {
                !at_connection && start.starts_with(kind.request().as_bytes()) && (reused || !only_reused)
            }
            Event::LargeBody => false,
        };
        (strikes && struck.fetch_add(1, Ordering::SeqCst) < limit).then(|| fault.clone())
    })
}

/// An address that no client can connect to.
struct Unreachable {
    address: SocketAddr,
    /// Keeps the port.
    _socket: Option<TcpSocket>,
    _listener: Option<TcpListener>,
    _queued: Vec<TcpStream>,
}

impl Unreachable {
    /// The system refuses connections: nothing listens.
    fn refusing() -> Result<Self> {
        let socket = bound()?;
        let address = socket.local_addr()?;
        Ok(Self { address, _socket: Some(socket), _listener: None, _queued: Vec::new() })
    }

    /// The system leaves connections waiting: the queue of the listener is full, and nobody accepts.
    async fn stalling() -> Result<Self> {
        let listener = bound()?.listen(1)?;
        let address = listener.local_addr()?;
        let mut queued = Vec::new();
        while let Ok(stream) = tokio::time::timeout(NOTICE, TcpStream::connect(address)).await {
            queued.push(stream?);
        }
        Ok(Self { address, _socket: None, _listener: Some(listener), _queued: queued })
    }

    fn url(&self, security: Security) -> String {
        match security {
            Security::Tcp => format!("http://{}", self.address),
            Security::Tls => format!("https://{}", self.address),
        }
    }
}

fn bound() -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    Ok(socket)
}
