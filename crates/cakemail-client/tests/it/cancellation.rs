//! Calls that are dropped, or never polled again, at any await; and a client that two runtimes use.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use cakemail_client::{Client, Credentials, ErrorKind, Outcome, RateLimit};
use cakemail_transport::{Request, Transport};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::support::{Reply, TokenServer, advanced, call, email};

const SECOND: Duration = Duration::from_secs(1);

type Call = Pin<Box<dyn Future<Output = Result<(), ErrorKind>> + Send>>;

fn send(client: &Client) -> Call {
    let client = client.clone();
    Box::pin(async move { client.emails().send(&email()).await.map(drop).map_err(|error| error.kind()) })
}

/// Polls a call until it has been pending more than `times` times. Returns it unless it has ended.
async fn poll_times(mut call: Call, times: usize) -> Option<Call> {
    let mut polls = 0;
    let ended = poll_fn(|context| match call.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending => {
            polls += 1;
            if polls > times { Poll::Ready(false) } else { Poll::Pending }
        }
    });
    if ended.await { None } else { Some(call) }
}

/// A server whose responses take a second, and a client of it that may send once in 100 ms.
fn slow_server() -> (TokenServer, Client) {
    let server = TokenServer::new();
    server.state().token_delay = SECOND;
    server.state().call_delay = SECOND;
    let client = server.builder().rate_limit(RateLimit::Fixed(10.0)).build().unwrap();
    (server, client)
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_or_left_at_any_await_leaves_every_other_call_able_to_finish() {
    for is_left in [false, true] {
        for times in 0.. {
            let (server, client) = slow_server();
            // A call before it occupies the rate limit, and one beside it waits for the same token.
            let beside = tokio::spawn(send(&client));
            let unfinished = poll_times(send(&client), times).await;
            let is_finished = unfinished.is_none();
            let left = unfinished.filter(|_| is_left);
            let mut others: JoinSet<_> = (0..10).map(|_| send(&client)).collect();
            others.spawn(async move { beside.await.unwrap() });
            let others = timeout(60 * SECOND, others.join_all()).await.expect("a call hangs");
            assert_eq!(others, vec![Ok(()); 11], "after {times} polls");
            assert_eq!(server.grants(), ["password"], "after {times} polls");
            drop(left);
            if is_finished {
                assert!(times > 2);
                break;
            }
        }
    }
}

fn paused_runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

#[test]
fn a_renewal_on_an_idle_runtime_is_replaced_by_a_call_on_another() {
    for is_dropped in [false, true] {
        let first = paused_runtime();
        let (server, client) = first.block_on(async { slow_server() });
        let unfinished = first.block_on(poll_times(send(&client), 0));
        assert!(unfinished.is_some());
        assert_eq!(server.grants().len(), 1);
        let first = Some(first).filter(|_| !is_dropped);
        paused_runtime().block_on(async {
            let start = Instant::now();
            assert_eq!(send(&client).await, Ok(()), "dropped: {is_dropped}");
            assert!(start.elapsed() < 5 * SECOND, "{:?}", start.elapsed());
        });
        assert_eq!(server.grants(), ["password"; 2]);
        // The call on the first runtime goes on with the new token.
        if let (Some(first), Some(unfinished)) = (first, unfinished) {
            assert_eq!(first.block_on(unfinished), Ok(()));
            assert_eq!(server.grants().len(), 2);
        }
    }
}

/// Only the renewal has the refresh token, so it is not given up.
#[test]
fn a_renewal_with_a_refresh_token_alone_goes_on_when_its_runtime_does() {
    let first = paused_runtime();
    let (server, client) = first.block_on(async {
        let server = TokenServer::new();
        server.state().token_delay = SECOND;
        let client = server.builder().credentials(Credentials::refresh_token("r0")).build().unwrap();
        (server, client)
    });
    let unfinished = first.block_on(poll_times(send(&client), 0)).unwrap();
    paused_runtime().block_on(async {
        let start = Instant::now();
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotDone));
        assert!(error.to_string().contains("on another runtime, which is idle"), "{error}");
        assert!(start.elapsed() < 5 * SECOND);
    });
    assert_eq!(first.block_on(unfinished), Ok(()));
    assert_eq!(first.block_on(call(&client)), Ok(()));
    assert_eq!(server.grants(), ["r0"]);
}

/// Counts the requests in flight.
#[derive(Debug, Clone)]
struct Counting<T> {
    transport: T,
    in_flight: Arc<AtomicUsize>,
}

struct InFlight(Arc<AtomicUsize>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl<T: Transport> Transport for Counting<T> {
    async fn send(&self, request: Request) -> Reply {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        let _in_flight = InFlight(Arc::clone(&self.in_flight));
        self.transport.send(request).await
    }
}

#[tokio::test(start_paused = true)]
async fn of_ten_thousand_calls_half_of_which_are_dropped_nothing_remains() {
    let server = TokenServer::new();
    server.state().lifetime = Some(30);
    server.state().token_delay = SECOND;
    server.state().call_delay = SECOND / 10;
    let in_flight = Arc::new(AtomicUsize::new(0));
    let transport = Counting { transport: server.stub.clone(), in_flight: Arc::clone(&in_flight) };
    let client = server.builder().transport(transport).rate_limit(RateLimit::Fixed(100.0)).deadline(600 * SECOND);
    let client = client.build().unwrap();

    let mut random = fastrand::Rng::with_seed(7);
    let mut calls = JoinSet::new();
    for number in 0..10_000 {
        let call = send(&client);
        let times = random.usize(0..6);
        calls.spawn(async move {
            match number % 2 {
                0 => call.await,
                _ => {
                    poll_times(call, times).await;
                    Ok(())
                }
            }
        });
    }
    for result in calls.join_all().await {
        assert_eq!(result, Ok(()));
    }
    assert_eq!(in_flight.load(Ordering::SeqCst), 0, "connections");
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0, "tasks");
    advanced(SECOND).await;
    let start = Instant::now();
    server.state().call_delay = Duration::ZERO;
    server.state().token_delay = Duration::ZERO;
    send(&client).await.unwrap();
    // The token may have expired: its renewal and the send are 10 ms apart.
    assert!(start.elapsed() <= SECOND / 100, "a permit or a renewal remains");
}
