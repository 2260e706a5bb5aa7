//! The API tests call every operation of the spec.

use std::collections::BTreeSet;

use cakemail::model::OPENAPI;

use crate::api;
use crate::support::TRANSPORTS;

#[tokio::test]
async fn every_operation_succeeds_through_the_client() {
    let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
    let paths = document["paths"].as_object().unwrap().values().filter_map(|path| path.as_object());
    let operations: BTreeSet<_> =
        paths.flatten().filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
    assert_eq!(operations.len(), 50);

    let transport = TRANSPORTS[1];
    let mut called = api::run_all(transport).await;
    called.extend(api::mfa_code(transport).await);
    let missing: Vec<_> = operations.iter().filter(|operation| !called.contains(*operation)).collect();
    assert!(missing.is_empty(), "operations that no test calls with success: {missing:?}");
}
