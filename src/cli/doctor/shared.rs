//! Examines a database that servers share, and the data directory of one of them.
use super::{
    Doctor, Report, content,
    database::{self, ServerFinding},
    key, private, secrets, usage,
};
use crate::{
    Error, Result,
    cli::in_full,
    data_dir::{MarkState, MarkedFolder, Paths, read_key},
    store::{
        PostgresUrl, Sealer,
        directory::look::Access,
        exam::{EngineFacts, KeyFacts, Pooling, ServerExam},
    },
};

impl Report {
    fn add(&mut self, finding: ServerFinding) {
        match finding {
            ServerFinding::Sound(what, note) => self.finding(what, Ok(note)),
            ServerFinding::Note(what, note) => Self::note(what, &note),
            ServerFinding::Warning(what, why) => Self::warn(what, &why),
            ServerFinding::Failure(what, why) => self.fail(what, &why),
        }
    }

    fn add_all(&mut self, what: &str, findings: Result<Vec<ServerFinding>>) {
        match findings {
            Ok(findings) => findings.into_iter().for_each(|finding| self.add(finding)),
            Err(error) => self.finding(what, Err(error)),
        }
    }
}

impl Doctor {
    pub(super) fn look_at_server(&self, url: &PostgresUrl, report: &mut Report) {
        let exam = match ServerExam::begin(url) {
            Ok(exam) => exam,
            Err(error) => return report.finding("database", Err(error)),
        };
        // before the exam occupies a connection of the pooler
        let pooling = exam.pooling();
        match exam.engine() {
            Ok(engine) => {
                report.finding("database", Ok(url.to_string()));
                match &pooling {
                    Ok(found) => report.add(database::pooling(*found, url.keeps_prepared())),
                    Err(error) => {
                        Report::warn("pooler", &format!("whether there is one is not known: {}", in_full(error)));
                    }
                }
                self.examine(&exam, &engine, pooling.unwrap_or(Pooling::Session) != Pooling::Session, report);
            }
            Err(error) => report.finding("database", Err(error)),
        }
    }

    fn examine(&self, exam: &ServerExam, engine: &EngineFacts, is_pooled: bool, report: &mut Report) {
        for finding in database::engine(engine) {
            report.add(finding);
        }
        report.add_all("clock", exam.skew().map(|skew| vec![database::clock(skew)]));
        report.add_all("standbys", exam.replication().map(|facts| database::replication(&facts, &engine.user)));
        let schemas = match exam.schemas() {
            Ok(schemas) => schemas,
            Err(error) => return report.finding("schema", Err(error)),
        };
        for finding in database::schemas(&schemas, engine) {
            report.add(finding);
        }
        let mut is_usable = false;
        if schemas.are_current {
            let tables = exam.tables_without_rights();
            is_usable = tables.as_ref().is_ok_and(Vec::is_empty);
            report.add_all("rights", tables.map(|tables| vec![database::rights(&tables, &engine.user)]));
        }
        let servers = if is_usable { exam.servers() } else { Ok(Vec::new()) };
        if is_usable {
            match exam.moved_to() {
                Ok(None) => {}
                Ok(Some(place)) => {
                    report.fail("database", &format!("its data was moved to {place}: no server starts with it"));
                }
                Err(error) => report.finding("database", Err(error)),
            }
            match &servers {
                Ok(all) => database::servers(all).into_iter().for_each(|finding| report.add(finding)),
                Err(error) => report.fail("servers", &in_full(error)),
            }
        }
        let wanted = u64::from(self.database.database_connections);
        let connections = exam.connections().map(|facts| {
            let lives = servers.as_deref().unwrap_or_default();
            let pooled = || database::pooled_connections(&facts, lives);
            vec![if is_pooled { pooled() } else { database::connections(&facts, lives, wanted) }]
        });
        report.add_all("connections", connections);
        if is_usable {
            match exam.keys() {
                Ok(keys) => self.keys_of_servers(exam, &keys, report),
                Err(error) => report.finding("secret key", Err(error)),
            }
        }
    }

    /// Checks the secret key, and what it seals, and the data directory if one is named.
    fn keys_of_servers(&self, exam: &ServerExam, keys: &KeyFacts, report: &mut Report) {
        let named = self.place.data_dir.as_ref();
        let paths = named.filter(|path| path.exists()).map(|path| Paths::new(path));
        if let (Some(path), None) = (named, &paths) {
            report.fail("data directory", &format!("{} does not exist: name that of a server", path.display()));
        }
        if let Some(paths) = &paths {
            report.finding("data directory", private(paths.root()).map(|()| paths.root().display().to_string()));
            report.finding("folders", folders(paths, keys));
        }
        let sealer = match (&self.secret_key, &paths) {
            (Some(text), _) => Sealer::new(text.as_bytes()).map(Some),
            (None, Some(paths)) => {
                key(&paths.secret_key(), |bytes| Sealer::of_file(&paths.secret_key(), bytes).map(drop))
                    .and_then(|_| read_key(&paths.secret_key()))
                    .and_then(|bytes| bytes.as_deref().map(Sealer::new).transpose())
            }
            (None, None) => Ok(None),
        };
        match sealer {
            Err(error) => report.finding("secret key", Err(error)),
            Ok(None) => Report::note(
                "secret key",
                "not given: with --secret-key, or --data-dir of a server, it is checked whether it decrypts the secrets",
            ),
            Ok(Some(sealer)) => {
                report.finding("secret key", secret_key(&sealer, keys));
                report.finding("secrets", secrets::check_with(exam.records(), Some(&sealer)));
            }
        }
        if let Some(paths) = &paths {
            match exam.shared_contents() {
                Ok(0) => content::uploads(report, exam.records(), paths),
                Ok(count) => {
                    Report::note(
                        "uploads",
                        &format!("in the file storage, which is not examined; objects there: {count}"),
                    );
                }
                Err(error) => report.finding("uploads", Err(error)),
            }
            content::datasources(report, exam.records(), paths, Access::looking(paths));
        }
        usage::list(exam.stored(), paths.as_ref());
    }
}

/// Checks that the key is the one of the servers.
fn secret_key(sealer: &Sealer, keys: &KeyFacts) -> Result<String> {
    match (keys.is_of_servers(sealer), keys.opens_signing_key(sealer)) {
        (Some(false), _) | (_, Some(false)) => Err(Error::conflict(
            "this is not the key of the servers, so no server starts with it: set JET_ADMIN_SECRET_KEY to the content of \
             keys/secret.key in the data directory of the first one",
        )),
        (None, _) => Ok("valid; no server has used the database yet".to_owned()),
        (Some(true), _) => Ok("the one of the servers".to_owned()),
    }
}

/// Checks that the folders of a data directory belong to the database.
fn folders(paths: &Paths, keys: &KeyFacts) -> Result<String> {
    if paths.workspace_db().exists() {
        return Err(Error::conflict(format!(
            "{} contains databases, so no server starts with it and this database: use another --data-dir",
            paths.root().display()
        )));
    }
    for part in MarkedFolder::ALL {
        if let MarkState::Marked(mark) = paths.mark(part)?
            && mark.instance != keys.instance
        {
            return Err(Error::conflict(format!(
                "the folder {} belongs to another database, so no server starts with it: use the --data-dir of this one",
                part.name()
            )));
        }
    }
    Ok("all belong to this database".to_owned())
}
