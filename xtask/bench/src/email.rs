//! The email that all clients send, and the response.

use std::path::Path;

use cakemail::{Attachment, Content, ListId, NewEmail};

use crate::Result;

/// The access token of all clients.
pub const TOKEN: &str =
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiYWNjb3VudF9pZCI6NDJ9.c2lnbmF0dXJlLW9mLWEtdG9rZW4";
/// The path of a submission.
pub const PATH: &str = "/v2/emails";
/// The body of the response.
pub const RESPONSE: &str = r#"{"email":"ada.byron@example.com","object":"email","submitted":true,"data":{"id":"0b7a4d5e-6a51-4c1c-9d8c-3f6f6f3f2a10","status":"queued"}}"#;

/// A receipt of 546 bytes of JSON. Every call constructs it, as an application does for each email.
pub fn receipt() -> NewEmail {
    let html = "<html><body><h1>Thank you, Ada B.</h1><p>Your order 1842 is on its way and should be with you by \
                Thursday.</p><p><a href=\"https://shop.example.com/orders/1842\">Follow it</a></p></body></html>";
    let text = "Thank you, Ada B.\n\nYour order 1842 is on its way and should be with you by Thursday.\n\n\
                Follow it: https://shop.example.com/orders/1842\n";
    NewEmail::transactional(
        "7",
        ListId::new(42),
        "ada.byron@example.com",
        Content::html_and_text("Your order 1842 is on its way", html, text),
    )
    .tag("receipt")
    .tag("order-1842")
}

/// The same email with a file attached.
pub fn with_attachment(path: &Path) -> Result<NewEmail> {
    Ok(receipt().attach(Attachment::from_path(path)?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_email_and_the_response_have_the_documented_size() {
        assert_eq!(serde_json::to_vec(&super::receipt()).unwrap().len(), 546);
        assert_eq!(super::RESPONSE.len(), 138);
    }
}
