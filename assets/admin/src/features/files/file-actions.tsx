import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { IconLayoutDashboard, IconTable, IconTablePlus } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { justMade } from "@/domain/records/next-step";
import { useMakeAll, type Make } from "@/lib/api/make-all";
import { useCan } from "@/lib/api/me";
import type { Datasource, DatasourceDraft, File, JsonObject } from "@/lib/api/model";
import { plainQuery } from "@/lib/api/subjects/data-queries";
import { keepReading } from "@/lib/files/kept-reading";
import { settled } from "@/lib/session/unsaved";
import { selectAll } from "@/lib/sql/sql-names";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";

interface FileActionsProps {
  file: File;
  /** The datasource that reads the file already. */
  reader: Datasource | null;
  /** The options of a new datasource. */
  options: JsonObject;
  /** Finds a datasource that was created since, and reads the file in the same way. */
  findReader?: () => Promise<Datasource | undefined>;
  /** The table that is shown. */
  table: string | undefined;
  isReadable: boolean;
}

/** Removes the ending of a file's name. */
const titleOf = (name: string) => name.replace(/(.)\.(csv|tsv|txt|xlsx|json|jsonl|ndjson)$/i, "$1");

/** The datasource that reads a file. */
export const sourceOf = (file: File, options: JsonObject): DatasourceDraft & { name: string } => ({
  name: titleOf(file.name),
  description: "",
  type: "file",
  options,
  tags: [],
});

/** Opens the file's table in a query or on a dashboard, and creates the records that this requires. */
export function FileActions({
  file,
  reader,
  options,
  findReader,
  table = "data",
  isReadable,
}: FileActionsProps) {
  const can = useCan();
  const link = useTenantLink();
  const navigate = useNavigate();
  const makeAll = useMakeAll();
  const [busy, setBusy] = useState<"query" | "dashboard" | null>(null);
  const maySource = reader !== null || can("datasource:create");
  const name = titleOf(file.name);
  const sql = selectAll([table]);

  const source = async (make: Make) =>
    reader ?? (await findReader?.()) ?? (await make("datasource", sourceOf(file, options)));
  const run = async (what: "query" | "dashboard", work: () => Promise<void>) => {
    setBusy(what);
    await work().catch((error: unknown) => notify.failed(error, t`Could not read the file`));
    setBusy(null);
  };
  const query = async () => {
    const { id } = await makeAll(source);
    void navigate(`${link("data-queries", "new")}?datasource=${id}`, {
      state: { ...settled.state, sql, run: true },
    });
  };
  const dashboard = async () => {
    const made = await makeAll(async (make) => {
      const { id: datasourceID } = await source(make);
      const { id: queryID } = await make("dataquery", { ...plainQuery(datasourceID, sql), name });
      const { id: widgetID } = await make("widget", {
        name,
        description: "",
        type: "table",
        config: { queryID },
      });
      return make("dashboard", {
        name,
        description: "",
        tabs: [],
        items: [{ key: "item1", widgetID }],
        layouts: { lg: [{ i: "item1", x: 0, y: 0, w: 12, h: 9 }] },
        variables: [],
        refreshSeconds: 0,
      });
    });
    void navigate(link("dashboards", made.id), justMade);
  };
  const mayShow = ["dataquery:create", "widget:create", "dashboard:create"].every(can);
  const mayMakeTable = ["datasource:read", "dataquery:create", "dataquery:execute"].every(can);
  if (!maySource) return null;
  return (
    <>
      {mayMakeTable && (
        <Button
          variant="default"
          leftSection={<IconTablePlus size={16} />}
          disabled={!isReadable || busy !== null}
          onClick={() => {
            // No datasource keeps them.
            if (!reader) keepReading(file, options);
            void navigate(link("files", file.id, "table"), {
              // keeps the settings that nothing has saved
              state: { ...settled.state, options: reader?.options ?? options, table },
            });
          }}
        >
          <Trans>Create table</Trans>
        </Button>
      )}
      {mayShow && (
        <Button
          variant="default"
          leftSection={<IconLayoutDashboard size={16} />}
          loading={busy === "dashboard"}
          disabled={!isReadable || busy !== null}
          onClick={() => void run("dashboard", dashboard)}
        >
          <Trans>Show on a dashboard</Trans>
        </Button>
      )}
      {can("dataquery:create") && (
        <Button
          leftSection={<IconTable size={16} />}
          loading={busy === "query"}
          disabled={!isReadable || busy !== null}
          onClick={() => void run("query", query)}
        >
          <Trans>Query this file</Trans>
        </Button>
      )}
    </>
  );
}
