//! Inserts several rows with one statement.
use super::{Encoded, PgPrepared};
use crate::store::sql::{SqlParams, SqlResult};

/// The most rows of a statement. Fewer are split into powers of two, so that few statements are prepared.
const MOST: usize = 8;

impl PgPrepared<'_> {
    /// Sends the statement for each set of parameters, several rows at once if it inserts.
    pub fn send_all<P: SqlParams>(&self, all: impl IntoIterator<Item = P>) -> SqlResult<()> {
        let all = all.into_iter().map(|params| self.encode(params)).collect::<SqlResult<Vec<_>>>()?;
        let mut rest = all.into_iter();
        while rest.len() > 0 {
            let count = (1 << rest.len().ilog2()).min(MOST);
            let Some(sql) = repeated(&self.sql, count).filter(|_| count > 1) else {
                rest.by_ref().for_each(|encoded| self.send_encoded(encoded));
                break;
            };
            let mut rows = Encoded::default();
            rest.by_ref().take(count).for_each(|row| rows.append(row));
            self.session.prepare(&sql)?.send_encoded(rows);
        }
        Ok(())
    }
}

/// Returns a statement that inserts a row, with its values repeated; `None` if it is another statement.
fn repeated(sql: &str, count: usize) -> Option<String> {
    let start = sql.find(" values (")? + " values ".len();
    let (before, row) = sql.split_at(start);
    let values = row.strip_prefix('(')?.strip_suffix(')')?;
    let width = values.split(", ").count();
    let is_list = values.split(", ").enumerate().all(|(at, value)| *value == format!("?{}", at + 1));
    let rows = (0..count).map(|n| {
        let values: Vec<_> = (1..=width).map(|at| format!("?{}", n * width + at)).collect();
        format!("({})", values.join(", "))
    });
    is_list.then(|| format!("{before}{}", rows.collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::repeated;

    #[test]
    fn only_a_row_of_parameters_is_repeated() {
        let one = "insert into t (a, b) values (?1, ?2)";
        assert_eq!(repeated(one, 2).as_deref(), Some("insert into t (a, b) values (?1, ?2), (?3, ?4)"));
        assert_eq!(repeated(one, 1).as_deref(), Some(one));
        for sql in [
            "delete from t where a = ?1",
            "insert into t (a, b) values (?1, 'b')",
            "insert into t (a, b) values (?2, ?1)",
            "insert into t (a, b) values (?1, ?2) on conflict do nothing",
            "insert into t (a, b) select ?1, ?2",
        ] {
            assert_eq!(repeated(sql, 2), None, "{sql}");
        }
    }
}
