//! Uploaded files: uploading, downloading, replacing and deleting, and no partial files.
use crate::support::{Client, Stored, TestServer, World, client::id, packing::gzip, wait::until};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{fs, path::PathBuf};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub const CSV: &[u8] = b"id,name\n1,Lamp\n2,Chair\n";

pub async fn put(client: &Client, file: &Value, content: &[u8]) -> crate::support::Answer {
    client.call(Method::PUT, &format!("files/{}/content", id(file))).raw("text/csv", content).send().await
}

fn folder(world: &World) -> PathBuf {
    world.server.data_dir().join("uploads").join(world.tenant.to_string())
}

/// The names in the tenant's folder.
pub fn names(world: &World) -> Vec<String> {
    let entries = fs::read_dir(folder(world)).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

pub async fn datasource(world: &World, file: &Value) -> Value {
    let body = json!({"name": "Targets", "type": "file", "options": {"fileID": id(file)}});
    world.client.post("datasources", body).await.expect(201)
}

#[tokio::test]
async fn a_downloaded_file_equals_the_upload() {
    let world = World::empty().await;
    let call = world.client.call(Method::POST, "files?name=Targets%202026.csv&description=By%20month");
    let created = call.raw("application/x-www-form-urlencoded", CSV).send().await;
    let location = created.header("location").unwrap().to_owned();
    let file = created.expect(201);
    assert_eq!((&file["name"], &file["fileName"]), (&json!("Targets 2026.csv"), &json!("Targets 2026.csv")));
    assert_eq!((&file["size"], &file["mediaType"]), (&json!(CSV.len()), &json!("text/csv")));
    assert_eq!(file["sha256"], hex::encode(Sha256::digest(CSV)));
    assert_eq!(file["description"], "By month");
    assert_eq!(world.client.get(&location).await.expect(200), file);
    let content = world.client.get(&format!("{location}/content")).await;
    assert_eq!(content.text.as_bytes(), CSV);
    assert_eq!(content.header("content-type"), Some("text/csv"));
    assert_eq!(content.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(content.header("content-length"), Some(CSV.len().to_string().as_str()));
    let disposition = content.header("content-disposition").unwrap();
    assert_eq!(disposition, "attachment; filename=\"Targets-2026.csv\"; filename*=UTF-8''Targets%202026.csv");
    assert_eq!(names(&world), [id(&file).to_string()]);
    #[cfg(unix)]
    for path in [folder(&world), folder(&world).join(id(&file).to_string())] {
        let bits = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(bits & 0o077, 0, "{} must be private", path.display());
    }
}

#[tokio::test]
async fn a_name_is_required_and_unique() {
    let world = World::empty().await;
    let send =
        async |query: &str| world.client.call(Method::POST, &format!("files{query}")).raw("text/csv", CSV).send().await;
    for (query, path) in [
        ("", ""),
        ("?name=%20", "name"),
        ("?name=a&other=b", "other"),
        ("?name=a&fileName=../b", "fileName"),
        ("?name=a&fileName=b%0ac", "fileName"),
    ] {
        let refused = send(query).await.refused(400, "INVALID_REQUEST");
        assert!(path.is_empty() || refused.path == path, "{query}: {}", refused.message);
    }
    send("?name=a").await.expect(201);
    send("?name=a").await.refused(409, "CONFLICT");
    let sanitized = send("?name=..%2F..%2Fetc%2Fpasswd").await.expect(201);
    assert_eq!(sanitized["fileName"], "..-..-etc-passwd");
    let empty = world.client.call(Method::POST, "files?name=empty").raw("text/csv", "").send().await;
    empty.refused(400, "INVALID_REQUEST");
    assert_eq!(names(&world).len(), 2);
}

#[tokio::test]
async fn fields_that_describe_the_content_cannot_be_set() {
    let world = World::empty().await;
    let file = world.upload("a.csv", CSV).await;
    let path = format!("files/{}", id(&file));
    for field in ["size", "mediaType", "sha256", "fileName"] {
        let refused = world.client.patch(&path, json!({field: "x"})).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, field);
    }
    let renamed = world.client.patch(&path, json!({"name": "b.csv", "description": "about"})).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["version"]), (&json!("b.csv"), &json!(2)));
    assert_eq!((&renamed["sha256"], &renamed["size"]), (&file["sha256"], &file["size"]));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_and_leaves_nothing_behind() {
    let world = World::on(TestServer::start_with(|config| config.max_upload = 1 << 20).await).await;
    let large = vec![b'x'; (1 << 20) + 1];
    let call = || world.client.call(Method::POST, "files?name=large");
    call().raw("text/plain", large.clone()).send().await.refused(413, "PAYLOAD_TOO_LARGE");
    world.upload("just", &large[1..]).await;
    // an upload without a content length
    let token = world.client.token.clone().unwrap();
    let mut socket = tokio::net::TcpStream::connect(world.server.server.address).await.unwrap();
    let head = format!(
        "POST /api/v1/tenants/{0}/files?name=chunked HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nx-tenant-id: {0}\r\ntransfer-encoding: chunked\r\n\r\n{1:x}\r\n",
        world.tenant,
        large.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    // the server may refuse before it has received everything
    let _ = socket.write_all(&large).await;
    let mut answer = vec![0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
    assert_eq!(world.client.all("files").await.len(), 1);
    until("only one file is left", async || names(&world).len() == 1).await;
}

#[tokio::test]
async fn an_interrupted_upload_leaves_nothing_behind() {
    let world = World::empty().await;
    let token = world.client.token.clone().unwrap();
    let mut socket = tokio::net::TcpStream::connect(world.server.server.address).await.unwrap();
    let head = format!(
        "POST /api/v1/tenants/{0}/files?name=half HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nx-tenant-id: {0}\r\ncontent-length: 1000\r\n\r\nid,name\n",
        world.tenant
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    until("the upload has begun", async || names(&world).len() == 1).await;
    drop(socket);
    until("nothing is left", async || names(&world).is_empty()).await;
    assert_eq!(world.client.all("files").await.len(), 0);
}

#[tokio::test]
async fn files_are_read_and_changed_with_the_permissions_for_it() {
    let mut world = World::empty().await;
    let file = world.upload("a.csv", CSV).await;
    let content = format!("files/{}/content", id(&file));
    world.role("Librarian", &["file:list", "file:read"]).await;
    for role in ["Viewer", "Operator"] {
        let (_, client) = world.member(&format!("{role}@example.com"), role).await;
        client.get("files").await.refused(403, "PERMISSION_DENIED");
        client.get(&content).await.refused(403, "PERMISSION_DENIED");
    }
    for (role, changes) in [("Librarian", false), ("Editor", true)] {
        let (_, client) = world.member(&format!("{role}@example.com"), role).await;
        client.get("files").await.expect(200);
        assert_eq!(client.get(&content).await.text.as_bytes(), CSV);
        let created = client.call(Method::POST, "files?name=new").raw("text/csv", CSV).send().await;
        let replaced = put(&client, &file, b"id\n1\n").await;
        let expected = if changes { (201, 200) } else { (403, 403) };
        assert_eq!((created.status.as_u16(), replaced.status.as_u16()), expected, "{role}");
    }
}

#[tokio::test]
async fn a_file_of_another_tenant_is_not_found() {
    let world = World::empty().await;
    let file = world.upload("a.csv", CSV).await;
    let second = world.server.tenant(&world.owner, "Second").await;
    let path = format!("files/{}", id(&file));
    second.get(&path).await.refused(404, "NOT_FOUND");
    second.get(&format!("{path}/content")).await.refused(404, "NOT_FOUND");
    second.delete(&path).await.refused(404, "NOT_FOUND");
    put(&second, &file, CSV).await.refused(404, "NOT_FOUND");
    let options = json!({"fileID": id(&file)});
    let body = json!({"name": "x", "type": "file", "options": options});
    let refused = second.post("datasources", body).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "options.fileID");
    let tested = second.post("datasources/test", json!({"type": "file", "options": options})).await.expect(200);
    assert_eq!(tested["ok"], false, "{tested}");
}

#[tokio::test]
async fn a_file_in_use_cannot_be_deleted_and_deleting_removes_the_content() {
    let world = World::empty().await;
    let file = world.upload("a.csv", CSV).await;
    let source = datasource(&world, &file).await;
    let path = format!("files/{}", id(&file));
    let refused = world.client.delete(&path).await.refused(409, "CONFLICT");
    assert!(refused.message.contains("the datasource \"Targets\""), "{}", refused.message);
    world.client.delete(&format!("datasources/{}", id(&source))).await.expect(204);
    put(&world.client, &file, b"id\n3\n").await.expect(200);
    let used = world.server.server.app.store.quotas().files(world.tenant);
    let before = used.used();
    world.client.delete(&path).await.expect(204);
    world.client.get(&format!("{path}/content")).await.refused(404, "NOT_FOUND");
    assert_eq!(names(&world).len(), 2, "the trash keeps the content, and that of earlier versions");
    assert_eq!(used.used(), before, "the trash counts towards the quota");
    world.client.delete(&format!("trash/{}", id(&file))).await.expect(204);
    assert!(names(&world).is_empty());
    assert_eq!(used.used(), before - CSV.len() as u64 - 5);
}

#[tokio::test]
async fn deleting_a_tenant_deletes_its_files() {
    let world = World::empty().await;
    world.upload("a.csv", CSV).await;
    world.client.delete(&format!("/api/v1/tenants/{}", world.tenant)).await.expect(204);
    assert!(!folder(&world).exists());
}

#[tokio::test]
async fn new_content_creates_a_version_that_datasources_use() {
    let world = World::empty().await;
    let file = world.upload("a.csv", CSV).await;
    let source = datasource(&world, &file).await;
    let query = json!({"name": "Count", "datasourceID": id(&source), "options": {"sql": "select count(*) as n from data"}, "cacheSeconds": 600});
    let query = world.client.post("data-queries", query).await.expect(201);
    let count = async || {
        let result = world.client.post(&format!("data-queries/{}/execute", id(&query)), json!({})).await.expect(200);
        result["data"][0]["n"].clone()
    };
    let columns = async || {
        let schema = world.client.get(&format!("datasources/{}/schema", id(&source))).await.expect(200);
        schema["items"][0]["columns"].as_array().unwrap().len()
    };
    assert_eq!((count().await, columns().await), (json!(2), 2));
    let replaced = put(&world.client, &file, b"a,b,c\n1,2,3\n").await.expect(200);
    assert_eq!((&replaced["version"], &replaced["size"]), (&json!(2), &json!(12)));
    assert_eq!(
        (count().await, columns().await),
        (json!(1), 3),
        "neither the cache nor the pool may keep the old content"
    );
    let same = put(&world.client, &file, b"a,b,c\n1,2,3\n").await.expect(200);
    assert_eq!(same["version"], 2, "the same content must not create a version");
    let versions = world.client.get(&format!("files/{}/versions", id(&file))).await.expect(200);
    assert_eq!(versions["items"].as_array().unwrap().len(), 2);
    let old = world.client.call(Method::PUT, &format!("files/{}/content", id(&file)));
    old.header("if-match", "\"1\"").raw("text/csv", CSV).send().await.refused(412, "VERSION_CONFLICT");
    assert_eq!(count().await, json!(1), "a refused request must change nothing");
    let mut left = names(&world).into_iter().filter(|name| !name.starts_with(".table-")).collect::<Vec<_>>();
    left.sort();
    let earlier = format!("{}@{}", id(&file), file["sha256"].as_str().unwrap());
    assert_eq!(left, [id(&file).to_string(), earlier]);
}

#[tokio::test]
async fn startup_repairs_files_after_a_crash() {
    let world = World::empty().await;
    let (kept, lost, half) =
        (world.upload("kept", b"kept").await, world.upload("lost", b"lost").await, world.upload("half", b"half").await);
    let place = |name: String| folder(&world).join(name);
    let aside = |file: &Value, digest: &str| place(format!("{}.{digest}.0", id(file)));
    // crash after the row was written, before the content was moved into place
    fs::rename(place(id(&lost).to_string()), aside(&lost, lost["sha256"].as_str().unwrap())).unwrap();
    // crash after the content was moved into place, before the row was written
    fs::rename(place(id(&half).to_string()), aside(&half, half["sha256"].as_str().unwrap())).unwrap();
    fs::write(place(id(&half).to_string()), "newer").unwrap();
    for orphan in [".upload-x", ".table-x"] {
        fs::write(place(orphan.to_owned()), "orphan").unwrap();
    }
    // the same for a new file, which then has both names
    let fresh = uuid::Uuid::now_v7().to_string();
    fs::write(place(fresh.clone()), "fresh").unwrap();
    fs::hard_link(place(fresh.clone()), place(format!("{fresh}.0000.0"))).unwrap();
    // crash after the row was deleted, before the content was deleted
    let deleted = world.upload("gone", b"gone").await;
    let content = fs::read(place(id(&deleted).to_string())).unwrap();
    world.client.delete(&format!("files/{}", id(&deleted))).await.expect(204);
    world.client.delete(&format!("trash/{}", id(&deleted))).await.expect(204);
    fs::write(place(id(&deleted).to_string()), content).unwrap();
    let (workspace, tenant) = (Stored::workspace(&world.server.data_dir()), world.tenant);
    workspace.execute(&format!("insert into deleted_files (tenant_id, id) values ('{tenant}', '{}')", id(&deleted)));
    // files without a row may belong to a newer copy of the database
    let unknown = uuid::Uuid::now_v7().to_string();
    fs::write(place(unknown.clone()), "precious").unwrap();
    fs::write(aside(&kept, "0000"), "old").unwrap();
    let stranger = world.server.data_dir().join("uploads").join(uuid::Uuid::now_v7().to_string());
    fs::create_dir(&stranger).unwrap();
    fs::write(stranger.join(uuid::Uuid::now_v7().to_string()), "precious").unwrap();
    let (tenant, token) = (world.tenant, world.client.token.clone().unwrap());
    let dir = world.server.stop().await;
    let root = dir.path().join("data");
    let server = TestServer::again(&root).await;
    let client = server.anyone().with_token(token).in_tenant(tenant);
    for (file, content) in [(&kept, "kept"), (&lost, "lost"), (&half, "half")] {
        assert_eq!(client.get(&format!("files/{}/content", id(file))).await.text, content);
    }
    let folder = dir.path().join("data/uploads").join(tenant.to_string());
    // where other servers may use the folder, a table is kept for an hour
    let tables = usize::from(crate::support::backend::is_postgres());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 4 + tables);
    let quarantined = jet_admin::data_dir::Paths::new(&dir.path().join("data")).quarantine().list();
    let bytes: u64 = quarantined.iter().map(|entry| entry.bytes).sum();
    assert_eq!((quarantined.len(), bytes), (4, "newerfreshgoneold".len() as u64), "the files must be in quarantine");
    let kept = dir.path().join("data/uploads").join(stranger.file_name().unwrap());
    assert!(folder.join(unknown).exists() && fs::read_dir(kept).unwrap().count() == 1);
    server.stop().await;
}

fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (disposition, content) in parts {
        body.extend_from_slice(format!("--X\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--X--\r\n");
    body
}

#[tokio::test]
async fn uploads_are_stored_without_multipart_form_and_compression() {
    let world = World::empty().await;
    let multipart = "multipart/form-data; boundary=X";
    let named = ("name=\"file\"; filename=\"C:\\dir\\t.csv\"", CSV);
    let send = |name: &str, media: &str, coding: Option<&str>, body: Vec<u8>| {
        let call = world.client.call(Method::POST, &format!("files?name={name}")).raw(media, body);
        coding.into_iter().fold(call, |call, coding| call.header("content-encoding", coding)).send()
    };
    let sha256 = hex::encode(Sha256::digest(CSV));
    for (name, media, coding, body) in [
        ("form", multipart, None, form(&[named])),
        ("gzip", "text/csv", Some("gzip"), gzip(CSV)),
        ("both", multipart, Some("gzip"), gzip(&form(&[named]))),
    ] {
        let file = send(name, media, coding, body).await.expect(201);
        assert_eq!((&file["sha256"], &file["size"]), (&json!(sha256), &json!(CSV.len())), "{name}");
        let expected = if media == multipart { "t.csv" } else { name };
        assert_eq!(file["fileName"], expected, "{name}");
    }
    let whole = gzip(CSV);
    for (media, coding, body, status, expected_text) in [
        (multipart, None, form(&[named, named]), 400, "several files"),
        (multipart, None, form(&[("name=\"note\"", b"x"), named]), 400, "the field `note`"),
        (multipart, None, form(&[]), 400, "no file"),
        (multipart, None, form(&[named])[..90].to_vec(), 400, "incomplete"),
        (multipart, None, form(&[("name=\"file\"; filename=\"t.csv\"", b"")]), 400, "empty"),
        ("multipart/form-data", None, form(&[named]), 400, "no boundary"),
        ("multipart/mixed; boundary=X", None, form(&[named]), 415, "multipart/form-data"),
        ("text/csv", Some("br"), whole.clone(), 415, "coding `br`"),
        ("text/csv", Some("gzip"), whole[..whole.len() - 3].to_vec(), 400, "in the middle of"),
        ("text/csv", Some("gzip"), CSV.to_vec(), 400, "not compressed"),
    ] {
        let answer = send("wrong", media, coding, body).await;
        let code = if status == 415 { "UNSUPPORTED_MEDIA_TYPE" } else { "INVALID_REQUEST" };
        assert!(answer.text.contains(expected_text), "{expected_text}: {answer}");
        answer.refused(status, code);
    }
    assert_eq!(names(&world).len(), 3, "refused uploads must leave nothing behind");
    // JSON may be compressed too, and may begin with a byte order mark
    let body = gzip("\u{feff}{\"email\": \"a@example.com\", \"roleID\": 5}".as_bytes());
    let call = world.client.call(Method::POST, "invitations").header("content-encoding", "gzip");
    let refused = call.raw("application/json", body).send().await.refused(400, "INVALID_REQUEST");
    assert!(refused.path.starts_with("role"), "{}", refused.message);
}

#[tokio::test]
async fn a_compressed_upload_is_limited_by_its_uncompressed_size() {
    let server = TestServer::start_with(|config| config.max_upload = 1 << 20).await;
    let world = World::on(server).await;
    let bomb = gzip(&vec![0; 16 << 20]);
    let call = world.client.call(Method::POST, "files?name=bomb").header("content-encoding", "gzip");
    call.raw("text/csv", bomb).send().await.refused(413, "PAYLOAD_TOO_LARGE");
    assert!(names(&world).is_empty());
}

#[tokio::test]
async fn a_download_can_be_resumed_and_cached() {
    let world = World::empty().await;
    let file = world.upload("t.csv", CSV).await;
    let path = format!("files/{}/content", id(&file));
    let tag = format!("\"{}\"", file["sha256"].as_str().unwrap());
    let ask = async |method: Method, headers: &[(&str, &str)]| {
        let call = world.client.call(method, &path);
        headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send().await
    };
    let whole = ask(Method::GET, &[]).await;
    assert_eq!((whole.header("etag"), whole.header("accept-ranges")), (Some(tag.as_str()), Some("bytes")));
    assert_eq!(whole.text.as_bytes(), CSV);
    let rest = ask(Method::GET, &[("range", "bytes=8-"), ("if-range", &tag)]).await;
    assert_eq!((rest.status.as_u16(), rest.text.as_bytes()), (206, &CSV[8..]));
    assert_eq!(rest.header("content-range"), Some(format!("bytes 8-{}/{}", CSV.len() - 1, CSV.len()).as_str()));
    assert_eq!(rest.header("content-length"), Some((CSV.len() - 8).to_string().as_str()));
    let last = ask(Method::GET, &[("range", "bytes=-3")]).await;
    assert_eq!((last.status.as_u16(), last.text.as_bytes()), (206, &CSV[CSV.len() - 3..]));
    let other = ask(Method::GET, &[("range", "bytes=8-"), ("if-range", "\"other\"")]).await;
    assert_eq!((other.status.as_u16(), other.text.as_bytes()), (200, CSV));
    let beyond = ask(Method::GET, &[("range", "bytes=1000-")]).await;
    assert_eq!(beyond.header("content-range"), Some(format!("bytes */{}", CSV.len()).as_str()));
    beyond.refused(416, "RANGE_NOT_SATISFIABLE");
    let known = ask(Method::GET, &[("if-none-match", &tag)]).await;
    assert_eq!((known.status.as_u16(), known.text.as_str(), known.header("etag")), (304, "", Some(tag.as_str())));
    let head = ask(Method::HEAD, &[("range", "bytes=0-0")]).await;
    assert_eq!((head.status.as_u16(), head.header("content-length")), (200, Some(CSV.len().to_string().as_str())));
    assert_eq!(head.header("etag"), Some(tag.as_str()));
    let part = world.client.call(Method::PUT, &path).header("content-range", "bytes 0-1/5").raw("text/csv", CSV);
    part.send().await.refused(400, "INVALID_REQUEST");
    // new content has a new ETag
    put(&world.client, &file, b"id\n1\n").await.expect(200);
    let again = ask(Method::GET, &[("if-none-match", &tag), ("range", "bytes=0-1"), ("if-range", &tag)]).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (200, "id\n1\n"));
}
