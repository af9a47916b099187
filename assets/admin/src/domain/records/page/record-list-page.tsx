import { Button } from "@mantine/core";
import { IconPlus, type Icon } from "@tabler/icons-react";
import { Link } from "react-router";
import { useCan } from "@/lib/api/me";
import type { Base } from "@/lib/api/model";
import type { ListParams, RecordOf } from "@/lib/api/resources";
import type { EmptyStateProps } from "@/ui/feedback/empty-state";
import { PageHeader } from "@/ui/page/page-header";
import { useRecordActions, type RecordActionOptions } from "../menu/record-actions";
import { recordKinds, useRecordLink, type RecordKind } from "../record-kinds";
import { ResourceList, type ListColumn } from "../resource-list";

interface RecordListPageProps<K extends RecordKind> extends Omit<RecordActionOptions<K>, "onDeleted"> {
  kind: K;
  columns: ListColumn<RecordOf<K>>[];
  empty: Omit<EmptyStateProps, "action">;
  /** How a record is created, if the role may: on a page or in a dialog. */
  create: { label: string; icon?: Icon } & ({ to: string } | { onClick: () => void });
  defaultSort?: string;
  /** Further filters to send, and their controls. */
  params?: ListParams;
  filters?: React.ReactNode;
  /** Another way to create a record, before the button that creates one. */
  secondary?: React.ReactNode;
  /** Between the header and the list. */
  tabs?: React.ReactNode;
  /** The dialogs of the kind's own actions. */
  children?: React.ReactNode;
}

/** The list of all records of a kind, with the menu of each. */
export function RecordListPage<K extends RecordKind>({
  kind,
  columns,
  empty,
  create,
  defaultSort,
  params,
  filters,
  secondary,
  tabs,
  children,
  ...options
}: RecordListPageProps<K>) {
  const can = useCan();
  const linkTo = useRecordLink();
  const { actionsOf, dialogs } = useRecordActions(kind, options);
  const { plural, noun } = recordKinds[kind];
  const { label, icon: CreateIcon = IconPlus, ...target } = create;
  const icon = <CreateIcon size={16} />;
  const button = (variant: "filled" | "default") =>
    can(`${kind}:create`) &&
    ("to" in target ? (
      <Button component={Link} to={target.to} variant={variant} leftSection={icon}>
        {label}
      </Button>
    ) : (
      <Button onClick={target.onClick} variant={variant} leftSection={icon}>
        {label}
      </Button>
    ));
  return (
    <>
      <PageHeader
        title={plural}
        actions={
          <>
            {secondary}
            {button("filled")}
          </>
        }
      />
      {tabs}
      <ResourceList
        kind={kind}
        noun={noun}
        columns={columns}
        actions={(record) => actionsOf(record as RecordOf<K> & Base)}
        empty={{ ...empty, action: button("default") }}
        {...(kind === "variable"
          ? {}
          : { to: (record: RecordOf<K>) => linkTo(kind, (record as RecordOf<K> & Base).id) })}
        {...(defaultSort ? { defaultSort } : {})}
        {...(params ? { params, filters } : {})}
      />
      {children}
      {dialogs}
    </>
  );
}
