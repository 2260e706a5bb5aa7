//! Searches find what a look at every email finds.

use std::cmp::Reverse;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::domain::lifecycle::{EventKind, Step, for_recipient};
use crate::domain::{Bounds, EmailSender, Login, Profile};
use crate::message::search_text;

/// A change of a state of some accounts, by the account's place.
#[derive(Debug, Clone)]
pub(in crate::app) enum Change {
    Submit {
        name: &'static str,
        words: Vec<&'static str>,
        tags: Vec<&'static str>,
        file: bool,
    },
    /// Records an event of an email, if it can happen.
    Event(Index, EventKind),
    /// Drops the oldest email.
    Drop,
    Delete(Index),
    Read(Index),
    /// Milliseconds pass.
    Pass(u64),
    Reset,
}

pub(in crate::app) fn changes() -> impl Strategy<Value = Vec<(usize, Change)>> {
    let words =
        vec!["order", "Chord", "café", "CAFE\u{301}", "a", "日本語", "ord", "er", "re-order", "<b>x</b>y", "&amp;"];
    let tags = vec!["welcome", "Welcome", "été", "key-1"];
    let names = vec!["ada", "opened", "Bounced", "stuck", "zoë"];
    let submit = (select(names), subsequence(words, 0..5), subsequence(tags, 0..3), any::<bool>())
        .prop_map(|(name, words, tags, file)| Change::Submit { name, words, tags, file });
    let kinds = select(vec![EventKind::Delivered, EventKind::Open, EventKind::HardBounce, EventKind::Spam]);
    let change = prop_oneof![
        6 => submit,
        2 => (any::<Index>(), kinds).prop_map(|(email, kind)| Change::Event(email, kind)),
        1 => Just(Change::Drop),
        1 => any::<Index>().prop_map(Change::Delete),
        1 => any::<Index>().prop_map(Change::Read),
        2 => select(vec![1, 1_000, 5_000]).prop_map(Change::Pass),
    ];
    let change = prop_oneof![40 => change, 1 => Just(Change::Reset)];
    prop::collection::vec((0..3_usize, change), 0..60)
}

pub(in crate::app) fn queries() -> impl Strategy<Value = String> {
    let term = select(vec![
        "order",
        "ord",
        "er",
        "e",
        "CAFÉ",
        "\"order chord\"",
        "\"cafe\u{301} a\"",
        "日本",
        "xy",
        "&",
        "ada",
        "example.com",
        "to:ada",
        "to:ZOË",
        "from:shop",
        "from:example",
        "subject:order",
        "subject:\"re-\"",
        "tag:welcome",
        "tag:ÉTÉ",
        "tag:key-1",
        "status:delivered",
        "status:bounce",
        "status:open",
        "has:attachment",
        "before:1970-01-01T00:00:03Z",
        "after:1970-01-01T00:00:02Z",
        "zz",
    ]);
    let term = (any::<bool>(), term).prop_map(|(negated, term)| format!("{}{term}", if negated { "-" } else { "" }));
    prop::collection::vec(term, 0..4).prop_map(|terms| terms.join(" "))
}

/// An empty state of three accounts.
pub(in crate::app) fn state() -> State {
    let login = |name: &str| Login { email: format!("{name}@example.com"), password: "p".into(), mfa_code: None };
    State::new(&["a", "b", "c"].map(login), Profile::default(), Time(0), Bounds::default())
}

pub(in crate::app) fn apply(state: &mut State, which: usize, change: &Change) {
    let (now, id) = (state.now, state.accounts[which].id);
    let emails = &state.account(id).unwrap().emails;
    match change {
        Change::Submit { name, words, tags, file } => {
            let (subject, words) = (words.first().copied().unwrap_or_default(), words.join(" "));
            let file = file.then(|| json!({"filename": "a.pdf", "type": "pdf", "content": ""}));
            let content = json!({"subject": subject, "html": words});
            let request = json!({"content": content, "tags": tags, "attachment": file});
            let sender = EmailSender { id: "1".into(), name: "The Shop".into(), email: "s@example.org".into() };
            let recipient = format!("{name}@example.com");
            let mut email = Email::new(Uuid::new_v4(), now, &recipient, sender, request.as_object().unwrap());
            email.text = search_text(&email);
            let steps: Vec<Step> = for_recipient(&recipient).into();
            state.change_account(id, |account| account.emails.submit(email, &steps, None)).unwrap();
        }
        Change::Event(email, _) | Change::Delete(email) | Change::Read(email) if emails.len() > 0 => {
            let number = emails.numbers().iter().nth(email.index(emails.len())).unwrap();
            match change {
                Change::Event(_, kind) => {
                    let email = emails.get(number).unwrap().id;
                    let _ = state.record_event(email, *kind, serde_json::Map::new());
                }
                Change::Delete(_) => drop(state.change_account(id, |account| account.emails.remove(number))),
                _ => drop(state.change_account(id, |account| account.emails.set_read(number, true))),
            }
        }
        Change::Event(..) | Change::Delete(_) | Change::Read(_) => {}
        Change::Drop => state.change_account(id, |account| account.emails.drop_oldest()).unwrap(),
        Change::Pass(millis) => drop(state.advance_to(now.plus(Duration::from_millis(*millis)))),
        Change::Reset => state.reset_account(id),
    }
    state.advance_to(state.now);
}

proptest! {
    #[test]
    fn a_search_finds_what_a_look_at_every_email_finds(
        changes in changes(),
        query in queries(),
        asked in prop::option::of(0..3_usize),
        (skip, count) in (0..30_usize, 0..10_usize),
    ) {
        let mut state = state();
        changes.iter().for_each(|(which, change)| apply(&mut state, *which, change));
        let query = Query::parse(&query).unwrap();
        let asked = asked.map(|place| state.accounts[place].id);
        let accounts = state.accounts.iter().filter(|account| asked.is_none_or(|id| id == account.id));
        let emails = accounts.clone().flat_map(|account| account.emails.iter().filter(|email| query.matches(email)));
        let mut expected: Vec<_> = emails.map(|email| email.id).collect();
        let search = || Search::new(&state, asked, &query);
        prop_assert_eq!(search().oldest_first().map(|(.., email)| email.id).collect::<Vec<_>>(), expected.as_slice());

        let emails = accounts.flat_map(|account| account.emails.iter().rev().filter(|email| query.matches(email)));
        let mut emails: Vec<_> = emails.collect();
        emails.sort_by_key(|email| Reverse(email.submitted));
        expected = emails.iter().map(|email| email.id).collect();
        prop_assert_eq!(search().newest_first().map(|(_, email)| email.id).collect::<Vec<_>>(), expected.as_slice());
        let page = search().page(skip, count);
        let rows: Vec<_> = page.rows.iter().map(|(_, email)| email.id).collect();
        prop_assert_eq!(rows, expected.iter().copied().skip(skip).take(count).collect::<Vec<_>>());
        prop_assert_eq!((page.total, page.total_is_exact), (expected.len() as u64, true));
    }
}

#[test]
fn counting_words_stops_after_a_thousand_or_at_the_page() {
    let mut state = state();
    let submit = |state: &mut State, words| {
        let submit = Change::Submit { name: "stuck", words: vec![words], tags: vec!["x"], file: false };
        apply(state, 0, &submit);
    };
    (0..MAX_COUNTED).for_each(|_| submit(&mut state, "order"));
    submit(&mut state, "other");
    let page = |state: &State, query: &str, skip| {
        let query = Query::parse(query).unwrap();
        let page = Search::new(state, None, &query).page(skip, 50);
        (page.rows.len(), page.total, page.total_is_exact)
    };
    assert_eq!(page(&state, "order", 0), (50, 1000, true));
    submit(&mut state, "order");
    assert_eq!(page(&state, "order", 0), (50, 1000, false));
    assert_eq!(page(&state, "order", 950), (50, 1000, false));
    assert_eq!(page(&state, "order", 960), (41, 1001, true));
    assert_eq!(page(&state, "order", 2000), (0, 1001, true));
    assert_eq!(page(&state, "tag:x", 0), (50, 1002, true), "without words it is always exact");
}
