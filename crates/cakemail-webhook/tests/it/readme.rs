//! The README's snippet.

use cakemail_webhook::{Receiver, Rejection, Verifier, sign};
use http::{HeaderMap, HeaderValue};

use crate::key;

#[tokio::test]
async fn the_snippet_of_the_readme_receives_a_delivery() -> Result<(), Rejection> {
    let key = key();
    let raw_body = br#"{"event":"Email.Bounced","data":{"email_id":"3fbfa67e"}}"#.to_vec();
    let mut headers = HeaderMap::new();
    headers.insert("x-signature", HeaderValue::from_str(&sign(&key, &raw_body)).unwrap());

    let receiver = Receiver::new(Verifier::new(key)); // the key is the `signature.key` of `GET /webhooks/{webhook_id}`
    let delivery = receiver.receive(&headers, &raw_body).await?;
    println!("{} of {:?}", delivery.event.kind, delivery.event.email_id());
    delivery.done().await?; // then respond with 200
    Ok(())
}
