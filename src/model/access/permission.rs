//! Permissions, and sets of them.
use std::fmt;

/// Every permission with its description, in the order in which the UI lists them.
pub const ALL: &[(&str, &str)] = &[
    ("tenant:read", "View the tenant and its settings"),
    ("tenant:update", "Edit the tenant's name, logo and settings"),
    ("tenant:delete", "Delete the tenant and everything in it"),
    ("member:list", "List members"),
    ("member:create", "Invite members and list invitations"),
    ("member:update", "Change the role of members"),
    ("member:delete", "Remove members and revoke invitations"),
    ("role:list", "List roles"),
    ("role:read", "View the permissions of roles"),
    ("role:create", "Create roles"),
    ("role:update", "Edit roles"),
    ("role:delete", "Delete roles"),
    ("apikey:list", "List API keys"),
    ("apikey:create", "Create API keys"),
    ("apikey:delete", "Revoke API keys"),
    ("audit:list", "View the audit log"),
    ("datasource:list", "List datasources"),
    ("datasource:read", "View datasources and their schemas"),
    ("datasource:create", "Create datasources"),
    ("datasource:update", "Edit datasources"),
    ("datasource:delete", "Delete datasources"),
    ("datasource:test", "Test connections"),
    ("datasource:clone", "Clone datasources"),
    ("file:list", "List files"),
    ("file:read", "View and download files"),
    ("file:create", "Upload files"),
    ("file:update", "Rename files and replace their content"),
    ("file:delete", "Delete files"),
    ("variable:list", "List variables"),
    ("variable:read", "View variables, except the values of secrets"),
    ("variable:create", "Create variables"),
    ("variable:update", "Edit variables"),
    ("variable:delete", "Delete variables"),
    ("dataquery:list", "List queries"),
    ("dataquery:read", "View queries"),
    ("dataquery:create", "Create queries"),
    ("dataquery:update", "Edit queries"),
    ("dataquery:delete", "Delete queries"),
    ("dataquery:execute", "Execute queries"),
    ("dataquery:clone", "Clone queries"),
    ("widget:list", "List widgets"),
    ("widget:read", "View widgets and their data"),
    ("widget:create", "Create widgets"),
    ("widget:update", "Edit widgets"),
    ("widget:delete", "Delete widgets"),
    ("widget:clone", "Clone widgets"),
    ("dashboard:list", "List dashboards"),
    ("dashboard:read", "View dashboards and their data"),
    ("dashboard:create", "Create dashboards"),
    ("dashboard:update", "Edit dashboards"),
    ("dashboard:delete", "Delete dashboards"),
    ("dashboard:clone", "Clone dashboards"),
    ("dashboard:share", "Share dashboards by link"),
    ("workflow:list", "List workflows"),
    ("workflow:read", "View workflows and their runs"),
    ("workflow:create", "Create workflows"),
    ("workflow:update", "Edit workflows"),
    ("workflow:delete", "Delete workflows"),
    ("workflow:execute", "Start and cancel runs"),
    ("workflow:clone", "Clone workflows"),
];

/// A set of permissions. Bit `i` is set if it includes `ALL[i]`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Grants(u128);

// a permission beyond the last bit would be granted to nobody or to everybody
const _: () = assert!(ALL.len() <= u128::BITS as usize);

impl Grants {
    pub fn all() -> Self {
        Self::of(|_| true)
    }

    /// Returns the permissions whose name `keep` accepts.
    pub fn of(keep: impl Fn(&str) -> bool) -> Self {
        let bits = ALL.iter().enumerate().filter(|(_, (name, _))| keep(name));
        Self(bits.fold(0, |set, (i, _)| set | 1 << i))
    }

    pub fn may(self, permission: &str) -> bool {
        ALL.iter().position(|(name, _)| *name == permission).is_some_and(|i| self.0 & 1 << i != 0)
    }

    /// Returns the permissions that are in both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns whether every permission of `other` is in this set.
    pub fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    pub fn names(self) -> Vec<&'static str> {
        ALL.iter().map(|(name, _)| *name).filter(|name| self.may(name)).collect()
    }
}

impl<S: AsRef<str>> FromIterator<S> for Grants {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let names: Vec<S> = names.into_iter().collect();
        Self::of(|known| names.iter().any(|name| name.as_ref() == known))
    }
}

impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Grants};

    #[test]
    fn every_permission_has_its_own_bit() {
        for (i, (name, _)) in ALL.iter().enumerate() {
            assert!(!ALL[..i].iter().any(|(other, _)| other == name), "{name} is listed twice");
            let one: Grants = [name].into_iter().collect();
            assert_eq!(one.names(), [*name]);
            assert!(Grants::all().covers(one) && !one.covers(Grants::all()));
            assert!(one.and(Grants::all()) == one && one.and(Grants::default()).names().is_empty());
        }
        assert_eq!(Grants::all().names().len(), ALL.len());
        assert!(!Grants::all().may("widget:explode"));
    }
}
