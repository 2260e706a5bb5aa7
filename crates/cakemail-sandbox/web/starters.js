// What an empty inbox shows: how to fill it, complete and with this sandbox's own values.

import * as accounts from './accounts.js';
import { control } from './api.js';
import { blank, button, copy, doing, h } from './dom.js';
import { quoted } from './words.js';

export function starters(place, query, clear) {
  const account = accounts.own();
  const stamp = JSON.stringify([query, account]);
  if (place.firstChild && place.dataset.stamp === stamp) return;
  place.dataset.stamp = stamp;
  place.replaceChildren(query ? unmatched(query, clear) : invitation(account));
}

const unmatched = (query, clear) => h('div', { class: 'blank' },
  h('h2', null, 'Nothing matches'), h('p', null, 'No email fits ', h('code', null, query), '.'), button('Clear the search', clear));

function invitation(account) {
  if (!account) return blank('No account', 'There is no account to send from: add one under Clock & profile.');
  return h('div', { class: 'starters' },
    h('h2', null, 'No emails yet'),
    h('p', null, 'Send one to this sandbox and it shows up here. Nothing leaves this machine. The recipient’s name decides ',
      'what becomes of it: try ', h('code', null, 'opened@'), ', ', h('code', null, 'bounced@'), ' or ', h('code', null, 'complained@'), ' at any domain.'),
    h('p', null, button('Fill with samples', doing(() => control('POST', 'sample', { body: { account_id: account.account_id } })), { class: 'primary', id: 'sample' })),
    snippet('curl', curl(account)), snippet('Cargo.toml', CARGO), snippet('Rust', rust(account)));
}

const snippet = (title, text) => h('figure', { class: 'snippet', data: { snippet: title } },
  h('figcaption', null, title, copy(text)), h('pre', { tabindex: '0' }, text));

/// Takes a field out of JSON without tools that a machine may lack.
const first = name => `sed 's/.*"${name}": *"\\([^"]*\\)".*/\\1/'`;

const curl = ({ email, password, sender_id, list_id }) => {
  const base = location.origin;
  const body = `{
  "list_id": ${list_id},
  "sender": { "id": "${sender_id ?? '$SENDER'}" },
  "email": "clicked@example.com",
  "tags": ["hello"],
  "content": {
    "type": "marketing",
    "subject": "Hello, world!",
    "html": "<html><body>Hello, world!</body></html>",
    "encoding": "utf-8"
  }
}`;
  const sender = sender_id ? '' : `
# The account's own address needs no confirmation.
SENDER=$(curl -s ${base}/brands/default/senders \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d ${quoted(JSON.stringify({ name: 'Ada', email }))} |
  ${first('id')})
`;
  return `TOKEN=$(curl -s ${base}/token \\
  -d grant_type=password \\
  --data-urlencode ${quoted(`username=${email}`)} \\
  --data-urlencode ${quoted(`password=${password}`)} |
  ${first('access_token')})
${sender}
curl -s ${base}/v2/emails \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d ${sender_id ? quoted(body) : quoted(body).replace('$SENDER', `'"$SENDER"'`)}`;
};

const CARGO = `[dependencies]
cakemail = "0.1" # from a checkout: { path = "../cakemail-rust/crates/cakemail" }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }`;

const rust = ({ email, password, sender_id, list_id }) => {
  const sender = sender_id
    ? `    let sender = ${literal(sender_id)};`
    : `    let sender = client.senders().create(&NewSender::new("Ada", ${literal(email)})).await?.id;`;
  return `use cakemail::{Client, Content, Credentials, ListId, NewEmail};
${sender_id ? '' : 'use cakemail::senders::NewSender;\n'}
#[tokio::main]
async fn main() -> cakemail::Result<()> {
    let client = Client::builder()
        .base_url(${literal(location.origin)})
        .credentials(Credentials::password(${literal(email)}, ${literal(password)}))
        .build()?;
${sender}
    let content = Content::html("Hello, world!", "<p>Hello, world!</p>");
    let email = NewEmail::transactional(sender, ListId::new(${list_id}), "clicked@example.com", content).tag("hello");
    let sent = client.emails().send(&email).await?;
    println!("{} is {}", sent.id, sent.status);
    Ok(())
}`;
};

/// A string of Rust.
const literal = text => JSON.stringify(text).replace(/\\u([0-9a-f]{4})/g, '\\u{$1}');
