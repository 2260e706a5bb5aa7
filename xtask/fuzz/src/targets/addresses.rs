//! Addresses: one that is accepted is a single address in a header, and is what the email's validation accepts.

use cakemail::model::check_address;
use cakemail::{Content, ListId, NewEmail};
use mail_parser::MessageParser;

use super::{Target, ensure_eq, samples, text};

pub fn target() -> Target {
    let samples = samples(&[
        "ada@example.com",
        "ada+tag@example.co.uk",
        "o'hara@example.com",
        "é@exämple.fr",
        "अदा@हिन्दी.भारत",
        "ada@例え。テスト",
        "ada@xn--e1afmkfd.xn--p1ai",
        "Ada <ada@example.com>",
        "=?utf-8?q?ada?=@example.com",
        "a!#$%&'*/=?^_`{|}~-b@example.com",
        "ada@[127.0.0.1]",
    ]);
    Target { name: "addresses", samples, check: Box::new(check) }
}

fn check(input: &[u8]) -> Result<(), String> {
    let address = text(input);
    let accepted = check_address(&address).is_none();
    let email = NewEmail::transactional("7", ListId::new(42), address.as_str(), Content::text("Hi", "Hello"));
    ensure_eq(email.validate().is_ok(), accepted, "the email's validation")?;
    if !accepted {
        return Ok(());
    }
    let header = format!("To: <{address}>\r\n\r\n");
    let message = MessageParser::new().parse(header.as_bytes()).ok_or("the header cannot be read")?;
    let read: Vec<_> = message.to().into_iter().flat_map(|to| to.iter()).map(|it| (it.name(), it.address())).collect();
    ensure_eq(read, vec![(None, Some(address.as_str()))], "the header's addresses")
}
