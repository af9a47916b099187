//! Uploaded files in storage that the servers of a database share.
mod moving;
mod outages;
mod refusals;
mod rooms;
mod sharing;

use crate::support::{
    TestServer, World,
    backend::Database,
    gate::Gate,
    moto::{Moto, moto},
};
use jet_admin::{connect::ObjectAddress, server::ServerConfig};
use reqwest::Method;
use std::path::PathBuf;

const SECRET_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// The credentials of the storage, as environment variables.
pub const CREDENTIALS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "hidden-s3-key"),
    ("AWS_REGION", "us-east-1"),
];

/// A storage with an empty bucket, behind a gate.
pub struct Bucket {
    server: Moto,
    pub gate: Gate,
    http: reqwest::Client,
}

impl Bucket {
    pub async fn create() -> Self {
        let server = moto();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let bucket = Self { gate: Gate::to(server.port), server, http: reqwest::Client::new() };
        assert!(bucket.ask(Method::PUT, "", None).await.0.is_success());
        bucket
    }

    pub fn address(&self) -> String {
        format!("s3://box/jet?endpoint=http://127.0.0.1:{}", self.gate.port)
    }

    /// Sends a request to the storage, not through the gate.
    async fn ask(&self, method: Method, path: &str, body: Option<&[u8]>) -> (reqwest::StatusCode, Vec<u8>) {
        let request = self.http.request(method, format!("http://127.0.0.1:{}/box/{path}", self.server.port));
        // it does not check signatures, but objects are not public
        let request =
            request.header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request");
        let request = request.body(body.unwrap_or_default().to_vec());
        let answer = request.send().await.unwrap();
        (answer.status(), answer.bytes().await.unwrap().to_vec())
    }

    /// The keys of all objects but the mark, without the prefix.
    pub async fn keys(&self) -> Vec<String> {
        let (_, list) = self.ask(Method::GET, "?list-type=2", None).await;
        let list = String::from_utf8(list).unwrap();
        let keys = list.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap().to_owned());
        keys.filter_map(|key| key.strip_prefix("jet/").map(str::to_owned)).filter(|key| key != ".instance").collect()
    }

    pub async fn content(&self, key: &str) -> Vec<u8> {
        self.ask(Method::GET, &format!("jet/{key}"), None).await.1
    }

    pub async fn alter(&self, key: &str, content: &[u8]) {
        assert!(self.ask(Method::PUT, &format!("jet/{key}"), Some(content)).await.0.is_success());
    }

    pub async fn lose(&self, key: &str) {
        assert!(self.ask(Method::DELETE, &format!("jet/{key}"), None).await.0.is_success());
    }
}

/// Returns the address with the credentials of the tests.
pub fn parsed(address: &str) -> ObjectAddress {
    let variable =
        |name: &str| CREDENTIALS.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    ObjectAddress::parse(address, variable).unwrap()
}

/// Two servers with one database and one bucket, and a tenant on them.
pub struct Pair {
    pub bucket: Bucket,
    pub database: Database,
    pub one: World,
    pub two: TestServer,
    /// The owner of the tenant as a caller of the second server.
    pub other: crate::support::Client,
}

impl Pair {
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub async fn start_with(change: impl Fn(&mut ServerConfig)) -> Self {
        let (bucket, database) = (Bucket::create().await, Database::create());
        let one = World::on(server(&database, &bucket, &change).await).await;
        let two = server(&database, &bucket, &change).await;
        let other = one.client.at(&two.url);
        Self { bucket, database, one, two, other }
    }

    /// The folder of copies that a server has of the tenant's files.
    pub fn copies(&self, server: &TestServer) -> PathBuf {
        server.data_dir().join("cache").join(self.one.tenant.to_string())
    }

    /// Deletes these copies.
    pub fn forget_copies(&self, server: &TestServer) {
        let _ = std::fs::remove_dir_all(self.copies(server));
    }
}

/// Starts a server that uses this database and this bucket.
pub async fn server(database: &Database, bucket: &Bucket, change: &impl Fn(&mut ServerConfig)) -> TestServer {
    let (url, address) = (database.url().parse().unwrap(), parsed(&bucket.address()));
    TestServer::start_with(|config| {
        config.database = Some(url);
        config.database_connections = 10;
        config.secret_key = Some(SECRET_KEY.to_owned());
        config.files = Some(address);
        change(config);
    })
    .await
}
