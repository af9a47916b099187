//! Reads the pages of a response until there are no more, or enough has been read.
use super::{
    CallOptions, Pagination, ParameterLocation, RestCall, Service, call::CursorSource, request::PreparedRequest,
};
use crate::{
    Error, Result, bodies,
    connect::{
        Rows,
        http::{Document, HttpResponse, content::HttpVerb},
        rows::{received, rows_at},
    },
    json::{Room, TruncatedArray},
};
use reqwest::{StatusCode, Url, header::LINK};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{collections::HashSet, io};

/// The maximum number of pages that one query reads.
const PAGES: usize = 100;

/// Reads everything that a call returns, within the request's limits.
pub(super) async fn read(
    service: &Service,
    call: &RestCall,
    first: PreparedRequest,
    terms: &CallOptions<'_>,
) -> Result<Rows> {
    let limits = &terms.request.limits;
    let path = call.response_path.as_deref().unwrap_or_default();
    let Some(pagination) = &call.pagination else {
        let mut answer = service.api.send(first.outgoing(), limits.text()).await?;
        if call.method == HttpVerb::Head && answer.status.is_success() {
            return Ok(received(answer.head(), limits));
        }
        let document = open(&mut answer, rows_at(path, limits), terms).await?;
        let empty = document.is_null();
        return Ok(received(found(document.take(path), empty, path)?, limits));
    };
    let mut walk = Walk { pagination, base: &service.base, seen: HashSet::new(), keeps_size: false, pages: 0 };
    let mut next = Some(walk.start(first)?);
    let mut items = Vec::new();
    let mut left = limits.bytes;
    let mut truncated = false;
    while let Some(page) = next.take() {
        if walk.pages == PAGES || items.len() >= limits.rows {
            truncated = true;
            break;
        }
        let room = Room { bytes: left, ..limits.text() };
        let mut answer = service.api.send(page.clone().outgoing(), room).await?;
        if walk.pages > 0 && walk.is_beyond(&answer) {
            break;
        }
        if walk.pages > 0 && answer.status.is_success() && !answer.whole {
            truncated = true;
            break;
        }
        left -= answer.body.len();
        let before = limits.hold.used();
        let wanted = rows_at(path, limits).map(|part| TruncatedArray { most: part.most - items.len(), ..part });
        let document = open(&mut answer, wanted, terms).await?;
        let read = limits.hold.used().saturating_sub(before);
        limits.hold.grow(read)?;
        let found = match found(document.at(path), document.is_null(), path)? {
            Value::Array(found) => found,
            Value::Null => Vec::new(),
            _ => return Err(Error::datasource("the page's data is not a list: check the response path")),
        };
        match walk.next(page, &answer, &document, &found)? {
            NextPage::Page(page) => next = Some(*page),
            NextPage::End => {}
            NextPage::Loop => truncated = true,
        }
        items.extend(found);
        drop(document);
        limits.hold.shrink(read);
    }
    let rows = received(Value::Array(items), limits);
    Ok(Rows { truncated: truncated || rows.truncated, ..rows })
}

async fn open(answer: &mut HttpResponse, wanted: Option<TruncatedArray>, terms: &CallOptions<'_>) -> Result<Document> {
    if !answer.status.is_success() {
        return Err(answer.refusal());
    }
    let document = Document::new(answer.value(terms.request.limits.values(), wanted).await?);
    (terms.check)(&document)?;
    Ok(document)
}

/// Returns what is at the response path; null if the response is empty.
fn found(there: Result<Option<Value>, &'static str>, empty: bool, path: &str) -> Result<Value> {
    match there.map_err(|why| Error::invalid("options.responsePath", why))? {
        Some(value) => Ok(value),
        None if empty => Ok(Value::Null),
        None => Err(Error::datasource(format!("the response has nothing at {path}"))),
    }
}

struct Walk<'a> {
    pagination: &'a Pagination,
    /// The datasource's own URL: only its server receives the credentials when a next page is requested.
    base: &'a Url,
    /// Digests of the cursors, URLs and pages that were seen.
    seen: HashSet<[u8; 32]>,
    /// Whether the first page had as many items as were requested.
    keeps_size: bool,
    /// How many pages were read.
    pages: usize,
}

enum NextPage {
    Page(Box<PreparedRequest>),
    End,
    /// The server leads back to a page that was already read.
    Loop,
}

impl Walk<'_> {
    fn start(&self, mut page: PreparedRequest) -> Result<PreparedRequest> {
        match self.pagination {
            Pagination::Link { .. } | Pagination::Cursor { .. } => {}
            Pagination::Offset { limit_param, page_size, place, .. } => {
                if !limit_param.is_empty() {
                    page.set(*place, limit_param, (*page_size).into())?;
                }
            }
            Pagination::Page { page_param, first_page, size_param, page_size, place } => {
                let first = page.number(*place, page_param).unwrap_or((*first_page).into());
                page.set(*place, page_param, first.into())?;
                if let Some(name) = size_param.as_deref().filter(|name| !name.is_empty()) {
                    page.set(*place, name, (*page_size).into())?;
                }
            }
        }
        Ok(page)
    }

    /// Whether a server with numbered pages reports that there is no such page.
    fn is_beyond(&self, answer: &HttpResponse) -> bool {
        let counts = matches!(self.pagination, Pagination::Offset { .. } | Pagination::Page { .. });
        counts && matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::RANGE_NOT_SATISFIABLE)
    }

    fn next(
        &mut self,
        mut page: PreparedRequest,
        answer: &HttpResponse,
        document: &Document,
        found: &[Value],
    ) -> Result<NextPage> {
        self.pages += 1;
        match self.pagination {
            Pagination::Link { url_path } => {
                let Some(url) = self.address(url_path.as_deref(), answer, document)? else { return Ok(NextPage::End) };
                page.url = url;
                page.pairs.clear();
                let seen = Sha256::new().chain_update(page.url.as_str());
                Ok(self.unless_seen(seen, page))
            }
            Pagination::Cursor { cursor_path, cursor_of, more_path, cursor_param, place } => {
                let more = match lookup(document, more_path.as_deref(), "morePath")? {
                    Some(Value::Bool(more)) => Some(more),
                    _ => None,
                };
                let cursor = match (cursor_of, found.last()) {
                    (CursorSource::Answer, _) => lookup(document, Some(cursor_path), "cursorPath")?,
                    (CursorSource::LastItem, Some(item)) => {
                        lookup(&Document::new(item.clone()), Some(cursor_path), "cursorPath")?
                    }
                    (CursorSource::LastItem, None) => None,
                };
                let cursor = cursor.filter(|cursor| !matches!(cursor, Value::Null | Value::Bool(_)) && cursor != "");
                let cursor = match cursor {
                    Some(cursor) if more != Some(false) => cursor,
                    // there are more pages, but the response does not say where
                    None if more == Some(true) => return Ok(NextPage::Loop),
                    _ => return Ok(NextPage::End),
                };
                let seen = Sha256::new().chain_update(cursor.to_string());
                page.set(*place, cursor_param, cursor)?;
                Ok(self.unless_seen(seen, page))
            }
            Pagination::Offset { offset_param, limit_param, page_size, place } => {
                let offset = page.number(*place, offset_param).unwrap_or(0);
                if self.pages == 1 {
                    self.keeps_size = !limit_param.is_empty() && found.len() == *page_size as usize;
                }
                // if a server keeps to the page size, a shorter page has hidden items; otherwise it returns as many as
                // it likes
                let step = if self.keeps_size { u64::from(*page_size) } else { found.len() as u64 };
                self.counted(page, *place, offset_param, offset.saturating_add(step), found)
            }
            Pagination::Page { page_param, place, .. } => {
                let number = page.number(*place, page_param).unwrap_or(0);
                self.counted(page, *place, page_param, number.saturating_add(1), found)
            }
        }
    }

    /// Returns the next numbered page. Only an empty page is the last one: a service may return fewer items than
    /// requested, or hide some of them.
    fn counted(
        &mut self,
        mut page: PreparedRequest,
        place: ParameterLocation,
        name: &str,
        at: u64,
        found: &[Value],
    ) -> Result<NextPage> {
        if found.is_empty() {
            return Ok(NextPage::End);
        }
        // a server that does not know the parameter returns the same page every time
        let mut same = Digesting(Sha256::new());
        serde_json::to_writer(&mut same, found)?;
        page.set(place, name, at.into())?;
        Ok(self.unless_seen(same.0, page))
    }

    /// Returns the URL of the next page, which must be on the datasource's own server.
    fn address(&self, path: Option<&str>, answer: &HttpResponse, document: &Document) -> Result<Option<Url>> {
        let from_body = lookup(document, path, "urlPath")?;
        let header;
        let text = match (path.filter(|path| !path.is_empty()), &from_body) {
            (Some(_), Some(Value::String(text))) if !text.is_empty() => text,
            (Some(_), _) => return Ok(None),
            (None, _) => {
                let headers = answer.headers.get_all(LINK).iter().map(|value| bodies::header_text(value.as_bytes()));
                header = headers.collect::<Vec<_>>().join(", ");
                match next_link(&header) {
                    Some(text) => text,
                    None => return Ok(None),
                }
            }
        };
        let next = answer.url.join(text).map_err(|_| Error::datasource("the next page's URL is not valid"))?;
        // not the origin of the response, which may be where the server redirected to
        if next.origin() != self.base.origin() || !next.username().is_empty() || next.password().is_some() {
            return Err(Error::datasource("the next page is on another server, which is not followed"));
        }
        Ok(Some(next))
    }

    fn unless_seen(&mut self, what: Sha256, page: PreparedRequest) -> NextPage {
        if self.seen.insert(what.finalize().into()) { NextPage::Page(Box::new(page)) } else { NextPage::Loop }
    }
}

/// Writes into a digest.
struct Digesting(Sha256);

impl io::Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lookup(document: &Document, path: Option<&str>, option: &str) -> Result<Option<Value>> {
    let Some(path) = path.filter(|path| !path.is_empty()) else { return Ok(None) };
    document.at(path).map_err(|why| Error::invalid(format!("options.pagination.{option}"), why))
}

/// Returns the URL with `rel="next"` in a `Link` header (RFC 8288).
fn next_link(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let (parameters, following) = parameters(after);
        let is_next = parameters.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("rel") && value.split_whitespace().any(|rel| rel.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(target);
        }
        rest = following;
    }
    None
}

/// Returns the parameters that follow a URL, up to the comma before the next one. Commas inside quotes do not count.
fn parameters(text: &str) -> (Vec<(&str, &str)>, &str) {
    let mut quoted = false;
    let mut ends = Vec::new();
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ';' if !quoted => ends.push(at),
            ',' if !quoted => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    ends.push(end);
    let pairs = ends.windows(2).filter_map(|ends| {
        let (name, value) = text[ends[0] + 1..ends[1]].split_once('=')?;
        Some((name.trim(), value.trim().trim_matches('"')))
    });
    (pairs.collect(), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::next_link;

    #[test]
    fn the_next_page_is_found_in_a_link_header() {
        for (header, expected) in [
            ("</a?page=2>; rel=\"next\"", Some("/a?page=2")),
            ("</a?page=2>;rel=next", Some("/a?page=2")),
            ("</1>; rel=\"first\", </3>; rel=\"last next\"", Some("/3")),
            ("</1>; title=\"a, <b>; rel=next\"; rel=prev, </2>; REL=Next; x=y", Some("/2")),
            ("</1>; rel=\"prev\"", None),
            ("</1>; rel=nextish", None),
            ("", None),
            ("<", None),
        ] {
            assert_eq!(next_link(header), expected, "{header}");
        }
    }
}
