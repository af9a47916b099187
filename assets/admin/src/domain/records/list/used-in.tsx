import { Trans } from "@lingui/react/macro";
import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import { useUses, type UsedKind } from "@/lib/api/subjects/uses";
import { isRecordKind, useRecordLink } from "../record-kinds";

/** Names a record that uses this one, and how many others there are. */
export function UsedIn({ kind, id }: { kind: UsedKind; id: string }) {
  const linkTo = useRecordLink();
  const uses = useUses(kind, id).data;
  if (!uses) return null;
  const [first] = uses.items;
  const more = uses.count - (first ? 1 : 0);
  if (uses.count === 0)
    return (
      <Text span c="dimmed" size="sm">
        <Trans>Not used</Trans>
      </Text>
    );
  return (
    <Text span size="sm">
      {first &&
        (isRecordKind(first.kind) ? (
          <Anchor component={Link} to={linkTo(first.kind, first.id)} size="sm">
            {first.name}
          </Anchor>
        ) : (
          first.name
        ))}
      {more > 0 && ` +${more}`}
    </Text>
  );
}
