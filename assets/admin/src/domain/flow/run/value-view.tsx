import { plural, t } from "@lingui/core/macro";
import { Group, SegmentedControl, Text } from "@mantine/core";
import { useState } from "react";
import { asRows } from "@/lib/rows/cells";
import { DataGrid } from "@/ui/data-grid/data-grid";
import { JsonView } from "@/ui/text/json-view";

/** Shows rows as a table, anything else as a tree. */
export function ValueView({ value, label, empty }: { value: unknown; label: string; empty: string }) {
  const [form, setForm] = useState("table");
  const rows = asRows(typeof value === "object" && value !== null && "data" in value ? value.data : value);
  if (value === null || value === undefined) {
    return (
      <Text c="dimmed" size="sm">
        {empty}
      </Text>
    );
  }
  if (!rows?.length) return <JsonView value={value} label={label} depth={3} />;
  return (
    <>
      <Group gap="sm" mb="xs">
        <SegmentedControl
          size="xs"
          aria-label={t`Display as`}
          data={[
            { value: "table", label: t`Table` },
            { value: "json", label: "JSON" },
          ]}
          value={form}
          onChange={setForm}
        />
        <Text size="sm" c="dimmed" className="tabular">
          {plural(rows.length, { one: "# row", other: "# rows" })}
        </Text>
      </Group>
      {form === "table" ? (
        <DataGrid rows={rows} label={label} height={Math.min(rows.length * 28 + 42, 320)} />
      ) : (
        <JsonView value={value} label={label} depth={2} />
      )}
    </>
  );
}
