import { plural, t } from "@lingui/core/macro";
import { compareContents, isSame, withGroups, type Comparison, type Labels } from "./compare";
import type { Content, HistoryKind } from "./content";
import type { Difference, DifferenceGroup } from "./differences";
import { graphSentences } from "./workflow";

/** The longest values that a sentence contains. */
const SHORT = 40;
/** The most sentences about one version. */
const MOST = 4;

const isShort = (text: string | null): text is string =>
  text !== null && text.length <= SHORT && !text.includes("\n");

function sentenceOf({ of, field, change, before, after, refers }: Difference): string {
  if (of) return field ? t`${of}: ${field} changed` : change === "added" ? t`${of} added` : t`${of} removed`;
  if (refers) return t`${field} changed`;
  if (isShort(before) && isShort(after)) return t`${field} changed from “${before}” to “${after}”`;
  if (before === null && isShort(after)) return t`${field} set to “${after}”`;
  if (after === null && before !== null) return t`${field} cleared`;
  return t`${field} changed`;
}

function groupSentences({ title, differences, counted, summary }: DifferenceGroup): string[] {
  if (summary !== undefined) return [summary];
  if (differences.some(({ note }) => note !== undefined)) return [t`${title} changed`];
  if (!counted) return differences.map(sentenceOf);
  const whole = (change: Difference["change"]) =>
    differences.filter((difference) => difference.field === "" && difference.change === change).length;
  const changed = [...new Set(differences.filter(({ field }) => field !== "").map(({ of }) => of))];
  const [added, removed] = [whole("added"), whole("removed")];
  return [
    ...(added ? [counted.added(added)] : []),
    ...(removed ? [counted.removed(removed)] : []),
    ...(changed[0] === undefined ? [] : [counted.changed(changed.length, changed[0])]),
  ];
}

/** Says what a comparison shows, in a few short sentences. */
function sentencesOf({ groups, graph }: Comparison): string[] {
  const all = [...(graph ? graphSentences(graph) : []), ...groups.flatMap(groupSentences)];
  if (all.length <= MOST) return all;
  const more = all.length - MOST + 1;
  return [...all.slice(0, MOST - 1), plural(more, { one: "# more change", other: "# more changes" })];
}

/** Says what changed from one version to the next, also if that is not visible. */
export function changeSentences(
  kind: HistoryKind,
  before: Content,
  after: Content,
  labels: Labels,
  parts: readonly DifferenceGroup[] = [],
): string[] {
  const comparison = withGroups(compareContents(kind, before, after, labels), parts);
  if (!isSame(comparison)) return sentencesOf(comparison);
  if (kind === "workflow") return [t`Steps moved`];
  if (kind === "datasource") return [t`Secrets changed`];
  if (kind === "variable" && after["secret"]) return [t`Secret value changed`];
  return [t`No visible changes`];
}
