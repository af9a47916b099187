//! Which dashboards a caller may open, and what they may do there. Permissions say what a role may do on dashboards, and
//! this on which of them.
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

/// What someone may do on a dashboard, if their role includes the permission for it. Each level includes those before
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccessLevel {
    /// See the dashboard and its data.
    View,
    /// Press its buttons, submit its forms, edit rows, and execute its queries.
    Use,
    /// Change, share, clone and delete it, and decide who else may open it.
    Edit,
}

impl AccessLevel {
    const ALL: [Self; 3] = [Self::View, Self::Use, Self::Edit];

    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Use => "use",
            Self::Edit => "edit",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// The levels of a caller on the dashboards that are restricted; they have every level on all others. The default is
/// access to every dashboard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DashboardAccess(Option<Arc<BTreeMap<Uuid, Option<AccessLevel>>>>);

impl DashboardAccess {
    /// Creates the access of a caller with these levels; `None` stands for a dashboard that they may not open.
    pub fn new(levels: BTreeMap<Uuid, Option<AccessLevel>>) -> Self {
        Self(Some(levels).filter(|levels| !levels.is_empty()).map(Arc::new))
    }

    /// Returns whether no dashboard is restricted for the caller.
    pub fn is_unlimited(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the caller's level on a dashboard; `None` if they may not know that it exists.
    pub fn level(&self, dashboard: Uuid) -> Option<AccessLevel> {
        let known = self.0.as_ref().and_then(|levels| levels.get(&dashboard));
        known.copied().unwrap_or(Some(AccessLevel::Edit))
    }

    /// Returns whether the caller may know of what belongs to `dashboard`; `None` stands for the library.
    pub fn shows(&self, dashboard: Option<Uuid>) -> bool {
        dashboard.is_none_or(|dashboard| self.level(dashboard).is_some())
    }

    /// Returns whether the caller may change what belongs to `dashboard`; `None` stands for the library.
    pub fn edits(&self, dashboard: Option<Uuid>) -> bool {
        dashboard.is_none_or(|dashboard| self.level(dashboard) == Some(AccessLevel::Edit))
    }

    /// Requires a level on a dashboard.
    ///
    /// # Errors
    /// `NotFound` if the caller may not open it, otherwise `Forbidden`.
    pub fn require(&self, dashboard: Uuid, level: AccessLevel) -> Result<()> {
        let doing = match level {
            AccessLevel::View => "open",
            AccessLevel::Use => "use",
            AccessLevel::Edit => "edit",
        };
        match self.level(dashboard) {
            None => Err(Error::NotFound("dashboard")),
            Some(own) if own < level => Err(Error::Forbidden(format!(
                "you may not {doing} this dashboard: someone who may edit it decides that, under Access"
            ))),
            Some(_) => Ok(()),
        }
    }

    /// Returns the dashboards that the caller may not open.
    pub fn hidden(&self) -> impl Iterator<Item = Uuid> {
        self.0.iter().flat_map(|levels| levels.iter()).filter(|(_, level)| level.is_none()).map(|(id, _)| *id)
    }

    /// Returns the lower one of both levels on each dashboard.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let ids = [self, other].into_iter().filter_map(|one| one.0.as_ref()).flat_map(|levels| levels.keys());
        Self::new(ids.map(|id| (*id, self.level(*id).min(other.level(*id)))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{AccessLevel, DashboardAccess};
    use std::collections::BTreeMap;
    use uuid::Uuid;

    #[test]
    fn only_what_is_restricted_is_limited_and_the_lower_level_counts() {
        let (open, hidden, seen) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let one = DashboardAccess::new(BTreeMap::from([(hidden, None), (seen, Some(AccessLevel::Use))]));
        let other =
            DashboardAccess::new(BTreeMap::from([(hidden, Some(AccessLevel::Edit)), (seen, Some(AccessLevel::View))]));
        assert!(one.shows(None) && one.shows(Some(open)) && !one.shows(Some(hidden)));
        assert!(one.edits(None) && one.edits(Some(open)) && !one.edits(Some(seen)) && !one.edits(Some(hidden)));
        assert!(one.require(seen, AccessLevel::Use).is_ok() && one.require(seen, AccessLevel::Edit).is_err());
        let both = one.and(&other);
        assert_eq!([both.level(hidden), both.level(seen)], [None, Some(AccessLevel::View)]);
        assert_eq!(one.and(&DashboardAccess::default()), one);
        assert!(DashboardAccess::new(BTreeMap::new()).is_unlimited());
        assert_eq!(both.hidden().collect::<Vec<_>>(), [hidden]);
        assert_eq!(AccessLevel::ALL.map(|level| AccessLevel::named(level.name())), AccessLevel::ALL.map(Some));
    }
}
