//! `PocketBase`, to compare with: its binary is the one that `POCKETBASE_BIN` names.
use super::Server;
use serde_json::{Value, json};
use std::{
    net::{TcpListener, TcpStream},
    process::Command,
    time::Duration,
};

/// A running `PocketBase` with a collection like our widgets.
pub struct PocketBase {
    pub server: Server,
    /// The URL of the collection's records.
    pub base: String,
    token: String,
    http: reqwest::Client,
}

impl PocketBase {
    pub async fn start(binary: &str) -> Self {
        let dir = std::sync::Arc::new(tempfile::tempdir().unwrap());
        let (email, password) = ("bench@example.com", "correct horse");
        let place = ["--dir", dir.path().to_str().unwrap()];
        let made = Command::new(binary).args(["superuser", "upsert", email, password]).args(place).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(binary);
        command.args(["serve", "--http", &address.to_string()]).args(place).stdout(std::process::Stdio::null());
        let process = command.spawn().unwrap();
        let server = Server { process, url: format!("http://{address}"), dir };
        while TcpStream::connect(address).is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let (http, api) = (reqwest::Client::new(), format!("{}/api/collections", server.url));
        let account = json!({"identity": email, "password": password});
        let session = http.post(format!("{api}/_superusers/auth-with-password")).json(&account).send().await.unwrap();
        let session: Value = session.json().await.unwrap();
        let token = session["token"].as_str().unwrap_or_else(|| panic!("{session}")).to_owned();
        let field = |name, kind| json!({"name": name, "type": kind});
        let fields = [field("name", "text"), field("type", "text"), field("config", "json")];
        let made = json!({"name": "widgets", "type": "base", "fields": fields});
        let made = http.post(&api).header("authorization", &token).json(&made).send().await.unwrap();
        assert!(made.status().is_success(), "{made:?}");
        Self { server, base: format!("{api}/widgets/records"), token, http }
    }

    /// Creates a record and returns its ID.
    pub async fn create(&self, body: &Value) -> String {
        let created = self.http.post(&self.base).header("authorization", &self.token).json(body).send().await.unwrap();
        let created: Value = created.json().await.unwrap();
        created["id"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned()
    }

    /// The start of a `wrk` script, with the superuser's credentials.
    pub fn script(&self) -> String {
        format!("wrk.headers['Authorization'] = '{}'\nwrk.headers['Content-Type'] = 'application/json'\n", self.token)
    }
}
