//! The email that everyone sends, and the answer to it.

use std::path::Path;

use cakemail::{Attachment, Content, ListId, NewEmail};

use crate::Result;

/// The token that everyone has.
pub const TOKEN: &str =
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiYWNjb3VudF9pZCI6NDJ9.c2lnbmF0dXJlLW9mLWEtdG9rZW4";
/// Where emails go.
pub const PATH: &str = "/v2/emails";
/// What the server answers to each.
pub const ANSWER: &str = r#"{"email":"ada.byron@example.com","object":"email","submitted":true,"data":{"id":"0b7a4d5e-6a51-4c1c-9d8c-3f6f6f3f2a10","status":"queued"}}"#;

/// A receipt of 397 bytes of JSON.
pub fn receipt() -> NewEmail {
    let html = "<html><body><h1>Thank you, Ada B.</h1><p>Your order 1842 is on its way and should be with you by \
                Thursday.</p><p><a href=\"https://shop.example.com/orders/1842\">Follow it</a></p></body></html>";
    NewEmail::transactional(
        "7",
        ListId::new(42),
        "ada.byron@example.com",
        Content::html("Your order 1842 is on its way", html),
    )
    .tag("receipt")
    .tag("order-1842")
}

/// The same, with so many bytes attached from a file.
pub fn heavy(path: &Path) -> Result<NewEmail> {
    Ok(receipt().attach(Attachment::from_path(path)?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_email_is_of_the_size_that_was_measured_before() {
        assert_eq!(serde_json::to_vec(&super::receipt()).unwrap().len(), 397);
        assert_eq!(super::ANSWER.len(), 138);
    }
}
