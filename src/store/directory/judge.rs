//! Finds problems that prevent the parts of a data directory from being used together.
use super::{DirectoryParts, FileState};
use crate::{
    Error, Result,
    data_dir::{MarkState, MarkedFolder, Paths},
};

/// A problem of a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryProblem {
    pub what: String,
    /// What is lost if the problem is accepted. `None` if it cannot be accepted.
    pub lost: Option<String>,
}

impl DirectoryProblem {
    fn new(what: impl Into<String>, lost: &str) -> Self {
        Self { what: what.into(), lost: Some(lost.to_owned()) }
    }
}

/// A part with the id of its directory.
struct MarkedPart<'a> {
    name: String,
    instance: &'a str,
    epoch: u64,
    lost: &'static str,
}

impl DirectoryParts {
    /// Returns whether the directory is new.
    pub fn is_new(&self) -> bool {
        let unmarked = self.marks.iter().all(|(_, mark)| !matches!(mark, MarkState::Marked(_)));
        !self.workspace.is_held() && !self.runs.is_held() && unmarked && !self.has_uploads
    }

    /// Returns everything that prevents the parts from being used together.
    pub fn problems(&self) -> Vec<DirectoryProblem> {
        if self.is_new() {
            return Vec::new();
        }
        if !self.workspace.is_held() {
            let absence = self.workspace.absence();
            let what = format!("jet-admin.db is {absence}, but other parts of the directory are in use");
            return vec![DirectoryProblem { what, lost: None }];
        }
        let mut problems = self.times();
        let uploads_are_marked = matches!(self.marks[1].1, MarkState::Marked(_));
        if self.lost_uploads > 0 && !uploads_are_marked {
            let what = format!("uploads/ contains none of the {} files in the database", self.lost_uploads);
            problems.push(DirectoryProblem::new(what, "the content of all uploaded files"));
        }
        problems
    }

    /// Returns every part with the id of its directory.
    fn marked(&self) -> Vec<MarkedPart<'_>> {
        let runs = self.runs.row().map(|row| MarkedPart {
            name: "runs.db".to_owned(),
            instance: &row.instance,
            epoch: row.epoch,
            lost: RUNS,
        });
        let folders = self.marks.iter().filter_map(|(part, mark)| match mark {
            MarkState::Marked(mark) => Some(MarkedPart {
                name: format!("{}/", part.name()),
                instance: &mark.instance,
                epoch: mark.epoch,
                lost: lost_with(*part),
            }),
            _ => None,
        });
        runs.into_iter().chain(folders).collect()
    }

    /// Returns the highest epoch of the parts that belong to the workspace's directory.
    pub(in crate::store) fn newest_epoch(&self) -> u64 {
        let Some(row) = self.workspace.row() else { return 0 };
        let own = self.marked().into_iter().filter(|part| part.instance == row.instance);
        own.map(|part| part.epoch).chain([row.epoch]).max().unwrap_or(0)
    }

    /// Returns the parts that are newer than the workspace, which is then an older copy.
    fn newer(&self) -> Vec<String> {
        let Some(row) = self.workspace.row().filter(|row| row.settled > 0) else { return Vec::new() };
        let is_newer = |part: &MarkedPart<'_>| part.instance == row.instance && part.epoch > row.epoch;
        self.marked().into_iter().filter(is_newer).map(|part| part.name).collect()
    }

    /// Finds parts of another directory or of an earlier time.
    fn times(&self) -> Vec<DirectoryProblem> {
        let Some(row) = self.workspace.row() else { return self.before_marks() };
        // created or migrated, but never used: the other parts are updated to match
        if row.settled == 0 {
            return Vec::new();
        }
        if let Some(problem) = self.foreign_workspace(&row.instance) {
            return vec![problem];
        }
        let mut problems = Vec::new();
        let ours = self.marked().into_iter().filter(|part| part.instance == row.instance).map(|part| part.name);
        let ours = ["jet-admin.db".to_owned()].into_iter().chain(ours).collect::<Vec<_>>().join(", ");
        for MarkedPart { name, instance, epoch, lost } in self.marked() {
            if instance != row.instance {
                problems.push(DirectoryProblem::new(
                    format!("{name} belongs to a different data directory than {ours}"),
                    lost,
                ));
            } else if epoch < row.settled {
                problems.push(DirectoryProblem::new(format!("{name} is older than jet-admin.db"), lost));
            }
        }
        match &self.runs {
            FileState::Held { row: Some(_), .. } => {}
            // from an earlier version
            FileState::Held { row: None, .. } => {
                problems.push(DirectoryProblem::new("runs.db is older than jet-admin.db", RUNS));
            }
            absent => problems.push(DirectoryProblem::new(format!("runs.db is {}", absent.absence()), RUNS)),
        }
        for (part, mark) in &self.marks {
            if *mark == MarkState::Missing {
                let what = format!("{}/ is missing or empty", part.name());
                problems.push(DirectoryProblem::new(what, lost_with(*part)));
            }
        }
        problems
    }

    /// Finds a workspace that belongs to a different directory than all other parts.
    fn foreign_workspace(&self, instance: &str) -> Option<DirectoryProblem> {
        let others = self.marked();
        let is_odd = others.len() > 1 && others.iter().all(|part| part.instance != instance);
        let names: Vec<_> = others.into_iter().map(|part| part.name).collect();
        let what = || format!("jet-admin.db belongs to a different data directory than {}", names.join(", "));
        is_odd.then(|| DirectoryProblem::new(what(), "everything in the jet-admin.db that belongs here"))
    }

    /// Finds problems of a workspace from an earlier version, which did not use marks.
    fn before_marks(&self) -> Vec<DirectoryProblem> {
        let mut problems = Vec::new();
        let marked = self.marks.iter().filter(|(_, mark)| matches!(mark, MarkState::Marked(_)));
        let mut newer: Vec<_> = marked.map(|(part, _)| format!("{}/", part.name())).collect();
        if self.runs.row().is_some() {
            newer.push("runs.db".to_owned());
        }
        if !newer.is_empty() {
            let what = format!("jet-admin.db is from an earlier version than {}", newer.join(", "));
            problems.push(DirectoryProblem::new(what, "changes to the workspace since this jet-admin.db"));
        }
        if !self.runs.is_held() {
            problems.push(DirectoryProblem::new(format!("runs.db is {}", self.runs.absence()), RUNS));
        }
        problems
    }

    /// Returns problems that do not prevent use: a workspace that is older than other parts, from which nothing is
    /// removed, and folders that lost their mark.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let newer = self.newer();
        if !newer.is_empty() {
            warnings.push(format!(
                "jet-admin.db is older than {}: later changes to the workspace are missing. Nothing is removed. If \
                 this is a mistake, stop the server and put the newer file back",
                newer.join(", ")
            ));
        }
        let is_settled = self.workspace.row().is_some_and(|row| row.settled > 0);
        let unmarked = self.marks.iter().filter(|(_, mark)| is_settled && *mark == MarkState::Unmarked);
        warnings.extend(
            unmarked.map(|(part, _)| format!("{}/ lost its `.instance` file: it was created again", part.name())),
        );
        warnings
    }

    /// Refuses parts that do not belong together.
    ///
    /// # Errors
    /// `Conflict`, with every problem and what to do.
    pub fn check(&self, paths: &Paths) -> Result<()> {
        let problems = self.problems();
        if problems.is_empty() {
            return Ok(());
        }
        let what: Vec<_> = problems.iter().map(|problem| problem.what.as_str()).collect();
        let remedy = if problems.iter().all(|problem| problem.lost.is_some()) {
            "put the right one back, or restore a backup with `jet-admin restore`; `jet-admin accept` shows what is \
             lost if the directory is used as it is"
        } else {
            "put it back, or restore a backup with `jet-admin restore`; to start with an empty workspace, use another \
             --data-dir"
        };
        let root = paths.root().display();
        Err(Error::conflict(format!(
            "the parts of the data directory {root} do not belong together: {}. Nothing was changed: {remedy}",
            what.join("; ")
        )))
    }
}

const RUNS: &str = "active runs, and the history of runs and queries";

fn lost_with(part: MarkedFolder) -> &'static str {
    match part {
        MarkedFolder::Keys => "the keys: everyone must sign in again, and stored secrets must be entered again",
        MarkedFolder::Uploads => "the content of uploaded files that are missing",
        MarkedFolder::Files => "the databases of SQLite datasources that are missing",
    }
}
