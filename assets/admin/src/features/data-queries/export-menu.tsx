import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { authFetch, withQuery } from "@/lib/api/client";
import type { JsonObject, QueryResult } from "@/lib/api/model";
import { kindPath } from "@/lib/api/resources";
import { download, toCsv } from "@/lib/csv";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/notify";
import { rowsOf } from "@/ui/widget-kinds/config";

interface ExportMenuProps {
  result: QueryResult;
  name: string;
  /** Null while the query is not saved as it stands: then only what is shown can be had. */
  queryID: string | null;
  parameters: JsonObject;
}

export function ExportMenu({ result, name, queryID, parameters }: ExportMenuProps) {
  const tenantID = useTenantID();
  const [busy, setBusy] = useState(false);
  const file = name.trim().replace(/[^\w.-]+/g, "-") || "result";

  const shown = () => {
    const { rows, columns } = rowsOf(result);
    download(`${file}.csv`, toCsv(columns, rows), "text/csv;charset=utf-8");
  };
  const all = async (format: "csv" | "ndjson") => {
    if (!queryID) return;
    setBusy(true);
    try {
      const path = withQuery(kindPath(tenantID, "dataquery", queryID, "export"), { format });
      const response = await authFetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ parameters }) });
      download(`${file}.${format}`, await response.text(), format === "csv" ? "text/csv;charset=utf-8" : "application/x-ndjson");
    } catch (error) {
      notify.failed(error, "The export failed");
    }
    setBusy(false);
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Tooltip label="Download">
          <ActionIcon aria-label="Download" loading={busy}>
            <IconDownload size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={shown}>The rows shown, as CSV</Menu.Item>
        <Menu.Item disabled={!queryID} onClick={() => void all("csv")}>
          All rows, as CSV
        </Menu.Item>
        <Menu.Item disabled={!queryID} onClick={() => void all("ndjson")}>
          All rows, as NDJSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
