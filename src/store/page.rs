//! Keyset paging: which part of a list, in which order, after which row.
use crate::{Error, Result, model::Record};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rusqlite::types::Value as Sql;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which part of a list to read.
#[derive(Clone, Debug)]
pub struct Page {
    pub limit: u32,
    pub cursor: Option<String>,
    /// Matches name and description, whatever the case.
    pub q: Option<String>,
    pub sort: Sort,
}

/// What the rows of one page may have together: a page of long ones is shorter.
const LONGEST: usize = 4 << 20;

impl Page {
    /// As many rows, each with its length, as fit on the page, and whether there are more.
    pub(super) fn fill<T>(&self, rows: impl Iterator<Item = rusqlite::Result<(usize, T)>>) -> Result<(Vec<T>, bool)> {
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

/// A part of a list, where the next one starts, and how many there are in all.
pub struct Paged<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
    pub total: u64,
}

/// The last row that a page held, in a form that callers hand back unread.
#[derive(Serialize, Deserialize)]
pub(super) struct Cursor(Sort, String, i64, Uuid);

impl SortKey {
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }
}

impl Cursor {
    pub(super) fn of<R>(sort: Sort, last: &Record<R>) -> String {
        let (text, number) = match sort.key {
            SortKey::Name => (last.label.name.clone(), 0),
            SortKey::CreatedAt => (String::new(), last.created_at.0),
            SortKey::UpdatedAt => (String::new(), last.updated_at.0),
        };
        let cursor = serde_json::to_vec(&Self(sort, text, number, last.id)).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode(cursor)
    }

    pub(super) fn read(text: &str, sort: Sort) -> Result<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(cursor) if cursor.0 == sort => Ok(cursor),
            _ => Err(Error::invalid("cursor", "must be the nextCursor of the same list with the same sort")),
        }
    }

    pub(super) fn id(&self) -> Uuid {
        self.3
    }

    pub(super) fn key(&self) -> Sql {
        match self.0.key {
            SortKey::Name => self.1.clone().into(),
            SortKey::CreatedAt | SortKey::UpdatedAt => self.2.into(),
        }
    }
}

/// A `like` pattern that finds `text` anywhere, taken literally.
pub(super) fn like_pattern(text: &str) -> String {
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
