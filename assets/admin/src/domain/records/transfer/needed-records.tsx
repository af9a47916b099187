import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack, Text } from "@mantine/core";
import { assetKinds, isAssetKind } from "@/domain/records/asset-kinds";
import { ResourceSelect } from "@/domain/records/resource-select";
import { RoleSelect } from "@/domain/tenants/role-select";
import type { DashboardFileSummary } from "@/lib/api/model";
import { serverText } from "@/lib/i18n";

type Needed = DashboardFileSummary["uses"][number];
type Targets = Record<string, string>;

interface NeededRecordsProps {
  uses: readonly Needed[];
  targets: Targets;
  onChange: (targets: Targets) => void;
}

/** Selects which records of this tenant an imported one uses: those of the same name are preselected. */
export function NeededRecords({ uses, targets, onChange }: NeededRecordsProps) {
  if (uses.length === 0) return null;
  const set = (id: string, target: string | null) => {
    const { [id]: _, ...rest } = targets;
    onChange(target === null ? rest : { ...rest, [id]: target });
  };
  return (
    <Stack gap="sm" component="section" aria-label={t`Used records`}>
      <Text size="sm" fw={500}>
        <Trans>Select what to use in this tenant</Trans>
      </Text>
      {uses.map((use) => (
        <NeededRecord key={use.id} use={use} target={targets[use.id] ?? null} onChange={set} />
      ))}
    </Stack>
  );
}

interface NeededRecordProps {
  use: Needed;
  target: string | null;
  onChange: (id: string, target: string | null) => void;
}

function NeededRecord({ use, target, onChange }: NeededRecordProps) {
  const { id, kind, name, type, optional } = use;
  if (kind === "role") {
    return (
      <RoleSelect
        size="sm"
        label={name ? t`Role “${serverText(name)}”` : t`Role`}
        withAsterisk={!optional}
        value={target}
        onChange={(next) => onChange(id, next)}
      />
    );
  }
  if (!isAssetKind(kind)) return null;
  const { word } = assetKinds[kind];
  return (
    <ResourceSelect
      kind={kind}
      size="sm"
      label={name ? t`${word} “${name}”` : word}
      description={optional && target === null ? t`Without one, it is left out.` : undefined}
      withAsterisk={!optional}
      clearable={optional}
      accepts={(record) => !type || ("type" in record && record.type === type)}
      value={target}
      onChange={(next) => onChange(id, next)}
    />
  );
}
