//! The picture of the state machine in the documentation.

use std::collections::BTreeSet;
use std::path::Path;

use crate::table;

/// The arrow that stands for one from each state.
const EVERY: &str = "every state";

#[test]
fn the_picture_has_every_transition_and_no_other() {
    let machine: BTreeSet<_> = table::transitions().into_iter().filter(|(from, to)| from != to).collect();
    let sources: BTreeSet<_> = machine.iter().map(|(from, _)| from).collect();
    for from in sources {
        assert!(machine.contains(&(*from, "accepted")) || *from == "accepted", "{from} is never accepted");
    }
    let direct = [("submit", "accepted"), ("look", "accepted"), (EVERY, "accepted")];
    let machine = machine.into_iter().filter(|(_, to)| *to != "accepted").chain(direct);
    let machine: BTreeSet<_> = machine.map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
    assert_eq!(picture(), machine);
}

/// The arrows of the picture: its paths say in `data-from` and `data-to` what they connect.
fn picture() -> BTreeSet<(String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/outbox-states.svg");
    let text = std::fs::read_to_string(file).unwrap();
    let attribute = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    text.lines().filter_map(|line| Some((attribute(line, "data-from")?, attribute(line, "data-to")?))).collect()
}
