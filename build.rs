//! Builds the admin UI if it has not been built yet, compresses its files for embedding, lists the presets, and computes
//! a digest of the code that decides how records are stored.
use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let (source, built) = (root.join("assets/admin"), root.join("assets/dist"));
    println!("cargo:rerun-if-changed=assets/dist");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=JET_ADMIN_SKIP_UI");
    let skip = env::var_os("JET_ADMIN_SKIP_UI").is_some();
    if !skip && !built.join("index.html").exists() && source.join("package.json").exists() && !npm(&source) {
        println!(
            "cargo:warning=the admin UI was not built (npm failed or is missing): run `make ui`, then build again"
        );
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    list_presets(&root.join("src/connect/presets"), &out.join("presets.rs"))?;
    // the connectors decide which queries change data
    let (model, connectors) = (digest(&root.join("src/model"))?, digest(&root.join("src/connect"))?);
    println!("cargo:rustc-env=MODEL_DIGEST={:016x}", model ^ connectors.rotate_left(1));
    compress(&built, &out.join("ui"))
}

/// Returns a digest (FNV-1a) of the files in a folder, with their names.
fn digest(folder: &Path) -> io::Result<u64> {
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    };
    for path in entries(folder)? {
        add(path.file_name().unwrap_or_default().as_encoded_bytes());
        if path.is_dir() { add(&digest(&path)?.to_be_bytes()) } else { add(&fs::read(&path)?) }
    }
    Ok(hash)
}

/// Returns the paths in a folder, sorted; none if it does not exist.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Writes a Rust slice with the name and the text of every preset.
fn list_presets(from: &Path, to: &Path) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", from.display());
    let mut items = Vec::new();
    for path in entries(from)?.into_iter().filter(|path| path.extension().is_some_and(|it| it == "toml")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        items.push(format!("({name:?}, include_str!({:?})),\n", path.to_string_lossy()));
    }
    fs::write(to, format!("&[\n{}]\n", items.concat()))
}

fn npm(source: &Path) -> bool {
    let run = |arguments: &[&str]| {
        Command::new("npm").args(arguments).current_dir(source).status().is_ok_and(|s| s.success())
    };
    run(&["ci", "--no-audit", "--no-fund"]) && run(&["run", "build"])
}

/// Makes `to` a copy of `from` with each file gzipped under the same name. Files that have not changed are kept.
fn compress(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for old in entries(to)? {
        let name = old.file_name().unwrap_or_default();
        match from.join(name) {
            new if (new.is_dir() && old.is_dir()) || (new.is_file() && old.is_file()) => {}
            _ if old.is_dir() => fs::remove_dir_all(&old)?,
            _ => fs::remove_file(&old)?,
        }
    }
    for path in entries(from)? {
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            compress(&path, &target)?;
        } else if !is_newer(&target, &path) {
            let mut gzip = flate2::write::GzEncoder::new(fs::File::create(&target)?, flate2::Compression::best());
            gzip.write_all(&fs::read(&path)?)?;
            gzip.finish()?;
        }
    }
    Ok(())
}

/// Returns whether a file was written after another.
fn is_newer(file: &Path, other: &Path) -> bool {
    let written = |path: &Path| fs::metadata(path).and_then(|about| about.modified()).ok();
    written(file).zip(written(other)).is_some_and(|(file, other)| file > other)
}
