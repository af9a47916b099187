//! JSON with unpaired surrogates: the grammar allows them, and services that cut texts by UTF-16 units write them.
use std::borrow::Cow;

/// Returns `text` without a byte-order mark, and with `\ufffd` for each unpaired surrogate escape (RFC 8259, section
/// 8.2).
pub fn mended(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let bytes = text.as_bytes();
    let mut out: Option<String> = None;
    let mut kept = 0;
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &bytes[at..]) {
        at += next;
        let unit = surrogate(bytes, at);
        if let Some(unit) = unit {
            let is_pair = unit < 0xdc00 && surrogate(bytes, at + 6).is_some_and(|next| next >= 0xdc00);
            if is_pair {
                at += 12;
                continue;
            }
            let out = out.get_or_insert_with(|| String::with_capacity(text.len()));
            out.push_str(&text[kept..at]);
            out.push_str("\\ufffd");
            at += 6;
            kept = at;
        } else {
            // skips the escaped character, which may itself be a backslash
            at = (at + 2).min(bytes.len());
        }
    }
    match out {
        Some(mut out) => {
            out.push_str(&text[kept..]);
            out.into()
        }
        None => text.into(),
    }
}

/// Returns the surrogate that the escape at `at` encodes.
fn surrogate(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6).filter(|escape| escape.starts_with(b"\\u"))?;
    let digits = std::str::from_utf8(&escape[2..]).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..0xe000).contains(unit))
}
