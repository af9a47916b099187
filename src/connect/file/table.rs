//! What all formats have in common: rows that can be read more than once, and their limits.
use super::values::cell::{Cell, CellOptions};
use crate::{Error, Result};
use std::collections::HashSet;

pub const COLUMNS: usize = 1000;
pub const ROWS: u64 = 5_000_000;
/// The maximum size of a cell and of a row, in bytes.
pub const CELL: usize = 1 << 20;
pub const ROW: usize = 8 << 20;
/// The error for a longer cell.
pub const TOO_LONG: &str = "has a cell of more than 1 MiB: is a closing quote missing?";
/// The table that every file has.
pub const MAIN: &str = "data";

/// Receives the rows of a table: the position of each in the file, and its cells.
pub type RowHandler<'e> = dyn FnMut(u64, &[Cell<'_>]) -> Result<()> + 'e;

/// Rows that can be read more than once.
pub trait Table {
    /// What positions count: `row` or `line`.
    fn unit(&self) -> &'static str;
    /// Reads every row. Returns the names of the columns, as far as they have any.
    fn read(&mut self, each: &mut RowHandler<'_>) -> Result<Vec<String>>;
    /// Returns the names that are known after reading failed.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
    /// Returns notes on the rows that were read, as sentences.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
    /// Returns whether cells of merged ranges were read as empty.
    fn has_empty_merged_cells(&self) -> bool {
        false
    }
}

/// A table without the rows in which there is nothing.
pub struct WithoutEmptyRows<'t> {
    pub table: &'t mut dyn Table,
    pub reading: CellOptions,
}

impl Table for WithoutEmptyRows<'_> {
    fn unit(&self) -> &'static str {
        self.table.unit()
    }

    fn read(&mut self, each: &mut RowHandler<'_>) -> Result<Vec<String>> {
        let reading = &self.reading;
        self.table.read(&mut |at, cells| if is_empty(cells, reading) { Ok(()) } else { each(at, cells) })
    }

    fn names(&self) -> Vec<String> {
        self.table.names()
    }

    fn notes(&self) -> Vec<String> {
        self.table.notes()
    }

    fn has_empty_merged_cells(&self) -> bool {
        self.table.has_empty_merged_cells()
    }
}

/// Returns whether there is nothing in a row.
pub fn is_empty(cells: &[Cell<'_>], reading: &CellOptions) -> bool {
    cells.iter().all(|cell| matches!(reading.clean(*cell), Cell::Null | Cell::Written("", _) | Cell::Text("")))
}

/// Returns the error for a file that violates its format.
pub fn malformed(unit: &str, at: u64, what: &str) -> Error {
    Error::datasource(format!("{unit} {at} {what}"))
}

/// Makes the names of columns or tables unique.
#[derive(Default)]
pub struct UniqueNames(HashSet<String>);

impl UniqueNames {
    pub fn take(&mut self, name: &str) {
        self.0.insert(name.to_lowercase());
    }

    /// Returns a unique name on one line, of at most 100 characters.
    pub fn sane(&mut self, name: &str, number: usize) -> String {
        let words = name.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let mut plain: String = words.collect::<Vec<_>>().join(" ").chars().take(100).collect();
        // reserved by SQLite
        if plain.is_empty() || plain.to_lowercase().starts_with("sqlite_") {
            plain = format!("column_{number}");
        }
        let mut unique = plain.clone();
        let mut count = 1;
        while !self.0.insert(unique.to_lowercase()) {
            count += 1;
            unique = format!("{plain}_{count}");
        }
        unique
    }
}

#[cfg(test)]
mod tests {
    use super::UniqueNames;

    #[test]
    fn names_are_cleaned_and_unique() {
        let mut names = UniqueNames::default();
        let given = ["id", "ID", "  First\n name ", "", "sqlite_master", "a\u{0}b", "id_2"];
        let made: Vec<_> = given.iter().enumerate().map(|(at, name)| names.sane(name, at + 1)).collect();
        assert_eq!(made, ["id", "ID_2", "First name", "column_4", "column_5", "a b", "id_2_2"]);
    }
}
