import { Select, Text, type SelectProps } from "@mantine/core";
import { useList } from "@/lib/api/resources";
import { serverText } from "@/lib/i18n";

/** Selects one of the tenant's roles. */
export function RoleSelect(props: Omit<SelectProps, "data">) {
  const roles = useList("role", { sort: "name", limit: 200 });
  // built-in roles have translated names, whose order the server does not know
  const options = (roles.items ?? [])
    .map(({ id, name }) => ({ value: id, label: serverText(name) }))
    .sort((one, other) => one.label.localeCompare(other.label));
  const described = new Map(roles.items?.map(({ id, description }) => [id, serverText(description)]));
  return (
    <Select
      data={options}
      renderOption={({ option }) => (
        <div>
          <Text size="sm">{option.label}</Text>
          {described.get(option.value) && (
            <Text size="xs" c="dimmed">
              {described.get(option.value)}
            </Text>
          )}
        </div>
      )}
      {...props}
    />
  );
}
