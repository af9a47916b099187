//! Upgrading credentials without an owner: the member who created them, also through a key, becomes the owner.
use crate::support::TestServer;
use rusqlite::Connection;
use std::collections::BTreeMap;
use uuid::Uuid;

const STEPS: [&str; 3] = [
    include_str!("../../../../src/store/migrations/0001_workspace.sql"),
    include_str!("../../../../src/store/migrations/0002_triggers.sql"),
    include_str!("../../../../src/store/migrations/0003_shares.sql"),
];

const RUNS: &str = include_str!("../../../../src/store/migrations/0001_runs.sql");

/// A readable ID.
fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

/// Fills a database of the previous version, in which one user has left.
fn old(db: &Connection) {
    for step in STEPS {
        db.execute_batch(step).unwrap();
    }
    db.pragma_update(None, "user_version", 3).unwrap();
    let (user, former_user, tenant, role, dashboard) = (id(1), id(2), id(3), id(4), id(5));
    db.execute("insert into users (id, email, created_at) values (?1, 'ada@example.com', 1)", [&user]).unwrap();
    db.execute(
        "insert into tenants (id, name, created_at, updated_at, version) values (?1, 'Hers', 1, 1, 1)",
        [&tenant],
    )
    .unwrap();
    for (object, kind) in [(&role, "role"), (&dashboard, "dashboard")] {
        db.execute(
            "insert into objects (tenant_id, id, kind, name, description, search, spec, created_at, updated_at, version)
             values (?1, ?2, ?3, ?3, '', '', '{}', 1, 1, 1)",
            (&tenant, object, kind),
        )
        .unwrap();
    }
    // created by the user, by that key, by a key of that key, by a user who has left, and by a deleted key
    for (key, by) in [(10, &user), (11, &id(10)), (12, &id(11)), (13, &former_user), (14, &id(99))] {
        db.execute(
            "insert into api_keys (tenant_id, id, name, prefix, hash, role_id, created_at, created_by) values (?1, ?2, ?2, 'jet_', ?2, ?3, 1, ?4)",
            (&tenant, id(key), &role, by),
        )
        .unwrap();
    }
    for (invitation, by) in [(20, &user), (21, &id(11)), (22, &former_user)] {
        db.execute(
            "insert into invitations (tenant_id, id, token_hash, email, role_id, created_at, created_by, expires_at) values (?1, ?2, ?2, 'x', ?3, 1, ?4, 2)",
            (&tenant, id(invitation), &role, by),
        )
        .unwrap();
    }
    for (share, by) in [(30, &user), (31, &id(12)), (32, &former_user)] {
        db.execute(
            "insert into shares (tenant_id, id, dashboard_id, token_hash, allowed_origins, variables, created_at, created_by) values (?1, ?2, ?3, ?2, '[]', '{}', 1, 'somebody')",
            (&tenant, id(share), &dashboard),
        )
        .unwrap();
        db.execute(
            "insert into audit (tenant_id, id, at, actor_kind, actor_id, actor_label, action, object_kind, object_id, object_name)
             values (?1, ?2, 1, 'user', ?3, 'somebody', 'share.create', 'share', ?2, 'dashboard')",
            (&tenant, id(share), by),
        )
        .unwrap();
    }
    db.execute(
        "insert into action_codes (hash, user_id, purpose, email, expires_at) values ('code', ?1, 'PASSWORD_RESET', 'ada@example.com', 1)",
        [&user],
    )
    .unwrap();
}

#[tokio::test]
async fn the_upgrade_assigns_credentials_to_the_member_who_created_them() {
    let server = TestServer::start_with(|config| {
        let db = Connection::open(config.data_dir.join("jet-admin.db")).unwrap();
        old(&db);
        let runs = Connection::open(config.data_dir.join("runs.db")).unwrap();
        runs.execute_batch(RUNS).unwrap();
        runs.pragma_update(None, "user_version", 1).unwrap();
    });
    let server = server.await;
    let db = Connection::open(server.data_dir().join("jet-admin.db")).unwrap();
    let mut owners = BTreeMap::new();
    for table in ["api_keys", "invitations", "shares"] {
        let mut query = db.prepare(&format!("select id, owner_id from {table}")).unwrap();
        let rows = query.query_map((), |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))).unwrap();
        owners.extend(rows.map(Result::unwrap));
    }
    let (ada, nobody) = (Some(id(1)), None::<String>);
    let expected: BTreeMap<_, _> = [
        (10, &ada),
        (11, &ada),
        (12, &ada),
        (13, &nobody),
        (14, &nobody),
        (20, &ada),
        (21, &ada),
        (22, &nobody),
        (30, &ada),
        (31, &ada),
        (32, &nobody),
    ]
    .map(|(number, owner)| (id(number), owner.clone()))
    .into();
    assert_eq!(owners, expected);
    let codes: u32 =
        db.query_row("select count(*) from action_codes where hash = 'code'", (), |row| row.get(0)).unwrap();
    assert_eq!(codes, 1);
}
