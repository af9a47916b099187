import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Modal, Skeleton, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconLayoutDashboard } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { isApiError, messageOf } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { Widget } from "@/lib/api/model";
import { useCreate, useList } from "@/lib/api/resources";
import { fieldErrors } from "@/lib/schema/paths";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "./widgets.module.css";

/** Asks which dashboard to add a widget to: an existing one or a new one. Open while mounted. */
export function PutOnDashboard({ widget, onClose }: { widget: Widget; onClose: () => void }) {
  const can = useCan();
  const list = useList("dashboard", { sort: "-updatedAt", limit: 100 }, { enabled: can("dashboard:list") });
  const some = can("dashboard:update") && (list.items?.length ?? 0) > 0;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`Add “${widget.name}” to a dashboard`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="lg">
        {list.error && <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />}
        {list.isLoading && <Skeleton h={72} />}
        {some && <Existing widget={widget} dashboards={list.items ?? []} />}
        {can("dashboard:create") && !list.isLoading && <New widget={widget} first={!some} />}
      </Stack>
    </Modal>
  );
}

function Existing({ widget, dashboards }: { widget: Widget; dashboards: { id: string; name: string }[] }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  return (
    <ul className={classes.dashboards}>
      {dashboards.map(({ id, name }) => (
        <li key={id}>
          <UnstyledButton
            className={classes.dashboard}
            onClick={() => void navigate(`${link("dashboards", id, "edit")}?add=${widget.id}`)}
          >
            <IconLayoutDashboard size={16} stroke={1.6} aria-hidden />
            <Text span size="md" truncate>
              {name}
            </Text>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

/** Creates a dashboard with the widget on it. */
function New({ widget, first }: { widget: Widget; first: boolean }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const create = useCreate("dashboard");
  const [name, setName] = useState("");
  const problem = isApiError(create.error)
    ? (fieldErrors(create.error.details)["name"] ??
      (create.error.code === "CONFLICT" ? messageOf(create.error) : undefined))
    : undefined;
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    const items = [{ key: "item1", widgetID: widget.id }];
    create.mutate(
      { name: name.trim(), tabs: [], items, layouts: {}, variables: [], refreshSeconds: 0 },
      { onSuccess: ({ id }) => void navigate(link("dashboards", id)) },
    );
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md" align="stretch">
        <TextInput
          label={first ? t`Name of the new dashboard` : t`Or create a new dashboard`}
          maxLength={255}
          value={name}
          error={problem}
          onChange={(event) => setName(event.currentTarget.value)}
          {...(first ? { "data-autofocus": true } : {})}
        />
        {create.error && !problem && <ErrorPanel error={create.error} />}
        <Button
          type="submit"
          ml="auto"
          variant={first ? "filled" : "default"}
          loading={create.isPending}
          disabled={!name.trim()}
        >
          <Trans>Create dashboard</Trans>
        </Button>
      </Stack>
    </form>
  );
}
