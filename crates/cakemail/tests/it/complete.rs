//! Nothing of the API is left out: each operation of the document was made through the client, with success.

use std::collections::BTreeSet;

use cakemail::model::OPENAPI;

use crate::api;
use crate::support::TRANSPORTS;

#[tokio::test]
async fn every_operation_is_made_through_the_client() {
    let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
    let paths = document["paths"].as_object().unwrap().values().filter_map(|path| path.as_object());
    let operations: BTreeSet<_> =
        paths.flatten().filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
    assert_eq!(operations.len(), 50);

    let transport = TRANSPORTS[1];
    let mut made = api::walk(transport).await;
    made.extend(api::second_factor(transport).await);
    let missed: Vec<_> = operations.iter().filter(|operation| !made.contains(*operation)).collect();
    assert!(missed.is_empty(), "never made with success: {missed:?}");
}
