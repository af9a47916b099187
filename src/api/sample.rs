//! A small REST API for the demo with made-up exchange rates, so that the demo's REST datasource works without a
//! network. Only a demo server has it, and on the server's own port only this path is open to datasources.
use super::{App, responses::problem::Problem};
use crate::Error;
use axum::{
    Json, Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{Days, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

/// The path prefix of the sample API.
pub const PATH: &str = "/sample/v1";
/// The approximate rates of one euro.
const CURRENCIES: [(&str, f64); 6] =
    [("CHF", 0.95), ("DKK", 7.46), ("GBP", 0.85), ("NOK", 11.6), ("SEK", 11.3), ("USD", 1.09)];
const MOST_DAYS: u64 = 366;

#[derive(Deserialize)]
struct Asked {
    /// One of the currencies; all if absent.
    currency: Option<String>,
    /// Number of days to look back from today.
    #[serde(default = "month")]
    days: u64,
}

fn month() -> u64 {
    30
}

pub fn routes() -> Router<App> {
    Router::new().route(&format!("{PATH}/rates"), get(rates))
}

async fn rates(State(app): State<App>, Query(asked): Query<Asked>) -> Response {
    if app.about.demo_accounts.is_empty() {
        return Problem::unknown_path().into_response();
    }
    let wanted = |code: &str| asked.currency.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(code));
    let currencies: Vec<_> = CURRENCIES.iter().filter(|(code, _)| wanted(code)).collect();
    if currencies.is_empty() {
        let known: Vec<_> = CURRENCIES.iter().map(|(code, _)| *code).collect();
        return Error::invalid("currency", format!("must be one of {}", known.join(", "))).into_response();
    }
    if !(1..=MOST_DAYS).contains(&asked.days) {
        return Error::invalid("days", format!("must be from 1 to {MOST_DAYS}")).into_response();
    }
    let today = Utc::now().date_naive();
    let days = (0..asked.days).rev().filter_map(|back| today.checked_sub_days(Days::new(back)));
    let rates: Vec<Value> = days
        .flat_map(|day| {
            currencies
                .iter()
                .map(move |(code, about)| json!({"date": day, "currency": code, "rate": rate(*about, code, day)}))
        })
        .collect();
    Json(json!({"base": "EUR", "rates": rates})).into_response()
}

/// Returns the rate of a day, which is always the same: a slow and a fast wave, with a different phase for each
/// currency.
fn rate(about: f64, code: &str, day: NaiveDate) -> f64 {
    let step = f64::from(chrono::Datelike::num_days_from_ce(&day));
    let phase = f64::from(code.bytes().map(u32::from).sum::<u32>());
    let moved = about * (1.0 + 0.03 * (step / 58.0 + phase).sin() + 0.004 * (step / 3.0 + phase * 2.0).sin());
    (moved * 10_000.0).round() / 10_000.0
}
