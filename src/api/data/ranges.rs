//! Conditional requests and ranges of a download (RFC 9110, sections 13 and 14).
use axum::http::{
    HeaderMap, Method,
    header::{IF_NONE_MATCH, IF_RANGE, RANGE},
};

/// Which part of the content to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedRange {
    Whole,
    /// The range from the first to the last byte, inclusive.
    Part(u64, u64),
    /// The client has the current content: 304.
    Nothing,
    /// The content has no such range: 416.
    Beyond,
}

/// Returns which part of `length` bytes with the strong tag `tag` a request asks for. Multiple ranges get the whole
/// content, and invalid headers are ignored, as the RFC allows.
pub fn wanted(method: &Method, headers: &HeaderMap, length: u64, tag: &str) -> RequestedRange {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mut known =
        headers.get_all(IF_NONE_MATCH).iter().flat_map(|value| value.to_str().unwrap_or_default().split(','));
    if known.any(|known| matches!(known.trim(), "*") || known.trim().trim_start_matches("W/") == tag) {
        return RequestedRange::Nothing;
    }
    let is_present = text(IF_RANGE).is_none_or(|known| known.trim() == tag);
    match text(RANGE).filter(|_| is_present && *method == Method::GET) {
        Some(range) => part(range, length).unwrap_or(RequestedRange::Whole),
        None => RequestedRange::Whole,
    }
}

/// Parses `bytes=0-9`, `bytes=10-` or `bytes=-5`; `None` if it is anything else.
fn part(range: &str, length: u64) -> Option<RequestedRange> {
    let (unit, range) = range.split_once('=')?;
    let (first, last) = range.trim().split_once('-').filter(|_| unit.trim().eq_ignore_ascii_case("bytes"))?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (first, last) = (first.trim(), last.trim());
    let (first, last) = match (number(first), number(last)) {
        (None, Some(0)) if first.is_empty() => return Some(RequestedRange::Beyond),
        (None, Some(most)) if first.is_empty() => (length.saturating_sub(most), u64::MAX),
        (Some(first), None) if last.is_empty() => (first, u64::MAX),
        (Some(first), Some(last)) if first <= last => (first, last),
        _ => return None,
    };
    Some(if first < length { RequestedRange::Part(first, last.min(length - 1)) } else { RequestedRange::Beyond })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{RequestedRange, wanted};
    use axum::http::{
        HeaderMap, HeaderName, Method,
        header::{IF_NONE_MATCH, IF_RANGE, RANGE},
    };

    const TAG: &str = "\"abc\"";

    fn asked(headers: &[(HeaderName, &'static str)]) -> RequestedRange {
        let headers: HeaderMap = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        wanted(&Method::GET, &headers, 100, TAG)
    }

    #[test]
    fn a_range_is_parsed_or_ignored() {
        for (range, expected) in [
            ("bytes=0-9", RequestedRange::Part(0, 9)),
            ("Bytes = 10-", RequestedRange::Part(10, 99)),
            ("bytes=-5", RequestedRange::Part(95, 99)),
            ("bytes=-500", RequestedRange::Part(0, 99)),
            ("bytes=90-500", RequestedRange::Part(90, 99)),
            ("bytes=99-99999999999999999999999", RequestedRange::Part(99, 99)),
            ("bytes=100-", RequestedRange::Beyond),
            ("bytes=-0", RequestedRange::Beyond),
            ("bytes=9-1", RequestedRange::Whole),
            ("bytes=0-1,5-6", RequestedRange::Whole),
            ("bytes=-", RequestedRange::Whole),
            ("bytes=a-b", RequestedRange::Whole),
            ("lines=0-9", RequestedRange::Whole),
            ("bytes", RequestedRange::Whole),
        ] {
            assert_eq!(asked(&[(RANGE, range)]), expected, "{range}");
        }
        let nothing = wanted(&Method::GET, &[(RANGE, "bytes=0-".parse().unwrap())].into_iter().collect(), 0, TAG);
        assert_eq!(nothing, RequestedRange::Beyond);
        let head = wanted(&Method::HEAD, &[(RANGE, "bytes=0-1".parse().unwrap())].into_iter().collect(), 9, TAG);
        assert_eq!(head, RequestedRange::Whole);
    }

    #[test]
    fn content_that_the_client_has_is_not_sent_again() {
        for (known, expected) in [
            (TAG, RequestedRange::Nothing),
            ("W/\"abc\"", RequestedRange::Nothing),
            ("\"x\", \"abc\"", RequestedRange::Nothing),
            ("*", RequestedRange::Nothing),
            ("\"abcd\"", RequestedRange::Whole),
            ("abc", RequestedRange::Whole),
        ] {
            assert_eq!(asked(&[(IF_NONE_MATCH, known)]), expected, "{known}");
        }
        for (known, expected) in [
            (TAG, RequestedRange::Part(0, 0)),
            ("\"x\"", RequestedRange::Whole),
            ("W/\"abc\"", RequestedRange::Whole),
            ("Wed, 21 Oct 2015 07:28:00 GMT", RequestedRange::Whole),
        ] {
            assert_eq!(asked(&[(RANGE, "bytes=0-0"), (IF_RANGE, known)]), expected, "{known}");
        }
    }
}
