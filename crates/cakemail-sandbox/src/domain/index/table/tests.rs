//! Tables against a plain list of rows.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Fruit {
    name: String,
    weight: Option<i64>,
    ripe: bool,
    tags: Vec<String>,
}

impl Row for Fruit {
    const TERMS: &'static [&'static str] = &["name", "weight", "ripe", "tags"];

    fn key(&self, term: &str) -> Key<'_> {
        match term {
            "name" => Key::Text(&self.name),
            "weight" => self.weight.map_or(Key::None, Key::Number),
            "ripe" => Key::Flag(self.ripe),
            _ => Key::None,
        }
    }

    fn values(&self, term: &str) -> Vec<&str> {
        if term == "tags" { self.tags.iter().map(String::as_str).collect() } else { Vec::new() }
    }
}

#[derive(Debug, Clone)]
enum Action {
    Add(Fruit),
    Change(prop::sample::Index, Fruit),
    Remove(prop::sample::Index),
    /// Builds indexes, which the actions after it have to keep.
    Read,
    Restore,
}

fn fruit() -> impl Strategy<Value = Fruit> {
    let tags = prop::collection::vec("[xyz]", 0..3);
    ("[abc]{0,2}", prop::option::of(-2..3_i64), any::<bool>(), tags).prop_map(|(name, weight, ripe, tags)| Fruit {
        name,
        weight,
        ripe,
        tags,
    })
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = prop_oneof![
        6 => fruit().prop_map(Action::Add),
        2 => (any::<prop::sample::Index>(), fruit()).prop_map(|(index, fruit)| Action::Change(index, fruit)),
        2 => any::<prop::sample::Index>().prop_map(Action::Remove),
        1 => Just(Action::Read),
        1 => Just(Action::Restore),
    ];
    prop::collection::vec(action, 0..80)
}

/// The table after the actions, and its rows.
fn after(actions: Vec<Action>) -> (Table<Fruit>, Vec<Fruit>) {
    let (mut table, mut model) = (Table::default(), Vec::<(u32, Fruit)>::new());
    for action in actions {
        match action {
            Action::Add(fruit) => model.push((table.push(fruit.clone()), fruit)),
            Action::Change(index, fruit) if !model.is_empty() => {
                let row = &mut model[index.index(table.len())];
                assert_eq!(table.change(row.0, |old| std::mem::replace(old, fruit.clone())), Some(row.1.clone()));
                row.1 = fruit;
            }
            Action::Remove(index) if !model.is_empty() => {
                let row = model.remove(index.index(model.len()));
                assert_eq!(table.remove(row.0).as_deref(), Some(&row.1));
                assert_eq!(table.change(row.0, |_| ()), None);
            }
            Action::Read => {
                for term in Fruit::TERMS {
                    table.find(term, Key::None);
                }
            }
            Action::Restore => {
                table = serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
                model = (0..).zip(model).map(|(number, (_, fruit))| (number, fruit)).collect();
            }
            _ => {}
        }
    }
    (table, model.into_iter().map(|(_, fruit)| fruit).collect())
}

fn has(fruit: &Fruit, term: &str, written: &str) -> bool {
    match fruit.key(term) {
        Key::Text(text) => text == written,
        Key::Number(number) => number.to_string() == written,
        Key::Flag(flag) => flag.to_string() == written,
        _ => fruit.values(term).contains(&written),
    }
}

proptest! {
    #[test]
    fn filters_orders_and_pages_are_those_of_a_plain_list(
        actions in actions(),
        conditions in prop::collection::vec(
            (prop::sample::select(Fruit::TERMS), prop_oneof!["[abcxyz]{0,2}", (-2..3_i64).prop_map(|number| number.to_string()), Just("true".to_owned())]),
            0..3,
        ),
        term in prop::option::of(prop::sample::select(Fruit::TERMS)),
        descends in any::<bool>(),
        (skip, count) in (0..20_usize, 0..20_usize),
    ) {
        let (table, mut model) = after(actions);
        let mut selection = table.numbers().clone();
        for (term, written) in &conditions {
            selection &= table.select(term, written);
            model.retain(|fruit| has(fruit, term, written));
        }
        prop_assert_eq!(selection.len(), model.len() as u64);
        if let Some(term) = term {
            model.sort_by(|a, b| a.key(term).cmp(&b.key(term)));
        }
        if descends {
            model.reverse();
        }
        let page: Vec<_> = table.page(&selection, Sort { term, descends }, skip, count).into_iter().map(|row| Fruit::clone(row)).collect();
        prop_assert_eq!(page, model.into_iter().skip(skip).take(count).collect::<Vec<_>>());
    }

    #[test]
    fn a_row_is_found_by_its_value(actions in actions(), name in "[abc]{0,2}") {
        let (table, model) = after(actions);
        let expected = model.iter().find(|fruit| fruit.name == name);
        prop_assert_eq!(table.row("name", Key::Text(&name)), expected);
        prop_assert_eq!(table.find("color", Key::Text(&name)), None);
    }
}

#[test]
fn a_small_part_of_a_table_is_sorted_as_the_whole() {
    let fruit =
        |number: i64| Fruit { name: String::new(), weight: Some(-number), ripe: number % 40 == 0, tags: vec![] };
    let table: Table<_> = (0..1000).map(fruit).collect();
    let ripe = table.select("ripe", "true");
    let weights = |descends| -> Vec<_> {
        let page = table.page(&ripe, Sort { term: Some("weight"), descends }, 1, 3);
        page.into_iter().filter_map(|fruit| fruit.weight).collect()
    };
    assert_eq!((weights(false), weights(true)), (vec![-920, -880, -840], vec![-40, -80, -120]));
}

#[test]
fn case_makes_no_difference_where_it_is_ignored() {
    for (a, b, order) in [
        ("Ada@Example.com", "ada@example.COM", Ordering::Equal),
        ("ÉCOLE", "école", Ordering::Equal),
        ("b", "A", Ordering::Greater),
        ("É", "f", Ordering::Greater),
        ("a", "ab", Ordering::Less),
    ] {
        assert_eq!(AnyCase(a).cmp(&AnyCase(b)), order, "{a} {b}");
    }
}
