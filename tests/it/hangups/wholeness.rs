//! Checks that everything a server stores is consistent: rows, versions, counts, files and runs.
use crate::support::{Stored, TestServer, wait::PATIENCE};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// Statements on `jet-admin.db` that find nothing if it is consistent.
const WORKSPACE: &[(&str, &str)] = &[
    (
        "a record without its version",
        "select o.id from objects o left join versions v on v.tenant_id = o.tenant_id and v.object_id = o.id and v.version = o.version
         where v.version is null or v.spec <> o.spec or (v.name <> o.name and o.kind not like 'trash/%')",
    ),
    (
        "a record with too many or too few versions",
        "select o.id from objects o where o.version <>
         (select count(*) from versions v where v.tenant_id = o.tenant_id and v.object_id = o.id)",
    ),
    (
        "a version without an audit log entry",
        "select o.id from objects o where o.kind <> 'role' and o.version <>
         (select count(*) from audit a where a.tenant_id = o.tenant_id and a.object_id = o.id
            and (a.action like '%.create' or a.action like '%.update' or a.action like '%.clone' or a.action like '%.restore'))",
    ),
    (
        "an incomplete deletion",
        "select o.id from objects o where o.kind not like 'trash/%' and
           (select count(*) from audit a where a.tenant_id = o.tenant_id and a.object_id = o.id and a.action like '%.delete') <>
           (select count(*) from audit a where a.tenant_id = o.tenant_id and a.object_id = o.id and a.action like '%.restore')",
    ),
    (
        "a record that is in the trash only in part",
        "select o.id from objects o left join trash t on t.tenant_id = o.tenant_id and t.id = o.id
         where (o.kind like 'trash/%') <> (t.id is not null)",
    ),
    (
        "a link, share or due time of a deleted record",
        "select t.id from trash t where exists (select 1 from links l where l.tenant_id = t.tenant_id and t.id in (l.source_id, l.target_id))
         or exists (select 1 from shares s where s.tenant_id = t.tenant_id and s.dashboard_id = t.id)
         or exists (select 1 from triggers g where g.tenant_id = t.tenant_id and g.workflow_id = t.id and g.due_at is not null)",
    ),
    (
        "a wrong count",
        "select c.kind from object_counts c where c.count <>
         (select count(*) from objects o where o.tenant_id = c.tenant_id and o.kind = c.kind)",
    ),
    ("a deleted file whose content remains", "select id from deleted_files"),
    ("a deleted tenant that is not removed", "select id from deleted_tenants where removed_at is null"),
    (
        "remaining data of a deleted tenant",
        "select d.id from deleted_tenants d where exists (select 1 from tenants t where t.id = d.id)
         or exists (select 1 from objects o where o.tenant_id = d.id) or exists (select 1 from members m where m.tenant_id = d.id)
         or exists (select 1 from usage u where u.tenant_id = d.id and u.bytes <> 0)",
    ),
    (
        "an account without a way to sign in",
        "select id from users u where not exists (select 1 from credentials c where c.user_id = u.id)",
    ),
];

/// Statements on `runs.db` that find nothing if it is consistent.
const RUNS: &[(&str, &str)] = &[
    (
        "a run that is not being executed",
        "select id || ' is ' || status from instances where status in ('PENDING', 'RUNNING')",
    ),
    (
        "a waiting run that nothing resumes",
        "select i.id from instances i where i.status = 'WAITING' and i.due_at is null
         and not exists (select 1 from tasks t where t.tenant_id = i.tenant_id and t.instance_id = i.id)
         and not exists (select 1 from instances c where c.tenant_id = i.tenant_id and c.parent_id = i.id and c.finished_at is null)",
    ),
    (
        "a run that does not match its journal",
        "select i.id from instances i where i.seq <>
         (select coalesce(max(j.seq), 0) from journal j where j.tenant_id = i.tenant_id and j.instance_id = i.id)",
    ),
    (
        "an open approval of a finished run",
        "select t.id from tasks t join instances i on i.tenant_id = t.tenant_id and i.id = t.instance_id where i.finished_at is not null",
    ),
    (
        "an unfinished run whose calling run has finished",
        "select c.id from instances c join instances p on p.tenant_id = c.tenant_id and p.id = c.parent_id
         where c.finished_at is null and p.finished_at is not null",
    ),
    (
        "a wrong count of finished runs",
        "select c.workflow_id from ended_counts c where c.count <> (select count(*) from instances i
           where i.tenant_id = c.tenant_id and coalesce(i.workflow_id, '') = c.workflow_id and i.status = c.status
             and i.is_test = c.is_test and i.cause = c.cause)",
    ),
];

/// Waits until everything is consistent.
pub async fn settle(server: &TestServer, after: &str) {
    let (start, dir) = (Instant::now(), server.data_dir());
    loop {
        let faults = faults(&dir);
        if faults.is_empty() {
            let wrong = server.server.app.store.recount_usage().await.unwrap();
            assert_eq!(wrong, 0, "usage counts are wrong after {after}");
            return;
        }
        assert!(start.elapsed() < PATIENCE, "after {after}:\n{}", faults.join("\n"));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn faults(dir: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    let (workspace, runs) = (Stored::workspace(dir), Stored::runs(dir));
    for (part, checks) in [(&workspace, WORKSPACE), (&runs, RUNS)] {
        for (what, sql) in checks {
            faults.extend(part.column(sql).iter().map(|id| format!("{what}: {id}")));
        }
        faults.extend(part.broken_references().iter().map(|table| format!("a broken reference: {table}")));
    }
    faults.extend(uploads(&workspace, &dir.join("uploads")));
    faults
}

/// Returns files whose content differs from their row, and files without a row, neither here nor in the trash.
fn uploads(workspace: &Stored, dir: &Path) -> Vec<String> {
    let sha256 = |spec: &str| -> String {
        serde_json::from_str::<Value>(spec).unwrap()["sha256"].as_str().unwrap_or_default().to_owned()
    };
    let sql = "select tenant_id || '/' || id, kind, spec from objects where kind in ('file', 'trash/file')";
    let (mut known, mut faults) = (BTreeSet::new(), Vec::new());
    for row in workspace.rows(sql) {
        let [path, kind, spec] = row.try_into().unwrap();
        let content = fs::read(dir.join(&path)).unwrap_or_default();
        if kind == "file" && hex::encode(Sha256::digest(&content)) != sha256(&spec) {
            faults.push(format!("the content of {path} does not match its row"));
        }
        known.insert(path);
    }
    // earlier content is named by its file and its digest
    let sql = "select v.tenant_id || '/' || v.object_id || '@', v.spec from versions v
               join objects o on o.tenant_id = v.tenant_id and o.id = v.object_id where o.kind in ('file', 'trash/file')";
    known.extend(workspace.rows(sql).into_iter().map(|row| format!("{}{}", row[0], sha256(&row[1]))));
    for folder in fs::read_dir(dir).into_iter().flatten().flatten() {
        for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let path = format!("{}/{}", folder.file_name().display(), file.file_name().display());
            if !known.contains(&path) {
                faults.push(format!("{path} has no row"));
            }
        }
    }
    faults
}
