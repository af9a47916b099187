import { Affix, Paper } from "@mantine/core";
import classes from "./page-notice.module.css";

/** A notice about the whole page, at its bottom, until it is resolved. */
export function PageNotice({ children, action }: { children: React.ReactNode; action?: React.ReactNode }) {
  return (
    <Affix position={{ bottom: 0, left: 0, right: 0 }} zIndex={190} className={classes.place ?? ""}>
      <Paper className={classes.notice ?? ""} shadow="md" role="status">
        <span>{children}</span>
        {action}
      </Paper>
    </Affix>
  );
}
