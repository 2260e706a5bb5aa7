//! The futures of calls: their size.

use crate::support::{StubServer, email, ok};

/// A million sends may be in progress, each in its own task.
#[test]
fn the_future_of_a_send_is_small() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _guard = runtime.enter();
    let (client, email) = (StubServer::always(ok).client(), email());
    let size = size_of_val(&client.emails().send(&email));
    println!("the future of a send: {size} bytes");
    assert!(size <= 400, "{size} bytes");
}
