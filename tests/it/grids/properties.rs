//! Random sequences of changes against a model: after each, the rows are those of the model, and rows that others
//! changed are refused and named.
use super::{Database, GridWorld};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: [&str; 6] = ["name", "count", "amount", "flag", "day", "data"];
/// The number of keys: few, so that changes meet.
const KEYS: u64 = 8;
/// The number of steps of a sequence.
const STEPS: usize = 6;

/// Returns how many sequences run on each database: `GRID_SEQUENCES`, or 60.
fn sequences() -> u64 {
    std::env::var("GRID_SEQUENCES").ok().and_then(|count| count.parse().ok()).unwrap_or(60)
}

/// A reproducible source of random numbers (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let at = self.below(items.len() as u64);
        &items[usize::try_from(at).unwrap()]
    }
}

/// The rows by key, with their values as the database returns them.
type Model = BTreeMap<u64, Map<String, Value>>;

/// Returns a random value of a column as a browser sends it, and as the database returns it.
fn value(dice: &mut Dice, database: Database, column: &str) -> (Value, Value) {
    if dice.below(6) == 0 {
        return (Value::Null, Value::Null);
    }
    let same = |value: Value| (value.clone(), value);
    match column {
        "name" => {
            same(json!(dice.pick(&["", "a", "A", " a ", "größer 𝒳", "it's \\ \"q\"", "NULL", "0", "true", "x\ny\tz"])))
        }
        "count" => same(
            dice.pick(&[
                json!(0),
                json!(-5),
                json!(7),
                json!(9_007_199_254_740_992_i64),
                json!("9007199254740993"),
                json!("-9223372036854775808"),
                json!("9223372036854775807"),
            ])
            .clone(),
        ),
        "amount" if database != Database::Sqlite && dice.below(3) == 0 => {
            same(json!("12345678901234567890.0123456789"))
        }
        "amount" => {
            let (sent, stored): (&str, f64) =
                *dice.pick(&[("0.10", 0.1), ("12.5", 12.5), ("-3", -3.0), ("0", 0.0), ("99.99", 99.99)]);
            // SQLite stores a whole number as an integer
            let stored = match sent {
                "-3" if database == Database::Sqlite => json!(-3),
                "0" if database == Database::Sqlite => json!(0),
                _ => json!(stored),
            };
            (json!(sent), stored)
        }
        "flag" => {
            let truth = dice.below(2) == 1;
            (json!(truth), if database == Database::Mariadb { json!(u8::from(truth)) } else { json!(truth) })
        }
        "day" => same(json!(dice.pick(&["2026-01-31", "2024-02-29", "1999-12-31"]))),
        _ => {
            let data = dice.pick(&[json!({"a": [1, 2.5, null]}), json!([]), json!({"ü": "𝒳"}), json!([true])]).clone();
            let stored = if database == Database::Sqlite { json!(data.to_string()) } else { data.clone() };
            (data, stored)
        }
    }
}

/// Random values of some columns, as sent and as stored.
fn values(dice: &mut Dice, database: Database, least: u64) -> (Map<String, Value>, Map<String, Value>) {
    let (mut sent, mut stored) = (Map::new(), Map::new());
    let count = least + dice.below(3);
    for _ in 0..count {
        let column = *dice.pick(&COLUMNS);
        let (as_sent, as_stored) = value(dice, database, column);
        sent.insert(column.to_owned(), as_sent);
        stored.insert(column.to_owned(), as_stored);
    }
    (sent, stored)
}

/// One change, with what it does to the model.
#[derive(Clone)]
struct Change {
    body: Value,
    key: u64,
    /// The values that the row must have; `None` for a new row.
    before: Option<Map<String, Value>>,
    /// The values to set; `None` for a deletion.
    after: Option<Map<String, Value>>,
}

/// What saving changes must do.
enum Outcome {
    Saved(Model),
    /// The indexes of changes whose rows were changed or deleted.
    Conflicts(BTreeSet<usize>),
    /// The indexes of changes with a key that exists already.
    Duplicates(BTreeSet<usize>),
}

/// Makes up changes to rows as `seen` shows them.
fn changes(dice: &mut Dice, database: Database, seen: &Model) -> Vec<Change> {
    let (mut changes, mut used) = (Vec::new(), BTreeSet::new());
    for _ in 0..=dice.below(5) {
        let key = dice.below(KEYS);
        if !used.insert(key) {
            continue;
        }
        let Some(row) = seen.get(&key) else {
            let (sent, stored) = values(dice, database, 0);
            let mut sent = sent;
            sent.insert("id".to_owned(), json!(key));
            let body = json!({"insert": {"values": sent}});
            changes.push(Change { body, key, before: None, after: Some(stored) });
            continue;
        };
        if dice.below(3) == 0 {
            // either everything or a part of the row is expected
            let kept = dice.below(2) == 0;
            let mut before = row.clone();
            before.retain(|name, _| kept || name == "name");
            let body = json!({"delete": {"key": {"id": key}, "before": before}});
            changes.push(Change { body, key, before: Some(before), after: None });
        } else {
            let (sent, stored) = values(dice, database, 1);
            let mut before = row.clone();
            let whole = dice.below(3) == 0;
            before.retain(|name, _| whole || sent.contains_key(name));
            let body = json!({"update": {"key": {"id": key}, "before": before, "after": sent}});
            changes.push(Change { body, key, before: Some(before), after: Some(stored) });
        }
    }
    changes
}

fn empty() -> Map<String, Value> {
    COLUMNS.iter().map(|name| ((*name).to_owned(), Value::Null)).collect()
}

/// Applies changes to the model as the server must: deletions, then updates, then insertions.
fn expected(model: &Model, changes: &[Change]) -> Outcome {
    let is_conflict = |change: &Change| match (&change.before, model.get(&change.key)) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(before), Some(row)) => before.iter().any(|(name, value)| row.get(name) != Some(value)),
    };
    let indexes = |is: &dyn Fn(&Change) -> bool| -> BTreeSet<usize> {
        changes.iter().enumerate().filter(|(_, change)| is(change)).map(|(at, _)| at).collect()
    };
    let conflicts = indexes(&is_conflict);
    if !conflicts.is_empty() {
        return Outcome::Conflicts(conflicts);
    }
    let duplicates = indexes(&|change| change.before.is_none() && model.contains_key(&change.key));
    if !duplicates.is_empty() {
        return Outcome::Duplicates(duplicates);
    }
    let mut next = model.clone();
    for change in changes {
        match &change.after {
            None => drop(next.remove(&change.key)),
            Some(after) => next.entry(change.key).or_insert_with(empty).extend(after.clone()),
        }
    }
    Outcome::Saved(next)
}

fn body(changes: &[Change], preview: bool) -> Value {
    let changes: Vec<_> = changes.iter().map(|change| change.body.clone()).collect();
    json!({"item": "grid", "changes": changes, "preview": preview})
}

struct Sequence {
    grid: GridWorld,
    dice: Dice,
    model: Model,
}

impl Sequence {
    async fn rows(&self) -> Model {
        let rows = self.grid.rows().await;
        let keyed = |row: &Value| {
            let mut row: Map<String, Value> = serde_json::from_value(row.clone()).unwrap();
            let key = row.shift_remove("id").and_then(|id| id.as_u64()).unwrap();
            (key, row)
        };
        rows.iter().map(keyed).collect()
    }

    async fn check(&self, about: &str) {
        assert_eq!(self.rows().await, self.model, "{about}");
    }

    /// Changes a row from outside, as another program.
    async fn interfere(&mut self) {
        let key = self.dice.below(KEYS);
        let name = *self.dice.pick(&["outside", "a", ""]);
        match self.dice.below(3) {
            0 => {
                self.grid.run(&format!("delete from items where id = {key}")).await;
                self.model.remove(&key);
            }
            1 if !self.model.contains_key(&key) => {
                self.grid.run(&format!("insert into items (id, name) values ({key}, '{name}')")).await;
                let mut row = empty();
                row.insert("name".to_owned(), name.into());
                self.model.insert(key, row);
            }
            _ => {
                self.grid.run(&format!("update items set name = '{name}' where id = {key}")).await;
                if let Some(row) = self.model.get_mut(&key) {
                    row.insert("name".to_owned(), name.into());
                }
            }
        }
    }

    /// Saves changes, or previews them, and checks the response against the model.
    async fn save(&mut self, changes: &[Change], preview: bool, about: &str) {
        let answer = self.grid.world.client.post(&self.grid.path, body(changes, preview)).await;
        let status = answer.status.as_u16();
        match expected(&self.model, changes) {
            Outcome::Saved(next) => {
                assert_eq!(status, 200, "{about}: {answer}");
                if !preview {
                    self.model = next;
                }
            }
            Outcome::Conflicts(indexes) => {
                assert_eq!(status, 409, "{about}: {answer}");
                let named = answer.body["error"]["conflicts"].as_array().unwrap();
                let found: BTreeSet<usize> =
                    named.iter().map(|one| usize::try_from(one["change"].as_u64().unwrap()).unwrap()).collect();
                assert_eq!(found, indexes, "{about}: {answer}");
                for conflict in named {
                    let key = conflict["key"]["id"].as_u64().unwrap();
                    let mut now = self.model.get(&key).cloned();
                    if let Some(row) = &mut now {
                        row.insert("id".to_owned(), json!(key));
                    }
                    assert_eq!(conflict["current"], json!(now), "{about}: the present values");
                }
            }
            Outcome::Duplicates(indexes) => {
                assert_eq!(status, 400, "{about}: {answer}");
                let path = answer.body["error"]["details"][0]["path"].as_str().unwrap_or_default();
                let named = indexes.iter().any(|at| path.starts_with(&format!("changes[{at}].insert")));
                assert!(named, "{about}: {answer}");
            }
        }
        self.check(about).await;
    }

    /// Saves two sets of changes at the same time: the result must be that of one after the other.
    async fn save_both(&mut self, one: &[Change], other: &[Change], about: &str) {
        let client = &self.grid.world.client;
        let (first, second) = tokio::join!(
            client.post(&self.grid.path, body(one, false)),
            client.post(&self.grid.path, body(other, false))
        );
        let (first, second) = (first.status.as_u16(), second.status.as_u16());
        let after = |model: &Model, changes: &[Change], status: u16| match expected(model, changes) {
            Outcome::Saved(next) if status == 200 => Some(next),
            Outcome::Conflicts(_) if status == 409 => Some(model.clone()),
            Outcome::Duplicates(_) if status == 400 => Some(model.clone()),
            // the database chose one of two that waited for each other: nothing of it was written
            _ if status == 502 => Some(model.clone()),
            _ => None,
        };
        let in_turn = after(&self.model, one, first).and_then(|next| after(&next, other, second));
        let in_reverse = after(&self.model, other, second).and_then(|next| after(&next, one, first));
        let found = self.rows().await;
        assert!(
            in_turn.as_ref() == Some(&found) || in_reverse.as_ref() == Some(&found),
            "{about}: {first} and {second} led to {found:?}"
        );
        self.model = found;
    }

    async fn run(&mut self, about: &str) {
        self.grid.run("delete from items").await;
        self.model.clear();
        // what the person sees; it gets out of date when others change rows
        let mut seen = Model::new();
        for step in 0..STEPS {
            let about = format!("{about}, step {step}");
            for _ in 0..self.dice.below(3) {
                self.interfere().await;
            }
            if self.dice.below(3) > 0 {
                seen = self.rows().await;
                assert_eq!(seen, self.model, "{about}");
            }
            let database = self.grid.database;
            let wanted = changes(&mut self.dice, database, &seen);
            match self.dice.below(6) {
                0 => self.save(&wanted, true, &about).await,
                1 => {
                    let other = changes(&mut self.dice, database, &seen);
                    self.save_both(&wanted, &other, &about).await;
                    continue;
                }
                _ => {}
            }
            self.save(&wanted, false, &about).await;
        }
    }
}

async fn random_sequences(database: Database) {
    let grid = GridWorld::new(database, &COLUMNS).await;
    let mut sequence = Sequence { grid, dice: Dice(0), model: Model::new() };
    for seed in 0..sequences() {
        sequence.dice = Dice(seed);
        sequence.run(&format!("{database:?}, sequence {seed}")).await;
    }
}

#[tokio::test]
async fn random_sequences_lose_nothing_on_sqlite() {
    random_sequences(Database::Sqlite).await;
}

#[tokio::test]
async fn random_sequences_lose_nothing_on_postgresql() {
    random_sequences(Database::Postgresql).await;
}

#[tokio::test]
async fn random_sequences_lose_nothing_on_mariadb() {
    random_sequences(Database::Mariadb).await;
}
