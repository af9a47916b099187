//! Which versions of a record a caller has seen, and insists on.
use crate::{Error, Result};

/// The versions of which a record must have one, as `If-Match` lists them; any version will do by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected(Option<Vec<u64>>);

impl Expected {
    /// One of `versions`; none of them matches when there are none.
    pub fn one_of(versions: Vec<u64>) -> Self {
        Self(Some(versions))
    }

    /// # Errors
    /// `VersionConflict`.
    pub fn check(&self, current: u64) -> Result<()> {
        match &self.0 {
            Some(versions) if !versions.contains(&current) => Err(Error::VersionConflict { current }),
            _ => Ok(()),
        }
    }
}

impl From<Option<u64>> for Expected {
    fn from(version: Option<u64>) -> Self {
        Self(version.map(|version| vec![version]))
    }
}
