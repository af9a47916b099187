import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Checkbox, Skeleton, Table, Tooltip } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { usePermissions } from "@/lib/api/subjects/tenants";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { actName, objectName, rank } from "./permission-words";
import classes from "./roles.module.css";

interface PermissionMatrixProps {
  value: string[];
  onChange: (permissions: string[]) => void;
  readOnly: boolean;
}

/** Edits the permissions, one row per kind of record and one column per action. */
export function PermissionMatrix({ value, onChange, readOnly }: PermissionMatrixProps) {
  const { data: permissions, error, refetch } = usePermissions();
  if (error) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!permissions) return <Skeleton h={320} />;
  const names = permissions.map(({ name }) => name);
  const objects = [...new Set(names.map((name) => name.split(":")[0] ?? ""))];
  const acts = [...new Set(names.map((name) => name.split(":")[1] ?? ""))].sort((a, b) => rank(a) - rank(b));
  const granted = new Set(value);
  // The server's order, so that the same set is always the same list.
  const set = (changed: string[], on: boolean) =>
    onChange(names.filter((name) => (changed.includes(name) ? on : granted.has(name))));

  return (
    <Table.ScrollContainer minWidth={760}>
      <Table className={classes.matrix} aria-label={t`Permissions`} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Record type</Trans>
            </Table.Th>
            {acts.map((act) => (
              <Table.Th key={act} ta="center">
                {actName(act)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {objects.map((object) => {
            const mine = names.filter((name) => name.startsWith(`${object}:`));
            const count = mine.filter((name) => granted.has(name)).length;
            return (
              <Table.Tr key={object}>
                <Table.Th scope="row">
                  {readOnly ? (
                    objectName(object)
                  ) : (
                    <Checkbox
                      size="xs"
                      label={objectName(object)}
                      checked={count === mine.length}
                      indeterminate={count > 0 && count < mine.length}
                      onChange={(event) => set(mine, event.currentTarget.checked)}
                    />
                  )}
                </Table.Th>
                {acts.map((act) => {
                  const permission = permissions.find(({ name }) => name === `${object}:${act}`);
                  return (
                    <Table.Td key={act} ta="center">
                      {permission && readOnly && (
                        <Granted is={granted.has(permission.name)} what={permission.description} />
                      )}
                      {permission && !readOnly && (
                        <Tooltip label={permission.description}>
                          <Checkbox
                            size="xs"
                            className={classes.check ?? ""}
                            aria-label={permission.description}
                            checked={granted.has(permission.name)}
                            onChange={(event) => set([permission.name], event.currentTarget.checked)}
                          />
                        </Tooltip>
                      )}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Whether a role that is only shown has a permission. */
function Granted({ is, what }: { is: boolean; what: string }) {
  return (
    <Tooltip label={what}>
      {is ? (
        <IconCheck size={16} className={classes.granted} role="img" aria-label={t`Granted: ${what}`} />
      ) : (
        <span className={classes.missing} aria-label={t`Not granted: ${what}`} role="img">
          –
        </span>
      )}
    </Tooltip>
  );
}
