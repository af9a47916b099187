//! The texts of statements. All of them are known: `tests/it/statements` finds each `sql!` in the source, and prepares
//! it.

/// The text of a statement, with parameters `?1`, `?2` and so on.
#[derive(Clone, Copy, Debug)]
pub struct Sql<'s>(&'s str);

impl Sql<'static> {
    /// Creates the text of a statement. Only `sql!` calls this.
    pub const fn fixed(text: &'static str) -> Self {
        Self(text)
    }
}

impl<'s> Sql<'s> {
    /// Creates the text of a statement that is put together while the program runs, or that only SQLite executes.
    pub const fn composed(text: &'s str) -> Self {
        Self(text)
    }

    pub const fn text(self) -> &'s str {
        self.0
    }
}

/// The text of a statement, from a literal, or from literals and constants of the same file that are joined when the
/// program is compiled.
macro_rules! sql {
    ($text:literal) => {
        $crate::store::sql::Sql::fixed($text)
    };
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&str] = &[$($part),+];
        const BYTES: [u8; $crate::store::sql::length(PARTS)] = $crate::store::sql::joined(PARTS);
        const TEXT: &str = match std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("joined texts are a text"),
        };
        $crate::store::sql::Sql::fixed(TEXT)
    }};
}
pub(in crate::store) use sql;

/// Returns the length of all parts together.
pub const fn length(parts: &[&str]) -> usize {
    let (mut all, mut at) = (0, 0);
    while at < parts.len() {
        all += parts[at].len();
        at += 1;
    }
    all
}

/// Joins parts that are `LENGTH` bytes long together.
pub const fn joined<const LENGTH: usize>(parts: &[&str]) -> [u8; LENGTH] {
    let (mut all, mut end, mut at) = ([0; LENGTH], 0, 0);
    while at < parts.len() {
        let (part, mut next) = (parts[at].as_bytes(), 0);
        while next < part.len() {
            all[end] = part[next];
            (end, next) = (end + 1, next + 1);
        }
        at += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    #[test]
    fn parts_are_joined() {
        const COLUMNS: &str = "id, ä";
        assert_eq!(sql!("select ", COLUMNS, " from t").text(), "select id, ä from t");
        assert_eq!(sql!("select 1").text(), "select 1");
    }
}
