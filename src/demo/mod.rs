//! Creates the sample tenant: accounts, a shop, and dashboards and workflows on its data. Records are created through
//! the same code paths as a user's.
mod shop;

use crate::{
    Error, Result,
    api::{
        App, DemoAccount,
        dashboards::apps::create_app,
        records::{crud::Crud, steps},
    },
    auth::IdentityRefusal,
    model::{
        Actor, ActorKind, Dashboard, DataQuery, Datasource, Json, Label, Role, Scope, Widget, Workflow, role::BuiltIn,
        run::RunTrigger, scope::RequestInfo, tenant,
    },
    runner,
    store::User,
    uploads::UploadMetadata,
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// The sample records by kind; the second file adds one widget of each type.
const CONTENT: [&str; 4] = [
    include_str!("acme.json"),
    include_str!("gallery.json"),
    include_str!("restock.json"),
    include_str!("orders.json"),
];
const PASSWORD: &str = "demo-1234";
const PEOPLE: [(&str, &str, BuiltIn); 4] = [
    ("olivia@acme.example", "Olivia Owner", BuiltIn::Owner),
    ("eddie@acme.example", "Eddie Editor", BuiltIn::Editor),
    ("oscar@acme.example", "Oscar Operator", BuiltIn::Operator),
    ("vera@acme.example", "Vera Viewer", BuiltIn::Viewer),
];

/// Returns the accounts that can sign in to a demo server.
pub fn accounts() -> Vec<DemoAccount> {
    let account = |(email, _, role): (&str, &str, BuiltIn)| DemoAccount {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        role: role.name().to_owned(),
    };
    PEOPLE.map(account).to_vec()
}

/// Fills an empty data directory or database; does nothing if it already has accounts. `service` is the URL of the sample service.
pub async fn fill(app: &App, files: &std::path::Path, service: String) -> Result<()> {
    if app.store.get(|tx| tx.has_users())? {
        return Ok(());
    }
    let Some(users) = people(app).await? else { return Ok(()) };
    let owner = &users[0];
    let actor = Actor {
        kind: ActorKind::User,
        id: owner.id,
        label: owner.email.as_str().into(),
        request: RequestInfo::default(),
    };
    let scope = Scope { actor, ..Scope::system(Uuid::now_v7()) };
    tenant(app, &scope, &users).await?;
    std::fs::create_dir_all(files.join(scope.tenant.to_string()))?;
    let mut made = Made { ids: HashMap::new(), service };
    let mut content = content()?;
    upload_targets(app, &scope, &mut made).await?;
    made.all::<Datasource>(app, &scope, &mut content).await?;
    stock_the_shop(app, &scope, &made).await?;
    made.all::<DataQuery>(app, &scope, &mut content).await?;
    made.all::<Workflow>(app, &scope, &mut content).await?;
    made.all::<Widget>(app, &scope, &mut content).await?;
    made.all::<Dashboard>(app, &scope, &mut content).await?;
    let orders = json!({"table": "orders", "name": "Manage orders"});
    create_app(app, &scope, made.id("@datasource/Shop (writable)")?, &serde_json::from_value(orders)?).await?;
    let summaries = [365, 90, 30, 7].map(|days| json!({"days": days}));
    run_before(app, &scope, made.id("@workflow/Sales summary")?, summaries).await?;
    // one run succeeds, the other fails
    let lists = [("prices.csv", ["sku", "price"]), ("prices-may.csv", ["sku", "list_price"])];
    let lists = lists.map(|(file, columns)| json!({"file": file, "columns": columns}));
    run_before(app, &scope, made.id("@workflow/Import supplier prices")?, lists).await?;
    // runs that wait: for a time, and for an approval
    run_before(app, &scope, made.id("@workflow/Follow up on an order")?, [json!({"order": 4711})]).await?;
    run_before(app, &scope, made.id("@workflow/Restock")?, [json!({})]).await
}

/// Returns the drafts of all files by kind, in order.
fn content() -> Result<Map<String, Value>> {
    let mut content = Map::new();
    for text in CONTENT {
        for (kind, drafts) in serde_json::from_str::<Map<String, Value>>(text)? {
            let known = content.entry(kind).or_insert_with(|| Value::Array(Vec::new()));
            if let (Value::Array(known), Value::Array(drafts)) = (known, drafts) {
                known.extend(drafts);
            }
        }
    }
    Ok(content)
}

/// Starts runs of a workflow, so that it has a history.
async fn run_before(app: &App, scope: &Scope, workflow: Uuid, inputs: impl IntoIterator<Item = Value>) -> Result<()> {
    let record = app.store.get(|tx| tx.find::<Workflow>(scope, workflow))?;
    for input in inputs {
        let request = runner::RunRequest {
            workflow_id: Some(record.id),
            workflow_name: record.label.name.clone(),
            workflow_version: record.version,
            definition: app.runner.prepare(scope, &record.spec)?,
            input: Json::of(&input)?,
            trigger: RunTrigger::Manual,
            is_test: false,
            idempotency_key: None,
            is_awaited: false,
        };
        app.runner.start(scope, request).await?;
    }
    Ok(())
}

/// Adds the accounts. Returns `None` if another server has begun to fill the same database.
async fn people(app: &App) -> Result<Option<Vec<User>>> {
    let mut users = Vec::new();
    for (email, name, _) in PEOPLE {
        match app.identity.add_account(email, PASSWORD.to_owned(), name).await {
            Ok(user) => users.push(user),
            Err(IdentityRefusal::EmailExists) if users.is_empty() => return Ok(None),
            Err(IdentityRefusal::Other(error)) => return Err(error),
            Err(other) => return Err(Error::internal(format!("{other:?}"))),
        }
    }
    Ok(Some(users))
}

async fn tenant(app: &App, scope: &Scope, users: &[User]) -> Result<()> {
    let (scope, users) = (scope.clone(), users.to_vec());
    app.store
        .write(move |tx| {
            let draft = tenant::Draft { name: "Acme".to_owned(), logo_url: None, settings: Map::new() };
            tx.create_tenant(&scope, &draft)?;
            for (user, (_, _, role)) in users.iter().zip(PEOPLE).skip(1) {
                let role = tx.find_named::<Role>(&scope, role.name())?.ok_or(Error::NotFound("role"))?;
                tx.add_member(scope.tenant, user.id, role.id, scope.now)?;
            }
            Ok(())
        })
        .await
}

/// Creates the shop's tables and rows through the datasource, with all values bound as parameters.
async fn stock_the_shop(app: &App, scope: &Scope, made: &Made) -> Result<()> {
    let datasource = made.id("@datasource/Shop (writable)")?;
    let run = async |sql: String, parameters: Map<String, Value>| {
        let declared: Vec<Value> = parameters.keys().map(|name| json!({"name": name, "type": "string"})).collect();
        let query =
            json!({"datasourceID": datasource, "options": {"sql": sql}, "parameters": declared, "timeoutMs": 60_000});
        app.executor.draft(scope, serde_json::from_value(query)?, parameters).await.map(drop)
    };
    for statement in shop::SCHEMA {
        run((*statement).to_owned(), Map::new()).await?;
    }
    for table in shop::generate(scope.now) {
        let values: Vec<String> = (0..table.columns).map(|i| format!("value ->> {i}")).collect();
        let sql =
            format!("insert into {} select {} from json_each({{{{ params.rows }}}})", table.table, values.join(", "));
        let rows = Map::from_iter([("rows".to_owned(), serde_json::to_string(&table.values)?.into())]);
        run(sql, rows).await?;
    }
    Ok(())
}

/// Uploads the sales targets as a CSV file.
async fn upload_targets(app: &App, scope: &Scope, made: &mut Made) -> Result<()> {
    let label = Label::new("Sales targets", "Monthly revenue target of each category")?;
    let about = UploadMetadata { media_type: "text/csv".to_owned(), file_name: "sales-targets.csv".to_owned() };
    let mut upload = app.uploads.begin(scope.tenant).await?;
    upload.write(shop::targets(scope.now).as_bytes()).await?;
    let file = app.uploads.create(scope, label, about, upload).await?;
    made.ids.insert("@file/Sales targets".to_owned(), file.id);
    Ok(())
}

/// The IDs of created records by `@kind/name`, and the URL of the sample service.
struct Made {
    ids: HashMap<String, Uuid>,
    service: String,
}

impl Made {
    fn id(&self, reference: &str) -> Result<Uuid> {
        self.ids.get(reference).copied().ok_or_else(|| Error::internal(format!("the demo has no {reference}")))
    }

    /// Creates all records of the kind `R` in the content, in order.
    async fn all<R: Crud>(&mut self, app: &App, scope: &Scope, content: &mut Map<String, Value>) -> Result<()> {
        let drafts = content.shift_remove(R::KIND.name()).unwrap_or_default();
        for mut draft in serde_json::from_value::<Vec<Value>>(drafts)? {
            self.resolve(&mut draft)?;
            let Value::Object(draft) = draft else { continue };
            let record = steps::create_record::<R>(app, scope, draft).await?;
            self.ids.insert(format!("@{}/{}", R::KIND.name(), record.label.name), record.id);
        }
        Ok(())
    }

    /// Replaces each `@kind/name` with the ID of that record.
    fn resolve(&self, value: &mut Value) -> Result<()> {
        match value {
            Value::String(text) if text == "@service" => self.service.clone_into(text),
            Value::String(text) if text.starts_with('@') => *value = self.id(text)?.to_string().into(),
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.resolve(item))?,
            Value::Object(fields) => fields.values_mut().try_for_each(|field| self.resolve(field))?,
            _ => {}
        }
        Ok(())
    }
}
