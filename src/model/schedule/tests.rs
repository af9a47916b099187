//! Compares the next time with a search over every minute, around clock changes.
#![allow(clippy::unwrap_used)]
use super::{Clock, MOST_TOLD, MissedTimes, Schedule};
use crate::clock::Time;
use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use proptest::{prelude::*, sample::select};
use std::time::{Duration, Instant};

const MINUTE: i64 = 60_000;

fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

/// Returns the next times after `after`, in local time.
fn next(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let local = |time: Time| {
        let utc = DateTime::<Utc>::from_timestamp_millis(time.0).unwrap();
        utc.with_timezone(&zone.parse::<Tz>().unwrap()).format("%m-%d %H:%M%:z").to_string()
    };
    Clock::new(cron, zone).unwrap().preview(at(after), count).into_iter().map(local).collect()
}

#[test]
fn a_skipped_local_time_fires_once_at_the_clock_change() {
    let berlin = next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2);
    assert_eq!(berlin, ["03-29 03:00+02:00", "03-30 02:30+02:00"]);
    let new_york = next("30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", 2);
    assert_eq!(new_york, ["03-08 03:00-04:00", "03-09 02:30-04:00"]);
    // the clock goes half an hour forward, from 2:00 to 2:30
    let lord_howe = next("10 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 2);
    assert_eq!(lord_howe, ["10-04 02:30+11:00", "10-05 02:10+11:00"]);
}

#[test]
fn a_repeated_local_time_fires_once() {
    let berlin = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
    assert_eq!(berlin, ["10-25 02:30+02:00", "10-26 02:30+01:00"]);
    let new_york = next("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", 2);
    assert_eq!(new_york, ["11-01 01:30-04:00", "11-02 01:30-05:00"]);
    let lord_howe = next("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T02:00:00Z", 2);
    assert_eq!(lord_howe, ["04-05 01:45+11:00", "04-06 01:45+10:30"]);
}

#[test]
fn an_hourly_schedule_fires_every_hour_through_both_clock_changes() {
    let forward = next("0 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2);
    assert_eq!(forward, ["03-29 03:00+02:00", "03-29 04:00+02:00"]);
    let back = next("0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", 3);
    assert_eq!(back, ["10-25 02:00+02:00", "10-25 02:00+01:00", "10-25 03:00+01:00"]);
}

#[test]
fn selected_hours_fire_once_each_at_clock_changes() {
    let forward = next("30 2,14 * * *", "Europe/Berlin", "2026-03-28T23:00:00Z", 2);
    assert_eq!(forward, ["03-29 03:00+02:00", "03-29 14:30+02:00"]);
    let back = next("0 1-3 * * *", "Europe/Berlin", "2026-10-24T22:30:00Z", 4);
    assert_eq!(back, ["10-25 01:00+02:00", "10-25 02:00+02:00", "10-25 03:00+01:00", "10-26 01:00+01:00"]);
    // every second minute of a skipped hour: one run
    let gone = next("*/2 2 * * *", "Europe/Berlin", "2026-03-29T00:59:00Z", 2);
    assert_eq!(gone, ["03-29 03:00+02:00", "03-30 02:00+02:00"]);
}

#[test]
fn zones_with_half_hours_and_seconds_are_supported() {
    assert_eq!(next("0 9 * * 1", "Asia/Kolkata", "2026-01-01T00:00:00Z", 1), ["01-05 09:00+05:30"]);
    let clock = Clock::new("*/20 * * * * *", "UTC").unwrap();
    assert_eq!(clock.next(at("2026-01-01T00:00:20Z")), Some(at("2026-01-01T00:00:40Z")));
    assert_eq!(clock.next(at("2026-01-01T00:00:39.999Z")), Some(at("2026-01-01T00:00:40Z")));
    assert!(!clock.words().is_empty());
}

#[test]
fn errors_name_the_invalid_field() {
    let error_of = |cron: &str, zone: &str| Clock::new(cron, zone).err().unwrap().to_string();
    for cron in ["", "* * * *", "@daily", "1 2 3 4 5 6 7", "61 * * * *", "x * * * *", "* * * * * ?x"] {
        assert!(error_of(cron, "UTC").starts_with("cron: "), "{cron}: {}", error_of(cron, "UTC"));
    }
    assert!(error_of("* * * * *", "Mars/Olympus").starts_with("timezone: `Mars/Olympus` is not a time zone"));
}

#[test]
fn the_search_for_a_time_that_never_comes_terminates() {
    for cron in ["0 0 30 2 *", "59 59 23 31 2,4,6,9,11 *", "0 0 31 4 *"] {
        let begun = Instant::now();
        assert_eq!(Clock::new(cron, "Europe/Berlin").unwrap().next(at("2026-01-01T00:00:00Z")), None, "{cron}");
        // far above what it takes on a busy machine, far below an endless search
        assert!(begun.elapsed() < Duration::from_mins(1), "{cron} took {:?}", begun.elapsed());
    }
    // leap days are far apart, but they exist
    assert_eq!(next("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1), ["02-29 00:00+00:00"]);
}

#[test]
fn a_time_is_missed_if_it_is_more_than_a_minute_late() {
    let due = at("2026-01-01T09:00:00Z");
    assert!(!Schedule::is_missed(due, at("2026-01-01T09:01:00Z")));
    assert!(Schedule::is_missed(due, at("2026-01-01T09:01:00.001Z")));
    let schedule = |cron: &str| Schedule {
        id: "a".to_owned(),
        cron: cron.to_owned(),
        timezone: "UTC".to_owned(),
        input: serde_json::Value::Null,
        missed: MissedTimes::Skip,
        enabled: true,
    };
    let back = at("2026-01-01T12:30:00Z");
    assert_eq!(schedule("0 * * * *").missed_from(due, back), (4, Some(at("2026-01-01T13:00:00Z"))));
    assert_eq!(schedule("0 9 * * *").missed_from(due, back), (1, Some(at("2026-01-02T09:00:00Z"))));
    // times in the last minute are not missed: 12:29:00 is the first of them
    let last_minute = Some(at("2026-01-01T12:29:00Z"));
    assert_eq!(schedule("*/5 * * * *").missed_from(due, back), (42, Some(back)));
    assert_eq!(schedule("* * * * *").missed_from(due, back), (MOST_TOLD, last_minute));
    assert_eq!(schedule("* * * * * *").missed_from(due, back), (MOST_TOLD, last_minute));
}

#[test]
fn every_spelling_of_every_hour_is_hourly() {
    let all = (0..24).map(|hour| hour.to_string()).collect::<Vec<_>>().join(",");
    for hours in ["*", "*/1", "0-23", "00-23", "0-23/1", "0-11,12-23", all.as_str()] {
        let back = next(&format!("0 {hours} * * *"), "Europe/Berlin", "2026-10-24T23:30:00Z", 3);
        assert_eq!(back, ["10-25 02:00+02:00", "10-25 02:00+01:00", "10-25 03:00+01:00"], "{hours}");
    }
    let chosen = next("0 0-22 * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", 2);
    assert_eq!(chosen, ["10-25 02:00+02:00", "10-25 03:00+01:00"]);
}

/// A cron expression with at most one number per field; `None` is `*`.
#[derive(Clone, Debug)]
struct Pattern {
    minute: Option<u32>,
    hour: Option<u32>,
    weekday: Option<u32>,
}

impl Pattern {
    fn cron(&self) -> String {
        let field = |value: Option<u32>| value.map_or_else(|| "*".to_owned(), |value| value.to_string());
        format!("{} {} * * {}", field(self.minute), field(self.hour), field(self.weekday))
    }

    fn matches(&self, local: NaiveDateTime) -> bool {
        self.minute.is_none_or(|minute| local.minute() == minute)
            && self.hour.is_none_or(|hour| local.hour() == hour)
            && self.weekday.is_none_or(|day| local.weekday().num_days_from_sunday() == day)
    }

    /// Returns whether it fires in the minute that starts at `at`: the local clock shows a match (for the first time,
    /// if the hour is given), or has just skipped one.
    fn fires(&self, zone: Tz, at: i64) -> bool {
        let local = |at: i64| DateTime::<Utc>::from_timestamp_millis(at).unwrap().with_timezone(&zone).naive_local();
        let (now, before) = (local(at), local(at - MINUTE));
        if self.hour.is_none() {
            return self.matches(now);
        }
        let shown_before = || (1..=180).any(|minutes| local(at - minutes * MINUTE) == now);
        let mut jumped = before + TimeDelta::minutes(1);
        while jumped < now {
            if self.matches(jumped) {
                return true;
            }
            jumped += TimeDelta::minutes(1);
        }
        self.matches(now) && !shown_before()
    }
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let part = |most: u32| prop_oneof![Just(None), (0..most).prop_map(Some)];
    // the hours of clock changes, more often than others
    let hour = prop_oneof![Just(None), (0..4_u32).prop_map(Some), (0..24_u32).prop_map(Some)];
    (part(60), hour, part(7)).prop_map(|(minute, hour, weekday)| Pattern { minute, hour, weekday })
}

/// Moments around clock changes of these zones, and far from any.
fn moment() -> impl Strategy<Value = i64> {
    let shifts = ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"];
    let more = ["2026-10-03T15:30:00Z", "2026-04-04T15:00:00Z", "2026-06-01T00:00:00Z"];
    let all: Vec<i64> = shifts.iter().chain(&more).map(|text| at(text).0).collect();
    (select(all), -300..300_i64, 0..MINUTE).prop_map(|(near, minutes, rest)| near + minutes * MINUTE + rest)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_next_time_is_the_first_match_of_a_search_over_every_minute(
        pattern in pattern(),
        zone in select(vec![Tz::UTC, Tz::Europe__Berlin, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::Asia__Kolkata]),
        after in moment(),
    ) {
        let found = Clock::new(&pattern.cron(), zone.name()).unwrap().next(Time(after)).unwrap();
        prop_assert!(found.0 > after);
        let mut minute = after.div_euclid(MINUTE) * MINUTE + MINUTE;
        while !pattern.fires(zone, minute) {
            minute += MINUTE;
        }
        prop_assert_eq!(found, Time(minute), "{} in {} after {}", pattern.cron(), zone, Time(after));
    }
}
