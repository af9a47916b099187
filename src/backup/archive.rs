//! The file of a backup: a tar archive of regular files whose last member seals everything before it.
//!
//! `about.json` comes first, then the members, then `manifest.json` with the size and SHA-256 of each. The last 2048
//! bytes are the seal: the SHA-256 of all bytes before them and, with a passphrase, its HMAC. The seal is fully
//! determined by these bytes, so a change of any byte of the file is detected.
use super::{
    failed,
    manifest::{ABOUT, BackupInfo, BackupMember, FORMAT, LARGEST_ABOUT, LARGEST_MANIFEST, MANIFEST, Manifest, SEAL},
    passphrase::Passphrase,
};
use crate::{Error, Result};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A header, a block of content, and the end of the archive.
const SEAL_BYTES: usize = 2048;
const BLOCK: usize = 512;
/// How many bytes are read at once.
const BUFFER: usize = 256 << 10;

/// Passes bytes through, and computes their digest and number.
struct Digesting<T> {
    inner: T,
    digest: Sha256,
    bytes: u64,
}

impl<T> Digesting<T> {
    fn new(inner: T) -> Self {
        Self { inner, digest: Sha256::new(), bytes: 0 }
    }

    fn note(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
    }
}

impl<T: Write> Write for Digesting<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.note(&bytes[..written]);
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Digesting<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.note(&buffer[..read]);
        Ok(read)
    }
}

/// Copies `from` to `to`. Returns the number of bytes and their digest.
pub(super) fn copy_digested(from: impl Read, to: &mut impl Write) -> io::Result<(u64, String)> {
    let mut from = Digesting::new(from);
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        to.write_all(&buffer[..read])?;
    }
    Ok((from.bytes, hex::encode(from.digest.finalize())))
}

/// Writes an archive.
pub(super) struct BackupWriter {
    path: PathBuf,
    tar: tar::Builder<Digesting<BufWriter<File>>>,
    members: Vec<BackupMember>,
}

impl BackupWriter {
    /// # Errors
    /// If the file cannot be created.
    pub fn create(path: &Path, about: &BackupInfo) -> Result<Self> {
        let file = File::create_new(path).map_err(failed(path, "cannot be created"))?;
        let tar = tar::Builder::new(Digesting::new(BufWriter::with_capacity(BUFFER, file)));
        let mut writer = Self { path: path.to_path_buf(), tar, members: Vec::new() };
        writer.add_bytes(ABOUT, &serde_json::to_vec_pretty(about)?)?;
        Ok(writer)
    }

    /// Adds a file that must not change meanwhile. Returns its digest.
    ///
    /// # Errors
    /// If it cannot be read, or shrinks meanwhile.
    pub fn add_file(&mut self, name: &str, path: &Path) -> Result<String> {
        let unreadable = || failed(path, "cannot be read");
        let file = File::open(path).map_err(unreadable())?;
        let size = file.metadata().map_err(unreadable())?.len();
        self.add(name, size, file)
    }

    pub fn add_bytes(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.add(name, bytes.len() as u64, bytes).map(drop)
    }

    fn add(&mut self, name: &str, size: u64, from: impl Read) -> Result<String> {
        let mut from = Digesting::new(from.take(size));
        let mut header = header(size);
        let added = self.tar.append_data(&mut header, name, &mut from);
        added.map_err(failed(&self.path, &format!("cannot be extended with {name}")))?;
        if from.bytes != size {
            return Err(Error::conflict(format!("{name} shrank while it was read: try again")));
        }
        let sha256 = hex::encode(from.digest.finalize());
        self.members.push(BackupMember { path: name.to_owned(), size, sha256: sha256.clone() });
        Ok(sha256)
    }

    /// Adds the manifest and the seal, and syncs the file to disk. Returns its size.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self, passphrase: Option<&Passphrase>) -> Result<u64> {
        let members = std::mem::take(&mut self.members);
        self.add_bytes(MANIFEST, &serde_json::to_vec(&Manifest { members })?)?;
        // before the end of the archive, which is part of the seal
        let before = self.tar.get_ref();
        let (digest, end) = (before.digest.clone().finalize(), before.bytes);
        let seal = seal(&digest, passphrase)?;
        let path = self.path;
        let finish = || {
            let mut file = self.tar.into_inner()?.inner.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.seek(SeekFrom::Start(end))?;
            file.write_all(&seal)?;
            file.sync_all()
        };
        finish().map_err(failed(&path, "cannot be written"))?;
        Ok(end + SEAL_BYTES as u64)
    }
}

/// Returns a header with only a size and fixed values, so that equal content gives equal bytes.
fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

/// Returns the last member and the end of an archive whose other bytes have this digest.
fn seal(digest: &[u8], passphrase: Option<&Passphrase>) -> Result<Vec<u8>> {
    let digest_line = format!("sha256 {}\n", hex::encode(digest));
    let text = match passphrase {
        None => digest_line,
        Some(passphrase) => format!("{digest_line}hmac-sha256 {}\n", hex::encode(passphrase.code(digest)?)),
    };
    let mut header = header(text.len() as u64);
    header.set_path(SEAL)?;
    header.set_cksum();
    let mut seal = header.as_bytes().to_vec();
    seal.extend_from_slice(text.as_bytes());
    seal.resize(SEAL_BYTES, 0);
    Ok(seal)
}

/// Reads a backup.
pub(super) struct BackupReader {
    path: PathBuf,
    file: File,
    size: u64,
    pub about: BackupInfo,
}

/// Receives the path, the size and the content of a member.
pub(super) type Take<'a> = dyn FnMut(&str, u64, &mut dyn Read) -> Result<()> + 'a;

impl BackupReader {
    /// # Errors
    /// `Conflict` if it is not a backup, or in the format of a later version.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(failed(path, "cannot be read"))?;
        let size = file.metadata().map_err(failed(path, "cannot be read"))?.len();
        let about = read_about(&mut file)
            .ok_or_else(|| Error::conflict(format!("{} is not a backup of `jet-admin backup`", path.display())))?;
        if about.format != FORMAT {
            let (path, version) = (path.display(), &about.version);
            return Err(Error::conflict(format!(
                "{path} was written by jet-admin {version}: use that version or a later one"
            )));
        }
        Ok(Self { path: path.to_path_buf(), file, size, about })
    }

    /// Checks every byte against the seal. Without the passphrase, only damage is detected, not manipulation.
    ///
    /// # Errors
    /// `Conflict` if the backup is damaged, truncated or altered, or the passphrase is wrong.
    pub fn check_seal(&mut self, passphrase: Option<&Passphrase>) -> Result<()> {
        let damaged =
            || Error::conflict(format!("{} is damaged or incomplete: use another backup", self.path.display()));
        let end = self.size.checked_sub(SEAL_BYTES as u64).ok_or_else(damaged)?;
        let unreadable = || failed(&self.path, "cannot be read");
        self.file.seek(SeekFrom::Start(0)).map_err(unreadable())?;
        let (_, digest) = copy_digested((&self.file).take(end), &mut io::sink()).map_err(unreadable())?;
        let digest = hex::decode(digest).map_err(Error::internal)?;
        let mut found = Vec::new();
        (&self.file).read_to_end(&mut found).map_err(unreadable())?;
        if let Some(passphrase) = passphrase {
            if found == seal(&digest, Some(passphrase))? {
                return Ok(());
            }
            // the digest is right, so the file is not damaged
            let text = String::from_utf8_lossy(&found);
            if text.contains(&format!("sha256 {}\n", hex::encode(&digest))) {
                return Err(Error::conflict(format!(
                    "the passphrase is not the one that {} was created with, or the backup was altered",
                    self.path.display()
                )));
            }
            return Err(damaged());
        }
        // the HMAC cannot be checked, but everything else must match
        let unsealed = seal(&digest, None)?;
        let is_whole = match self.about.kdf {
            None => found == unsealed,
            Some(_) => is_seal_with_code(&found, &digest)?,
        };
        if is_whole { Ok(()) } else { Err(damaged()) }
    }

    /// Reads every member, and checks it against the manifest.
    ///
    /// # Errors
    /// `Conflict` if a member does not match the manifest, and the errors of `take`.
    pub fn each_member(&mut self, take: &mut Take<'_>) -> Result<()> {
        let damaged = || {
            Error::conflict(format!(
                "the content of {} does not match its manifest: use another backup",
                self.path.display()
            ))
        };
        self.file.seek(SeekFrom::Start(0)).map_err(failed(&self.path, "cannot be read"))?;
        let mut archive = tar::Archive::new(io::BufReader::with_capacity(BUFFER, &self.file));
        let (mut found, mut listed) = (Vec::new(), None::<Manifest>);
        for entry in archive.entries().map_err(|_| damaged())? {
            let mut entry = entry.map_err(|_| damaged())?;
            let is_file = entry.header().entry_type() == tar::EntryType::Regular;
            let (size, path) = (entry.size(), entry.path_bytes().into_owned());
            let path = String::from_utf8(path).ok().filter(|_| is_file).ok_or_else(damaged)?;
            match path.as_str() {
                SEAL => break,
                MANIFEST => listed = Some(parse(&mut entry, size, LARGEST_MANIFEST).ok_or_else(damaged)?),
                _ => {
                    let mut entry = Digesting::new(entry);
                    take(&path, size, &mut entry)?;
                    io::copy(&mut entry, &mut io::sink()).map_err(|_| damaged())?;
                    found.push(BackupMember { path, size: entry.bytes, sha256: hex::encode(entry.digest.finalize()) });
                }
            }
        }
        if listed.is_some_and(|listed| listed.members == found) { Ok(()) } else { Err(damaged()) }
    }
}

/// Returns whether it is a seal of this digest with any HMAC.
fn is_seal_with_code(found: &[u8], digest: &[u8]) -> Result<bool> {
    let text = format!("sha256 {}\nhmac-sha256 ", hex::encode(digest));
    let from = BLOCK + text.len();
    let Some(code) = found.get(from..from + 64) else { return Ok(false) };
    let mut expected = seal(digest, None)?;
    let mut header = header(text.len() as u64 + 65);
    header.set_path(SEAL)?;
    header.set_cksum();
    expected[..BLOCK].copy_from_slice(header.as_bytes());
    expected[BLOCK..from].copy_from_slice(text.as_bytes());
    expected[from..from + 64].copy_from_slice(code);
    expected[from + 64] = b'\n';
    Ok(code.iter().all(u8::is_ascii_hexdigit) && found == expected)
}

fn read_about(file: &mut File) -> Option<BackupInfo> {
    let mut archive = tar::Archive::new(file);
    let mut first = archive.entries().ok()?.next()?.ok()?;
    let (size, name) = (first.size(), first.path_bytes().into_owned());
    if name == ABOUT.as_bytes() { parse(&mut first, size, LARGEST_ABOUT) } else { None }
}

/// Parses JSON of at most `most` bytes.
pub(super) fn parse<T: DeserializeOwned>(from: &mut dyn Read, size: u64, most: u64) -> Option<T> {
    let mut bytes = Vec::new();
    from.take(most).read_to_end(&mut bytes).ok().filter(|_| size <= most)?;
    serde_json::from_slice(&bytes).ok()
}
