import { plural } from "@lingui/core/macro";
import { Alert, Anchor, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { CellProblem } from "./cell-problems";
import type { Place } from "./sheet/selection";
import classes from "./problem-list.module.css";

/** The most problems to list. */
const MOST = 20;

interface ProblemListProps {
  problems: readonly CellProblem[];
  /** Leads to the cell. */
  onProblem: (place: Place) => void;
}

/** Lists the cells that cannot be saved, each with the reason. */
export function ProblemList({ problems: all, onProblem }: ProblemListProps) {
  const problems = all.length;
  const rest = problems - MOST;
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle size={16} />}
      title={plural(problems, { one: "# invalid cell", other: "# invalid cells" })}
    >
      <ul className={classes.problems}>
        {all.slice(0, MOST).map(({ id, row, column, reason, place }) => (
          <li key={id}>
            <Anchor component="button" type="button" size="sm" ta="start" onClick={() => onProblem(place)}>
              {column ? `${row}, ${column}` : row}
            </Anchor>
            <Text size="sm">{reason}</Text>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Text size="sm">{plural(problems - MOST, { one: "and # more", other: "and # more" })}</Text>
      )}
    </Alert>
  );
}
