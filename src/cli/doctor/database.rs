//! Judges a database on a server: what is wrong, what it costs, and what to do.
use crate::store::{
    ClockSkew,
    exam::{ConnectionFacts, EngineFacts, Pooling, ReplicationFacts, SchemaFacts, ServerExam, ServerLife, some_tables},
};

/// A finding, about one part of what is examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ServerFinding {
    Sound(&'static str, String),
    /// No fault, but something to know.
    Note(&'static str, String),
    Warning(&'static str, String),
    Failure(&'static str, String),
}
use ServerFinding::{Failure, Note, Sound, Warning};

/// Returns a number with its unit.
fn some(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

fn seconds(millis: u64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

pub(super) fn engine(facts: &EngineFacts) -> Vec<ServerFinding> {
    let version = &facts.version;
    let mut found = vec![if facts.number < ServerExam::oldest() {
        Failure(
            "engine",
            format!("PostgreSQL {version} is too old, so no server starts: upgrade to version 15 or later"),
        )
    } else {
        Sound("engine", format!("PostgreSQL {version}"))
    }];
    if facts.is_standby {
        let why = "this is a standby, which accepts no writes, so no server starts: use the address of the primary";
        found.push(Failure("engine", why.to_owned()));
    }
    if facts.encoding != "UTF8" {
        found.push(Failure(
            "encoding",
            format!(
                "the database has the encoding {}, so texts with other characters cannot be stored: use a database with \
                 the encoding UTF8",
                facts.encoding
            ),
        ));
    }
    found
}

pub(super) fn schemas(facts: &SchemaFacts, engine: &EngineFacts) -> Vec<ServerFinding> {
    if facts.are_missing && engine.may_create {
        return vec![Sound("schema", "not created yet; the first server creates it".to_owned())];
    }
    if facts.are_missing {
        let why = format!(
            "{} may not create schemas in this database, so no server starts: `grant create on database … to …`",
            engine.user
        );
        return vec![Failure("rights", why)];
    }
    let mut found: Vec<_> = facts.refusals.iter().map(|why| Failure("schema", why.clone())).collect();
    found.extend(facts.notes.iter().map(|note| Note("schema", note.clone())));
    if found.is_empty() {
        found.push(Sound("schema", "both schemas are those of this version".to_owned()));
    }
    found
}

pub(super) fn rights(tables: &[String], user: &str) -> ServerFinding {
    if tables.is_empty() {
        return Sound("rights", format!("{user} may read and write every table"));
    }
    let tables = some_tables(tables);
    Failure(
        "rights",
        format!(
            "{user} may not read and write {tables}, so no server starts: use the user that created the schemas, or make \
             this one a member of that role"
        ),
    )
}

/// What an acknowledged change survives.
pub(super) fn replication(facts: &ReplicationFacts, user: &str) -> Vec<ServerFinding> {
    let mut found = Vec::new();
    for (setting, is_on) in [("fsync", facts.fsync), ("full_page_writes", facts.full_page_writes)] {
        if !is_on {
            let why = format!(
                "`{setting}` is off, so a crash of the database server's machine can destroy all data: turn it on"
            );
            found.push(Warning("durability", why));
        }
    }
    if facts.synchronous_commit == "off" {
        let why = "`synchronous_commit` is off, so acknowledged changes of the last moment are lost if the database server \
                   crashes: turn it on";
        found.push(Warning("durability", why.to_owned()));
    }
    let standbys = some(facts.standbys, "standby", "standbys");
    found.push(match facts {
        ReplicationFacts { standbys: 0, wanted, .. } if !wanted.is_empty() => Failure(
            "standbys",
            format!(
                "`synchronous_standby_names` is {wanted}, but no standby is connected, so every change waits for one: \
                 start it, or empty the setting"
            ),
        ),
        ReplicationFacts { standbys: 0, .. } => Note(
            "standbys",
            "none is connected: if the disk of the database server is lost, so is everything since the last backup".to_owned(),
        ),
        ReplicationFacts { hidden: 1.., .. } => Note(
            "standbys",
            format!("{standbys}; {user} may not see whether they are synchronous: `grant pg_monitor to {user}`"),
        ),
        ReplicationFacts { synchronous: 0, .. } => Warning(
            "standbys",
            format!(
                "{standbys}, none of them synchronous: if the database server is lost, so are acknowledged changes of the \
                 last moments; set `synchronous_standby_names`"
            ),
        ),
        ReplicationFacts { synchronous_commit, .. } if matches!(&**synchronous_commit, "local" | "off") => Warning(
            "standbys",
            format!(
                "`synchronous_commit` is {synchronous_commit}, so changes do not wait for a standby, and acknowledged ones \
                 are lost with the database server: set it to on"
            ),
        ),
        ReplicationFacts { synchronous, .. } => Sound("standbys", format!("{standbys}, {synchronous} synchronous")),
    });
    found
}

/// Judges what is in between. `keeps_prepared` says whether the URL asks for prepared statements.
pub(super) fn pooling(found: Pooling, keeps_prepared: bool) -> ServerFinding {
    match (found, keeps_prepared) {
        (Pooling::Session, _) => {
            Sound("pooler", "none, or one that keeps a server process for each connection".to_owned())
        }
        (Pooling::Transaction { keeps_prepared: true }, true) => {
            Sound("pooler", "one in transaction mode, through which prepared statements work".to_owned())
        }
        (Pooling::Transaction { keeps_prepared: true }, false) => Note(
            "pooler",
            "one in transaction mode, through which prepared statements work: without `prepare=off` in the URL, each \
             statement takes one round trip less"
                .to_owned(),
        ),
        (Pooling::Transaction { keeps_prepared: false }, false) => {
            Sound("pooler", "one in transaction mode, without prepared statements (`prepare=off`)".to_owned())
        }
        (Pooling::Transaction { keeps_prepared: false }, true) => Failure(
            "pooler",
            "one in transaction mode, through which prepared statements do not work, so requests fail at random: add \
             `?prepare=off` to the URL, or use PgBouncer 1.21 or later with `max_prepared_statements`"
                .to_owned(),
        ),
        (Pooling::SingleConnection, _) => Failure(
            "pooler",
            "one in transaction mode with a single connection to the database, so all requests of all servers wait for each \
             other: raise `default_pool_size`"
                .to_owned(),
        ),
    }
}

/// Judges how far the clock of this machine differs from that of the database server.
pub(super) fn clock(skew: ClockSkew) -> ServerFinding {
    let remedy = "synchronize both machines with a time server";
    if skew.is_too_large() {
        let why = format!("this machine is {skew} the database server, so no server starts here: {remedy}");
        return Failure("clock", why);
    }
    if skew.is_notable() {
        let when = if skew.0 > 0 { "early" } else { "late" };
        let why = format!(
            "this machine is {skew} the database server: schedules and delays of a server here start that much too {when}; \
             {remedy}"
        );
        return Warning("clock", why);
    }
    Sound("clock", "this machine and the database server agree".to_owned())
}

/// Judges the servers that use the database.
pub(super) fn servers(all: &[ServerLife]) -> Vec<ServerFinding> {
    let living = all.iter().filter(|life| life.is_living()).count();
    let mut found = vec![match living {
        0 => Note("servers", "none is running".to_owned()),
        living => Sound("servers", some(living as u64, "server is running", "servers are running")),
    }];
    for life in all {
        // a name must not forge a line
        let (name, runs) = (life.name.escape_debug(), some(life.runs, "unfinished run", "unfinished runs"));
        let silent = seconds(life.silent);
        if life.is_living() {
            found.push(Note(
                "server",
                format!(
                    "{name}: seen {silent} ago, {runs}, at most {}",
                    some(life.connections, "connection", "connections")
                ),
            ));
            if life.skew.is_notable() {
                found.push(Warning(
                    "server",
                    format!(
                        "{name}: its clock differs from that of the database server by {}, and so do its schedules and \
                         delays: synchronize both machines with a time server",
                        seconds(life.skew.0.unsigned_abs())
                    ),
                ));
            }
        } else if life.runs > 0 {
            let next = if living == 0 {
                "they wait until a server starts"
            } else {
                "the others take them over within seconds; if they do not, their logs say why"
            };
            found.push(Warning("server", format!("{name}: died {silent} ago or more with {runs}: {next}")));
        }
    }
    found
}

/// Returns how many servers live, and how many connections they may open.
fn open_connections(all: &[ServerLife]) -> (String, u64) {
    let living: Vec<_> = all.iter().filter(|life| life.is_living()).collect();
    (some(living.len() as u64, "server", "servers"), living.iter().map(|life| life.connections).sum())
}

/// Judges whether there are enough connections. `wanted` is what another server would need.
pub(super) fn connections(facts: &ConnectionFacts, all: &[ServerLife], wanted: u64) -> ServerFinding {
    let (servers, used) = open_connections(all);
    let most = facts.own.unwrap_or(u64::MAX).min(facts.most.saturating_sub(facts.others));
    let whose = if facts.own == Some(most) {
        "the user and this database are allowed"
    } else {
        "the database server has for them"
    };
    let remedy = "raise `max_connections` and the limits of the user and the database, or lower --database-connections";
    if used > most {
        let why = "requests get 503 when they are used up";
        return Warning("connections", format!("{servers} may open {used}, but {whose} {most}: {why}; {remedy}"));
    }
    if used + wanted > most {
        let why = format!(
            "{servers} may open {used} of the {most} that {whose}: another server with {wanted} would be too many; {remedy}"
        );
        return Note("connections", why);
    }
    Sound("connections", format!("{servers} may open {used} of the {most} that {whose}"))
}

/// Tells what a pooler must allow.
pub(super) fn pooled_connections(facts: &ConnectionFacts, all: &[ServerLife]) -> ServerFinding {
    let (servers, used) = open_connections(all);
    let most = facts.own.unwrap_or(u64::MAX).min(facts.most);
    Note(
        "connections",
        format!(
            "{servers} may open {used} to the pooler, which needs at least that `max_client_conn`, and at most {most} as \
             `default_pool_size`"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGINE: EngineFacts = EngineFacts {
        number: 150_018,
        version: String::new(),
        encoding: String::new(),
        is_standby: false,
        may_create: true,
        user: String::new(),
    };

    fn engine_facts() -> EngineFacts {
        EngineFacts { version: "15.18".to_owned(), encoding: "UTF8".to_owned(), user: "jet".to_owned(), ..ENGINE }
    }

    fn life(name: &str) -> ServerLife {
        ServerLife { name: name.to_owned(), connections: 20, skew: ClockSkew(0), silent: 400, is_dead: false, runs: 0 }
    }

    fn is_failure(finding: &ServerFinding, part: &str) -> bool {
        matches!(finding, Failure(_, why) if why.contains(part))
    }

    fn is_warning(finding: &ServerFinding, part: &str) -> bool {
        matches!(finding, Warning(_, why) if why.contains(part))
    }

    #[test]
    fn an_engine_that_cannot_be_used_is_a_failure() {
        assert_eq!(engine(&engine_facts()), [Sound("engine", "PostgreSQL 15.18".to_owned())]);
        let old = EngineFacts { number: 140_010, version: "14.10".to_owned(), ..engine_facts() };
        assert!(is_failure(&engine(&old)[0], "PostgreSQL 14.10 is too old"));
        let standby = EngineFacts { is_standby: true, ..engine_facts() };
        assert!(is_failure(&engine(&standby)[1], "the primary"));
        let latin = EngineFacts { encoding: "LATIN1".to_owned(), ..engine_facts() };
        assert!(is_failure(&engine(&latin)[1], "LATIN1"));
    }

    #[test]
    fn what_a_change_survives_depends_on_standbys_and_settings() {
        let facts = |standbys, synchronous, hidden, wanted: &str, commit: &str| ReplicationFacts {
            synchronous_commit: commit.to_owned(),
            fsync: true,
            full_page_writes: true,
            wanted: wanted.to_owned(),
            standbys,
            synchronous,
            hidden,
        };
        let last = |facts: &ReplicationFacts| replication(facts, "jet").pop();
        assert!(matches!(last(&facts(0, 0, 0, "", "on")), Some(Note(..))));
        assert!(last(&facts(0, 0, 0, "*", "on")).is_some_and(|found| is_failure(&found, "every change waits")));
        assert!(matches!(last(&facts(1, 0, 1, "", "on")), Some(Note(_, why)) if why.contains("pg_monitor")));
        assert!(last(&facts(2, 0, 0, "", "on")).is_some_and(|found| is_warning(&found, "none of them synchronous")));
        assert!(last(&facts(1, 1, 0, "*", "local")).is_some_and(|found| is_warning(&found, "is local")));
        assert!(matches!(last(&facts(2, 1, 0, "*", "on")), Some(Sound(..))));
        assert!(is_warning(&replication(&facts(1, 1, 0, "*", "off"), "jet")[0], "`synchronous_commit` is off"));
        let unsafe_disk = ReplicationFacts { fsync: false, ..facts(0, 0, 0, "", "on") };
        assert!(is_warning(&replication(&unsafe_disk, "jet")[0], "`fsync` is off"));
    }

    #[test]
    fn a_pooler_needs_a_url_that_suits_it() {
        let old = Pooling::Transaction { keeps_prepared: false };
        assert!(is_failure(&pooling(old, true), "?prepare=off"));
        assert!(matches!(pooling(old, false), Sound(..)));
        let new = Pooling::Transaction { keeps_prepared: true };
        assert!(matches!((pooling(new, true), pooling(new, false)), (Sound(..), Note(..))));
        assert!(is_failure(&pooling(Pooling::SingleConnection, false), "default_pool_size"));
    }

    #[test]
    fn clocks_may_differ_by_two_seconds() {
        assert!(matches!((clock(ClockSkew(500)), clock(ClockSkew(-500))), (Sound(..), Sound(..))));
        assert!(
            is_warning(&clock(ClockSkew(501)), "0.5 s ahead of the database server")
                && is_warning(&clock(ClockSkew(-2000)), "too late")
        );
        assert!(
            is_failure(&clock(ClockSkew(2001)), "no server starts")
                && is_failure(&clock(ClockSkew(-90_500)), "90.5 s behind")
        );
    }

    #[test]
    fn servers_that_have_died_with_runs_are_named() {
        assert_eq!(servers(&[]), [Note("servers", "none is running".to_owned())]);
        let dead = ServerLife { is_dead: true, runs: 2, ..life("b") };
        let silent = ServerLife { silent: 9000, runs: 1, ..life("c") };
        let found = servers(&[life("a"), dead.clone(), silent]);
        assert_eq!(found[0], Sound("servers", "1 server is running".to_owned()));
        assert!(is_warning(&found[2], "b: died") && is_warning(&found[2], "the others take them over"));
        assert!(is_warning(&found[3], "c: died 9.0 s ago or more with 1 unfinished run:"));
        assert!(is_warning(&servers(&[dead])[1], "until a server starts"));
        let skewed = ServerLife { skew: ClockSkew(-700), ..life("d\nok    forged") };
        assert!(is_warning(&servers(&[skewed])[2], "d\\nok    forged: its clock differs"));
    }

    #[test]
    fn connections_of_living_servers_are_counted() {
        let facts = ConnectionFacts { most: 97, own: None, others: 7 };
        let lives = |count| vec![life("a"); count];
        assert!(matches!(connections(&facts, &lives(3), 20), Sound(..)));
        assert!(matches!(connections(&facts, &lives(4), 20), Note(..)));
        assert!(is_warning(&connections(&facts, &lives(5), 20), "5 servers may open 100, but"));
        let limited = ConnectionFacts { own: Some(30), ..facts };
        assert!(is_warning(&connections(&limited, &lives(2), 20), "the user and this database are allowed 30"));
        let dead = ServerLife { is_dead: true, ..life("b") };
        assert!(matches!(connections(&limited, &[dead], 20), Sound(..)));
    }
}
