import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import type { QueryResult } from "@/lib/api/model";
import { download, toCsv } from "@/lib/csv";
import { rowsOf } from "@/ui/widget-kinds/config";

/** Saves what the run gave. */
export function ExportMenu({ result, name }: { result: QueryResult; name: string }) {
  const file = name.trim().replace(/[^\w.-]+/g, "-") || "result";
  const csv = () => {
    const { rows, columns } = rowsOf(result);
    download(`${file}.csv`, toCsv(columns, rows), "text/csv;charset=utf-8");
  };
  return (
    <Menu position="bottom-end" width={160}>
      <Menu.Target>
        <Tooltip label="Download">
          <ActionIcon aria-label="Download">
            <IconDownload size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={csv}>As CSV</Menu.Item>
        <Menu.Item onClick={() => download(`${file}.json`, JSON.stringify(result.data, null, 2), "application/json")}>As JSON</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
