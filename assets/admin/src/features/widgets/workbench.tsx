import { Splitter } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { queryIDOf } from "@/domain/widgets/form/config-schema";
import { Preview } from "@/domain/widgets/form/preview/preview";
import previewClasses from "@/domain/widgets/form/preview/preview.module.css";
import { usePreviewData } from "@/domain/widgets/form/preview/preview-data";
import { noDashboard, usePreviewFilters } from "@/domain/widgets/form/preview/preview-filters";
import { useSuggestion } from "@/domain/widgets/form/use-suggestion";
import { WidgetSettings, type WidgetEditing } from "@/domain/widgets/form/widget-settings";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { useOne } from "@/lib/api/resources";
import { Panes } from "@/ui/page/panes";
import classes from "./widgets.module.css";

export interface WorkbenchProps extends WidgetEditing {
  savedID: string | null;
}

/** Shows the settings on the left and the preview on the right. */
export function Workbench(props: WorkbenchProps) {
  const { draft, savedID } = props;
  const narrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false });
  const [fresh, setFresh] = useState(savedID === null);
  const query = useOne("dataquery", queryIDOf(draft.config) ?? undefined).data;
  const filters = usePreviewFilters(draft.config, query, noDashboard);
  const data = usePreviewData(draft.config, query, savedID, filters.variables);
  const { rows, columns } = useMemo(() => rowsOf(data.result), [data.result]);
  useSuggestion(props, data.result, fresh);

  const settings = (
    <WidgetSettings {...props} columns={columns} rows={rows} query={query} onFresh={() => setFresh(true)} />
  );
  const preview = <Preview draft={draft} data={data} filters={filters} />;
  if (narrow) {
    return (
      <div className={previewClasses.stacked}>
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
