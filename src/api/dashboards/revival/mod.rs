//! Restores an earlier version of a dashboard, together with what belongs to it, as it was then, and what of that is in
//! the trash.
mod parts;

use self::parts::EarlierParts;
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Update},
        records::{
            answers::visible_fields,
            crud::{Crud, about},
            lend, steps,
            trash::{RestoredRecord, reinstate, require},
            wire::Wire,
        },
        requests::extract::{At, IfMatch, OptionalBody, VersionNumber},
        responses::documented,
    },
    model::{Dashboard, DataQuery, Label, Record, Scope, Widget, permission::Verb},
    store::{LeftOut, PartVersion, Revival, Tx, WhyLeftOut},
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most records that an error names.
const NAMED: usize = 10;

/// How to restore a version of a dashboard.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct DashboardRestoration {
    /// With `true`, the version is restored without what cannot come back. Otherwise, it is refused if anything cannot.
    leave_out: bool,
    /// With `true`, nothing is written: the answer tells what would be.
    preview: bool,
}

/// What was restored, or would be.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DashboardRestorationResult {
    /// The dashboard; `null` in a preview.
    dashboard: Option<Wire<Dashboard>>,
    /// The widgets and queries that come out of the trash, because they belong to the dashboard.
    restored: Vec<RestoredRecord>,
    left_out: Vec<LeftOutRecord>,
    /// The widgets and queries of the dashboard that get the settings that they had at this version.
    changed: Vec<RestoredRecord>,
    /// Those that keep their present settings, because the earlier ones need what cannot come back.
    kept: Vec<RestoredRecord>,
}

/// A widget or query of the version that cannot come back. The items that show it are left out.
#[derive(Serialize, JsonSchema)]
struct LeftOutRecord {
    id: Uuid,
    kind: &'static str,
    /// Its last name, or the title of its item. Empty if neither is known.
    name: String,
    reason: LeftOutReason,
    /// What it needs, for the reason `incomplete`.
    needs: Option<UnrestoredRecord>,
}

/// A record that does not exist, or is in the trash.
#[derive(Serialize, JsonSchema)]
struct UnrestoredRecord {
    kind: &'static str,
    /// Its last name. Empty if that is not known.
    name: String,
}

/// Why a record cannot come back.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum LeftOutReason {
    /// It was deleted for good.
    Gone,
    /// It was in the library, and is in the trash: restore it there first to keep it.
    InTrash,
    /// It belongs to another dashboard now.
    Elsewhere,
    /// It is in the trash, but needs a record that does not exist.
    Incomplete,
}

impl LeftOutRecord {
    fn of(lost: LeftOut, version: &Dashboard) -> Self {
        let (reason, needs) = match lost.why {
            WhyLeftOut::Gone => (LeftOutReason::Gone, None),
            WhyLeftOut::InTrash => (LeftOutReason::InTrash, None),
            WhyLeftOut::Elsewhere => (LeftOutReason::Elsewhere, None),
            WhyLeftOut::Needs(kind, name) => {
                let needed = UnrestoredRecord { kind: kind.name(), name: name.unwrap_or_default() };
                (LeftOutReason::Incomplete, Some(needed))
            }
        };
        let title = || version.items.iter().find(|item| item.widget_id == lost.id)?.title.clone();
        let name = lost.name.or_else(title).unwrap_or_default();
        Self { id: lost.id, kind: lost.kind.name(), name, reason, needs }
    }

    /// Names it in an error.
    fn words(&self, label: &str) -> String {
        let what = if self.name.is_empty() { format!("a {label}") } else { format!("the {label} \"{}\"", self.name) };
        match (self.reason, &self.needs) {
            (LeftOutReason::Gone, _) => format!("{what} was deleted for good"),
            (LeftOutReason::InTrash, _) => format!("{what} is in the trash"),
            (LeftOutReason::Elsewhere, _) => format!("{what} belongs to another dashboard"),
            (LeftOutReason::Incomplete, needs) => {
                let name = needs.as_ref().map_or("", |needed| &needed.name);
                format!("{what} needs \"{name}\", which does not exist")
            }
        }
    }
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/dashboards/{dashboardID}/versions/{version}/restore",
        post_with(restore, |op| {
            about::<Dashboard>(op, "restoreVersion", "Restore a version of").with(documented::conflict)
        }),
    )
}

/// Requires the permission to create each record that comes out of the trash.
async fn restore(
    Permit { scope, .. }: Permit<Dashboard, Update>,
    State(app): State<App>,
    at: At<Dashboard>,
    VersionNumber(number): VersionNumber,
    IfMatch(expected): IfMatch,
    OptionalBody(how): OptionalBody<DashboardRestoration>,
) -> Result<Json<DashboardRestorationResult>> {
    let (old, (entry, description, version), parts, found) = app.store.get(|tx| {
        let old = tx.find::<Dashboard>(&scope, at.id)?;
        let found = tx.version::<Dashboard>(&scope, at.id, number)?;
        let parts = tx.parts_at(&scope, at.id, number)?.unwrap_or_default();
        let (_, revival) = tx.revival(&scope, at.id, &found.2, &parts)?;
        Ok((old, found, parts, revival))
    })?;
    expected.check(old.version)?;
    if how.preview {
        require_all(&scope, &found)?;
    }
    let earlier = EarlierParts::of(&app, &scope, at.id, &found.possible(parts.clone()), &found.records)?;
    let settings = (earlier.records(), kept(&found, &parts));
    if how.preview {
        return Ok(Json(result(None, found, &version, settings)));
    }
    // checked as a change to the present dashboard is
    let stored = (Label { name: entry.name, description }, &version);
    let unsaved = steps::UnsavedQueries::default();
    let (label, asked) = steps::rechecked(&app, &scope, at.id, stored, Some(&old.spec), &unsaved)?;
    let writer = scope.clone();
    let written = app.store.write(move |tx| {
        // it may have been deleted meanwhile
        tx.find::<Dashboard>(&writer, at.id)?;
        let (spec, found) = tx.revival(&writer, at.id, &asked, &parts)?;
        if !how.leave_out {
            refuse_losses(&found, &asked)?;
        }
        bring_back(tx, &writer, &found)?;
        earlier.restore(tx, &writer, at.id)?;
        let record = tx.update(&writer, at.id, Some(old.version), |present| {
            lend::check_users(&writer, tx, at.id, &spec, &present.spec)?;
            Ok((label, spec))
        })?;
        Ok((record, found))
    });
    let (record, found) = written.await?;
    Widget::after_save(&app);
    DataQuery::after_save(&app);
    Dashboard::after_save(&app);
    let dashboard = shown(&app, &scope, &record)?;
    Ok(Json(result(Some(dashboard), found, &version, settings)))
}

fn shown(app: &App, scope: &Scope, record: &Record<Dashboard>) -> Result<Wire<Dashboard>> {
    Ok(visible_fields(app, scope, record)?.into())
}

/// Requires the permissions for what comes out of the trash, and for what is named.
fn require_all(scope: &Scope, found: &Revival) -> Result<()> {
    found.left_out.iter().try_for_each(|lost| require(scope, lost.kind, Verb::Read))?;
    found.records.iter().try_for_each(|record| require(scope, record.kind, Verb::Create))
}

fn bring_back(tx: &Tx<'_>, scope: &Scope, found: &Revival) -> Result<()> {
    require_all(scope, found)?;
    tx.take_from_trash(scope, &found.records)?;
    found.records.iter().try_for_each(|record| reinstate(tx, scope, record, &found.records))
}

fn refuse_losses(found: &Revival, version: &Dashboard) -> Result<()> {
    if found.left_out.is_empty() {
        return Ok(());
    }
    let lost = found.left_out.iter().take(NAMED);
    let mut named: Vec<String> =
        lost.map(|lost| LeftOutRecord::of(lost.clone(), version).words(lost.kind.label)).collect();
    if found.left_out.len() > NAMED {
        named.push(format!("{} more", found.left_out.len() - NAMED));
    }
    Err(Error::conflict(format!(
        "this version shows what cannot come back: {}. Send `leaveOut` to restore it without them",
        named.join(", ")
    )))
}

/// Returns the parts that keep their present settings.
fn kept(found: &Revival, parts: &[PartVersion]) -> Vec<RestoredRecord> {
    let kept = parts.iter().filter(|part| found.stuck.contains(&part.id));
    kept.map(|part| RestoredRecord::new(part.id, part.kind, part.label.name.clone())).collect()
}

fn result(
    dashboard: Option<Wire<Dashboard>>,
    found: Revival,
    version: &Dashboard,
    (changed, kept): (Vec<RestoredRecord>, Vec<RestoredRecord>),
) -> DashboardRestorationResult {
    DashboardRestorationResult {
        changed,
        kept,
        dashboard,
        restored: found.records.into_iter().map(RestoredRecord::from).collect(),
        left_out: found.left_out.into_iter().map(|lost| LeftOutRecord::of(lost, version)).collect(),
    }
}
