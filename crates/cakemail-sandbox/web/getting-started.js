// The empty inbox: how to send a first email, with this sandbox's address and credentials filled in.

import * as accounts from './accounts.js';
import { baseUrl, control } from './api.js';
import { copyButton } from './copy.js';
import { button, emptyState, h, withErrors } from './dom.js';
import { shellQuote } from './format.js';

export function gettingStarted(parent, query, clear) {
  const account = accounts.current();
  const stamp = JSON.stringify([query, account]);
  if (parent.firstChild && parent.dataset.stamp === stamp) return;
  parent.dataset.stamp = stamp;
  parent.replaceChildren(query ? noMatches(query, clear) : instructions(account));
}

const noMatches = (query, clear) => h('div', { class: 'empty-state' },
  h('h2', null, 'No matches'), h('p', null, 'No email matches ', h('code', null, query), '.'), button('Clear the search', clear));

function instructions(account) {
  if (!account) return emptyState('No account', 'Add an account under Clock & profile.');
  return h('div', { class: 'getting-started' },
    h('h2', null, 'No emails yet'),
    h('p', null, 'Emails sent to this sandbox appear here. Nothing leaves this machine. The recipient’s name selects the ',
      'email’s lifecycle: try ', h('code', null, 'opened@'), ', ', h('code', null, 'bounced@'), ' or ', h('code', null, 'complained@'), ' at any domain.'),
    h('p', null, button('Create sample emails', withErrors(() => control('POST', 'sample', { body: { account_id: account.account_id } })), { class: 'primary', id: 'sample' })),
    snippet('curl', curl(account)), snippet('Cargo.toml', CARGO), snippet('Rust', rust(account)));
}

const snippet = (title, text) => h('figure', { class: 'snippet', data: { snippet: title } },
  h('figcaption', null, title, copyButton(text)), h('pre', { tabindex: '0' }, text));

/// Extracts a field from JSON with `sed`, which every machine has.
const extract = name => `sed 's/.*"${name}": *"\\([^"]*\\)".*/\\1/'`;

const curl = ({ email, password = 'PASSWORD', sender_id, list_id }) => {
  const base = baseUrl;
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
  -d ${shellQuote(JSON.stringify({ name: 'Ada', email }))} |
  ${extract('id')})
`;
  return `TOKEN=$(curl -s ${base}/token \\
  -d grant_type=password \\
  --data-urlencode ${shellQuote(`username=${email}`)} \\
  --data-urlencode ${shellQuote(`password=${password}`)} |
  ${extract('access_token')})
${sender}
curl -s ${base}/v2/emails \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d ${sender_id ? shellQuote(body) : shellQuote(body).replace('$SENDER', `'"$SENDER"'`)}`;
};

const CARGO = `[dependencies]
cakemail = "0.1" # from a checkout: { path = "../cakemail-rust/crates/cakemail" }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }`;

const rust = ({ email, password = 'PASSWORD', sender_id, list_id }) => {
  const sender = sender_id
    ? `    let sender = ${literal(sender_id)};`
    : `    let sender = client.senders().create(&NewSender::new("Ada", ${literal(email)})).await?.id;`;
  return `use cakemail::{Client, Content, Credentials, ListId, NewEmail};
${sender_id ? '' : 'use cakemail::senders::NewSender;\n'}
#[tokio::main]
async fn main() -> cakemail::Result<()> {
    let client = Client::builder()
        .base_url(${literal(baseUrl)})
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

/// A Rust string literal.
const literal = text => JSON.stringify(text).replace(/\\u([0-9a-f]{4})/g, '\\u{$1}');
