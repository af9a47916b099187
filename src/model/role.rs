//! Roles: named sets of permissions. Four are built in, and their permissions come from the code.
use crate::{
    Error, Result,
    model::{
        Grants, Link, Resource, ResourceKind, asset_kinds, kind_named,
        permission::{Noun, Permission, Verb},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;
use uuid::Uuid;

/// A named set of permissions.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Role {
    /// Names from `GET …/permissions`. The permissions of a built-in role are fixed.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// Which built-in role this is. Read-only.
    #[serde(default)]
    #[schemars(extend("readOnly" = true))]
    pub built_in: Option<BuiltIn>,
    /// The dashboard that members with this role see first. Also built-in roles can have one.
    #[serde(rename = "startDashboardID", default)]
    pub start_dashboard_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BuiltIn {
    Owner,
    Editor,
    Operator,
    Viewer,
}

impl BuiltIn {
    pub const ALL: [Self; 4] = [Self::Owner, Self::Editor, Self::Operator, Self::Viewer];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Editor => "Editor",
            Self::Operator => "Operator",
            Self::Viewer => "Viewer",
        }
    }

    pub const fn description(self) -> &'static str {
        match self {
            Self::Owner => "Full access, including deleting the tenant",
            Self::Editor => "Builds datasources, queries, widgets, dashboards and workflows",
            Self::Operator => "Uses dashboards, and runs workflows",
            Self::Viewer => "Views dashboards and runs",
        }
    }

    /// Returns the built-in role that `name` could be mistaken for. Ignores case, width, spaces and marks, and treats
    /// similar letters of other scripts as equal (Unicode Technical Standard 39).
    pub fn looking_like(name: &str) -> Option<Self> {
        let seen = appearance(name);
        Self::ALL.into_iter().find(|which| appearance(which.name()) == seen)
    }

    pub fn grants(self) -> Grants {
        static KNOWN: LazyLock<[Grants; 4]> = LazyLock::new(|| BuiltIn::ALL.map(BuiltIn::compute));
        KNOWN[self as usize]
    }

    fn compute(self) -> Grants {
        Grants::of(|permission| {
            let (noun, verb) = (permission.noun(), permission.verb());
            let sees = matches!(verb, Verb::List | Verb::Read);
            let is_shown = matches!(noun, Noun::Dashboard | Noun::Workflow);
            let asset = asset_kinds().any(|kind| kind.noun == noun);
            let common = permission == Permission::TenantRead || matches!(noun, Noun::Member | Noun::Role) && sees;
            match self {
                Self::Owner => true,
                Self::Editor => asset || common,
                Self::Operator => common || is_shown && (sees || matches!(verb, Verb::Use | Verb::Execute)),
                Self::Viewer => common || is_shown && sees,
            }
        })
    }
}

/// Reduces a name to how its letters and digits look, for comparison.
fn appearance(name: &str) -> String {
    let plain = name.nfkd().collect::<String>().to_lowercase();
    let alike: String = skeleton(&plain).flat_map(char::to_lowercase).collect();
    alike.nfkd().filter(|letter| letter.is_alphanumeric()).collect()
}

impl Role {
    /// Creates a built-in role. Its permissions are not stored: they come from the code.
    pub fn built_in(which: BuiltIn) -> Self {
        Self { permissions: Vec::new(), built_in: Some(which), start_dashboard_id: None }
    }

    /// Returns the permissions: from the code for a built-in role, from the record for any other.
    pub fn grants(&self) -> Grants {
        match self.built_in {
            Some(which) => which.grants(),
            None => self.permissions.iter().filter_map(|name| Permission::named(name)).collect(),
        }
    }
}

impl Resource for Role {
    const KIND: ResourceKind = ResourceKind {
        noun: Noun::Role,
        plural: "roles",
        id: "roleID",
        schema: "Role",
        label: "role",
        lends: None,
        is_restorable: false,
    };
    const READ_ONLY: &'static [&'static str] = &["builtIn"];

    fn check_name(&self, name: &str) -> Result<()> {
        match BuiltIn::looking_like(name) {
            Some(which) if self.built_in.is_none() => {
                let why = format!("looks like the built-in role {}: enter another name", which.name());
                Err(Error::invalid("name", why))
            }
            _ => Ok(()),
        }
    }

    fn check(&self) -> Result<()> {
        for (i, name) in self.permissions.iter().enumerate() {
            if Permission::named(name).is_none() {
                let why = format!("`{name}` is not a permission: GET …/permissions lists them");
                return Err(Error::invalid(format!("permissions[{i}]"), why));
            }
        }
        Ok(())
    }

    fn links(&self) -> Vec<Link> {
        let link = |(id, kind)| Link { path: "startDashboardID".to_owned(), kind, id, given: Value::Null };
        self.start_dashboard_id.zip(kind_named("dashboard")).map(link).into_iter().collect()
    }

    /// Clears the start page.
    fn without(mut self, target: Uuid) -> Option<Self> {
        self.start_dashboard_id.take_if(|id| *id == target);
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_cannot_look_like_a_built_in_role() {
        let custom = Role { permissions: Vec::new(), built_in: None, start_dashboard_id: None };
        for name in [
            "Owner",
            "OWNER",
            " owner ",
            "Ｏｗｎｅｒ",
            "Оwner",
            "Οwner",
            "0wner",
            "own\u{200b}er",
            "O w n e r",
            "Öwner",
            "𝐎𝐰𝐧𝐞𝐫",
            "Ownеr",
            "EDITOR",
            "оperator",
            "Vıewer",
            "owner.",
            "Ⓞⓦⓝⓔⓡ",
        ] {
            assert!(custom.check_name(name).is_err(), "{name}");
        }
        for name in ["Owners", "Product owner", "Finance", "財務", "Редактор", "Co-owner", "View"] {
            assert!(custom.check_name(name).is_ok(), "{name}");
        }
        for which in BuiltIn::ALL {
            assert!(Role::built_in(which).check_name(which.name()).is_ok());
            assert_eq!(BuiltIn::looking_like(which.name()), Some(which));
        }
    }
}
