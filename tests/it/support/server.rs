//! A server inside the test process, on a free port, with its own data directory.
use super::Client;
use jet_admin::{
    auth::Signer,
    clock::Time,
    server::{Server, ServerConfig},
    store::{Credential, Durability, NewUser, User},
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tempfile::TempDir;
use uuid::Uuid;

/// A running server; its directory is deleted with it.
pub struct TestServer {
    pub server: Server,
    pub url: String,
    dir: TempDir,
}

/// A user with an account, signed in.
#[derive(Clone)]
pub struct Account {
    pub user: User,
    pub client: Client,
}

/// Writes a signing key into a data directory. The key is generated once per process, because generating RSA keys is
/// slow in an unoptimized build.
pub fn with_signing_key(root: &Path) {
    static KEY: OnceLock<Vec<u8>> = OnceLock::new();
    let keys = root.join("keys");
    fs::create_dir_all(&keys).unwrap();
    fs::write(keys.join("signing.pem"), KEY.get_or_init(|| Signer::generate().unwrap())).unwrap();
    #[cfg(unix)]
    for (path, mode) in [(&keys, 0o700), (&keys.join("signing.pem"), 0o600)] {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// Starts a server on what another one has left behind.
    pub async fn again(root: &Path) -> Self {
        Self::start_with(|config| config.data_dir = root.to_path_buf()).await
    }

    pub async fn start_with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("data");
        with_signing_key(&root);
        let mut config = ServerConfig {
            listen: "127.0.0.1:0".to_owned(),
            durability: Durability::Normal,
            script_worker: Some(super::process::BINARY.into()),
            // the databases and services of the tests are on this machine
            allow_private_network: Some(true),
            // servers that a test has dropped keep theirs until its end
            database_connections: 10,
            ..ServerConfig::new(root)
        };
        change(&mut config);
        let database = || super::backend::database_of(&config.data_dir).map(|url| url.parse().unwrap());
        config.database = config.database.clone().or_else(database);
        let server = Box::pin(Server::start(config)).await.unwrap();
        let url = format!("http://{}", server.address);
        Self { server, url, dir }
    }

    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A caller without a token.
    pub fn anyone(&self) -> Client {
        Client::new(&self.url)
    }

    /// Adds an account without the API: hashing passwords is slow, and sign-up has its own tests.
    pub async fn account(&self, email: &str) -> Account {
        let new = NewUser {
            email: email.to_owned(),
            email_verified: true,
            name: email.split('@').next().unwrap_or_default().to_owned(),
            photo_url: None,
            credential: Credential::Password("no password fits this".to_owned()),
        };
        let user = self.server.app.store.write(move |tx| tx.create_user(&new, Time::now())).await.unwrap();
        let client = self.anyone().with_token(self.token(&user, Time::now()));
        Account { user, client }
    }

    /// An ID token for `user` as the server would have issued it at `at`, signed with the key of the data directory.
    pub fn token(&self, user: &User, at: Time) -> String {
        let pem = fs::read(self.data_dir().join("keys/signing.pem")).unwrap();
        Signer::new(&pem).unwrap().issue(user, at).unwrap()
    }

    /// A token that expired an hour ago.
    pub fn expired_token(&self, user: &User) -> String {
        self.token(user, Time(Time::now().0 - 2 * 3_600_000))
    }

    /// Creates a tenant that `owner` owns, and returns a client in that tenant.
    pub async fn tenant(&self, owner: &Account, name: &str) -> Client {
        let created = owner.client.post("/api/v1/tenants", json!({"name": name})).await.expect(201);
        owner.client.in_tenant(super::client::id(&created))
    }

    /// Adds a small `SQLite` database, `shop.db`, to the tenant's files.
    pub fn stock(&self, tenant: Uuid) {
        let files = self.data_dir().join("files").join(tenant.to_string());
        fs::create_dir_all(&files).unwrap();
        let shop = rusqlite::Connection::open(files.join("shop.db")).unwrap();
        shop.execute_batch(
            "create table items (id integer primary key, name text not null, price real);
             insert into items (name, price) values ('Lamp', 19.5), ('Chair', 49), ('Table', 120.25);",
        )
        .unwrap();
    }

    /// Makes `account` a member of `tenant` with the role, and returns a client in that tenant.
    pub async fn join(&self, account: &Account, tenant: Uuid, role: Uuid) -> Client {
        let user = account.user.id;
        self.server.app.store.write(move |tx| tx.add_member(tenant, user, role, Time::now())).await.unwrap();
        account.client.in_tenant(tenant)
    }

    pub async fn stop(self) -> TempDir {
        self.server.stop().await.unwrap();
        self.dir
    }
}
