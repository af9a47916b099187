import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Skeleton, Stack, Tabs, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconFileSearch, IconPencil, IconSearch, IconTable } from "@tabler/icons-react";
import { useState } from "react";
import { changesData } from "@/domain/records/changes-data";
import { KindIcon } from "@/domain/widgets/kinds/kind-icon";
import { useWidgetTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type { DataQuery, Widget, WidgetType } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { searchRecords } from "@/lib/rows/search-records";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "./drawer.module.css";

interface StartStepProps {
  /** Saved queries that belong to the dashboard. */
  ownQueries: readonly DataQuery[];
  onWrite: () => void;
  onTable: () => void;
  onQuery: (query: DataQuery) => void;
  onWidget: (widget: Widget) => void;
  onType: (type: WidgetType) => void;
}

const categories: { category: WidgetType["category"]; title: string }[] = [
  { category: "content", title: t`Content` },
  { category: "actions", title: t`Actions` },
  { category: "inputs", title: t`Inputs` },
];

/** Offers everything that can be put on a dashboard. */
export function StartStep({ ownQueries, onWrite, onTable, onQuery, onWidget, onType }: StartStepProps) {
  const can = useCan();
  const types = useWidgetTypes().data;
  const mayBuild = can("widget:create");
  return (
    <Stack gap="lg" className={classes.start}>
      {mayBuild && can("dataquery:create") && (
        <div className={classes.tiles}>
          {can("datasource:read") && (
            <Tile
              icon={<IconTable size={20} aria-hidden />}
              title={t`Show a table`}
              text={t`Select a table of a database. It needs no SQL.`}
              onClick={onTable}
            />
          )}
          <Tile
            icon={<IconPencil size={20} aria-hidden />}
            title={t`Write a query`}
            text={t`Query a datasource, then select a chart.`}
            onClick={onWrite}
          />
        </div>
      )}
      <Tabs defaultValue={mayBuild && can("dataquery:list") ? "queries" : "library"}>
        <Tabs.List>
          {mayBuild && can("dataquery:list") && (
            <Tabs.Tab value="queries">
              <Trans>Use a saved query</Trans>
            </Tabs.Tab>
          )}
          {can("widget:list") && (
            <Tabs.Tab value="library">
              <Trans>Widget from the library</Trans>
            </Tabs.Tab>
          )}
        </Tabs.List>
        <Tabs.Panel value="queries" pt="sm">
          <Picker kind="dataquery" own={ownQueries} label={t`Search queries`} onPick={onQuery} />
        </Tabs.Panel>
        <Tabs.Panel value="library" pt="sm">
          <Picker kind="widget" own={[]} label={t`Search widgets`} onPick={onWidget} />
        </Tabs.Panel>
      </Tabs>
      {mayBuild &&
        categories.map(({ category, title }) => {
          const members = types?.filter((type) => type.category === category) ?? [];
          if (members.length === 0) return null;
          return (
            <section key={category} aria-label={title}>
              <Title order={3} size="h5" mb="xs">
                {title}
              </Title>
              <div className={classes.tiles}>
                {members.map((type) => (
                  <Tile
                    key={type.type}
                    icon={<KindIcon type={type.type} size={20} />}
                    title={type.name}
                    text={type.description}
                    onClick={() => onType(type)}
                  />
                ))}
              </div>
            </section>
          );
        })}
    </Stack>
  );
}

interface TileProps {
  icon: React.ReactNode;
  title: string;
  text: string;
  onClick: () => void;
}

function Tile({ icon, title, text, onClick }: TileProps) {
  return (
    <UnstyledButton className={classes.tile} onClick={onClick}>
      {icon}
      <span>
        <Text span fw={500} display="block">
          {title}
        </Text>
        <Text span size="sm" c="dimmed">
          {text}
        </Text>
      </span>
    </UnstyledButton>
  );
}

/** One record to choose. A query that changes data is listed, but would do so each time the widget is shown. */
function Choice({ record, onPick }: { record: DataQuery | Widget; onPick: () => void }) {
  const isWidget = "config" in record;
  const isRefused = changesData(record);
  return (
    <UnstyledButton className={classes.row} disabled={isRefused} onClick={onPick}>
      {isWidget ? <KindIcon type={record.type} size={16} /> : <IconFileSearch size={16} aria-hidden />}
      <Text span size="sm" truncate>
        {record.name}
      </Text>
      {isRefused && (
        <Text span size="xs" className={classes.refused ?? ""}>
          <Trans>Changes data: use it in a form or a button</Trans>
        </Text>
      )}
    </UnstyledButton>
  );
}

interface PickerProps<R> {
  kind: "widget" | "dataquery";
  /** Listed before those of the library. */
  own: readonly R[];
  label: string;
  onPick: (record: R) => void;
}

function Picker<R extends DataQuery | Widget>({ kind, own, label, onPick }: PickerProps<R>) {
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 200);
  const list = useList(kind, { q, sort: "name", limit: 100, dashboardID: "none" });
  const items = list.items as R[] | undefined;
  const found = [...searchRecords(own, q, "name"), ...(items ?? [])];
  return (
    <Stack gap="xs">
      <TextInput
        aria-label={label}
        placeholder={label}
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {list.error && <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />}
      {!items && !list.error && <Skeleton h={120} />}
      <ul className={classes.list}>
        {found.map((record) => (
          <li key={record.id}>
            <Choice record={record} onPick={() => onPick(record)} />
          </li>
        ))}
      </ul>
      {items && found.length === 0 && (
        <Text size="sm" c="dimmed">
          {q ? t`No results.` : t`The library is empty.`}
        </Text>
      )}
    </Stack>
  );
}
