//! Query parameters without a value: they are left out, with their names.
use super::address::{UrlPiece, UrlZone, after};
use serde_json::Value;
use std::borrow::Cow;

/// Returns the pieces without the query parameters that have no value: `?a={{ null }}&b=1` becomes `?b=1`.
pub(super) fn left_out(pieces: &[UrlPiece]) -> Cow<'_, [UrlPiece]> {
    let is_null = |piece: &UrlPiece| matches!(piece, UrlPiece::Value { value: Value::Null, .. });
    if !pieces.iter().any(is_null) {
        return pieces.into();
    }
    let mut kept: Vec<UrlPiece> = Vec::with_capacity(pieces.len());
    let mut zone = UrlZone::Path;
    for (at, piece) in pieces.iter().enumerate() {
        if zone == UrlZone::Query
            && is_null(piece)
            && ends_parameter(pieces.get(at + 1))
            && let Some(UrlPiece::Text(before)) = kept.last_mut()
            && before.ends_with('=')
            && let Some(start) = before.rfind(['?', '&'])
        {
            before.truncate(start + 1);
            continue;
        }
        match (piece, kept.last_mut()) {
            (UrlPiece::Text(text), Some(UrlPiece::Text(before))) => {
                // the separator belongs to a parameter that was removed
                before.push_str(text.strip_prefix('&').unwrap_or(text));
                zone = after(zone, text);
            }
            (UrlPiece::Text(text), _) => {
                zone = after(zone, text);
                kept.push(piece.clone());
            }
            _ => kept.push(piece.clone()),
        }
        if let Some(UrlPiece::Text(text)) = kept.last_mut()
            && let Some(fragment) = text.find('#').filter(|at| text[..*at].ends_with(['?', '&']))
        {
            text.remove(fragment - 1);
        }
    }
    if let Some(UrlPiece::Text(text)) = kept.last_mut().filter(|_| zone == UrlZone::Query)
        && text.ends_with(['?', '&'])
    {
        text.pop();
    }
    kept.into()
}

/// Whether a parameter's value ends before that piece.
fn ends_parameter(next: Option<&UrlPiece>) -> bool {
    match next {
        None => true,
        Some(UrlPiece::Text(text)) => text.starts_with(['&', '#']),
        Some(UrlPiece::Value { .. }) => false,
    }
}
