//! Builds the admin UI if it has not been built yet, compresses its files for embedding, and lists the presets.
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
    let out = out.join("ui");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    if built.exists() {
        compress(&built, &out)?;
    }
    Ok(())
}

/// Writes a Rust slice with the name and the text of every preset.
fn list_presets(from: &Path, to: &Path) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", from.display());
    let entries = fs::read_dir(from)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let mut paths: Vec<_> =
        entries.into_iter().filter(|path| path.extension().is_some_and(|it| it == "toml")).collect();
    paths.sort();
    let mut items = Vec::new();
    for path in paths {
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

/// Copies `from` to `to`, with each file gzipped under the same name.
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
