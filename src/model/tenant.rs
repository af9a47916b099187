//! Tenants: separate workspaces of teams.
use super::{Label, permission::Noun, resource::ResourceKind, text::NOT_BLANK};
use crate::{Error, Result, clock::Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

pub const KIND: ResourceKind = ResourceKind {
    noun: Noun::Tenant,
    plural: "tenants",
    id: "tenantID",
    schema: "Tenant",
    label: "tenant",
    lends: None,
    is_restorable: true,
};

/// A tenant and its settings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    pub id: Uuid,
    pub name: String,
    pub logo_url: Option<String>,
    pub settings: Map<String, Value>,
    pub created_at: Time,
    pub updated_at: Time,
    pub version: u64,
}

/// The fields of a tenant that a caller may set.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "TenantDraft")]
pub struct Draft {
    #[schemars(length(min = 1, max = 255), extend("pattern" = NOT_BLANK))]
    pub name: String,
    /// An HTTP(S) or `data:image/` URL.
    #[serde(default)]
    #[schemars(length(max = 100_000), regex(pattern = "^(https?://|data:image/)"))]
    pub logo_url: Option<String>,
    /// Free JSON, at most 64 KiB.
    #[serde(default)]
    pub settings: Map<String, Value>,
}

impl Draft {
    /// Trims the name and checks every field.
    pub fn checked(mut self) -> Result<Self> {
        self.name = Label::new(&self.name, "")?.name;
        if let Some(logo) = &self.logo_url {
            let allowed = ["https://", "http://", "data:image/"].iter().any(|start| logo.starts_with(start));
            if !allowed || logo.chars().count() > 100_000 {
                return Err(Error::invalid(
                    "logoUrl",
                    "must be an HTTP(S) or data:image URL of at most 100 000 characters",
                ));
            }
        }
        if serde_json::to_string(&self.settings)?.len() > 64 * 1024 {
            return Err(Error::invalid("settings", "must be at most 64 KiB"));
        }
        Ok(self)
    }
}
