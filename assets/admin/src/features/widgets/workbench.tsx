import { Splitter } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useMemo, useState } from "react";
import { columnsUsed, queryIDOf } from "@/domain/widgets/form/config-schema";
import { usePreviewData } from "@/domain/widgets/form/preview-data";
import { WidgetSettings, type WidgetEditing } from "@/domain/widgets/form/widget-settings";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { suggestConfig } from "@/domain/widgets/kinds/suggest";
import type { JsonObject } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { isEqual } from "@/lib/schema/merge-patch";
import { variablesIn } from "@/lib/templates/templates";
import { Panes } from "@/ui/page/panes";
import { Preview } from "./preview";
import classes from "./widgets.module.css";

export interface WorkbenchProps extends WidgetEditing {
  savedID: string | null;
}

/** Shows the settings on the left and the preview on the right. */
export function Workbench(props: WorkbenchProps) {
  const { draft, savedID } = props;
  const narrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false });
  const [variables, setVariables] = useState<JsonObject>({});
  const [fresh, setFresh] = useState(savedID === null);
  const query = useOne("dataquery", queryIDOf(draft.config) ?? undefined).data;
  const data = usePreviewData(draft.config, query, savedID, variables);
  const columns = useMemo(() => rowsOf(data.result).columns, [data.result]);
  useSuggestion(props, data.result, fresh);

  const settings = (
    <WidgetSettings
      {...props}
      columns={columns}
      parameters={query?.parameters ?? []}
      onFresh={() => setFresh(true)}
    />
  );
  const preview = (
    <Preview
      draft={draft}
      data={data}
      names={variablesIn(draft.config)}
      variables={variables}
      onVariable={(name, value) => setVariables((old) => ({ ...old, [name]: value || undefined }))}
    />
  );
  if (narrow) {
    return (
      <div className={classes.stacked}>
        {preview}
        {settings}
      </div>
    );
  }
  return (
    <Panes name="widget" className={classes.workbench}>
      <Splitter.Pane defaultSize="360px" min="280px" className={classes.settingsPane}>
        {settings}
      </Splitter.Pane>
      <Splitter.Pane defaultSize={100} min="320px">
        {preview}
      </Splitter.Pane>
    </Panes>
  );
}

/** Suggests settings when the data of a newly selected query has none of the configured columns. */
function useSuggestion(
  { draft, set, readOnly, type }: WorkbenchProps,
  result: Parameters<typeof rowsOf>[0],
  fresh: boolean,
) {
  useEffect(() => {
    if (!fresh || readOnly || !result) return;
    const { rows, columns } = rowsOf(result);
    if (columnsUsed(type, draft.config).some((name) => columns.some((column) => column.name === name)))
      return;
    const config = { ...draft.config, ...suggestConfig(draft.type, columns, rows) };
    if (!isEqual(config, draft.config)) set({ config });
  }, [fresh, readOnly, result, type, draft.type, draft.config, set]);
}
