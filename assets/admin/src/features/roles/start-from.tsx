import { t } from "@lingui/core/macro";
import { Select, Text } from "@mantine/core";
import { useState } from "react";
import { useCan, useMembership } from "@/lib/api/me";
import type { Role } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { serverText } from "@/lib/i18n";

/** The permissions of a role that starts without a copy: everyone has them. */
export const EMPTY = ["tenant:read"];

const NOTHING = "";

interface StartFromProps {
  onChange: (permissions: string[]) => void;
}

/** Returns a role's permissions as far as the caller has them: nobody gives others more than they have. */
const copyOf = ({ permissions }: Role, own: readonly string[]) =>
  (permissions ?? []).filter((permission) => own.includes(permission));

const group = <T,>(name: string, items: T[]) => (items.length > 0 ? [{ group: name, items }] : []);

/** Fills in the permissions of an existing role, to be changed from there. */
export function StartFrom({ onChange }: StartFromProps) {
  const own = useMembership()?.permissions ?? [];
  const { items: roles = [] } = useList(
    "role",
    { sort: "name", limit: 200 },
    { enabled: useCan()("role:list") },
  );
  const [from, setFrom] = useState(NOTHING);
  if (roles.length === 0) return null;
  const source = roles.find(({ id }) => id === from);
  const copied = source ? copyOf(source, own) : EMPTY;
  const left = (source?.permissions?.length ?? copied.length) - copied.length;
  const option = (role: Role) => ({
    value: role.id,
    label: role.builtIn ? serverText(role.name) : role.name,
  });
  const choose = (id: string | null) => {
    if (id === null) return;
    const role = roles.find((one) => one.id === id);
    setFrom(id);
    onChange(role ? copyOf(role, own) : EMPTY);
  };
  return (
    <div>
      <Select
        label={t`Start with the permissions of`}
        description={t`Replaces the permissions below. Later changes of that role do not affect this one.`}
        maw={480}
        allowDeselect={false}
        value={from}
        data={[
          { value: NOTHING, label: t`No role: start empty` },
          ...group(t`Built-in roles`, roles.filter(({ builtIn }) => builtIn).map(option)),
          ...group(t`Custom roles`, roles.filter(({ builtIn }) => !builtIn).map(option)),
        ]}
        onChange={choose}
      />
      <Text size="sm" c="dimmed" mt={4} role="status">
        {left > 0 && t`Your role does not have all of these permissions: those that it lacks are left out.`}
      </Text>
    </div>
  );
}
