import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Drawer, Skeleton, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { useVersions } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { Time } from "@/ui/text/time";
import classes from "../workflows.module.css";

/** Lists every saved version of a workflow. Open while mounted. */
export function Versions({
  workflowID,
  current,
  onClose,
}: {
  workflowID: string;
  current: number;
  onClose: () => void;
}) {
  const link = useTenantLink();
  const { data, error, refetch } = useVersions("workflow", workflowID);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={360}
      title={t`Versions`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!data && !error && (
        <Stack gap="sm">
          <Skeleton h={40} />
          <Skeleton h={40} />
          <Skeleton h={40} />
        </Stack>
      )}
      <ol className={classes.versions}>
        {data?.items.map(({ version, at, by, name }) => (
          <li key={version}>
            <Link to={link("workflows", workflowID, "versions", String(version))} className={classes.version}>
              <span>
                <b>v{version}</b>
                {version === current && (
                  <>
                    {" "}
                    · <Trans>current</Trans>
                  </>
                )}
              </span>
              <Text size="sm" c="dimmed" span>
                <Time value={at} /> {by && t`by ${by}`}
              </Text>
              <Text size="sm" span truncate>
                {name}
              </Text>
            </Link>
          </li>
        ))}
      </ol>
    </Drawer>
  );
}
