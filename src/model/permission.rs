//! What a role may do: one word per act, a set of them per role.
use std::fmt;

/// Every permission with what it allows, in the order in which roles show them.
pub const ALL: &[(&str, &str)] = &[
    ("tenant:read", "See the tenant and its settings"),
    ("tenant:update", "Change the tenant's name, logo and settings"),
    ("tenant:delete", "Delete the tenant with everything in it"),
    ("member:list", "See who belongs to the tenant"),
    ("member:create", "Invite people and list invitations"),
    ("member:update", "Change a member's role"),
    ("member:delete", "Remove members and withdraw invitations"),
    ("role:list", "List roles"),
    ("role:read", "See a role's permissions"),
    ("role:create", "Create roles"),
    ("role:update", "Change roles"),
    ("role:delete", "Delete roles"),
    ("apikey:list", "List API keys"),
    ("apikey:create", "Create API keys"),
    ("apikey:delete", "Revoke API keys"),
    ("audit:list", "Read the audit log"),
    ("datasource:list", "List datasources"),
    ("datasource:read", "See a datasource and its schema"),
    ("datasource:create", "Create datasources"),
    ("datasource:update", "Change datasources"),
    ("datasource:delete", "Delete datasources"),
    ("datasource:test", "Test a connection"),
    ("datasource:clone", "Clone datasources"),
    ("file:list", "List files"),
    ("file:read", "See a file and download it"),
    ("file:create", "Upload files"),
    ("file:update", "Rename files and replace their content"),
    ("file:delete", "Delete files"),
    ("variable:list", "List variables"),
    ("variable:read", "See a variable; never a secret's value"),
    ("variable:create", "Create variables"),
    ("variable:update", "Change variables"),
    ("variable:delete", "Delete variables"),
    ("dataquery:list", "List queries"),
    ("dataquery:read", "See a query"),
    ("dataquery:create", "Create queries"),
    ("dataquery:update", "Change queries"),
    ("dataquery:delete", "Delete queries"),
    ("dataquery:execute", "Execute queries"),
    ("dataquery:clone", "Clone queries"),
    ("widget:list", "List widgets"),
    ("widget:read", "See a widget and its data"),
    ("widget:create", "Create widgets"),
    ("widget:update", "Change widgets"),
    ("widget:delete", "Delete widgets"),
    ("widget:clone", "Clone widgets"),
    ("dashboard:list", "List dashboards"),
    ("dashboard:read", "See a dashboard and its data"),
    ("dashboard:create", "Create dashboards"),
    ("dashboard:update", "Change dashboards"),
    ("dashboard:delete", "Delete dashboards"),
    ("dashboard:clone", "Clone dashboards"),
    ("dashboard:share", "Share a dashboard by link"),
    ("workflow:list", "List workflows"),
    ("workflow:read", "See a workflow and its runs"),
    ("workflow:create", "Create workflows"),
    ("workflow:update", "Change workflows"),
    ("workflow:delete", "Delete workflows"),
    ("workflow:execute", "Run and stop workflows"),
    ("workflow:clone", "Clone workflows"),
];

/// A set of permissions; bit `i` is set when it includes `ALL[i]`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Grants(u128);

// one more permission than bits must not compile: it would be granted to nobody, or to everybody
const _: () = assert!(ALL.len() <= u128::BITS as usize);

impl Grants {
    pub fn all() -> Self {
        Self::of(|_| true)
    }

    /// The permissions whose name `keep` accepts.
    pub fn of(keep: impl Fn(&str) -> bool) -> Self {
        let bits = ALL.iter().enumerate().filter(|(_, (name, _))| keep(name));
        Self(bits.fold(0, |set, (i, _)| set | 1 << i))
    }

    pub fn may(self, permission: &str) -> bool {
        ALL.iter().position(|(name, _)| *name == permission).is_some_and(|i| self.0 & 1 << i != 0)
    }

    /// The permissions that are in both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether every permission of `other` is in this set.
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
    fn a_set_fits_its_bits_and_finds_each_name() {
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
