import { Select, type SelectProps } from "@mantine/core";
import { useList } from "@/lib/api/resources";
import { serverText } from "@/lib/i18n";

/** Selects one of the tenant's roles. */
export function RoleSelect(props: Omit<SelectProps, "data">) {
  const roles = useList("role", { sort: "name", limit: 200 });
  return (
    <Select
      allowDeselect={false}
      data={(roles.items ?? []).map(({ id, name }) => ({ value: id, label: serverText(name) }))}
      {...props}
    />
  );
}
