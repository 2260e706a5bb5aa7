//! Calls over the real transports that are dropped, or never polled again, at any await; and a client that two runtimes
//! use in turn.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use cakemail::sandbox::Sandbox;
use cakemail::{Client, Credentials, Error};
use futures_util::{StreamExt, stream};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::support::{MakeTransport, TRANSPORTS};

const LIMIT: Duration = Duration::from_secs(60);

type Call = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

fn call(client: &Client) -> Call {
    let client = client.clone();
    Box::pin(async move { client.users().me().await.map(drop) })
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

/// A sandbox on a runtime of its own.
fn sandbox() -> (Runtime, Sandbox) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sandbox = runtime.block_on(async { Sandbox::builder().start().await.unwrap() });
    (runtime, sandbox)
}

fn client(sandbox: &Sandbox, transport: MakeTransport) -> Client {
    let credentials = Credentials::password(sandbox.email(), sandbox.password());
    Client::builder().base_url(sandbox.url()).credentials(credentials).transport(transport()).build().unwrap()
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_call_that_is_dropped_or_left_at_any_await_leaves_every_other_call_able_to_finish() {
    let (_runtime, sandbox) = sandbox();
    let mut interrupted = 0;
    let multi_thread = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for runtime in [current_thread(), multi_thread] {
        for (transport, is_left) in TRANSPORTS.into_iter().flat_map(|transport| [(transport, false), (transport, true)])
        {
            for times in 0.. {
                let client = client(&sandbox, transport);
                let is_finished = runtime.block_on(async {
                    let unfinished = poll_times(call(&client), times).await;
                    let is_finished = unfinished.is_none();
                    let _left = unfinished.filter(|_| is_left);
                    for _ in 0..2 {
                        let others = (0..4).map(|_| tokio::spawn(call(&client)));
                        let others =
                            timeout(LIMIT, futures_util::future::join_all(others)).await.expect("a call hangs");
                        others.into_iter().for_each(|other| other.unwrap().unwrap());
                    }
                    is_finished
                });
                if is_finished {
                    break;
                }
                interrupted += 1;
            }
        }
    }
    // A single call may find every response in time, and wait nowhere.
    assert!(interrupted > 0);
}

#[test]
fn a_client_works_on_a_second_runtime_after_the_first_has_stopped_at_any_await() {
    let (_runtime, sandbox) = sandbox();
    let mut interrupted = 0;
    for transport in TRANSPORTS {
        for times in 0.. {
            let client = client(&sandbox, transport);
            let first = current_thread();
            let unfinished = first.block_on(poll_times(call(&client), times));
            let is_finished = unfinished.is_none();
            drop(first);
            let result = current_thread().block_on(async { timeout(LIMIT, call(&client)).await });
            result.expect("a call hangs").unwrap();
            if is_finished {
                break;
            }
            interrupted += 1;
        }
    }
    assert!(interrupted > 0);
}

#[test]
fn of_ten_thousand_calls_half_of_which_are_dropped_nothing_remains() {
    let (_runtime, sandbox) = sandbox();
    for transport in TRANSPORTS {
        let runtime = current_thread();
        runtime.block_on(async {
            let client = client(&sandbox, transport);
            let calls = stream::iter(0..10_000_usize).map(|number| {
                let call = call(&client);
                async move {
                    match number % 2 {
                        0 => call.await.unwrap(),
                        _ => drop(poll_times(call, number / 2 % 7).await),
                    }
                }
            });
            calls.buffer_unordered(32).collect::<()>().await;
            timeout(LIMIT, call(&client)).await.expect("a call hangs").unwrap();
            drop(client);
            let ended = async {
                while runtime.metrics().num_alive_tasks() > 0 {
                    tokio::task::yield_now().await;
                }
            };
            timeout(LIMIT, ended).await.expect("a task remains");
        });
    }
}
