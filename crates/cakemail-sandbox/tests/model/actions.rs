//! Random actions of users: sending, tagging, suppressing, waiting.

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

pub const TAGS: [&str; 3] = ["a", "b", "key-c"];
const NAMES: [&str; 12] = [
    "someone",
    "delivered",
    "opened",
    "clicked",
    "bounced",
    "soft-bounced",
    "soft-bounced",
    "complained",
    "unsubscribed",
    "rejected",
    "error",
    "stuck",
];
pub const PROVIDERS: [&str; 3] = ["example", "gmail", "mail"];
const DOMAINS: [&str; 3] = ["example.com", "gmail.com", "mail.example.net"];

/// An action of a user.
#[derive(Debug, Clone)]
pub enum Action {
    CreateList,
    ArchiveList(Index),
    DeleteList(Index),
    AddContact(Index, String),
    Unsubscribe(Index, Index),
    Tag(Index, Index, Vec<&'static str>),
    Untag(Index, Index, Vec<&'static str>),
    DeleteContact(Index, Index),
    CreateSender,
    ConfirmSender(Index),
    Suppress(String),
    Unsuppress(Index),
    Send { list: Index, sender: Index, recipient: String, tags: Vec<&'static str>, marketing: bool },
    Wait(u64),
}

/// A sequence of users and their actions.
pub fn actions() -> impl Strategy<Value = Vec<(usize, Action)>> {
    let send = (any::<Index>(), any::<Index>(), recipient(), tags(), any::<bool>()).prop_map(
        |(list, sender, recipient, tags, marketing)| Action::Send { list, sender, recipient, tags, marketing },
    );
    let what = prop_oneof![
        1 => Just(Action::CreateList),
        1 => any::<Index>().prop_map(Action::ArchiveList),
        1 => any::<Index>().prop_map(Action::DeleteList),
        4 => (any::<Index>(), recipient()).prop_map(|(list, recipient)| Action::AddContact(list, recipient)),
        1 => any::<(Index, Index)>().prop_map(|(list, contact)| Action::Unsubscribe(list, contact)),
        1 => (any::<Index>(), any::<Index>(), tags()).prop_map(|(list, contact, tags)| Action::Tag(list, contact, tags)),
        1 => (any::<Index>(), any::<Index>(), tags()).prop_map(|(list, contact, tags)| Action::Untag(list, contact, tags)),
        1 => any::<(Index, Index)>().prop_map(|(list, contact)| Action::DeleteContact(list, contact)),
        1 => Just(Action::CreateSender),
        1 => any::<Index>().prop_map(Action::ConfirmSender),
        4 => pattern().prop_map(Action::Suppress),
        1 => any::<Index>().prop_map(Action::Unsuppress),
        20 => send,
        6 => prop_oneof![4 => 0..5_u64, 2 => 60..4000_u64, 1 => 80_000..200_000_u64].prop_map(Action::Wait),
    ];
    prop::collection::vec((0..2_usize, what), 1..40)
}

fn recipient() -> impl Strategy<Value = String> {
    (select(&NAMES[..]), select(&["", "", "+1"][..]), select(&DOMAINS[..]))
        .prop_map(|(name, label, domain)| format!("{name}{label}@{domain}"))
}

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => recipient(),
        1 => select(&DOMAINS[..]).prop_map(|domain| format!("*@{domain}")),
        2 => select(&NAMES[..]).prop_map(|name| format!("{name}@*")),
    ]
}

fn tags() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(&TAGS[..], 0..=TAGS.len())
}
