//! Permissions, and sets of them.
use std::fmt;

macro_rules! words {
    ($(#[$meta:meta])* $of:ident { $($word:ident = $name:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $of { $($word),* }

        impl $of {
            pub const fn name(self) -> &'static str {
                match self { $(Self::$word => $name),* }
            }
        }
    };
}

words! {
    /// What a permission is about: the part before its colon.
    Noun {
        Tenant = "tenant",
        Member = "member",
        Role = "role",
        ApiKey = "apikey",
        Audit = "audit",
        Datasource = "datasource",
        File = "file",
        Variable = "variable",
        DataQuery = "dataquery",
        Widget = "widget",
        Dashboard = "dashboard",
        Workflow = "workflow",
    }
}

words! {
    /// What a permission allows: the part after its colon.
    Verb {
        List = "list",
        Read = "read",
        Create = "create",
        Update = "update",
        Delete = "delete",
        Execute = "execute",
        Test = "test",
        Clone = "clone",
        Share = "share",
        Use = "use",
    }
}

macro_rules! permissions {
    ($($permission:ident = $noun:ident $verb:ident $description:literal;)*) => {
        /// Something that a role may allow. Its text is `noun:verb`, such as `workflow:execute`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Permission { $($permission),* }

        impl Permission {
            /// Every permission, in the order in which the UI lists them.
            pub const ALL: &[Self] = &[$(Self::$permission),*];

            pub const fn noun(self) -> Noun {
                match self { $(Self::$permission => Noun::$noun),* }
            }

            pub const fn verb(self) -> Verb {
                match self { $(Self::$permission => Verb::$verb),* }
            }

            pub const fn description(self) -> &'static str {
                match self { $(Self::$permission => $description),* }
            }
        }
    };
}

permissions! {
    TenantRead = Tenant Read "View the tenant and its settings";
    TenantUpdate = Tenant Update "Edit the tenant's name, logo and settings";
    TenantDelete = Tenant Delete "Delete the tenant and everything in it";
    MemberList = Member List "List members";
    MemberCreate = Member Create "Invite members and list invitations";
    MemberUpdate = Member Update "Change the role of members";
    MemberDelete = Member Delete "Remove members and revoke invitations";
    RoleList = Role List "List roles";
    RoleRead = Role Read "View the permissions of roles";
    RoleCreate = Role Create "Create roles";
    RoleUpdate = Role Update "Edit roles";
    RoleDelete = Role Delete "Delete roles";
    ApiKeyList = ApiKey List "List API keys";
    ApiKeyCreate = ApiKey Create "Create API keys";
    ApiKeyDelete = ApiKey Delete "Revoke API keys";
    AuditList = Audit List "View the audit log";
    DatasourceList = Datasource List "List datasources";
    DatasourceRead = Datasource Read "View datasources and their schemas";
    DatasourceCreate = Datasource Create "Create datasources";
    DatasourceUpdate = Datasource Update "Edit datasources";
    DatasourceDelete = Datasource Delete "Delete datasources";
    DatasourceTest = Datasource Test "Test connections";
    DatasourceClone = Datasource Clone "Clone datasources";
    FileList = File List "List files";
    FileRead = File Read "View and download files";
    FileCreate = File Create "Upload files";
    FileUpdate = File Update "Rename files and replace their content";
    FileDelete = File Delete "Delete files";
    VariableList = Variable List "List variables";
    VariableRead = Variable Read "View variables, except the values of secrets";
    VariableCreate = Variable Create "Create variables";
    VariableUpdate = Variable Update "Edit variables";
    VariableDelete = Variable Delete "Delete variables";
    DataQueryList = DataQuery List "List queries";
    DataQueryRead = DataQuery Read "View queries";
    DataQueryCreate = DataQuery Create "Create queries";
    DataQueryUpdate = DataQuery Update "Edit queries";
    DataQueryDelete = DataQuery Delete "Delete queries";
    DataQueryExecute = DataQuery Execute "Execute queries";
    DataQueryClone = DataQuery Clone "Clone queries";
    WidgetList = Widget List "List widgets";
    WidgetRead = Widget Read "View widgets and their data";
    WidgetCreate = Widget Create "Create widgets";
    WidgetUpdate = Widget Update "Edit widgets";
    WidgetDelete = Widget Delete "Delete widgets";
    WidgetClone = Widget Clone "Clone widgets";
    DashboardList = Dashboard List "List dashboards";
    DashboardRead = Dashboard Read "View dashboards and their data";
    DashboardUse = Dashboard Use "Press buttons, submit forms and edit rows on dashboards";
    DashboardCreate = Dashboard Create "Create dashboards";
    DashboardUpdate = Dashboard Update "Edit dashboards";
    DashboardDelete = Dashboard Delete "Delete dashboards";
    DashboardClone = Dashboard Clone "Clone dashboards";
    DashboardShare = Dashboard Share "Share dashboards by link";
    WorkflowList = Workflow List "List workflows";
    WorkflowRead = Workflow Read "View workflows and their runs";
    WorkflowCreate = Workflow Create "Create workflows";
    WorkflowUpdate = Workflow Update "Edit workflows";
    WorkflowDelete = Workflow Delete "Delete workflows";
    WorkflowExecute = Workflow Execute "Start and cancel runs";
    WorkflowClone = Workflow Clone "Clone workflows";
}

impl Permission {
    /// Returns the permission for `verb` on `noun`, if there is one.
    pub const fn of(noun: Noun, verb: Verb) -> Option<Self> {
        let mut i = 0;
        while i < Self::ALL.len() {
            let known = Self::ALL[i];
            if known.noun() as u8 == noun as u8 && known.verb() as u8 == verb as u8 {
                return Some(known);
            }
            i += 1;
        }
        None
    }

    /// Returns the permission with this text, if there is one.
    pub fn named(text: &str) -> Option<Self> {
        let (noun, verb) = text.split_once(':')?;
        Self::ALL.iter().copied().find(|known| known.noun().name() == noun && known.verb().name() == verb)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.noun().name(), self.verb().name())
    }
}

/// A set of permissions, with one bit for each.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Grants(u128);

// a permission beyond the last bit would be granted to nobody or to everybody
const _: () = assert!(Permission::ALL.len() <= u128::BITS as usize);

impl Grants {
    pub fn all() -> Self {
        Self::of(|_| true)
    }

    /// Returns the permissions that `keep` accepts.
    pub fn of(keep: impl Fn(Permission) -> bool) -> Self {
        Permission::ALL.iter().copied().filter(|permission| keep(*permission)).collect()
    }

    pub const fn may(self, permission: Permission) -> bool {
        self.0 & 1 << permission as u8 != 0
    }

    /// Returns whether the set includes the permission for `verb` on `noun`. Nobody may do what no permission allows.
    pub fn allows(self, noun: Noun, verb: Verb) -> bool {
        Permission::of(noun, verb).is_some_and(|permission| self.may(permission))
    }

    /// Returns whether the set lets its holder know of records, such as their names: it lists or reads them.
    pub fn shows(self, noun: Noun) -> bool {
        self.allows(noun, Verb::List) || self.allows(noun, Verb::Read)
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

    /// Returns the texts of the permissions.
    pub fn names(self) -> Vec<String> {
        Permission::ALL.iter().filter(|known| self.may(**known)).map(Permission::to_string).collect()
    }
}

impl FromIterator<Permission> for Grants {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |set, permission| set | 1 << permission as u8))
    }
}

impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Grants, Noun, Permission, Verb};

    #[test]
    fn every_permission_has_its_own_bit_and_text() {
        for (i, permission) in Permission::ALL.iter().copied().enumerate() {
            assert_eq!(permission as usize, i);
            assert_eq!(Permission::named(&permission.to_string()), Some(permission), "{permission} is listed twice");
            assert_eq!(Permission::of(permission.noun(), permission.verb()), Some(permission));
            let one: Grants = [permission].into_iter().collect();
            assert_eq!(one.names(), [permission.to_string()]);
            assert!(one.may(permission) && one.allows(permission.noun(), permission.verb()));
            assert!(Grants::all().covers(one) && !one.covers(Grants::all()));
            assert!(one.and(Grants::all()) == one && one.and(Grants::default()).names().is_empty());
        }
        assert_eq!(Grants::all().names().len(), Permission::ALL.len());
        assert_eq!(Permission::named("widget:explode"), None);
        assert!(!Grants::all().allows(Noun::Audit, Verb::Delete));
    }
}
