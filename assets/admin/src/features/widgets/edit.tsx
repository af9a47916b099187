import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { IconFileSearch, IconLayoutDashboard } from "@tabler/icons-react";
import { useState } from "react";
import { useParams } from "react-router";
import type { RecordAction } from "@/domain/records/menu/action-menu";
import { useMoveToLibrary } from "@/domain/records/menu/move-to-library";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import { NextStep } from "@/domain/records/next-step";
import { EditorPage } from "@/domain/records/page/editor-page";
import { RecordPage } from "@/domain/records/page/record-page";
import { queryIDOf } from "@/domain/widgets/form/config-schema";
import { useWidgetTypes } from "@/lib/api/catalog";
import { useEditor } from "@/lib/api/editor";
import { useCan } from "@/lib/api/me";
import type { Widget, WidgetDraft, WidgetType } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/schema/paths";
import { validate } from "@/lib/schema/validate";
import { useTenantLink } from "@/lib/tenant";
import { PutOnDashboard } from "./put-on-dashboard";
import classes from "./widgets.module.css";
import { Workbench } from "./workbench";

export function EditWidget() {
  return (
    <RecordPage kind="widget" id={useParams().widgetID} needs={useWidgetTypes()}>
      {(widget, types) => <Editor widget={widget} types={types} />}
    </RecordPage>
  );
}

const widgetDraftOf = ({ name, description, type, config }: Widget): WidgetDraft => ({
  name,
  description,
  type,
  config,
});

function Editor({ widget, types }: { widget: Widget; types: WidgetType[] }) {
  const can = useCan();
  const editor = useEditor("widget", widget, widgetDraftOf);
  const [broken, setBroken] = useState<FieldErrors>({});
  const [placing, setPlacing] = useState(false);
  const { base, draft } = editor;
  const type = types.find((candidate) => candidate.type === draft.type) ?? {
    type: draft.type,
    name: draft.type,
    description: "",
    category: "data" as const,
    configSchema: { type: "object" as const },
  };
  const mayUpdate = can("widget:update");

  const save = () => {
    const found = validate(type.configSchema, draft.config, "config");
    setBroken(found);
    if (Object.keys(found).length === 0) void editor.save();
  };
  // A widget of a dashboard can be on no other one.
  const mayPlace = !base.dashboardID && (can("dashboard:update") || can("dashboard:create"));
  return (
    <EditorPage
      kind="widget"
      editor={editor}
      mayUpdate={mayUpdate}
      onSave={save}
      className={classes.page}
      actions={<WidgetMenu widget={base} {...(mayPlace ? { onPlace: () => setPlacing(true) } : {})} />}
      notice={
        <NextStep
          text={t`Widget saved. Next, add it to a dashboard.`}
          action={
            mayPlace && (
              <Button size="xs" onClick={() => setPlacing(true)}>
                <Trans>Add to dashboard</Trans>
              </Button>
            )
          }
        />
      }
    >
      {placing && <PutOnDashboard widget={base} onClose={() => setPlacing(false)} />}
      <Workbench
        draft={draft}
        set={editor.set}
        errors={{ ...editor.errors, ...broken }}
        type={type}
        savedID={base.id}
        readOnly={!mayUpdate}
      />
    </EditorPage>
  );
}

function WidgetMenu({ widget, onPlace }: { widget: Widget; onPlace?: () => void }) {
  const link = useTenantLink();
  const can = useCan();
  const moveToLibrary = useMoveToLibrary("widget");
  const queryID = queryIDOf(widget.config);
  const own: RecordAction[] = [];
  if (onPlace)
    own.push({
      label: t`Add to dashboard…`,
      icon: <IconLayoutDashboard size={16} />,
      onClick: onPlace,
    });
  if (queryID && can("dataquery:read"))
    own.push({
      label: t`Open query`,
      icon: <IconFileSearch size={16} />,
      to: link("data-queries", queryID),
    });
  own.push(...moveToLibrary(widget));
  return <RecordMenu kind="widget" record={widget} own={own} />;
}
