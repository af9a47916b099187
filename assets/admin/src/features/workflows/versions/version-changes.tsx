import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text, Title } from "@mantine/core";
import type { Change, GraphDiff } from "@/lib/flow/diff";
import type { Difference, DifferenceGroup } from "./definition-diff";
import classes from "./version-changes.module.css";

/** Describes the changes since a version: before and after. */
export function VersionChanges({ graph, groups }: { graph: GraphDiff; groups: readonly DifferenceGroup[] }) {
  const isSame = groups.length === 0 && graph.nodes.size === 0 && graph.edges.size === 0;
  return (
    <aside className={classes.changes} aria-label={t`Changes`} tabIndex={0}>
      {isSame && (
        <Text size="sm" c="dimmed">
          <Trans>No changes since this version (layout is ignored).</Trans>
        </Text>
      )}
      <GraphChanges diff={graph} />
      {groups.map(({ title, differences }) => (
        <section key={title}>
          <Title order={2} className={classes.title ?? ""}>
            {title}
          </Title>
          <ul className={classes.list}>
            {differences.map((difference) => (
              <Line key={`${difference.of} ${difference.field}`} {...difference} />
            ))}
          </ul>
        </section>
      ))}
    </aside>
  );
}

const differenceWords: Record<Change, string> = { added: t`new`, removed: t`removed`, changed: t`changed` };

function Line({ of, field, change, before, after }: Difference) {
  return (
    <li className={classes.line}>
      <div>
        {of && <span className={classes.of}>{of}</span>}
        {of && (field ? " · " : " ")}
        {field || (
          <span className={classes.word} data-change={change}>
            {differenceWords[change]}
          </span>
        )}
      </div>
      {before === null ? null : (
        <del className={classes.text} data-side="before">
          {before}
        </del>
      )}
      {after === null ? null : (
        <ins className={classes.text} data-side="after">
          {after}
        </ins>
      )}
    </li>
  );
}

/** Added and removed steps, and the number of added and removed connections. */
function GraphChanges({ diff: { graph, nodes, edges } }: { diff: GraphDiff }) {
  const named = (wanted: Change) =>
    graph.nodes.filter(({ id }) => nodes.get(id) === wanted).map(({ name }) => name);
  const [added, removed] = [named("added"), named("removed")];
  const [more, fewer] = (["added", "removed"] as const).map(
    (wanted) => [...edges.values()].filter((change) => change === wanted).length,
  );
  if (added.length + removed.length + edges.size === 0) return null;
  return (
    <section>
      <Title order={2} className={classes.title ?? ""}>
        <Trans>Graph</Trans>
      </Title>
      <ul className={classes.list}>
        {added.length > 0 && <Names label={t`New steps`} change="added" names={added} />}
        {removed.length > 0 && <Names label={t`Removed steps`} change="removed" names={removed} />}
        {more ? <li>{plural(more, { one: "# new connection", other: "# new connections" })}</li> : null}
        {fewer ? (
          <li>{plural(fewer, { one: "# removed connection", other: "# removed connections" })}</li>
        ) : null}
      </ul>
    </section>
  );
}

function Names({ label, change, names }: { label: string; change: Change; names: readonly string[] }) {
  return (
    <li>
      <span className={classes.word} data-change={change}>
        {label}
      </span>{" "}
      {names.join(", ")}
    </li>
  );
}
