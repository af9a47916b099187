//! Backups without a passphrase whose content was changed and resealed: the seal matches, but the content is invalid.
use super::{contents, filled};
use crate::support::process::{fails, succeeds};
use sha2::{Digest, Sha256};
use std::fs;

const BLOCK: usize = 512;

/// Returns the position of a member's content in the archive.
fn member(archive: &[u8], name: &str) -> std::ops::Range<usize> {
    let mut at = 0;
    loop {
        let header = &archive[at..at + BLOCK];
        let text = |from: usize, to: usize| {
            let field = header[from..to].split(|byte| *byte == 0).next().unwrap();
            String::from_utf8(field.to_vec()).unwrap()
        };
        assert!(header[0] != 0, "no member {name}");
        let size = usize::from_str_radix(text(124, 136).trim(), 8).unwrap();
        let content = at + BLOCK..at + BLOCK + size;
        if text(0, 100) == name {
            return content;
        }
        at = content.end.next_multiple_of(BLOCK);
    }
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn put(archive: &mut [u8], within: std::ops::Range<usize>, old: &str, new: &str) {
    let place = archive[within.clone()].windows(old.len()).position(|window| window == old.as_bytes());
    let from = within.start + place.unwrap_or_else(|| panic!("{old} was not found"));
    archive[from..from + old.len()].copy_from_slice(new.as_bytes());
}

/// Returns the archive with one member's content changed, and the manifest and the seal updated to match.
fn forged(archive: &[u8], name: &str, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut forged = archive.to_vec();
    let content = member(archive, name);
    change(&mut forged[content.clone()]);
    let [before, after] = [&archive[content.clone()], &forged[content]].map(digest);
    assert_ne!(before, after, "nothing was changed");
    let manifest = member(archive, "manifest.json");
    put(&mut forged, manifest, &before, &after);
    let seal = archive.len() - 2048;
    let [before, after] = [&archive[..seal], &forged[..seal]].map(digest);
    put(&mut forged, seal..archive.len(), &before, &after);
    forged
}

fn replace(content: &mut [u8], key: &str, to: u8) {
    let place = content.windows(key.len()).position(|window| window == key.as_bytes()).unwrap();
    let digit = &mut content[place + key.len()];
    *digit = if *digit == to { to + 1 } else { to };
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_verified_as_strictly_as_it_is_restored() {
    type Change = fn(&mut [u8]);
    let (_dir, root, _) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.tar");
    let path = file.to_str().unwrap();
    succeeds(&["backup", path, "--without-keys"], &root, "");
    let archive = fs::read(&file).unwrap();
    let before = contents(&root);
    let version = 60..64;
    assert_ne!(archive[member(&archive, "runs.db")][version], [0; 4]);
    let cases: &[(&str, &str, Change)] = &[
        ("about.json", "not hold the databases", |about| replace(about, "\"instance\": \"", b'0')),
        ("about.json", "not hold the databases", |about| replace(about, "\"epoch\": ", b'8')),
        ("runs.db", "newer jet-admin", |db| db[60..64].copy_from_slice(&77_u32.to_be_bytes())),
        ("jet-admin.db", "another program", |db| db[60..64].fill(0)),
        ("jet-admin.db", "damaged", |db| {
            let second_half = db.len() / 2;
            db[second_half..].fill(0);
        }),
        ("runs.db", "not a SQLite database", |db| db[..16].fill(b'x')),
    ];
    for (name, why, change) in cases {
        fs::write(&file, forged(&archive, name, change)).unwrap();
        for verify in [true, false] {
            let arguments = ["restore", path, "--without-keys", "--verify"];
            let output = fails(&arguments[..3 + usize::from(verify)], &root, "");
            let output = output.replace(path, "FILE");
            assert!(
                output.contains(why) && !output.contains(".tmp") && !output.contains("incoming"),
                "{why}: {output}"
            );
            assert_eq!(contents(&root), before, "{why}");
        }
    }
    fs::write(&file, &archive).unwrap();
    succeeds(&["restore", path, "--without-keys", "--verify"], &root, "");
    assert_eq!(contents(&root), before);
}
