//! The demo, as users see it after the first start.
use crate::support::{Client, TestServer, wait::until_shown};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn demo() -> TestServer {
    TestServer::start_with(|config| config.demo = true).await
}

/// Signs in to every demo account, and returns the role and a client in the account's tenant.
async fn people(server: &TestServer) -> Vec<(String, Client)> {
    let setup = server.anyone().get("/api/v1/setup").await.expect(200);
    let mut people = Vec::new();
    for account in setup["demoAccounts"].as_array().unwrap() {
        let credentials = json!({"email": account["email"], "password": account["password"]});
        let session = server.anyone().post("/api/v1/session", credentials).await.expect(200);
        let client = server.anyone().with_token(session["idToken"].as_str().unwrap());
        let me = client.get("/api/v1/auth").await.expect(200);
        let tenant = &me["tenants"][0];
        assert_eq!((me["tenants"].as_array().unwrap().len(), &tenant["name"]), (1, &json!("Acme")));
        assert_eq!(tenant["role"]["name"], account["role"]);
        people
            .push((account["role"].as_str().unwrap().to_owned(), client.in_tenant(crate::support::client::id(tenant))));
    }
    people
}

/// Waits until a run has ended, by reading its events to the end.
async fn ended(client: &Client, run: &Value) -> Value {
    let path = format!("workflows/instances/{}", run["id"].as_str().unwrap());
    client.get(&format!("{path}/events")).await;
    client.get(&path).await.expect(200)
}

#[tokio::test]
async fn every_account_sees_dashboards_with_data() {
    let server = demo().await;
    let people = people(&server).await;
    let roles: BTreeSet<&str> = people.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(roles.len(), 4, "there must be one account for each built-in role");
    for (role, client) in &people {
        let dashboards = client.all("dashboards").await;
        assert_eq!(dashboards.len(), 4);
        for dashboard in dashboards {
            let data = client.post(&format!("dashboards/{}/data", dashboard["id"].as_str().unwrap()), json!({})).await;
            let items: Vec<Value> = data
                .text
                .lines()
                .filter_map(|line| line.strip_prefix("data: {\"key\""))
                .map(|rest| serde_json::from_str(&format!("{{\"key\"{rest}")).unwrap())
                .collect();
            assert_eq!(items.len(), dashboard["items"].as_array().unwrap().len(), "{role}: {data}");
            for item in items {
                let about = dashboard["items"].as_array().unwrap().iter().find(|one| one["key"] == item["key"]);
                // no row is selected
                if about.is_some_and(|about| about["drawer"] == true) {
                    continue;
                }
                assert!(item["error"].is_null(), "{role}: {item}");
                assert!(item["result"].is_null() || item["result"]["rowCount"].as_u64() > Some(0), "{role}: {item}");
            }
        }
    }
}

#[tokio::test]
async fn workflows_run_and_have_a_history() {
    let server = demo().await;
    let people = people(&server).await;
    let (_, owner) = people.iter().find(|(role, _)| role == "Owner").unwrap();
    let workflows = owner.all("workflows").await;
    assert_eq!(workflows.len(), 5);
    let history = owner.all("workflows/instances").await;
    assert_eq!(history.len(), 8);
    let (waiting, others): (Vec<_>, Vec<_>) = history.iter().partition(|run| run["workflowName"] == "Restock");
    let (later, finished): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|run| run["workflowName"] == "Follow up on an order");
    let mut failed = Vec::new();
    for run in finished {
        let run = ended(owner, run).await;
        if run["status"] != "COMPLETED" {
            failed.push(run["error"]["message"].to_string());
        }
    }
    assert!(failed.len() == 1 && failed[0].contains("prices-may.csv has no column price"), "{failed:?}");
    let later = owner.get(&format!("workflows/instances/{}", later[0]["id"].as_str().unwrap())).await.expect(200);
    assert!(later["finishedAt"].is_null(), "{later}");
    restock(owner, waiting[0]).await;
    let (_, viewer) = people.iter().find(|(role, _)| role == "Viewer").unwrap();
    let path = format!("workflows/{}/execute", history[0]["workflowID"].as_str().unwrap());
    viewer.post(&path, json!({})).await.refused(403, "PERMISSION_DENIED");
}

/// Answers the run that waits for an approval, and checks that it books the order.
async fn restock(owner: &Client, run: &Value) {
    let path = format!("workflows/instances/{}", run["id"].as_str().unwrap());
    let task = until_shown(owner, "workflows/tasks", |list| list["items"][0].is_object()).await["items"][0].clone();
    assert!(owner.get(&path).await.expect(200)["finishedAt"].is_null());
    assert!(task["title"].as_str().unwrap().starts_with("Order "), "{task}");
    let answer = format!("{path}/tasks/{}", task["id"].as_str().unwrap());
    owner.post(&answer, json!({"data": {"note": "By Friday"}})).await.expect(200);
    let done = ended(owner, run).await;
    assert_eq!((&done["status"], &done["output"]["note"]), (&json!("COMPLETED"), &json!("By Friday")), "{done}");
    assert!(done["output"]["ordered"].as_u64().unwrap() > 0);
    let booked = done["steps"].as_array().unwrap().iter().filter(|step| step["name"] == "book").count();
    assert_eq!(booked as u64, done["output"]["ordered"].as_u64().unwrap());
}

#[tokio::test]
async fn it_needs_no_network_and_every_query_returns_rows() {
    let server = demo().await;
    let people = people(&server).await;
    let (_, owner) = people.iter().find(|(role, _)| role == "Owner").unwrap();
    for datasource in owner.all("datasources").await {
        let path = format!("datasources/{}/test", datasource["id"].as_str().unwrap());
        let report = owner.post(&path, json!({})).await.expect(200);
        assert_eq!(report["ok"], true, "{datasource}: {report}");
        // only this server
        let url = datasource["options"]["baseUrl"].as_str().unwrap_or(&server.url);
        assert!(url.starts_with(&server.url), "{url}");
    }
    for query in owner.all("data-queries").await {
        let asks = query["parameters"].as_array().unwrap().iter().any(|parameter| parameter["required"] == true);
        // those of the app read the selected row
        if !asks && query["changesData"] == false && query["dashboardID"].is_null() {
            let path = format!("data-queries/{}/execute", query["id"].as_str().unwrap());
            let answer = owner.post(&path, json!({})).await.expect(200);
            assert!(answer["rowCount"].as_u64() > Some(0), "{}: {answer}", query["name"]);
        }
    }
}

/// Whether running an action changes something: its query writes, or a query of its workflow does.
fn changes(action: &Value, queries: &[Value], workflows: &[Value]) -> bool {
    let named = |records: &[Value], id: &Value| records.iter().find(|one| one["id"] == *id).cloned().unwrap();
    let writes = |id: &Value| {
        let sql = named(queries, id)["options"]["sql"].as_str().unwrap_or_default().trim_start().to_lowercase();
        !sql.starts_with("select") && !sql.starts_with("with")
    };
    match action["type"].as_str().unwrap() {
        "query" => writes(&action["queryID"]),
        "workflow" => {
            let workflow = named(workflows, &action["workflowID"]);
            let nodes = workflow["nodes"].as_array().unwrap();
            nodes.iter().any(|node| node["type"] == "dataQuery" && writes(&node["config"]["queryID"]))
        }
        _ => false,
    }
}

#[tokio::test]
async fn every_button_that_changes_something_asks_first() {
    let server = demo().await;
    let (_, owner) = people(&server).await.into_iter().find(|(role, _)| role == "Owner").unwrap();
    let whole = async |plural: &str| {
        let mut records = Vec::new();
        for record in owner.all(plural).await {
            records.push(owner.get(&format!("{plural}/{}", record["id"].as_str().unwrap())).await.expect(200));
        }
        records
    };
    let (widgets, queries, workflows) = (whole("widgets").await, whole("data-queries").await, whole("workflows").await);
    let mut count = 0;
    // a form is filled in first
    for widget in widgets.iter().filter(|widget| widget["type"] != "form") {
        let config = &widget["config"];
        let rows = config["rowActions"].as_array().into_iter().flatten();
        for button in rows.chain(config["action"].is_object().then_some(config)) {
            if changes(&button["action"], &queries, &workflows) {
                count += 1;
                let question = button["confirm"].as_str().unwrap_or_default();
                assert!(!question.is_empty(), "{}: {button}", widget["name"]);
            }
        }
    }
    assert!(count >= 3, "{count}");
}
