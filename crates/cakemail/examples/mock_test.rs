//! A function of an application, and its test with `MockTransport`, which states the expected request and the response.
//!
//! `cargo test --example mock_test` runs the test.

use cakemail::{Client, Content, EmailId, ListId, NewEmail};

/// Sends an email with a link that resets the password.
pub async fn send_reset(client: &Client, recipient: &str, link: &str) -> cakemail::Result<EmailId> {
    let content = Content::text("Reset your password", format!("Follow this link: {link}"));
    let email = NewEmail::transactional("7", ListId::new(42), recipient, content).tag("password-reset");
    Ok(client.emails().send(&email).await?.id)
}

fn main() {
    println!("cargo test --example mock_test");
}

#[cfg(test)]
mod tests {
    use cakemail::transport::Response;
    use cakemail::transport::http::Method;
    use cakemail::{Client, Credentials, MockTransport};

    #[tokio::test]
    async fn the_reset_is_sent_once() {
        let mut transport = MockTransport::new();
        transport
            .expect_send()
            .withf(|request| request.method() == Method::POST && request.uri().path() == "/v2/emails")
            .times(1)
            .returning(|request| {
                let body = request.body().as_bytes().unwrap().clone();
                let sent: serde_json::Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(sent["email"], "ada@example.com");
                assert_eq!(sent["tags"][0], "password-reset");
                Ok(Response::new(r#"{"data": {"id": "e1", "status": "queued"}}"#.into()))
            });
        let credentials = Credentials::access_token("any");
        let client = Client::builder().credentials(credentials).transport(transport).build().unwrap();

        let id = super::send_reset(&client, "ada@example.com", "https://example.com/reset").await.unwrap();
        assert_eq!(id.as_str(), "e1");
    }
}
