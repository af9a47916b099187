import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack } from "@mantine/core";
import { useState } from "react";
import { ConditionsEditor, userNames } from "@/domain/widgets/form/conditions-editor";
import type { DashboardItem, DashboardVariable, JsonObject } from "@/lib/api/model";
import { conditionsOf } from "@/lib/rows/conditions";

interface ItemConditionsProps {
  title: string;
  when: DashboardItem["when"];
  variables: readonly DashboardVariable[];
  onChange: (when: NonNullable<DashboardItem["when"]>) => void;
  onClose: () => void;
}

/** Edits when an item is shown. Open while mounted. */
export function ItemConditions({ title, when, variables, onChange, onClose }: ItemConditionsProps) {
  const [lines, setLines] = useState<JsonObject[]>((when ?? []).map((one) => ({ ...one })));
  const complete = conditionsOf(lines);
  const save = () => {
    onChange(complete.map((one) => ({ from: "row", ...one })));
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={title} size={560} closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack gap="lg">
        <ConditionsEditor
          label={t`Show when`}
          description={t`The widget is shown only if all conditions are met. Its data is not loaded otherwise.`}
          value={lines}
          path="when"
          errors={{}}
          names={{ vars: variables.map(({ name }) => name), user: userNames }}
          onChange={(next) => setLines(next ?? [])}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button onClick={save} disabled={complete.length < lines.length}>
            <Trans>Apply</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
