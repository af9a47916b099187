//! Who may answer approvals. Roles are stored by id and looked up at the time of the answer.
use crate::{
    Error, Result,
    clock::Time,
    model::{
        ActorKind, Permission, Record, Role, Scope,
        role::BuiltIn,
        run::{ApprovalRoles, ApprovalTask},
    },
    runner::{Inner, Runner, engine::AnsweredApproval},
    store::Tx,
};
use std::collections::HashMap;
use uuid::Uuid;

/// The permission that answering requires, in addition to an assigned role.
const EXECUTE: Permission = Permission::WorkflowExecute;

/// A member who wants to answer, with their current role.
pub struct Approver {
    role: Option<Record<Role>>,
    /// The system never answers approvals, except in tests.
    is_server: bool,
}

impl Approver {
    fn of(tx: &Tx<'_>, scope: &Scope) -> Result<Self> {
        Ok(Self { role: tx.present_role(scope)?, is_server: scope.actor.kind == ActorKind::System })
    }

    /// Returns whether they may answer. Owners may answer every approval.
    fn may(&self, tx: &Tx<'_>, scope: &Scope, task: Uuid, asked: &ApprovalRoles) -> Result<bool> {
        let Some(role) = &self.role else { return Ok(self.is_server) };
        if !role.spec.grants().may(EXECUTE) {
            return Ok(false);
        }
        if asked.assignees.is_empty() || role.spec.built_in == Some(BuiltIn::Owner) {
            return Ok(true);
        }
        if asked.role_ids.len() == asked.assignees.len() {
            return Ok(asked.role_ids.contains(&Some(role.id)));
        }
        is_named(tx, scope, role, task, &asked.assignees)
    }
}

/// Returns whether an approval of an older version, which stores roles by name, is assigned to `role`. A custom role
/// counts only if it has not changed since the approval was opened: the name may have belonged to another role then.
fn is_named(tx: &Tx<'_>, scope: &Scope, role: &Record<Role>, task: Uuid, names: &[String]) -> Result<bool> {
    let (seconds, nanos) = task.get_timestamp().map_or((0, 0), |at| at.to_unix());
    let asked_at = Time(i64::try_from(seconds).unwrap_or(0) * 1000 + i64::from(nanos / 1_000_000));
    if role.spec.built_in.is_none() && role.updated_at >= asked_at {
        return Ok(false);
    }
    for name in names {
        if tx.role_called(scope, name)?.is_some_and(|named| named.id == role.id) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Runner {
    /// Returns whether the scope's actor may answer, for each of `tasks`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn may_answer<'a>(&self, scope: &Scope, tasks: impl Iterator<Item = &'a ApprovalTask>) -> Result<Vec<bool>> {
        self.0.store.get(|tx| {
            let approver = Approver::of(tx, scope)?;
            tasks.map(|task| approver.may(tx, scope, task.id, &task.asked)).collect()
        })
    }

    /// Updates the assigned roles' names in `tasks` to their current ones. A deleted role keeps its last known name.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn name_roles<'a>(&self, scope: &Scope, tasks: impl Iterator<Item = &'a mut ApprovalTask>) -> Result<()> {
        let mut names: HashMap<Uuid, Option<String>> = HashMap::new();
        for asked in tasks.map(|task| &mut task.asked).filter(|asked| !asked.role_ids.is_empty()) {
            for (name, id) in asked.assignees.iter_mut().zip(&asked.role_ids) {
                let Some(id) = *id else { continue };
                let present = match names.get(&id) {
                    Some(known) => known.clone(),
                    None => self.0.store.get(|tx| tx.role_called(scope, &id.to_string()))?.map(|role| role.label.name),
                };
                names.insert(id, present.clone());
                if let Some(present) = present {
                    *name = present;
                }
            }
        }
        Ok(())
    }
}

impl Inner {
    /// Resolves roles given by id or name to the form that an approval stores.
    pub(in crate::runner) fn ask(&self, scope: &Scope, roles: Vec<String>) -> Result<ApprovalRoles> {
        let mut asked = ApprovalRoles::default();
        self.store.get(|tx| {
            for text in roles {
                let role = tx.role_called(scope, &text)?;
                asked.role_ids.push(role.as_ref().map(|role| role.id));
                asked.assignees.push(role.map_or(text, |role| role.label.name));
            }
            Ok(asked)
        })
    }

    /// # Errors
    /// `Forbidden` if the actor is not assigned, or may no longer answer.
    pub(in crate::runner) fn check_answer(&self, by: &Scope, task: &ApprovalTask) -> Result<()> {
        if self.store.get(|tx| Approver::of(tx, by)?.may(tx, by, task.id, &task.asked))? {
            return Ok(());
        }
        Err(Error::Forbidden(match task.asked.assignees.as_slice() {
            [] => format!("answering this approval requires the permission {EXECUTE}"),
            roles => format!("only these roles can answer this approval: {}", roles.join(", ")),
        }))
    }

    /// Returns the first of `approvals` that the scope's actor may not answer.
    pub(in crate::runner) fn first_beyond<'a>(
        &self,
        scope: &Scope,
        approvals: impl Iterator<Item = &'a AnsweredApproval>,
    ) -> Result<Option<&'a ApprovalRoles>> {
        self.store.get(|tx| {
            let approver = Approver::of(tx, scope)?;
            for AnsweredApproval { task, asked } in approvals {
                if !approver.may(tx, scope, *task, asked)? {
                    return Ok(Some(asked));
                }
            }
            Ok(None)
        })
    }
}
