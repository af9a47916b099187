import { t } from "@lingui/core/macro";
import { Badge } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { labelOfVariable, wordsOfValue } from "@/domain/variables/variables";
import type { JsonObject, SharedDashboard } from "@/lib/api/model";
import classes from "./share-links.module.css";

interface LockedFiltersProps {
  variables: SharedDashboard["locked"];
  values: JsonObject;
  /** IANA time zone of ranges; that of the reader if absent. */
  zone: string | undefined;
}

/** Shows the filters that limit the data of a shared dashboard and that its readers cannot change. */
export function LockedFilters({ variables, values, zone }: LockedFiltersProps) {
  if (variables.length === 0) return null;
  return (
    <ul
      className={classes.locked}
      aria-label={t`Locked filters`}
      title={t`The person who shared this dashboard set these filters. They cannot be changed here.`}
    >
      {variables.map((variable) => (
        <Badge
          key={variable.name}
          component="li"
          variant="default"
          size="lg"
          tt="none"
          fw={400}
          leftSection={<IconLock size={12} aria-hidden />}
        >
          {labelOfVariable(variable)}: {wordsOfValue(variable, values[variable.name], zone)}
        </Badge>
      ))}
    </ul>
  );
}
