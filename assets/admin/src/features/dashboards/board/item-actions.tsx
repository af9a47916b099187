import { Trans } from "@lingui/react/macro";
import { Menu } from "@mantine/core";
import { IconDownload, IconExternalLink, IconPhoto, IconRefresh } from "@tabler/icons-react";
import { Link } from "react-router";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { shownBy } from "@/domain/widgets/kinds/shown";
import { drawsData } from "@/domain/widgets/kinds/widget-view";
import { useCan } from "@/lib/api/me";
import { saveBlob } from "@/lib/http/download";
import { plainColumns, type Row } from "@/lib/rows/cells";
import { toCsv } from "@/lib/rows/csv";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { mayPicture } from "../picture/markup-picture";
import { pictureOf } from "../picture/picture";
import type { ItemMenuProps } from "./view-grid";

/** The actions of an item on a dashboard that is viewed. */
export function ItemActions(item: ItemMenuProps) {
  const can = useCan();
  const link = useTenantLink();
  return (
    <>
      <TakeAlong {...item} />
      {item.widget && can("widget:read") && (
        <Menu.Item
          component={Link}
          to={link("widgets", item.widget.id)}
          leftSection={<IconExternalLink size={16} />}
        >
          <Trans>Open widget</Trans>
        </Menu.Item>
      )}
    </>
  );
}

/** The actions that people without an account have too. */
export function TakeAlong({ id, title, widget, result, onRefresh, frame }: ItemMenuProps) {
  const fileName = title.replace(/[^\p{L}\p{N}.-]+/gu, "-");
  const save = (columns: Parameters<typeof toCsv>[0], rows: readonly Row[]) =>
    saveBlob(new Blob([toCsv(columns, rows)], { type: "text/csv;charset=utf-8" }), `${fileName}.csv`);
  const saveAll = () => {
    const { rows, columns } = rowsOf(result);
    // The names, as the query returns them.
    save(plainColumns(columns), rows);
  };
  const shown = shownBy(id);
  const saveShown = () =>
    shown &&
    save(
      shown.columns.map(({ field, label }) => ({ name: field, label, type: "unknown" })),
      shown.rows,
    );
  const savePicture = () => {
    const drawn = frame();
    if (mayPicture(drawn))
      pictureOf(drawn, title).then(
        (blob) => saveBlob(blob, `${fileName}.png`),
        (error: unknown) => notify.failed(error, title),
      );
  };
  return (
    <>
      <Menu.Item leftSection={<IconRefresh size={16} />} onClick={onRefresh}>
        <Trans>Refresh</Trans>
      </Menu.Item>
      {shown && (
        <Menu.Item disabled={!result} leftSection={<IconDownload size={16} />} onClick={saveShown}>
          <Trans>Download as CSV</Trans>
        </Menu.Item>
      )}
      <Menu.Item disabled={!result} leftSection={<IconDownload size={16} />} onClick={saveAll}>
        {shown ? <Trans>All rows and columns as CSV</Trans> : <Trans>Download as CSV</Trans>}
      </Menu.Item>
      {mayPicture(frame()) && (
        <Menu.Item
          disabled={!result && widget !== undefined && drawsData(widget.type, widget.config)}
          leftSection={<IconPhoto size={16} />}
          onClick={savePicture}
        >
          <Trans>Download as PNG</Trans>
        </Menu.Item>
      )}
    </>
  );
}
