//! Fills a sandbox with emails.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Result;
use crate::client::Client;

/// Names at which the sandbox's emails differ in what happens to them.
const NAMES: [&str; 8] = ["delivered", "opened", "clicked", "bounced", "ann", "bob", "cleo", "dan"];

/// The ids that emails are submitted with.
pub struct Ids {
    pub list: u64,
    sender: String,
}

impl Ids {
    /// Creates a sender, and takes the list that the account has.
    pub async fn create(client: &mut Client) -> Result<Self> {
        let sender = json!({"name": "Shop", "email": cakemail_sandbox::DEFAULT_EMAIL});
        let sender = value(&client.post("/brands/default/senders", &sender).await?.0)?;
        let lists = value(&client.get("/lists").await?.0)?;
        Ok(Self {
            list: lists["data"][0]["id"].as_u64().ok_or("the account has no list")?,
            sender: sender["data"]["id"].as_str().or(sender["id"].as_str()).ok_or("the sender has no id")?.to_owned(),
        })
    }

    /// The `n`th email: some 400 bytes, to a recipient of its own, with one of ten tags and a word that no other has.
    pub fn email(&self, n: usize) -> Value {
        let name = NAMES[n % NAMES.len()];
        json!({
            "sender": {"id": self.sender},
            "list_id": self.list,
            "email": format!("{name}+{n}@mail{}.example.com", n % 5),
            "content": {
                "type": "transactional",
                "subject": format!("Your order {n} is on its way"),
                "html": format!(
                    "<p>Hello {name}, thank you for your order.</p><p>The parcel with the number parcel{n} has left our \
                     warehouse and reaches you on Monday.</p>"
                ),
                "encoding": "utf-8",
            },
            "tags": ["shop", format!("week-{}", n % 10)],
        })
    }
}

/// Submits emails until `upto` are stored. Returns how long each took.
pub async fn fill(client: &mut Client, ids: &Ids, from: usize, upto: usize) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(upto - from);
    for n in from..upto {
        times.push(client.post("/v2/emails", &ids.email(n)).await?.1);
    }
    client.advance(Duration::from_secs(60)).await?;
    Ok(times)
}

pub fn value(body: &[u8]) -> Result<Value> {
    Ok(serde_json::from_slice(body)?)
}
