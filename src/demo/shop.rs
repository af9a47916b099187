//! Generates a sample shop: customers, products and two years of orders. Only the dates differ from start to start.
use crate::clock::Time;
use chrono::{DateTime, Months};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use std::fmt::Write;

const DAY: i64 = 86_400_000;
const DAYS: i64 = 730;
const CUSTOMERS: usize = 420;

const FIRST: &[&str] = &[
    "Ada", "Amir", "Anna", "Ben", "Carla", "Chen", "Dario", "Elif", "Emma", "Felix", "Grace", "Hugo", "Ines", "Jonas",
    "Kofi", "Lea", "Lucas", "Maya", "Mila", "Nora", "Omar", "Pia", "Ravi", "Sara", "Theo", "Uma", "Vera", "Yuki",
];
const LAST: &[&str] = &[
    "Abe", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanov", "Jensen", "Kaya", "Lindt",
    "Moreau", "Novak", "Okafor", "Peters", "Quinn", "Rossi", "Silva", "Tanaka", "Urban", "Visser", "Weber", "Young",
];
/// Country, its cities, and the percentage of customers who live there.
const PLACES: &[(&str, &[&str], u32)] = &[
    ("Germany", &["Berlin", "Hamburg", "Munich", "Leipzig"], 30),
    ("France", &["Paris", "Lyon", "Nantes"], 20),
    ("Netherlands", &["Amsterdam", "Utrecht"], 14),
    ("Spain", &["Madrid", "Valencia"], 12),
    ("Italy", &["Milan", "Turin"], 10),
    ("Denmark", &["Copenhagen", "Aarhus"], 8),
    ("Austria", &["Vienna", "Graz"], 6),
];
/// Name, category, price in euro.
const PRODUCTS: &[(&str, &str, f64)] = &[
    ("Oak desk", "Furniture", 349.0),
    ("Standing desk", "Furniture", 529.0),
    ("Task chair", "Furniture", 279.0),
    ("Bookshelf", "Furniture", 149.0),
    ("Filing cabinet", "Furniture", 119.0),
    ("Desk lamp", "Lighting", 59.0),
    ("Floor lamp", "Lighting", 99.0),
    ("LED strip", "Lighting", 24.5),
    ("Pendant light", "Lighting", 84.0),
    ("Mechanical keyboard", "Electronics", 129.0),
    ("Wireless mouse", "Electronics", 49.0),
    ("27-inch monitor", "Electronics", 319.0),
    ("USB-C dock", "Electronics", 159.0),
    ("Headphones", "Electronics", 189.0),
    ("Webcam", "Electronics", 79.0),
    ("Laptop stand", "Accessories", 39.0),
    ("Cable box", "Accessories", 19.5),
    ("Desk mat", "Accessories", 29.0),
    ("Monitor arm", "Accessories", 89.0),
    ("Footrest", "Accessories", 45.0),
    ("Notebook", "Stationery", 9.5),
    ("Fountain pen", "Stationery", 34.0),
    ("Sticky notes", "Stationery", 4.5),
    ("Whiteboard", "Stationery", 69.0),
    ("Paper ream", "Stationery", 6.9),
    ("Ficus", "Plants", 42.0),
    ("Monstera", "Plants", 38.0),
    ("Succulent set", "Plants", 22.0),
    ("Ceramic pot", "Plants", 18.0),
    ("Watering can", "Plants", 16.0),
];

/// The statements that create the shop's tables.
pub const SCHEMA: &[&str] = &[
    "create table customers (id integer primary key, name text not null, email text not null, country text not null, city text not null, created_at text not null)",
    "create table products (id integer primary key, name text not null, category text not null, price real not null, stock integer not null)",
    "create table orders (id integer primary key, customer_id integer not null references customers(id), status text not null, total real not null, created_at text not null)",
    "create table order_items (order_id integer not null references orders(id), product_id integer not null references products(id), quantity integer not null, price real not null)",
    "create index orders_created_at on orders(created_at)",
    "create index order_items_order on order_items(order_id)",
];

/// The rows of a table; each is an array of values in column order.
pub struct SampleRows {
    pub table: &'static str,
    pub columns: usize,
    pub values: Vec<Value>,
}

/// Generates the shop as of `now`.
pub fn generate(now: Time) -> Vec<SampleRows> {
    let mut random = StdRng::seed_from_u64(20_240_229);
    let customers = customers(&mut random, now);
    let products = PRODUCTS
        .iter()
        .enumerate()
        .map(|(i, (name, category, price))| json!([i + 1, name, category, price, random.random_range(0..120)]));
    let products: Vec<Value> = products.collect();
    let (orders, items) = orders(&mut random, now);
    vec![
        SampleRows { table: "customers", columns: 6, values: customers },
        SampleRows { table: "products", columns: 5, values: products },
        SampleRows { table: "orders", columns: 5, values: orders },
        SampleRows { table: "order_items", columns: 4, values: items },
    ]
}

fn customers(random: &mut StdRng, now: Time) -> Vec<Value> {
    let customer = |id: usize| {
        let (first, last) = (FIRST[random.random_range(0..FIRST.len())], LAST[random.random_range(0..LAST.len())]);
        let mut share = random.random_range(0..100);
        let place = PLACES.iter().find(|(_, _, part)| {
            let here = share < *part;
            share = share.saturating_sub(*part);
            here
        });
        let (country, cities, _) = place.unwrap_or(&PLACES[0]);
        let city = cities[random.random_range(0..cities.len())];
        let email = format!("{}.{}{id}@example.com", first.to_lowercase(), last.to_lowercase());
        let joined = moment(now, random.random_range(0..DAYS + 200), random);
        json!([id, format!("{first} {last}"), email, country, city, joined])
    };
    (1..=CUSTOMERS).map(customer).collect()
}

/// Generates orders that grow over the two years, peak before the end of the year, and drop on weekends.
fn orders(random: &mut StdRng, now: Time) -> (Vec<Value>, Vec<Value>) {
    let (mut orders, mut items) = (Vec::new(), Vec::new());
    for age in (0..DAYS).rev() {
        let day = now.seconds() / 86_400 - age;
        #[expect(clippy::cast_precision_loss, reason = "days of two years")]
        let growth = 2.0 + 3.0 * (DAYS - age) as f64 / DAYS as f64;
        let season = if (315..358).contains(&(day % 365)) { 1.6 } else { 1.0 };
        let weekday = if matches!((day + 4) % 7, 0 | 6) { 0.55 } else { 1.1 };
        let expected = growth * season * weekday;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful")]
        let count = (expected + random.random_range(-1.0..2.0)).max(0.0) as usize;
        let mut moments: Vec<String> = (0..count).map(|_| moment(now, age, random)).collect();
        moments.sort_unstable();
        for at in moments {
            let id = orders.len() + 1;
            let mut total = 0.0;
            for _ in 0..random.random_range(1..=4) {
                let product = random.random_range(0..PRODUCTS.len());
                let (quantity, price) = (random.random_range(1..=3), PRODUCTS[product].2);
                total += f64::from(quantity) * price;
                items.push(json!([id, product + 1, quantity, price]));
            }
            let customer = random.random_range(1..=CUSTOMERS);
            let status = status(age, random);
            orders.push(json!([id, customer, status, (total * 100.0).round() / 100.0, at]));
        }
    }
    (orders, items)
}

fn status(age: i64, random: &mut StdRng) -> &'static str {
    match random.random_range(0..100) {
        0..4 => "refunded",
        4..7 => "cancelled",
        _ if age < 3 => "pending",
        _ if age < 8 => "shipped",
        _ => "completed",
    }
}

/// Returns a random time between `age` and `age + 1` days ago, as `YYYY-MM-DDTHH:MM:SSZ`.
fn moment(now: Time, age: i64, random: &mut StdRng) -> String {
    let at = Time(now.0 - age * DAY - random.random_range(0..DAY));
    at.to_string().chars().take(19).chain(['Z']).collect()
}

/// Returns the monthly revenue target of each category for two years, as CSV.
pub fn targets(now: Time) -> String {
    const CATEGORIES: [(&str, i64); 6] = [
        ("Furniture", 16_000),
        ("Lighting", 3_500),
        ("Electronics", 10_500),
        ("Accessories", 2_800),
        ("Stationery", 1_600),
        ("Plants", 1_500),
    ];
    let today = DateTime::from_timestamp_millis(now.0).unwrap_or_default().date_naive();
    let mut text = "month,category,target\n".to_owned();
    for age in (0_u32..24).rev() {
        let month = today.checked_sub_months(Months::new(age)).unwrap_or_default().format("%Y-%m");
        for (category, base) in CATEGORIES {
            let target = base * (36 - i64::from(age)) / 24 / 50 * 50;
            let _ = writeln!(text, "{month},{category},{target}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{DAYS, generate, targets};
    use crate::clock::Time;

    #[test]
    fn the_shop_is_plausible_and_deterministic() {
        let now = Time(1_790_000_000_000);
        let shop = generate(now);
        let count = |name: &str| shop.iter().find(|rows| rows.table == name).map_or(0, |rows| rows.values.len());
        assert_eq!((count("customers"), count("products")), (420, 30));
        assert!((2000..6000).contains(&count("orders")), "{}", count("orders"));
        assert!(count("order_items") > count("orders"));
        for rows in &shop {
            assert!(
                rows.values.iter().all(|row| row.as_array().is_some_and(|row| row.len() == rows.columns)),
                "{}",
                rows.table
            );
        }
        let again = generate(now);
        assert!(shop.iter().zip(&again).all(|(a, b)| a.values == b.values));
        let oldest = Time(now.0 - (DAYS + 1) * 86_400_000).to_string();
        let orders = &shop[2].values;
        assert!(
            orders.iter().all(|order| order[4]
                .as_str()
                .is_some_and(|at| at > oldest.as_str() && at <= now.to_string().as_str()))
        );
        assert!(orders.is_sorted_by_key(|order| order[4].as_str()), "orders are numbered by date");
    }
    #[test]
    fn each_month_has_exactly_one_set_of_targets() {
        // the last day of a month that follows a shorter month
        let now = Time(1_774_915_200_000);
        let text = targets(now);
        let months: Vec<&str> = text.lines().skip(1).step_by(6).filter_map(|line| line.split(',').next()).collect();
        assert_eq!((months.len(), months[0], months[22], months[23]), (24, "2024-04", "2026-02", "2026-03"));
        assert!(months.is_sorted_by(|a, b| a < b));
    }
}
