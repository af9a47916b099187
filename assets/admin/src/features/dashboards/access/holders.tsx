import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Select, Stack, Text } from "@mantine/core";
import { IconTrash, IconUser, IconUsers } from "@tabler/icons-react";
import type { AccessLevel, Member, Role } from "@/lib/api/model";
import { serverText } from "@/lib/i18n";
import classes from "./access.module.css";
import { shortfallOf, type Holder } from "./grants";

const levelOptions = (): { value: AccessLevel; label: string; about: string }[] => [
  { value: "view", label: t`Can view`, about: t`See the dashboard and its data` },
  { value: "use", label: t`Can use`, about: t`Also press buttons, submit forms and edit rows` },
  { value: "edit", label: t`Can edit`, about: t`Also change, share, clone and delete it` },
];

interface HoldersProps {
  holders: readonly Holder[];
  onChange: (holders: readonly Holder[]) => void;
  roles: readonly Role[];
  members: readonly Member[];
}

/** The roles and members that may open a dashboard, each with what they may do there. */
export function Holders({ holders, onChange, roles, members }: HoldersProps) {
  const change = (id: string, level: AccessLevel) =>
    onChange(holders.map((one) => (one.id === id ? { ...one, level } : one)));
  return (
    <Stack gap="xs">
      {holders.length > 0 && (
        <ul className={classes.holders} aria-label={t`Selected roles and members`}>
          {holders.map((holder) => (
            <li key={holder.id}>
              {holder.kind === "role" ? (
                <IconUsers size={16} aria-hidden />
              ) : (
                <IconUser size={16} aria-hidden />
              )}
              <div className={classes.name}>
                <Text size="sm">{holder.name}</Text>
                <Shortfall text={shortfallOf(holder, roles, members)} />
              </div>
              <LevelSelect holder={holder} onChange={(level) => change(holder.id, level)} />
              <ActionIcon
                size={32}
                aria-label={t`Remove ${holder.name}`}
                onClick={() => onChange(holders.filter(({ id }) => id !== holder.id))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <AddHolder
        holders={holders}
        onAdd={(one) => onChange([...holders, one])}
        roles={roles}
        members={members}
      />
    </Stack>
  );
}

function Shortfall({ text }: { text: string | null }) {
  return text === null ? null : (
    <Text size="xs" c="dimmed">
      {text}
    </Text>
  );
}

function LevelSelect({ holder, onChange }: { holder: Holder; onChange: (level: AccessLevel) => void }) {
  const options = levelOptions();
  return (
    <Select
      className={classes.level}
      aria-label={t`What ${holder.name} can do`}
      data={options.map(({ value, label }) => ({ value, label }))}
      value={holder.level}
      allowDeselect={false}
      comboboxProps={{ width: 280, position: "bottom-end" }}
      onChange={(value) => value && onChange(value as AccessLevel)}
      renderOption={({ option }) => (
        <div>
          <Text size="sm">{option.label}</Text>
          <Text size="xs" c="dimmed">
            {options.find(({ value }) => value === option.value)?.about}
          </Text>
        </div>
      )}
    />
  );
}

interface AddHolderProps extends Omit<HoldersProps, "onChange"> {
  onAdd: (holder: Holder) => void;
}

function AddHolder({ holders, onAdd, roles, members }: AddHolderProps) {
  const taken = new Set(holders.map(({ id }) => id));
  const ofRoles = roles.map(({ id, name }) => ({ value: id, label: serverText(name) }));
  const ofMembers = members.map(({ userID, name, email }) => ({
    value: userID,
    label: name ? t`${name} (${email})` : email,
  }));
  const free = (options: { value: string; label: string }[]) =>
    options
      .filter(({ value }) => !taken.has(value))
      .sort((one, other) => one.label.localeCompare(other.label));
  const isEmpty = roles.length === 0 && members.length === 0;
  if (isEmpty) {
    return (
      <Text size="sm" c="dimmed">
        <Trans>Your role cannot list roles and members, so you can only remove some.</Trans>
      </Text>
    );
  }
  return (
    <Select
      label={t`Add a role or a member`}
      placeholder={t`Search by name or email`}
      searchable
      value={null}
      nothingFoundMessage={t`No results`}
      data={[
        { group: t`Roles`, items: free(ofRoles) },
        { group: t`Members`, items: free(ofMembers) },
      ]}
      onChange={(id, option) => {
        if (id === null || option === null) return;
        const kind = roles.some((role) => role.id === id) ? "role" : "member";
        onAdd({ id, kind, name: option.label, level: "use" });
      }}
    />
  );
}
