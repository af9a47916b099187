import { Anchor, Button, Stack, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { api } from "@/lib/api/client";
import { meKey, useMe } from "@/lib/api/me";
import { session } from "@/lib/session";
import { ErrorPanel } from "@/ui/error-panel";
import { landErrors, rules } from "@/ui/form";

export function NewTenant() {
  const { data: me } = useMe();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({ mode: "uncontrolled", initialValues: { name: "" }, validate: { name: rules.needed("Name") } });
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
      <form style={{ width: "100%", maxWidth: 344 }} onSubmit={form.onSubmit(({ name }) => create.mutate(name.trim()))} noValidate>
        <Stack gap="lg">
          <Title order={1}>{first ? "Make your first tenant" : "New tenant"}</Title>
          <TextInput
            label="Name"
            description="A tenant holds one team's datasources, queries, dashboards, workflows and members, apart from all others. You become its owner."
            placeholder="Acme"
            autoFocus
            maxLength={255}
            key={form.key("name")}
            {...form.getInputProps("name")}
          />
          {create.error && <ErrorPanel error={create.error} />}
          <Button type="submit" loading={create.isPending}>
            Create the tenant
          </Button>
          {first ? (
            <Anchor component="button" type="button" size="sm" ta="center" onClick={() => void session.signOut()}>
              Sign out
            </Anchor>
          ) : (
            <Anchor component={Link} to="/" size="sm" ta="center">
              Back
            </Anchor>
          )}
        </Stack>
      </form>
    </main>
  );
}
