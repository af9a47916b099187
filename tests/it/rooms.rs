//! Inside a layer, too, imports point one way: its folders do not import each other in circles.
use crate::house::{files, read};
use std::collections::{BTreeMap, BTreeSet};

/// The layers that are checked. In the others, folders still import each other.
const LAYERS: &[&str] = &["api", "auth", "connect", "model", "runner", "script", "store"];

/// A path from the crate's root, such as `store::runs::journal`.
type Module = Vec<String>;

/// Reads one tree of a `use`, such as `a::{b, c::{self, d as e}}`. Adds each leaf with the name that it gets here, and
/// returns the rest of the text.
fn tree<'a>(text: &'a str, mut path: Module, leaves: &mut Vec<(Module, String)>) -> &'a str {
    let mut rest = text.trim_start();
    loop {
        if let Some(list) = rest.strip_prefix('{') {
            rest = list.trim_start();
            while !rest.is_empty() && !rest.starts_with('}') {
                let after = tree(rest, path.clone(), leaves).trim_start();
                let after = after.strip_prefix(',').unwrap_or(after).trim_start();
                if after.len() == rest.len() {
                    break;
                }
                rest = after;
            }
            return rest.strip_prefix('}').unwrap_or(rest);
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if !name.is_empty() && name != "self" {
            path.push(name.to_owned());
        }
        let Some(next) = after.strip_prefix("::") else {
            let renamed = after.trim_start().strip_prefix("as ").unwrap_or_default();
            let end = renamed.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(renamed.len());
            let name = if end == 0 { path.last().cloned().unwrap_or_default() } else { renamed[..end].to_owned() };
            leaves.push((path, name));
            return if end == 0 { after.strip_prefix('*').unwrap_or(after) } else { &renamed[end..] };
        };
        rest = next;
    }
}

/// Returns all paths in the text that begin with `crate` or `super`.
fn paths(text: &str) -> Vec<Module> {
    let mut leaves = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in text.match_indices(root) {
            if !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                tree(&text[at..], Module::new(), &mut leaves);
            }
        }
    }
    leaves.into_iter().map(|(path, _)| path).collect()
}

/// Returns the path of the module `of` from the root, where `path` may begin with `crate` or `super`.
fn absolute(of: &[String], path: &[String]) -> Module {
    if path.first().is_some_and(|first| first == "crate") {
        return path[1..].to_vec();
    }
    let up = path.iter().take_while(|part| *part == "super").count();
    let mut whole = of[..of.len().saturating_sub(up)].to_vec();
    whole.extend_from_slice(&path[up..]);
    whole
}

/// The files of a layer.
struct Sources {
    texts: BTreeMap<Module, String>,
    folders: BTreeSet<Module>,
    /// What each folder imports and exports in its `mod.rs`, by folder and name.
    names: BTreeMap<(Module, String), Module>,
}

impl Sources {
    /// Takes each file's path below `src` and its text.
    fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut sources = Self { texts: BTreeMap::new(), folders: BTreeSet::new(), names: BTreeMap::new() };
        for (file, text) in files {
            let mut module: Module = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            if module.last().is_some_and(|last| last == "mod") {
                module.pop();
                sources.folders.insert(module.clone());
            }
            sources.texts.insert(module, text);
        }
        for folder in &sources.folders {
            let (text, mut leaves) = (&sources.texts[folder], Vec::new());
            for start in ["\nuse ", "\npub use "] {
                for (at, _) in text.match_indices(start) {
                    tree(&text[at + start.len()..], Module::new(), &mut leaves);
                }
            }
            for (path, name) in leaves {
                sources.names.insert((folder.clone(), name), absolute(folder, &path));
            }
        }
        sources
    }

    /// Returns the file that a path leads to, through the re-exports of folders.
    fn resolve(&self, mut path: Module) -> Module {
        let mut depth = 1;
        // a chain of re-exports is short, unless it is a circle
        for _ in 0..64 {
            match path.get(depth) {
                Some(_) if self.texts.contains_key(&path[..=depth]) => depth += 1,
                Some(name) => match self.names.get(&(path[..depth].to_vec(), name.clone())) {
                    Some(target) if *target != path[..=depth] => {
                        path = target.iter().chain(&path[depth + 1..]).cloned().collect();
                        depth = 1;
                    }
                    _ => break,
                },
                None => break,
            }
        }
        path.truncate(depth);
        path
    }

    /// Returns the imports between the children of each folder, each with one file that has it. A `mod.rs` is its
    /// folder's face: it may import the folder's files, and they may import what it defines.
    fn imports(&self) -> BTreeMap<Module, BTreeMap<(String, String), String>> {
        let mut imports: BTreeMap<Module, BTreeMap<(String, String), String>> = BTreeMap::new();
        for (module, text) in &self.texts {
            for path in paths(text) {
                let target = absolute(module, &path);
                if target.first() != module.first() {
                    continue;
                }
                let target = self.resolve(target);
                let shared = module.iter().zip(&target).take_while(|(one, other)| one == other).count();
                if let (Some(from), Some(to)) = (module.get(shared), target.get(shared)) {
                    let between = imports.entry(module[..shared].to_vec()).or_default();
                    let example = format!("{} imports {}", module.join("::"), target.join("::"));
                    between.entry((from.clone(), to.clone())).or_insert(example);
                }
            }
        }
        imports
    }

    /// Returns the imports that are part of a circle through a folder.
    fn circles(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (parent, imports) in self.imports() {
            let reached = |start: &str| {
                let mut reached = BTreeSet::from([start.to_owned()]);
                while let Some((_, next)) =
                    imports.keys().find(|(from, to)| reached.contains(from) && !reached.contains(to))
                {
                    reached.insert(next.clone());
                }
                reached
            };
            let is_folder =
                |child: &String| self.folders.contains(&[&parent[..], std::slice::from_ref(child)].concat());
            for ((from, to), example) in &imports {
                let circle: Vec<String> =
                    reached(to).into_iter().filter(|child| reached(child).contains(from)).collect();
                if circle.contains(from) && circle.iter().any(is_folder) {
                    found.push(format!("{}: {example}", circle.join(", ")));
                }
            }
        }
        found
    }
}

#[test]
fn folders_of_a_layer_do_not_import_each_other_in_circles() {
    let mut wrong = Vec::new();
    for layer in LAYERS {
        let files = files(&format!("src/{layer}"), &[".rs"]);
        assert!(files.len() > 12, "{layer} is not a layer of folders");
        let below = |file: &std::path::PathBuf| file.strip_prefix("src").unwrap().to_str().unwrap().to_owned();
        wrong.extend(Sources::new(files.iter().map(|file| (below(file), read(file)))).circles());
    }
    assert!(wrong.is_empty(), "folders import each other in a circle; move what both need:\n{}", wrong.join("\n"));
}

#[test]
fn the_path_reader_sees_lists_names_and_relative_paths() {
    let text =
        "use crate::{Error, store::{self, Tx as T, page::*}};\nuse super::look;\nlet x = super::super::a::B::<T>::c();";
    let found: Vec<String> = paths(text).iter().map(|path| path.join("::")).collect();
    assert_eq!(
        found,
        ["crate::Error", "crate::store", "crate::store::Tx", "crate::store::page", "super::look", "super::super::a::B"]
    );
    let of: Module = ["store", "runs", "journal"].map(str::to_owned).to_vec();
    assert_eq!(absolute(&of, &["super".to_owned(), "packed".to_owned()]), ["store", "runs", "packed"]);
}

#[test]
fn a_circle_is_found_through_files_and_re_exports() {
    let circles = |files: &[(&str, &str)]| {
        Sources::new(files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))).circles()
    };
    let face = ("a/mod.rs", "mod one;\nmod two;\npub use two::deep::Thing as Other;\n");
    let (one, two) = (("a/one/mod.rs", "mod x;\n"), ("a/two/mod.rs", "pub mod deep;\n"));
    let down = ("a/one/x.rs", "use crate::a::{App, Other};\n");
    assert_eq!(circles(&[face, one, two, down, ("a/two/deep.rs", "use crate::a::App;")]), [""; 0]);
    let up = circles(&[face, one, two, down, ("a/two/deep.rs", "fn f() { super::super::one::x::g() }")]);
    assert_eq!(up, ["one, two: a::one::x imports a::two::deep", "one, two: a::two::deep imports a::one::x"]);
    // files beside each other may, folders through a file may not
    assert_eq!(circles(&[("a/mod.rs", ""), ("a/b.rs", "use super::c;"), ("a/c.rs", "use super::b;")]), [""; 0]);
    let through = circles(&[("a/mod.rs", ""), one, ("a/one/x.rs", "use crate::a::c;"), ("a/c.rs", "use super::one;")]);
    assert_eq!(through.len(), 2, "{through:?}");
}
