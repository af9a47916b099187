//! The versions of a record that a caller expects before changing it.
use crate::{Error, Result};

/// The versions that a change accepts, as in `If-Match`. The default accepts any version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected(Option<Vec<u64>>);

impl Expected {
    /// Accepts only `versions`. An empty list accepts nothing.
    pub fn one_of(versions: Vec<u64>) -> Self {
        Self(Some(versions))
    }

    /// # Errors
    /// `VersionConflict` if `current` is not among them.
    pub fn check(&self, current: u64) -> Result<()> {
        match &self.0 {
            Some(versions) if !versions.contains(&current) => Err(Error::VersionConflict { current, record: None }),
            _ => Ok(()),
        }
    }
}

impl From<Option<u64>> for Expected {
    fn from(version: Option<u64>) -> Self {
        Self(version.map(|version| vec![version]))
    }
}
