//! `Retry-After` (RFC 9110, section 10.2.3): when a server accepts the next request.
use crate::{bodies::header_text, clock::Time};
use chrono::{DateTime, NaiveDateTime};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::time::Duration;

/// The longest wait that is returned. Longer ones are capped.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// Returns how long the headers ask to wait after `now`, in seconds or until a date.
pub(super) fn asked(headers: &HeaderMap, now: Time) -> Option<Duration> {
    let text = header_text(headers.get(RETRY_AFTER)?.as_bytes()).trim().to_owned();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    // some servers send fractions
    if let Some(seconds) = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds >= 0.0) {
        return Some(Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())));
    }
    Some(Time(date(&text)?.checked_mul(1000)?).since(now).min(LONGEST))
}

/// Parses an HTTP date in any of its three formats (RFC 9110, section 5.6.7), and returns it in seconds since 1970. A
/// wrong day of the week is ignored.
fn date(text: &str) -> Option<i64> {
    let dayless = text.split_once(", ").map_or(text, |(_, rest)| rest);
    let old = |text, format| NaiveDateTime::parse_from_str(text, format).ok().map(|at| at.and_utc().timestamp());
    let present = DateTime::parse_from_rfc2822(dayless).or_else(|_| DateTime::parse_from_rfc3339(text));
    let present = present.map(|at| at.timestamp()).ok().or_else(|| old(dayless, "%d-%b-%y %H:%M:%S GMT"));
    present.or_else(|| old(text.split_once(' ')?.1, "%b %e %H:%M:%S %Y"))
}

/// Formats a wait as a hint.
pub(in crate::connect) fn hint(wait: Duration) -> String {
    match wait.as_secs_f64().ceil() {
        seconds if seconds <= 1.0 => "try again in a second".to_owned(),
        seconds if seconds < 120.0 => format!("try again after {seconds} seconds"),
        seconds if seconds < 7200.0 => format!("try again after {} minutes", (seconds / 60.0).ceil()),
        seconds => format!("try again after {} hours", (seconds / 3600.0).ceil()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{LONGEST, asked, hint};
    use crate::clock::Time;
    use reqwest::header::{HeaderMap, RETRY_AFTER};
    use std::time::Duration;

    #[test]
    fn seconds_and_dates_are_understood() {
        // Wed, 21 Oct 2015 07:28:00 GMT
        let now = Time((1_445_412_480 - 90) * 1000);
        for (text, seconds) in [
            ("2", Some(2)),
            (" 120 ", Some(120)),
            ("1.0", Some(1)),
            ("0", Some(0)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(90)),
            ("Wednesday, 21-Oct-15 07:28:00 GMT", Some(90)),
            ("Wed Oct 21 07:28:00 2015", Some(90)),
            ("2015-10-21T07:28:00Z", Some(90)),
            ("Tue, 21 Oct 2014 07:28:00 GMT", Some(0)),
            ("99999999999999999999", Some(LONGEST.as_secs())),
            ("Mon, 31 Dec 2998 07:28:00 GMT", Some(LONGEST.as_secs())),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            assert_eq!(asked(&headers, now).map(|wait| wait.as_secs()), seconds, "{text}");
        }
        assert_eq!(asked(&HeaderMap::new(), now), None);
    }

    #[test]
    fn a_hint_says_how_long() {
        let hint_after = |seconds| hint(Duration::from_secs(seconds));
        assert_eq!(hint_after(0), "try again in a second");
        assert_eq!(hint_after(30), "try again after 30 seconds");
        assert_eq!(hint_after(200), "try again after 4 minutes");
        assert_eq!(hint_after(100_000), "try again after 28 hours");
    }
}
