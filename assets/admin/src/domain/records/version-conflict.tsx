import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useMemo } from "react";
import type { Conflict } from "@/lib/api/editor";
import { useMe } from "@/lib/api/me";
import { useVersions } from "@/lib/api/subjects/versions";
import { PageNotice } from "@/ui/page/page-notice";
import { compareContents, type Comparison } from "./compare/compare";
import { ComparisonView } from "./compare/comparison";
import { contentOf, historyKinds, type HistoryKind } from "./compare/content";
import { useLabels } from "./compare/use-labels";
import type { RecordKind } from "./record-kinds";
import classes from "./version-conflict.module.css";

interface ConflictEditor {
  base: { id: string };
  newer: boolean;
  compare: () => void;
  conflict: Conflict<object> | null;
  takeTheirs: () => void;
  keepMine: () => Promise<unknown>;
  goOn: () => void;
  saving: boolean;
}

interface VersionConflictProps {
  kind: RecordKind;
  editor: ConflictEditor;
}

/** Shown when a newer version was saved: compares both versions and asks which to keep. */
export function VersionConflict({ kind, editor }: VersionConflictProps) {
  const { newer, compare, conflict } = editor;
  return (
    <>
      {newer && !conflict && (
        <PageNotice
          action={
            <Button size="compact-sm" variant="default" onClick={compare}>
              <Trans>Compare</Trans>
            </Button>
          }
        >
          <Trans>A newer version exists. Your changes are kept.</Trans>
        </PageNotice>
      )}
      {conflict && kind in historyKinds && (
        <Choice kind={kind as HistoryKind} editor={editor} conflict={conflict} />
      )}
    </>
  );
}

/** Returns who saved a version: null for the user themselves, in another tab or window. */
function useAuthor(kind: HistoryKind, id: string, version: number): string | null | undefined {
  const versions = useVersions(kind, id).data?.items;
  const me = useMe().data?.user;
  const by = versions?.find((entry) => entry.version === version)?.by;
  return by !== undefined && me && [me.name, me.email].includes(by) ? null : by;
}

const pathsOf = ({ groups }: Comparison) =>
  new Set(groups.flatMap(({ differences }) => differences.map(({ path }) => path)));

interface ChoiceProps {
  kind: HistoryKind;
  editor: ConflictEditor;
  conflict: Conflict<object>;
}

function Choice({ kind, editor, conflict }: ChoiceProps) {
  const { takeTheirs, keepMine, goOn, saving, base } = editor;
  const labels = useLabels(kind, base.id);
  const author = useAuthor(kind, base.id, conflict.version);
  const [theirs, mine] = useMemo(() => {
    const content = (one: object) => contentOf(kind, one);
    return [
      compareContents(kind, content(conflict.base), content(conflict.theirs), labels),
      compareContents(kind, content(conflict.theirs), content(conflict.merged), labels),
    ];
  }, [kind, conflict, labels]);
  const both = { paths: pathsOf(theirs), label: t`also changed in the saved version` };
  const who =
    author === null
      ? t`You saved changes in another window`
      : author === undefined
        ? t`A newer version was saved`
        : t`${author} has saved changes`;
  return (
    <Modal opened onClose={goOn} size="xl" title={who} closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack gap="lg">
        <div className={classes.sides} tabIndex={0} role="group" aria-label={t`Changes`}>
          <section className={classes.side}>
            <Title order={3} size="h5">
              <Trans>Saved version</Trans>
            </Title>
            <ComparisonView order={4} comparison={theirs} same={t`No visible changes.`} />
          </section>
          <section className={classes.side}>
            <Title order={3} size="h5">
              <Trans>Your changes</Trans>
            </Title>
            <ComparisonView
              order={4}
              comparison={mine}
              same={t`The saved version already contains your changes.`}
              marked={both}
            />
          </section>
        </div>
        <Text size="sm" c="dimmed">
          <Trans>
            Overwrite saves your changes on top of the saved version. What only the saved version changed
            stays.
          </Trans>
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={goOn}>
            <Trans>Keep editing</Trans>
          </Button>
          <Button variant="default" onClick={takeTheirs}>
            <Trans>Use theirs</Trans>
          </Button>
          <Button color="red" loading={saving} onClick={() => void keepMine()}>
            <Trans>Overwrite</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
