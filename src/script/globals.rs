//! The global variables of scripts and templates.
use super::path::{Segment, missing, walk};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// Global variables by name. A clone is cheap, and can be changed without copying the values.
#[derive(Clone, Debug, Default)]
pub struct Globals(Arc<Vec<(String, GlobalValue)>>);

#[derive(Clone, Debug)]
pub enum GlobalValue {
    Value(Arc<Value>),
    Group(Group),
}

/// An object whose fields become known one by one. An iteration of a loop sees its own fields before those of the
/// iterations around it.
#[derive(Clone, Debug, Default)]
pub struct Group {
    own: Arc<HashMap<String, Arc<Value>>>,
    outer: Option<Arc<Group>>,
}

impl From<Map<String, Value>> for Globals {
    fn from(fields: Map<String, Value>) -> Self {
        let variable = |(name, value)| (name, GlobalValue::Value(Arc::new(value)));
        Self(Arc::new(fields.into_iter().map(variable).collect()))
    }
}

impl Globals {
    pub fn set(&mut self, name: &str, variable: GlobalValue) {
        let variables = Arc::make_mut(&mut self.0);
        match variables.iter_mut().find(|(known, _)| known == name) {
            Some((_, place)) => *place = variable,
            None => variables.push((name.to_owned(), variable)),
        }
    }

    pub fn set_value(&mut self, name: &str, value: impl Into<Value>) {
        self.set(name, GlobalValue::Value(Arc::new(value.into())));
    }

    pub fn get(&self, name: &str) -> Option<&GlobalValue> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, variable)| variable)
    }

    /// Returns the value of a variable that is not a group.
    pub fn value(&self, name: &str) -> Option<&Value> {
        match self.get(name)? {
            GlobalValue::Value(value) => Some(value),
            GlobalValue::Group(_) => None,
        }
    }

    /// Adds a field to the group called `name`.
    pub fn add(&mut self, name: &str, field: &str, value: Value) {
        let variables = Arc::make_mut(&mut self.0);
        if let Some((_, GlobalValue::Group(group))) = variables.iter_mut().find(|(known, _)| known == name) {
            Arc::make_mut(&mut group.own).insert(field.to_owned(), Arc::new(value));
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Follows a path. Returns `None` if only the engine can evaluate it.
    pub fn follow(&self, path: &[Segment]) -> Option<Result<Value, String>> {
        let (Segment::Key(root), rest) = path.split_first()? else { return None };
        match (self.get(root)?, rest.split_first()) {
            (GlobalValue::Value(value), _) => walk(value, rest),
            (GlobalValue::Group(group), None) => Some(Ok(group.whole())),
            (GlobalValue::Group(group), Some((field, rest))) => match group.get(&field.name()) {
                Some(value) => walk(value, rest),
                None => Some(missing(rest)),
            },
        }
    }
}

impl Group {
    /// Creates an empty group through which the fields of `self` are visible.
    #[must_use]
    pub fn inner(&self) -> Self {
        Self { own: Arc::default(), outer: Some(Arc::new(self.clone())) }
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        match (self.own.get(name), &self.outer) {
            (Some(value), _) => Some(value),
            (None, Some(outer)) => outer.get(name),
            (None, None) => None,
        }
    }

    pub(super) fn names(&self) -> BTreeSet<&str> {
        let mut names = self.outer.as_ref().map(|outer| outer.names()).unwrap_or_default();
        names.extend(self.own.keys().map(String::as_str));
        names
    }

    fn whole(&self) -> Value {
        let field = |name: &str| (name.to_owned(), self.get(name).cloned().unwrap_or_default());
        Value::Object(self.names().into_iter().map(field).collect())
    }
}
