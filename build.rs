//! Builds the admin UI when it has not been built yet, and compresses its files for embedding.
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
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("ui");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    if built.exists() {
        compress(&built, &out)?;
    }
    Ok(())
}

fn npm(source: &Path) -> bool {
    let run = |arguments: &[&str]| {
        Command::new("npm").args(arguments).current_dir(source).status().is_ok_and(|s| s.success())
    };
    run(&["ci", "--no-audit", "--no-fund"]) && run(&["run", "build"])
}

/// Mirrors `from` into `to`, each file gzipped under its own name.
fn compress(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            compress(&entry.path(), &target)?;
        } else {
            let mut gzip = flate2::write::GzEncoder::new(fs::File::create(&target)?, flate2::Compression::best());
            gzip.write_all(&fs::read(entry.path())?)?;
            gzip.finish()?;
        }
    }
    Ok(())
}
