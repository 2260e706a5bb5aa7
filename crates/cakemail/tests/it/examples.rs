//! The examples run.
#![allow(dead_code)] // their `main`

#[path = "../../examples/mock_test.rs"]
mod mock_test;
#[path = "../../examples/model_only.rs"]
mod model_only;
#[path = "../../examples/sandbox_test.rs"]
mod sandbox_test;
#[path = "../../examples/send.rs"]
mod send;

#[test]
fn the_types_alone_will_do() {
    assert!(model_only::submission().unwrap().contains("aXRlbSxwcmljZQpib29rLDEyLjUwCg=="));
    assert_eq!(model_only::answer().unwrap().status, cakemail::EmailStatus::Queued);
    assert_eq!(model_only::opened().unwrap().len(), 1);
}

#[tokio::test]
async fn an_application_sends_offline() {
    assert_eq!(send::offline().await.unwrap().status, cakemail::EmailStatus::Delivered);
}
