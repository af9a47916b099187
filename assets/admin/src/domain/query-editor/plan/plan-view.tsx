import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table } from "@mantine/core";
import { useMemo } from "react";
import type { QueryResult } from "@/lib/api/model";
import { formatNumber } from "@/lib/format/format";
import classes from "../data-queries.module.css";
import { ResultGrid } from "../results/result-grid";
import { flatSteps, planOf, type PlanStep } from "./plan";

/** Indentation per level, in px. */
const INDENT = 18;

/** Shows how the datasource would run the query. */
export function PlanView({ result }: { result: QueryResult }) {
  const plan = useMemo(() => planOf(result.data), [result.data]);
  if (!plan) return <ResultGrid result={result} />;
  if ("text" in plan) {
    return (
      <pre className={classes.planText} tabIndex={0} aria-label={t`Plan`}>
        {plan.text}
      </pre>
    );
  }
  return <PlanTree steps={plan.steps} />;
}

function PlanTree({ steps }: { steps: PlanStep[] }) {
  const flat = flatSteps(steps);
  const estimated = flat.some(({ step }) => step.cost !== undefined || step.rows !== undefined);
  return (
    <Table.ScrollContainer minWidth={estimated ? 480 : 280}>
      <Table
        className={classes.plan}
        aria-label={t`Plan`}
        horizontalSpacing="md"
        verticalSpacing={6}
        withRowBorders
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Step</Trans>
            </Table.Th>
            {estimated && (
              <Table.Th ta="right">
                <Trans>Estimated rows</Trans>
              </Table.Th>
            )}
            {estimated && (
              <Table.Th ta="right" title={t`In the planner’s cost unit, including the steps below`}>
                <Trans>Cost</Trans>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {flat.map(({ step, depth }, index) => (
            <Table.Tr key={index}>
              <Table.Td>
                <div
                  className={classes.planStep}
                  style={{ paddingInlineStart: Math.min(depth, 16) * INDENT }}
                >
                  <span className={classes.planLabel}>{step.label}</span>
                  {step.details.map((detail) => (
                    <span key={detail} className={classes.planDetail}>
                      {detail}
                    </span>
                  ))}
                </div>
              </Table.Td>
              {estimated && (
                <Table.Td ta="right">{step.rows === undefined ? "–" : formatNumber(step.rows)}</Table.Td>
              )}
              {estimated && (
                <Table.Td ta="right">{step.cost === undefined ? "–" : formatNumber(step.cost)}</Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
