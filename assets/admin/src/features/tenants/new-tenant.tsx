import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Stack, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { api } from "@/lib/api/client";
import { meKey, useMe } from "@/lib/api/me";
import { session } from "@/lib/session/session";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { landErrors, rules } from "@/ui/input/form-errors";
import { Brand } from "@/ui/page/brand";

export function NewTenant() {
  const { data: me } = useMe();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { name: "" },
    validate: { name: rules.needed(t`Name`) },
  });
  const create = useMutation({
    mutationFn: (name: string) => api.post("/api/v1/tenants", { body: { name } }),
    onSuccess: async (tenant) => {
      await client.invalidateQueries({ queryKey: meKey });
      await navigate(`/t/${tenant.id}`);
    },
    onError: (error) => landErrors(form, error),
  });
  const first = me?.tenants.length === 0;
  return (
    <main style={{ display: "flex", justifyContent: "center", padding: "14vh 24px 48px" }}>
      <form
        style={{ width: "100%", maxWidth: 344 }}
        onSubmit={form.onSubmit(({ name }) => create.mutate(name.trim()))}
        noValidate
      >
        <Brand />
        <Stack gap="lg">
          <Title order={1}>{first ? t`Create your first tenant` : t`New tenant`}</Title>
          <TextInput
            label={t`Name`}
            description={t`A tenant is a team’s own workspace with its datasources, queries, dashboards, workflows and members. You become its owner.`}
            placeholder={t`Acme`}
            autoFocus
            maxLength={255}
            key={form.key("name")}
            {...form.getInputProps("name")}
          />
          {create.error && <ErrorPanel error={create.error} />}
          <Button type="submit" loading={create.isPending}>
            <Trans>Create tenant</Trans>
          </Button>
          {first ? (
            <Anchor
              component="button"
              type="button"
              size="sm"
              ta="center"
              onClick={() => void session.signOut()}
            >
              <Trans>Sign out</Trans>
            </Anchor>
          ) : (
            <Anchor component={Link} to="/" size="sm" ta="center">
              <Trans>Back</Trans>
            </Anchor>
          )}
        </Stack>
      </form>
    </main>
  );
}
