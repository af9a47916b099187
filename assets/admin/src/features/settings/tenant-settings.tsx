import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Divider, Group, Modal, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { useNavigate } from "react-router";
import { SettingsTabs } from "@/domain/tenants/settings-tabs";
import { useCan } from "@/lib/api/me";
import type { TenantDetail } from "@/lib/api/model";
import { useDeleteTenant, usePatchTenant, useTenant } from "@/lib/api/subjects/tenants";
import { settled } from "@/lib/session/unsaved";
import { lastTenant } from "@/lib/tenant";
import { Fact, Facts } from "@/ui/facts/facts";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { landErrors, rules } from "@/ui/input/form-errors";
import { PageHeader } from "@/ui/page/page-header";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { CopyButton } from "@/ui/text/copy-button";
import { Usage } from "./usage";

export function TenantSettings() {
  const tenant = useTenant();
  const can = useCan();
  return (
    <>
      <PageHeader title={t`Settings`} />
      <SettingsTabs />
      {tenant.error && <ErrorPanel page error={tenant.error} onRetry={() => void tenant.refetch()} />}
      {tenant.isLoading && <Skeleton m="xl" h={160} maw={480} />}
      {tenant.data && (
        <Stack p={{ base: "lg", sm: "xl" }} gap="xl" maw={560}>
          {can("tenant:update") ? (
            <GeneralForm key={tenant.data.id} tenant={tenant.data} />
          ) : (
            <Facts>
              <Fact label={t`Name`}>{tenant.data.name}</Fact>
              <Fact label={t`Logo`}>{tenant.data.logoUrl}</Fact>
              <Fact label={t`Tenant ID`}>
                <TenantID id={tenant.data.id} />
              </Fact>
            </Facts>
          )}
          <Usage />
          {can("tenant:delete") && <DangerZone tenant={tenant.data} />}
        </Stack>
      )}
    </>
  );
}

/** The id, which API clients need. */
function TenantID({ id }: { id: string }) {
  return (
    <Group gap="xs" component="span">
      <code>{id}</code>
      <CopyButton value={id} label={t`Copy tenant ID`} />
    </Group>
  );
}

function GeneralForm({ tenant }: { tenant: TenantDetail }) {
  const patch = usePatchTenant();
  const form = useForm({
    initialValues: { name: tenant.name, logoUrl: tenant.logoUrl ?? "" },
    validate: {
      name: rules.needed(t`Name`),
      logoUrl: (url) => (url === "" || /^https:\/\/\S+$/.test(url) ? null : t`Must start with https://`),
    },
  });
  const submit = ({ name, logoUrl }: typeof form.values) =>
    patch.mutate(
      { patch: { name: name.trim(), logoUrl: logoUrl || null }, version: tenant.version },
      {
        onSuccess: () => {
          form.resetDirty();
          notify.done(t`Settings saved`);
        },
        onError: (error) => landErrors(form, error),
      },
    );
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="md">
        <TextInput label={t`Name`} maxLength={255} {...form.getInputProps("name")} />
        <TextInput
          label={t`Logo`}
          description={t`URL of a square image`}
          placeholder={t`https://…`}
          {...form.getInputProps("logoUrl")}
        />
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            <Trans>
              Tenant ID <code>{tenant.id}</code>
            </Trans>
          </Text>
          <CopyButton value={tenant.id} label={t`Copy tenant ID`} />
        </Group>
        {patch.error && <ErrorPanel error={patch.error} title={t`Could not save the settings`} />}
        <Group>
          <Button type="submit" loading={patch.isPending} disabled={!form.isDirty()}>
            <Trans>Save</Trans>
          </Button>
        </Group>
      </Stack>
      <UnsavedGuard dirty={form.isDirty()} />
    </form>
  );
}

function DangerZone({ tenant }: { tenant: TenantDetail }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <section aria-labelledby="danger">
      <Divider mb="lg" />
      <Title order={2} id="danger">
        <Trans>Delete tenant</Trans>
      </Title>
      <Text c="dimmed" my="sm">
        <Trans>This permanently deletes: {describe(tenant)}.</Trans>
      </Text>
      <Button color="red" variant="outline" onClick={open}>
        <Trans>Delete {tenant.name}</Trans>
      </Button>
      <DeleteDialog tenant={tenant} opened={opened} onClose={close} />
    </section>
  );
}

function describe({ counts }: TenantDetail): string {
  const parts: Record<string, (count: number) => string> = {
    datasource: (count) => plural(count, { one: "# datasource", other: "# datasources" }),
    file: (count) => plural(count, { one: "# file", other: "# files" }),
    dataquery: (count) => plural(count, { one: "# query", other: "# queries" }),
    widget: (count) => plural(count, { one: "# widget", other: "# widgets" }),
    dashboard: (count) => plural(count, { one: "# dashboard", other: "# dashboards" }),
    workflow: (count) => plural(count, { one: "# workflow", other: "# workflows" }),
  };
  const present = Object.entries(counts).flatMap(([kind, count]) =>
    count > 0 && parts[kind] ? [parts[kind](count)] : [],
  );
  return [...present, t`all history and members`].join(", ");
}

function DeleteDialog({
  tenant,
  opened,
  onClose,
}: {
  tenant: TenantDetail;
  opened: boolean;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState("");
  const remove = useDeleteTenant();
  const navigate = useNavigate();
  const run = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        lastTenant.clear();
        void navigate("/", { replace: true, ...settled });
      },
    });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t`Delete ${tenant.name}?`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="lg">
        <TextInput
          label={t`Type “${tenant.name}” to confirm`}
          data-autofocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {remove.error && <ErrorPanel error={remove.error} title={t`Could not delete the tenant`} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button color="red" disabled={typed !== tenant.name} loading={remove.isPending} onClick={run}>
            <Trans>Delete permanently</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
