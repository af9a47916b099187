//! Writes uploaded files to tables of datasources.
use super::Executor;
use crate::{
    Error, Result,
    connect::{FileImport, Imported, Target},
    model::{Datasource, Scope},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

impl Executor {
    /// Writes the rows of a file to a table of a datasource, in one transaction: nothing remains if it fails, or if
    /// `cancelled` ends first.
    pub async fn import(
        &self,
        scope: &Scope,
        datasource: Uuid,
        import: FileImport,
        cancelled: impl Future<Output = ()> + Send,
    ) -> Result<Imported> {
        let datasource =
            self.store.get(|tx| tx.find::<Datasource>(scope, datasource)).map_err(|error| match error {
                Error::NotFound(_) => Error::invalid("datasourceID", "no such datasource in this tenant"),
                other => other,
            })?;
        let target = self.target(scope, &datasource)?;
        self.queries.import(scope.tenant, &target, import, cancelled).await
    }

    /// Writes the rows of a file to a table of a new database of the tenant, which is to become the datasource `id`.
    /// Returns the type and the options of the datasource. If it fails, no database remains.
    pub async fn import_to_new(
        &self,
        scope: &Scope,
        id: Uuid,
        name: &str,
        import: FileImport,
        cancelled: impl Future<Output = ()> + Send,
    ) -> Result<(Imported, Target)> {
        let options = json!({"path": path(name, id), "readOnly": false});
        let options: Map<String, Value> = serde_json::from_value(options)?;
        let target = Target { id, version: 0, kind: crate::connect::LOCAL.to_owned(), options };
        match self.queries.import(scope.tenant, &target, import, cancelled).await {
            Ok(imported) => Ok((imported, target)),
            Err(error) => {
                self.queries.remove_database(scope.tenant, &target).await;
                Err(error)
            }
        }
    }

    /// Removes a database that did not become a datasource.
    pub async fn remove_new(&self, scope: &Scope, target: &Target) {
        self.queries.remove_database(scope.tenant, target).await;
    }
}

/// Returns a new path for a database, by which its name can be recognized: `sales-2026-0193a1b2.db`.
fn path(name: &str, id: Uuid) -> String {
    let plain =
        name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect::<String>();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let short: String = words.join("-").chars().take(60).collect();
    let id = id.simple().to_string();
    // the last digits are random, the first ones are the time
    let end = &id[id.len() - 8..];
    if short.is_empty() { format!("{end}.db") } else { format!("{short}-{end}.db") }
}

#[cfg(test)]
mod tests {
    use super::path;
    use uuid::Uuid;

    #[test]
    fn a_path_has_the_words_of_the_name_and_is_unique() {
        assert_eq!(path("Sales 2026: Q1/Q2 ", Uuid::nil()), "sales-2026-q1-q2-00000000.db");
        assert_eq!(path("…", Uuid::nil()), "00000000.db");
    }
}
