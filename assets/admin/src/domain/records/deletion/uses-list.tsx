import { plural, t } from "@lingui/core/macro";
import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import type { RecordUse, Uses } from "@/lib/api/model";
import { groupBy } from "@/lib/group-by";
import { assetKinds } from "../asset-kinds";
import { isRecordKind, recordKinds, useRecordLink } from "../record-kinds";
import classes from "./deletion.module.css";

const kindsInOrder = Object.keys(assetKinds);

/** Sorts uses by kind, in the order in which kinds use each other. */
export const inOrder = (uses: readonly RecordUse[]): RecordUse[] =>
  [...uses].sort((a, b) => kindsInOrder.indexOf(a.kind) - kindsInOrder.indexOf(b.kind));

/** The records that use another one, each as a link, and the number of those that are not listed. */
export function UsesList({ uses: { items, more }, onOpen }: { uses: Uses; onOpen?: () => void }) {
  const others = more.reduce((sum, { count }) => sum + count, 0);
  return (
    <Stack gap="sm" className={classes.uses} tabIndex={0} role="group" aria-label={t`Used by`}>
      {[...groupBy(inOrder(items), ({ kind }) => kind)].map(([kind, users]) => (
        <div key={kind}>
          <Text size="sm" fw={500}>
            {isRecordKind(kind) ? recordKinds[kind].plural : kind}
          </Text>
          <ul className={classes.list}>
            {users.map((use) => (
              <li key={use.id}>
                <UseLink use={use} onOpen={onOpen} />
              </li>
            ))}
          </ul>
        </div>
      ))}
      {others > 0 && (
        <Text size="sm" c="dimmed">
          {plural(others, {
            one: "and # more record",
            other: "and # more records",
          })}
        </Text>
      )}
    </Stack>
  );
}

function UseLink({ use: { kind, id, name }, onOpen }: { use: RecordUse; onOpen?: (() => void) | undefined }) {
  const linkTo = useRecordLink();
  if (!isRecordKind(kind)) return name;
  return (
    <Anchor component={Link} to={linkTo(kind, id)} size="sm" onClick={onOpen}>
      {name}
    </Anchor>
  );
}
