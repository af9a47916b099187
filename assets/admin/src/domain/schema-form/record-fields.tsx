import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack, Text } from "@mantine/core";
import { FileDrop } from "@/domain/files/file-drop";
import { ResourceSelect } from "@/domain/records/resource-select";
import { useCan } from "@/lib/api/me";
import { useOne } from "@/lib/api/resources";
import { formatBytes } from "@/lib/format/format";
import { Time } from "@/ui/text/time";
import { useInputProps, type FieldProps } from "./context";

interface RecordFieldProps extends FieldProps {
  kind: "dataquery" | "workflow" | "file";
  placeholder: string;
  /** Whether a record can be selected; all by default. */
  accepts?: (record: object) => boolean;
}

/** Selects one of the tenant's records by its ID. */
export function RecordField({ kind, placeholder, accepts, ...props }: RecordFieldProps) {
  const input = useInputProps(props);
  return (
    <ResourceSelect
      {...input}
      kind={kind}
      placeholder={placeholder}
      {...(accepts ? { accepts } : {})}
      value={typeof props.value === "string" && props.value ? props.value : null}
      clearable={!props.required}
      onChange={(id) => props.onChange(id ?? undefined)}
    />
  );
}

/** Selects one of the tenant's files, or uploads a new one. */
export function FileIdField(props: FieldProps) {
  const can = useCan();
  const chosen = typeof props.value === "string" ? props.value : null;
  const file = useOne("file", chosen ?? undefined).data;
  return (
    <Stack gap={6}>
      <RecordField {...props} kind="file" placeholder={t`Select a file`} />
      {file && (
        <Text size="sm" c="var(--jet-muted)">
          <Trans>
            {formatBytes(file.size)}, updated <Time value={file.updatedAt} />
          </Trans>
        </Text>
      )}
      {can("file:create") && <FileDrop onDone={({ id }) => props.onChange(id)} />}
    </Stack>
  );
}
