import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text, Title, VisuallyHidden } from "@mantine/core";
import type { Kind, Readable } from "@/lib/api/resources";
import type { Change, GraphDiff } from "@/lib/flow/diff";
import { RecordName } from "../record-name";
import { isSame, type Comparison } from "./compare";
import classes from "./comparison.module.css";
import type { Difference } from "./differences";
import { diffLines, type DiffLine } from "./lines";

interface ComparisonViewProps {
  comparison: Comparison;
  /** Shown if nothing differs. */
  same: string;
  /** The level of its headings. */
  order?: 2 | 3 | 4;
  /** The paths to mark, with the reason. */
  marked?: { paths: ReadonlySet<string>; label: string };
}

/** Shows what differs: before and after, and texts line by line. */
export function ComparisonView({ comparison, same, order = 3, marked }: ComparisonViewProps) {
  const { groups, graph, names } = comparison;
  if (isSame(comparison))
    return (
      <Text size="sm" c="dimmed">
        {same}
      </Text>
    );
  return (
    <>
      {graph && <GraphChanges diff={graph} order={order} />}
      {groups.map(({ title, differences }) => (
        <section key={title}>
          <Title order={order} className={classes.title ?? ""}>
            {title}
          </Title>
          <ul className={classes.list}>
            {differences.map((difference) => (
              <Line
                key={difference.path}
                {...difference}
                names={names}
                {...(marked?.paths.has(difference.path) ? { mark: marked.label } : {})}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

const differenceWords: Record<Change, string> = { added: t`new`, removed: t`removed`, changed: t`changed` };

type LineProps = Difference & Pick<Comparison, "names"> & { mark?: string };

function Line({ of, field, change, note, mark, ...values }: LineProps) {
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
        {mark && <span className={classes.mark}>{mark}</span>}
      </div>
      {note === undefined ? <Values {...values} /> : <Text size="sm">{note}</Text>}
    </li>
  );
}

type ValuesProps = Pick<LineProps, "before" | "after" | "refers" | "names">;

function Values({ before, after, refers, names }: ValuesProps) {
  if (before !== null && after !== null && (before.includes("\n") || after.includes("\n")))
    return <Lines lines={diffLines(before, after)} />;
  return (
    <>
      {before !== null && (
        <>
          <VisuallyHidden>
            <Trans>Before</Trans>
          </VisuallyHidden>
          <del className={classes.text} data-side="before">
            <Value text={before} refers={refers} names={names} />
          </del>
        </>
      )}
      {after !== null && (
        <>
          <VisuallyHidden>
            <Trans>After</Trans>
          </VisuallyHidden>
          <ins className={classes.text} data-side="after">
            <Value text={after} refers={refers} names={names} />
          </ins>
        </>
      )}
    </>
  );
}

type ValueProps = { text: string; refers: Kind | undefined } & Pick<Comparison, "names">;

const Value = ({ text, refers, names }: ValueProps) =>
  refers ? (names?.get(text) ?? <RecordName kind={refers as Readable} id={text} />) : text;

const lineWords: Record<DiffLine["change"], string> = {
  same: "",
  gap: "",
  removed: t`removed`,
  added: t`new`,
};

function Lines({ lines }: { lines: DiffLine[] }) {
  return (
    <div className={classes.lines}>
      {lines.map(({ change, text }, index) => (
        // Lines have no identity but their position.
        <div key={index} className={classes.codeLine} data-change={change}>
          {lineWords[change] && <VisuallyHidden>{lineWords[change]}</VisuallyHidden>}
          <code>{text}</code>
        </div>
      ))}
    </div>
  );
}

/** Added and removed steps, and the number of added and removed connections. */
function GraphChanges({ diff: { graph, nodes, edges }, order }: { diff: GraphDiff; order: 2 | 3 | 4 }) {
  const named = (wanted: Change) =>
    graph.nodes.filter(({ id }) => nodes.get(id) === wanted).map(({ name }) => name);
  const [added, removed] = [named("added"), named("removed")];
  const [more, fewer] = (["added", "removed"] as const).map(
    (wanted) => [...edges.values()].filter((change) => change === wanted).length,
  );
  if (added.length + removed.length + edges.size === 0) return null;
  return (
    <section>
      <Title order={order} className={classes.title ?? ""}>
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
