//! Roles for approvals: looks up the role of an actor, and the role with a name.
use crate::{
    Result,
    model::{ActorKind, Record, Role, Scope, role::BuiltIn},
    store::{
        Tx,
        database::column,
        sql::{OptionalExtension, Row, sql},
    },
};
use uuid::Uuid;

impl Tx<'_> {
    /// Returns the actor's current role. `None` for an actor who has left, a disabled account, an expired API key, a
    /// share link, and an API key whose owner has fewer permissions than its role.
    pub fn present_role(&self, scope: &Scope) -> Result<Option<Record<Role>>> {
        let (tenant, id) = (scope.tenant, scope.actor.id);
        let role_id = |row: &Row<'_>| column::id(row, 0);
        let role: Option<Uuid> = match scope.actor.kind {
            ActorKind::User => self
                .db
                .prepare(sql!(
                    "select m.role_id from members m join users u on u.id = m.user_id
                     where m.tenant_id = ?1 and m.user_id = ?2 and u.disabled = 0"
                ))?
                .query_row((tenant, id), role_id),
            ActorKind::ApiKey => self
                .db
                .prepare(sql!(
                    "select role_id from api_keys
                     where tenant_id = ?1 and id = ?2 and (expires_at is null or expires_at > ?3)"
                ))?
                .query_row((tenant, id, crate::clock::Time::now().0), role_id),
            ActorKind::Share | ActorKind::System => return Ok(None),
        }
        .optional()?;
        let role = role.map(|role| self.find::<Role>(scope, role)).transpose()?;
        if scope.actor.kind != ActorKind::ApiKey {
            return Ok(role);
        }
        // an API key whose owner has fewer permissions than its role does not act in that role
        let owner = self.behalf(scope)?.map(|owner| self.grants(scope.tenant, owner)).transpose()?.flatten();
        Ok(role.filter(|role| owner.is_some_and(|owner| owner.covers(role.spec.grants()))))
    }

    /// Returns the record of a built-in role.
    pub fn built_in_role(&self, scope: &Scope, which: BuiltIn) -> Result<Option<Record<Role>>> {
        let found = self.find_named::<Role>(scope, which.name())?;
        Ok(found.filter(|role| role.spec.built_in == Some(which)))
    }

    /// Finds a role by id or name. Built-in roles take precedence. If no name matches exactly, exactly one must match
    /// regardless of case.
    pub fn role_called(&self, scope: &Scope, text: &str) -> Result<Option<Record<Role>>> {
        let text = text.trim();
        if let Ok(id) = Uuid::parse_str(text) {
            return match self.find::<Role>(scope, id) {
                Ok(role) => Ok(Some(role)),
                Err(crate::Error::NotFound(_)) => Ok(None),
                Err(error) => Err(error),
            };
        }
        if let Some(which) = BuiltIn::ALL.into_iter().find(|which| which.name().eq_ignore_ascii_case(text)) {
            return self.built_in_role(scope, which);
        }
        if let Some(role) = self.find_named::<Role>(scope, text)? {
            return Ok(Some(role));
        }
        let wanted = text.to_lowercase();
        let mut alike = self.all::<Role>(scope)?.into_iter().filter(|role| role.label.name.to_lowercase() == wanted);
        let first = alike.next();
        Ok(first.filter(|_| alike.next().is_none()))
    }
}
