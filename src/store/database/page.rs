//! Keyset pagination.
use crate::{
    Error, Result,
    model::Unread,
    store::sql::{SqlResult, Value},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The part of a list to read.
#[derive(Clone, Debug)]
pub struct Page {
    pub limit: u32,
    pub cursor: Option<String>,
    /// Searches in names and descriptions, ignoring case.
    pub q: Option<String>,
    pub sort: Sort,
    /// Which records to include; all if `None`.
    pub part: Option<ListPart>,
}

/// A part of the records of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListPart {
    /// Those that belong to no dashboard.
    Library,
    /// Those that belong to this dashboard.
    Dashboard(Uuid),
}

/// The largest size of all rows of a page in bytes. A page of large rows has fewer of them.
const LONGEST: usize = 4 << 20;

impl Page {
    /// Returns as many rows as fit on the page, and whether there are more. Each row comes with its size.
    pub(in crate::store) fn fill<T>(
        &self,
        rows: impl Iterator<Item = SqlResult<(usize, T)>>,
    ) -> Result<(Vec<T>, bool)> {
        let mut kept = Vec::new();
        let mut size = 0;
        for row in rows {
            let (length, row) = row?;
            size += length;
            if kept.len() == self.limit as usize || (size > LONGEST && !kept.is_empty()) {
                return Ok((kept, true));
            }
            kept.push(row);
        }
        Ok((kept, false))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    pub key: SortKey,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SortKey {
    Name,
    CreatedAt,
    UpdatedAt,
}

/// A page of a list, where the next one starts, and the total number of items.
pub struct Paged<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
    pub total: u64,
}

/// The last row of a page, encoded as an opaque cursor.
#[derive(Serialize, Deserialize)]
pub struct Cursor(Sort, String, i64, Uuid);

impl SortKey {
    pub fn column(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }
}

impl Cursor {
    pub fn of(sort: Sort, last: &Unread) -> String {
        let (text, number) = match sort.key {
            SortKey::Name => (last.name.clone(), 0),
            SortKey::CreatedAt => (String::new(), last.created_at.0),
            SortKey::UpdatedAt => (String::new(), last.updated_at.0),
        };
        let cursor = serde_json::to_vec(&Self(sort, text, number, last.id)).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode(cursor)
    }

    pub fn read(text: &str, sort: Sort) -> Result<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(cursor) if cursor.0 == sort => Ok(cursor),
            _ => Err(Error::invalid("cursor", "must be the nextCursor of the same list with the same sort")),
        }
    }

    pub fn id(&self) -> Uuid {
        self.3
    }

    pub fn key(&self) -> Value {
        match self.0.key {
            SortKey::Name => self.1.clone().into(),
            SortKey::CreatedAt | SortKey::UpdatedAt => self.2.into(),
        }
    }
}

/// Returns a `like` pattern that matches the literal `text` anywhere.
pub fn like_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
