//! Approvals are assigned by role ID, and the permissions at the time of the answer count.
use super::{answer_path, begin, edges, has_ended, node, questions, save, start, until_shown};
use crate::support::{Client, Stored, TestServer, World, client::id};
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

async fn approval_workflow(client: &Client, name: &str, assignees: Value) -> String {
    let ask = node("ask", "approval", json!({"title": "Pay?", "assignees": assignees}));
    save(client, name, json!([start(), ask]), &["start>ask"]).await
}

/// Permissions to run workflows and to manage roles, but nothing else.
const ROLE_MANAGER: &[&str] = &[
    "workflow:read",
    "workflow:list",
    "workflow:execute",
    "role:create",
    "role:update",
    "role:list",
    "member:update",
    "member:list",
];

#[tokio::test]
async fn a_role_cannot_have_a_name_that_resembles_a_built_in_role() {
    let mut world = World::empty().await;
    let custom = world.role("Custom", &["widget:read"]).await;
    for name in
        ["OWNER", " owner ", "Ｏｗｎｅｒ", "Оwner", "own\u{200b}er", "0wner", "eDiToR", "O p e r a t o r", "Viewer"]
    {
        let created = world.client.post("roles", json!({"name": name, "permissions": []})).await;
        assert!([400, 409].contains(&created.status.as_u16()), "{name}: {created}");
        let renamed = world.client.patch(&format!("roles/{custom}"), json!({"name": name})).await;
        assert!([400, 409].contains(&renamed.status.as_u16()), "{name}: {renamed}");
    }
    world.client.patch(&format!("roles/{custom}"), json!({"name": "Product owner"})).await.expect(200);
}

#[tokio::test]
async fn the_name_of_a_role_does_not_make_anyone_an_approver() {
    let mut world = World::empty().await;
    world.role("Rising", ROLE_MANAGER).await;
    world.role("Finance", &["workflow:read", "workflow:execute"]).await;
    let (account, manager) = world.member("rising@example.com", "Rising").await;
    let (_, finance) = world.member("fin@example.com", "Finance").await;
    // a role that got its name before such names were reserved
    let fake = world.role("Fake", ROLE_MANAGER).await;
    let rename = format!("update objects set name = 'OWNER' where id = '{fake}'");
    Stored::workspace(&world.server.data_dir()).execute(&rename);
    let flow = approval_workflow(&world.client, "For owners", json!(["Owner"])).await;
    let run = begin(&world.client, &flow).await;
    let task = questions(&world.client, 1).await.remove(0);
    let me = format!("members/{}", account.user.id);
    manager.patch(&me, json!({"roleID": fake})).await.expect(200);
    manager.post(&answer_path(&task), json!({})).await.refused(403, "PERMISSION_DENIED");
    assert_eq!(questions(&manager, 1).await[0]["isMine"], false);
    world.client.post(&answer_path(&task), json!({})).await.expect(200);
    until_shown(&world.client, &run, has_ended).await;

    // after a role is renamed and another takes its name, the approval still belongs to the first
    let flow = approval_workflow(&world.client, "For finance", json!([" finance "])).await;
    let saved = world.client.get(&flow).await.expect(200);
    assert_eq!(saved["nodes"][1]["config"]["assignees"], json!([world.roles["Finance"]]), "role IDs must be saved");
    begin(&world.client, &flow).await;
    let task = questions(&world.client, 1).await.remove(0);
    assert_eq!((&task["assignees"], &task["roleIDs"]), (&json!(["Finance"]), &json!([world.roles["Finance"]])));
    let path = format!("roles/{}", world.roles["Finance"]);
    world.client.patch(&path, json!({"name": "Accounting"})).await.expect(200);
    let impostor = manager.post("roles", json!({"name": "Finance", "permissions": ROLE_MANAGER})).await.expect(201);
    manager.patch(&me, json!({"roleID": id(&impostor)})).await.expect(200);
    manager.post(&answer_path(&task), json!({})).await.refused(403, "PERMISSION_DENIED");
    let renamed = questions(&finance, 1).await.remove(0);
    assert_eq!((&renamed["assignees"], &renamed["isMine"]), (&json!(["Accounting"]), &json!(true)));
    finance.post(&answer_path(&task), json!({})).await.expect(200);

    // a computed name is resolved to the role that has the name when the approval is requested
    let computed = approval_workflow(&world.client, "Computed", json!(["{{ 'accounting' }}", "{{ 'nobody' }}"])).await;
    begin(&world.client, &computed).await;
    let task = questions(&world.client, 1).await.remove(0);
    assert_eq!(
        (&task["assignees"], &task["roleIDs"]),
        (&json!(["Accounting", "nobody"]), &json!([world.roles["Finance"], null]))
    );
    manager.post(&answer_path(&task), json!({})).await.refused(403, "PERMISSION_DENIED");
    finance.post(&answer_path(&task), json!({"decision": "rejected"})).await.expect(200);
}

#[tokio::test]
async fn an_assignee_that_is_not_a_role_is_refused() {
    let world = World::empty().await;
    let ask = |who: &str| node("ask", "approval", json!({"title": "Pay?", "assignees": [who]}));
    let body = |who: &str| json!({"name": who, "nodes": [start(), ask(who)], "edges": edges(&["start>ask"])});
    for who in ["Nobody", "", &Uuid::now_v7().to_string()] {
        let refused =
            world.client.post("workflows", json!({"name": "x", "nodes": [start(), ask(who)], "edges": []})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "nodes[1].config.assignees[0]", "{who}");
    }
    // a role of another tenant does not exist here
    let other = world.server.account("other@example.com").await;
    let other = world.server.tenant(&other, "Second").await;
    let theirs = id(&other.all("roles").await[0]).to_string();
    world.client.post("workflows", body(&theirs)).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn approvals_of_a_deleted_role_go_to_owners() {
    let mut world = World::empty().await;
    let role = world.role("Finance", &["workflow:read", "workflow:execute"]).await;
    let (_, operator) = world.member("op@example.com", "Operator").await;
    let flow = approval_workflow(&world.client, "Pay", json!(["Finance"])).await;
    begin(&world.client, &flow).await;
    let task = questions(&world.client, 1).await.remove(0);
    let refused = world.client.delete(&format!("roles/{role}")).await.refused(409, "CONFLICT");
    assert!(refused.message.contains("Pay"), "{}", refused.message);
    world.client.delete(&format!("roles/{role}?cascade=true")).await.expect(204);
    // the workflow asks owners from now on, not everyone
    let saved = world.client.get(&flow).await.expect(200);
    assert_eq!(saved["nodes"][1]["config"]["assignees"], json!(["Owner"]));
    world.role("Finance", &["workflow:read", "workflow:execute"]).await;
    let (_, finance) = world.member("fin@example.com", "Finance").await;
    for other in [&operator, &finance] {
        other.post(&answer_path(&task), json!({})).await.refused(403, "PERMISSION_DENIED");
    }
    assert_eq!(questions(&operator, 1).await[0]["assignees"], json!(["Finance"]));
    world.client.post(&answer_path(&task), json!({})).await.expect(200);
}

#[tokio::test]
async fn approvals_of_an_older_version_match_names_that_no_other_role_has_taken() {
    let mut world = World::empty().await;
    world.role("Finance", &["workflow:read", "workflow:execute"]).await;
    let (account, finance) = world.member("fin@example.com", "Finance").await;
    let flow = approval_workflow(&world.client, "Pay", json!(["Finance", "EDITOR"])).await;
    begin(&world.client, &flow).await;
    begin(&world.client, &flow).await;
    let tasks = questions(&world.client, 2).await;
    let runs = Stored::runs(&world.server.data_dir());
    for row in runs.rows("select instance_id, task from tasks") {
        let mut task: Value = serde_json::from_str(&row[1]).unwrap();
        task.as_object_mut().unwrap().remove("roleIDs").unwrap();
        task["assignees"] = json!(["finance ", "EDITOR"]);
        assert_eq!(runs.execute(&format!("update tasks set task = '{task}' where instance_id = '{}'", row[0])), 1);
    }
    finance.post(&answer_path(&tasks[0]), json!({})).await.expect(200);
    world.client.patch(&format!("roles/{}", world.roles["Finance"]), json!({"name": "Accounting"})).await.expect(200);
    let impostor = world.role("Finance", &["workflow:read", "workflow:execute"]).await;
    finance.post(&answer_path(&tasks[1]), json!({})).await.refused(403, "PERMISSION_DENIED");
    world.client.patch(&format!("members/{}", account.user.id), json!({"roleID": impostor})).await.expect(200);
    finance.post(&answer_path(&tasks[1]), json!({})).await.refused(403, "PERMISSION_DENIED");
    let (_, editor) = world.member("ed@example.com", "Editor").await;
    editor.post(&answer_path(&tasks[1]), json!({})).await.expect(200);
}

#[tokio::test]
async fn the_upgrade_replaces_role_names_with_ids_in_saved_workflows() {
    let mut world = World::empty().await;
    let role = world.role("Finance", &["workflow:read"]).await;
    let flow = approval_workflow(&world.client, "Pay", json!(["Finance", "Owner"])).await;
    let (tenant, owner) = (world.tenant, world.roles["Owner"]);
    let dir = world.server.stop().await;
    let root = dir.path().join("data");
    let db = Connection::open(root.join("jet-admin.db")).unwrap();
    let names = "update objects set spec = json_set(spec, '$.nodes[1].config.assignees', json('[\"finance\",\" OWNER\",\"Gone\"]')) where kind = 'workflow'";
    assert_eq!(db.execute(names, ()).unwrap(), 1);
    db.execute("delete from links", ()).unwrap();
    db.execute_batch(include_str!("../../../../src/store/migrations/0005_assignees.sql")).unwrap();
    let (spec, links): (String, u32) = db
        .query_row("select spec, (select count(*) from links) from objects where kind = 'workflow'", (), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    let spec: Value = serde_json::from_str(&spec).unwrap();
    assert_eq!(spec["nodes"][1]["config"]["assignees"], json!([role, owner, "Gone"]));
    assert_eq!((links, &spec["nodes"][0]["type"]), (2, &json!("start")));
    drop(db);
    let server = TestServer::start_with(|config| config.data_dir = root).await;
    let (owner, _) = server.server.app.store.get(|tx| tx.user_by_email("owner@example.com")).unwrap().unwrap();
    let client = server.anyone().with_token(server.token(&owner, jet_admin::clock::Time::now())).in_tenant(tenant);
    // a name that cannot be resolved does not prevent edits
    client.patch(&flow, json!({"description": "still editable"})).await.expect(200);
}

#[tokio::test]
async fn members_who_have_lost_the_permission_cannot_answer() {
    let world = World::empty().await;
    let flow = approval_workflow(&world.client, "Pay", json!(["Operator"])).await;
    let (account, operator) = world.member("op@example.com", "Operator").await;
    begin(&world.client, &flow).await;
    let task = questions(&operator, 1).await.remove(0);
    assert_eq!(task["isMine"], true);
    let (run, task_id) = (Uuid::parse_str(task["instanceID"].as_str().unwrap()).unwrap(), id(&task));
    let app = &world.server.server.app;
    let mut scope = jet_admin::model::Scope::system(world.tenant);
    scope.actor.kind = jet_admin::model::ActorKind::User;
    scope.actor.id = account.user.id;
    let open = app.runner.task(&scope, run, task_id).unwrap();
    let answer = || jet_admin::runner::ApprovalAnswer { decision: "approved".to_owned(), data: Value::Null };
    // the scope still has the old permissions
    world
        .client
        .patch(&format!("members/{}", account.user.id), json!({"roleID": world.roles["Viewer"]}))
        .await
        .expect(200);
    assert!(app.runner.answer(&scope, &open, answer()).await.is_err());
    world.client.delete(&format!("members/{}", account.user.id)).await.expect(204);
    assert!(app.runner.answer(&scope, &open, answer()).await.is_err());
    world.client.post(&answer_path(&task), json!({})).await.expect(200);
}

#[tokio::test]
async fn a_workflow_belongs_to_the_tenant_and_still_runs_after_its_author_leaves() {
    let world = World::full().await;
    let (account, editor) = world.member("ed@example.com", "Editor").await;
    let query = node("rows", "dataQuery", json!({"queryID": world.id("queryID")}));
    let flow = save(&editor, "Hers", json!([start(), query]), &["start>rows"]).await;
    world.client.delete(&format!("members/{}", account.user.id)).await.expect(204);
    editor.post(&format!("{flow}/execute"), json!({})).await.refused(403, "PERMISSION_DENIED");
    let run = world.client.post(&format!("{flow}/execute?wait=60"), json!({})).await.expect(200);
    assert_eq!(run["status"], "COMPLETED", "{run}");
    // it acts as the workflow, not as the member who left
    let executions = world.client.all_of(&format!("data-queries/{}/runs", world.id("queryID")), 1).await;
    assert!(executions.iter().all(|run| run["actor"] == "workflow Hers"), "{executions:?}");
}
