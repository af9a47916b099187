//! What keeps the parts of a data directory from being used together.
use super::{FileState, Parts};
use crate::{
    Error, Result,
    data_dir::{MarkState, Part, Paths},
};

/// One thing that is wrong with a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub what: String,
    /// What is lost when it is accepted; `None` when it cannot be.
    pub lost: Option<String>,
}

impl Problem {
    fn new(what: impl Into<String>, lost: &str) -> Self {
        Self { what: what.into(), lost: Some(lost.to_owned()) }
    }
}

impl Parts {
    /// Whether there is nothing yet.
    pub fn is_new(&self) -> bool {
        let unmarked = self.marks.iter().all(|(_, mark)| !matches!(mark, MarkState::Marked(_)));
        !self.workspace.is_held() && !self.runs.is_held() && unmarked && !self.has_uploads
    }

    /// Everything that keeps the parts from being used together; nothing when they fit.
    pub fn problems(&self) -> Vec<Problem> {
        if self.is_new() {
            return Vec::new();
        }
        if !self.workspace.is_held() {
            let absence = self.workspace.absence();
            let what = format!("jet-admin.db is {absence}, but other parts of the directory are in use");
            return vec![Problem { what, lost: None }];
        }
        let mut problems = self.times();
        let uploads_are_marked = matches!(self.marks[1].1, MarkState::Marked(_));
        if self.lost_uploads > 0 && !uploads_are_marked {
            let what = format!("uploads/ has none of the {} files that the database knows", self.lost_uploads);
            problems.push(Problem::new(what, "the content of all uploaded files"));
        }
        problems
    }

    /// Parts of another directory, or of another time.
    fn times(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let Some(row) = self.workspace.row() else { return self.before_marks() };
        // made, or brought up to date, but never used: the other parts follow
        if row.settled == 0 {
            return problems;
        }
        if let Some(problem) = self.foreign_workspace(&row.instance) {
            return vec![problem];
        }
        let mut newer = Vec::new();
        let mut judge = |name: &str, instance: &str, epoch: u64, lost: &str| {
            if instance != row.instance {
                problems.push(Problem::new(format!("{name} belongs to another data directory"), lost));
            } else if epoch > row.epoch {
                newer.push(name.to_owned());
            } else if epoch < row.settled {
                problems.push(Problem::new(format!("{name} is older than jet-admin.db"), lost));
            }
        };
        match (&self.runs, self.runs.row()) {
            (_, Some(runs)) => judge("runs.db", &runs.instance, runs.epoch, RUNS),
            // of an earlier version: older
            (FileState::Held { .. }, None) => judge("runs.db", &row.instance, 0, RUNS),
            _ => {}
        }
        for (part, mark) in &self.marks {
            let name = format!("{}/", part.name());
            if let MarkState::Marked(mark) = mark {
                judge(&name, &mark.instance, mark.epoch, lost_with(*part));
            }
        }
        if !newer.is_empty() {
            let what = format!("jet-admin.db is older than {}", newer.join(", "));
            problems.push(Problem::new(what, "what was changed in the workspace after this jet-admin.db"));
        }
        if !self.runs.is_held() {
            problems.push(Problem::new(format!("runs.db is {}", self.runs.absence()), RUNS));
        }
        for (part, mark) in &self.marks {
            if *mark == MarkState::Missing {
                let what = format!("{}/ is missing or empty", part.name());
                problems.push(Problem::new(what, lost_with(*part)));
            }
        }
        problems
    }

    /// A workspace that is the odd one out.
    fn foreign_workspace(&self, instance: &str) -> Option<Problem> {
        let runs = self.runs.row().map(|row| ("runs.db".to_owned(), &row.instance));
        let marks = self.marks.iter().filter_map(|(part, mark)| match mark {
            MarkState::Marked(mark) => Some((format!("{}/", part.name()), &mark.instance)),
            _ => None,
        });
        let (names, instances): (Vec<_>, Vec<_>) = runs.into_iter().chain(marks).unzip();
        let is_odd = names.len() > 1 && instances.iter().all(|other| other.as_str() != instance);
        let what = || format!("jet-admin.db belongs to another data directory than {}", names.join(", "));
        is_odd.then(|| Problem::new(what(), "everything in the jet-admin.db that belongs here"))
    }

    /// A workspace of an earlier version, which knew of no marks.
    fn before_marks(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let marked = self.marks.iter().filter(|(_, mark)| matches!(mark, MarkState::Marked(_)));
        let mut newer: Vec<_> = marked.map(|(part, _)| format!("{}/", part.name())).collect();
        if self.runs.row().is_some() {
            newer.push("runs.db".to_owned());
        }
        if !newer.is_empty() {
            let what = format!("jet-admin.db is of an earlier version than {}", newer.join(", "));
            problems.push(Problem::new(what, "what was changed in the workspace after this jet-admin.db"));
        }
        if !self.runs.is_held() {
            problems.push(Problem::new(format!("runs.db is {}", self.runs.absence()), RUNS));
        }
        problems
    }

    /// What is not right but loses nothing: folders whose mark is gone.
    pub fn warnings(&self) -> Vec<String> {
        let is_settled = self.workspace.row().is_some_and(|row| row.settled > 0);
        let unmarked = self.marks.iter().filter(|(_, mark)| is_settled && *mark == MarkState::Unmarked);
        unmarked
            .map(|(part, _)| format!("{}/ has lost its mark `.instance`: it is marked again", part.name()))
            .collect()
    }

    /// Refuses parts that do not fit together.
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
            "put the right one back, or restore a backup with `jet-admin restore`; `jet-admin accept` says what is lost \
             when the directory is used as it is"
        } else {
            "put it back, or restore a backup with `jet-admin restore`; to begin with an empty workspace, choose another \
             --data-dir"
        };
        let root = paths.root().display();
        Err(Error::conflict(format!(
            "the data directory {root} does not fit together: {}. Nothing was changed: {remedy}",
            what.join("; ")
        )))
    }
}

const RUNS: &str = "runs under way, the history of runs and queries";

fn lost_with(part: Part) -> &'static str {
    match part {
        Part::Keys => "the keys: everyone signs in again, and stored secrets must be entered again",
        Part::Uploads => "the content of uploaded files that is not there",
        Part::Files => "the databases of SQLite datasources that are not there",
    }
}
