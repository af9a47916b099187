import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Drawer } from "@mantine/core";
import { IconDatabase } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { Link } from "react-router";
import { OwnDashboard, UnsavedQueryContext } from "@/domain/records/resource-select";
import { PlacedWidgets } from "@/domain/widgets/form/placed-widgets";
import { ConfirmAction } from "@/domain/widgets/kinds/actions/confirm-action";
import { useWidgetTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type { JsonObject, Widget } from "@/lib/api/model";
import { useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/feedback/empty-state";
import { missingVariables, zoneOf } from "../filters";
import type { DashboardEditor } from "../use-dashboard-editor";
import classes from "./drawer.module.css";
import { useInHand } from "./in-hand";
import { placedWidgets } from "./placed-widgets";
import { QueryStep } from "./query-step";
import { StartStep } from "./start-step";
import { TableStep } from "./table-step";
import { WidgetStep } from "./widget-step";

interface WidgetDrawerProps {
  dashboard: DashboardEditor;
  /** The widget to edit; null to add one. */
  editing: Widget | null;
  /** The values with which the dashboard's widgets are tried. */
  values: JsonObject;
  /** Called with whether the drawer has input that is not on the dashboard. */
  onUnfinished: (unfinished: boolean) => void;
  onClose: () => void;
}

/** Adds a widget to a dashboard or changes one, with its query. Nothing is saved before the dashboard is. */
export function WidgetDrawer({ dashboard, editing, values, onUnfinished, onClose }: WidgetDrawerProps) {
  const hand = useInHand(dashboard, editing);
  const { step, widget, query, isDirty } = hand;
  const { widgets } = dashboard;
  const { draft } = dashboard.editor;
  const { items } = draft;
  const [isAsking, setAsking] = useState(false);
  useTold(isDirty, onUnfinished);
  const types = useWidgetTypes().data;
  const placed = useMemo(() => placedWidgets(items, widgets, types ?? []), [items, widgets, types]);
  const close = () => (isDirty ? setAsking(true) : onClose());
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size={step === "start" || step === "table" ? 720 : "min(1400px, 94vw)"}
      title={editing ? editing.name : titleOf(step)}
      closeOnClickOutside={!isDirty}
      closeOnEscape={!isDirty}
      closeButtonProps={{ "aria-label": t`Close` }}
      classNames={{
        content: classes.content ?? "",
        header: classes.header ?? "",
        body: classes.body ?? "",
      }}
    >
      {step === "start" && (
        <StartStep
          ownQueries={dashboard.owned.queries}
          onWrite={hand.write}
          onTable={() => hand.go("table")}
          onQuery={hand.takeQuery}
          onWidget={(chosen) => {
            dashboard.addSaved(chosen);
            onClose();
          }}
          onType={hand.takeType}
        />
      )}
      {step === "table" && !hand.isLoading && (
        <TableStep
          firstID={hand.firstDatasourceID}
          onTable={hand.takeTable}
          onBack={() => hand.go("start")}
        />
      )}
      {step === "query" && !query && !hand.isLoading && <NoDatasource />}
      {query && (step === "query" || step === "widget") && (
        <QueryStep
          key={query.id}
          id={query.id}
          query={query.local}
          dirty={hand.isQueryDirty}
          hidden={step !== "query"}
          onChange={hand.changeQuery}
          onBack={() => hand.go(widget && editing ? "widget" : "start")}
          onContinue={hand.toWidget}
        />
      )}
      {widget && step === "widget" && (
        <OwnDashboard value={dashboard.editor.base.id}>
          <PlacedWidgets value={placed}>
            <UnsavedQueryContext value={hand.runnable}>
              <WidgetStep
                key={widget.id}
                id={widget.id}
                widget={widget.local}
                query={query}
                isNew={editing === null}
                dashboard={{
                  definitions: draft.variables,
                  values: { ...values, ...hand.triedFilters },
                  zone: zoneOf(draft.timeZone),
                  queries: dashboard.contents.queries,
                }}
                refused={dashboard.refusedOf(widget.id)}
                missing={missingVariables([widget.local.draft], draft.variables)}
                isKindOpen={hand.isKindOpen}
                onKind={hand.settleKind}
                onChange={hand.changeWidget}
                onAddFilter={hand.addFilter}
                onEditQuery={hand.mayEditQuery ? hand.editQuery : null}
                onBack={editing ? null : () => hand.go(query?.local.version === null ? "query" : "start")}
                onCancel={close}
                onDone={() => {
                  hand.apply();
                  onClose();
                }}
              />
            </UnsavedQueryContext>
          </PlacedWidgets>
        </OwnDashboard>
      )}
      {isAsking && <DiscardQuestion onClose={() => setAsking(false)} onConfirm={onClose} />}
    </Drawer>
  );
}

/** Returns the title of the drawer in a step of adding a widget. */
const titleOf = (step: ReturnType<typeof useInHand>["step"]): string =>
  ({
    start: t`Add to dashboard`,
    table: t`Show a table`,
    query: t`Write a query`,
    widget: t`Add to dashboard`,
  })[step];

/** Asks before something is lost. */
const DiscardQuestion = (props: { onClose: () => void; onConfirm: () => void }) => (
  <ConfirmAction
    title={t`Discard changes?`}
    question={t`What you entered here is not on the dashboard yet.`}
    verb={t`Discard`}
    danger
    {...props}
  />
);

/** Reports whether something is unfinished, and no longer does once the drawer is closed. */
function useTold(unfinished: boolean, tell: (unfinished: boolean) => void) {
  useEffect(() => {
    tell(unfinished);
    return () => tell(false);
  }, [unfinished, tell]);
}

function NoDatasource() {
  const link = useTenantLink();
  const can = useCan();
  return (
    <EmptyState
      icon={IconDatabase}
      title={t`Connect a datasource first`}
      text={t`Queries read data from a datasource. This tenant has none yet.`}
      action={
        can("datasource:create") && (
          <Button component={Link} to={link("datasources", "new")}>
            <Trans>New datasource</Trans>
          </Button>
        )
      }
    />
  );
}
