//! Runs the examples.
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
fn model_only_writes_a_submission_and_reads_responses() {
    assert!(model_only::submission().unwrap().contains("aXRlbSxwcmljZQpib29rLDEyLjUwCg=="));
    assert_eq!(model_only::response().unwrap().status, cakemail::EmailStatus::Queued);
    assert_eq!(model_only::opened().unwrap().len(), 1);
}

#[tokio::test]
async fn send_delivers_an_email_offline() {
    assert_eq!(send::offline().await.unwrap().status, cakemail::EmailStatus::Delivered);
}
