//! Relative ranges of days, such as the last 30 days.
use chrono::{Datelike, Days, Months, NaiveDate};

/// The most days, weeks or months that a range may go back.
const MAX: u32 = 1000;

/// A range of days relative to today. `Days`, `Weeks` and `Months` end today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelativeRange {
    Today,
    ThisMonth,
    LastMonth,
    ThisYear,
    Days(u32),
    Weeks(u32),
    Months(u32),
}

impl RelativeRange {
    /// Parses `today`, `this-month`, `last-month`, `this-year`, and ranges such as `last-30-days`.
    pub fn parse(text: &str) -> Option<Self> {
        let last = match text {
            "today" => return Some(Self::Today),
            "this-month" => return Some(Self::ThisMonth),
            "last-month" => return Some(Self::LastMonth),
            "this-year" => return Some(Self::ThisYear),
            other => other.strip_prefix("last-")?,
        };
        let (count, unit) = last.split_once('-')?;
        let plain = count.chars().all(|c| c.is_ascii_digit()) && !count.starts_with('0');
        let count = count.parse().ok().filter(|count| plain && (1..=MAX).contains(count))?;
        match unit {
            "days" => Some(Self::Days(count)),
            "weeks" => Some(Self::Weeks(count)),
            "months" => Some(Self::Months(count)),
            _ => None,
        }
    }

    /// Returns the first and the last day; `None` if they are outside the calendar.
    pub fn days(self, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let month = today.with_day(1)?;
        let back = |days: u32| Some((today.checked_sub_days(Days::new(u64::from(days.saturating_sub(1))))?, today));
        match self {
            Self::Today => Some((today, today)),
            Self::ThisMonth => Some((month, month.checked_add_months(Months::new(1))?.pred_opt()?)),
            Self::LastMonth => Some((month.checked_sub_months(Months::new(1))?, month.pred_opt()?)),
            Self::ThisYear => {
                Some((NaiveDate::from_ymd_opt(today.year(), 1, 1)?, NaiveDate::from_ymd_opt(today.year(), 12, 31)?))
            }
            Self::Days(count) => back(count),
            Self::Weeks(count) => back(count.saturating_mul(7)),
            Self::Months(count) => Some((today.checked_sub_months(Months::new(count))?.succ_opt()?, today)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::RelativeRange;

    fn days(range: &str, today: &str) -> String {
        let (from, to) = RelativeRange::parse(range).unwrap().days(today.parse().unwrap()).unwrap();
        format!("{from}..{to}")
    }

    // the admin UI's tests use the same table
    #[test]
    fn a_range_depends_on_today() {
        for (range, today, expected) in [
            ("today", "2026-03-31", "2026-03-31..2026-03-31"),
            ("last-7-days", "2026-03-03", "2026-02-25..2026-03-03"),
            ("last-1-days", "2026-03-03", "2026-03-03..2026-03-03"),
            ("last-2-weeks", "2026-01-05", "2025-12-23..2026-01-05"),
            ("last-1-months", "2026-03-31", "2026-03-01..2026-03-31"),
            ("last-12-months", "2024-02-29", "2023-03-01..2024-02-29"),
            ("this-month", "2024-02-10", "2024-02-01..2024-02-29"),
            ("this-month", "2026-12-31", "2026-12-01..2026-12-31"),
            ("last-month", "2026-01-31", "2025-12-01..2025-12-31"),
            ("last-month", "2026-03-31", "2026-02-01..2026-02-28"),
            ("this-year", "2026-07-01", "2026-01-01..2026-12-31"),
        ] {
            assert_eq!(days(range, today), expected, "{range} on {today}");
        }
    }

    #[test]
    fn invalid_ranges_are_refused() {
        let wrong =
            ["", "tomorrow", "last-0-days", "last-07-days", "last-+7-days", "last--7-days", "last-7-years", "last-7"];
        for text in wrong.into_iter().chain(["last-1001-days", "last-99999999999-days", "Today", "last-7-days "]) {
            assert_eq!(RelativeRange::parse(text), None, "{text}");
        }
    }
}
