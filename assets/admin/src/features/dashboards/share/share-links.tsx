import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Badge,
  Button,
  Group,
  MultiSelect,
  Select,
  Skeleton,
  Stack,
  Text,
  Tooltip,
} from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import type { Dashboard, DashboardVariable, JsonObject, Share } from "@/lib/api/model";
import { useShares } from "@/lib/api/subjects/shares";
import { now } from "@/lib/format/dates/clock";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { landErrors } from "@/ui/input/form-errors";
import { TagsField } from "@/ui/input/tags-field";
import { Time } from "@/ui/text/time";
import classes from "./share-links.module.css";
import { labelOfVariable, textOfValue, wordsOfValue } from "@/domain/variables/variables";
import { ShareLink } from "./share-link";

const lifetimes = [
  { value: "1", label: t`1 day` },
  { value: "7", label: t`7 days` },
  { value: "30", label: t`30 days` },
  { value: "365", label: t`1 year` },
  { value: "", label: t`Never` },
];

const inDays = (days: string): string | null =>
  days ? new Date(now() + Number(days) * 86_400_000).toISOString() : null;

interface ShareLinksProps {
  dashboard: Dashboard;
  /** The values of the filters, which a link can lock. */
  values: JsonObject;
}

/** Creates, lists and revokes the share links of a dashboard. */
export function ShareLinks({ dashboard, values }: ShareLinksProps) {
  const shares = useShares(dashboard.id);
  const made = shares.create.data;
  return (
    <Stack gap="lg">
      {made ? (
        <ShareLink link={made} title={dashboard.name} onDone={shares.create.reset} />
      ) : (
        <NewShare shares={shares} variables={dashboard.variables} values={values} />
      )}
      <Links shares={shares} variables={dashboard.variables} />
    </Stack>
  );
}

type Shares = ReturnType<typeof useShares>;

interface NewShareProps {
  shares: Shares;
  variables: readonly DashboardVariable[];
  values: JsonObject;
}

function NewShare({ shares: { create }, variables, values }: NewShareProps) {
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { days: "30", allowedOrigins: [] as string[], fixed: [] as string[] },
  });
  const [problem, setProblem] = useState<unknown>(null);
  const set = variables.filter(({ name }) => textOfValue(values[name]) !== "");
  const submit = ({ days, allowedOrigins, fixed }: typeof form.values) =>
    create.mutate(
      {
        expiresAt: inDays(days),
        allowedOrigins,
        variables: Object.fromEntries(fixed.map((name) => [name, values[name]])),
      },
      {
        onError: (error) => {
          const left = landErrors(form, error);
          const origin = Object.entries(form.errors).find(([path]) => path.startsWith("allowedOrigins"));
          if (origin) form.setFieldError("allowedOrigins", origin[1]);
          setProblem(left);
        },
      },
    );
  return (
    <form noValidate onSubmit={form.onSubmit(submit)}>
      <Stack gap="md">
        <Text>
          <Trans>
            Anyone with the link can view this dashboard and its data without signing in, but nothing else.
            Buttons and forms are not shown.
          </Trans>
        </Text>
        <Select
          label={t`Expiration`}
          data={lifetimes}
          key={form.key("days")}
          {...form.getInputProps("days")}
        />
        <TagsField
          label={t`Allowed origins`}
          description={t`Sites that can embed this dashboard. Leave empty to block embedding.`}
          placeholder={t`https://intranet.example.com`}
          maxTags={20}
          splitChars={[",", " "]}
          key={form.key("allowedOrigins")}
          {...form.getInputProps("allowedOrigins")}
        />
        {set.length > 0 && (
          <MultiSelect
            label={t`Locked filters`}
            description={t`Fixed at their current values on the dashboard. Viewers cannot change them.`}
            placeholder={t`None`}
            data={set.map((variable) => ({
              value: variable.name,
              label: `${labelOfVariable(variable)}: ${wordsOfValue(variable, values[variable.name])}`,
            }))}
            key={form.key("fixed")}
            {...form.getInputProps("fixed")}
          />
        )}
        {Boolean(problem) && <ErrorPanel error={problem} title={t`Could not create the link`} />}
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            <Trans>Create link</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Links({
  shares: { list, revoke },
  variables,
}: {
  shares: Shares;
  variables: readonly DashboardVariable[];
}) {
  const [doomed, setDoomed] = useState<Share | null>(null);
  if (list.error) return <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton h={48} />;
  if (list.data.length === 0) return null;
  return (
    <section aria-label={t`Share links`}>
      <Text size="sm" fw={600} mb={4}>
        <Trans>Share links</Trans>
      </Text>
      <ul className={classes.links}>
        {list.data.map((share) => (
          <li key={share.id}>
            <div>
              <Text size="sm">
                <Trans>
                  Created <Time value={share.createdAt} /> by {share.createdBy}
                </Trans>
              </Text>
              <Text size="xs" c="dimmed">
                <Lifetime share={share} /> ·{" "}
                {share.lastUsedAt ? (
                  <Trans>
                    last used <Time value={share.lastUsedAt} />
                  </Trans>
                ) : (
                  t`never used`
                )}
                {share.allowedOrigins.length > 0 && (
                  <>
                    {" "}
                    · <Trans>embedding allowed on {share.allowedOrigins.join(", ")}</Trans>
                  </>
                )}
                {Object.entries(share.variables).map(
                  ([name, value]) =>
                    ` · ${labelOfVariable(variables.find((one) => one.name === name) ?? { name })}: ${wordsOfValue(
                      variables.find((one) => one.name === name),
                      value,
                    )}`,
                )}
              </Text>
            </div>
            {isOver(share) && (
              <Badge variant="light" color="gray">
                <Trans>Expired</Trans>
              </Badge>
            )}
            <Tooltip label={t`Revoke`}>
              <ActionIcon
                size={32}
                aria-label={t`Revoke link created by ${share.createdBy}`}
                onClick={() => setDoomed(share)}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Tooltip>
          </li>
        ))}
      </ul>
      <ConfirmDelete
        title={t`Revoke link?`}
        verb={t`Revoke`}
        name={doomed?.id ?? null}
        consequence={t`The link stops working immediately, everywhere it is used.`}
        onClose={() => setDoomed(null)}
        onDelete={() => (doomed ? revoke.mutateAsync(doomed.id) : Promise.resolve())}
      />
    </section>
  );
}

function Lifetime({ share }: { share: Share }) {
  if (!share.expiresAt) return t`Never expires`;
  return isOver(share) ? (
    <Trans>
      Expired <Time value={share.expiresAt} />
    </Trans>
  ) : (
    <Trans>
      Expires <Time value={share.expiresAt} />
    </Trans>
  );
}

const isOver = ({ expiresAt }: Share) => Boolean(expiresAt && Date.parse(expiresAt) <= now());
