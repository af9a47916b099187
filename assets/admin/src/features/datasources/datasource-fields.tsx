import { t } from "@lingui/core/macro";
import { Stack, Textarea, TextInput } from "@mantine/core";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import type { DatasourceDraft, DatasourceType } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/schema/paths";
import { Fact, Facts } from "@/ui/facts/facts";
import classes from "./datasources.module.css";
import { FilePreview } from "@/domain/files/file-preview";
import { TagsField } from "@/ui/input/tags-field";

interface DatasourceFieldsProps {
  type: DatasourceType;
  draft: DatasourceDraft;
  onChange: (change: Partial<DatasourceDraft>) => void;
  errors: FieldErrors;
  secrets?: string[];
  readOnly?: boolean;
  /** An existing datasource is renamed in the header. */
  named?: boolean;
}

export function DatasourceFields({
  type,
  draft,
  onChange,
  errors,
  secrets = [],
  readOnly = false,
  named = false,
}: DatasourceFieldsProps) {
  return (
    <Stack gap="md" className={classes.fields ?? ""}>
      {!named && (
        <TextInput
          label={t`Name`}
          withAsterisk
          autoFocus
          maxLength={255}
          value={draft.name}
          error={errors["name"]}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      )}
      <SchemaForm
        schema={type.optionsSchema}
        path="options"
        value={draft.options}
        onChange={(options) => onChange({ options })}
        errors={errors}
        secrets={secrets}
        readOnly={readOnly}
      />
      {type.capabilities.looks && (
        <FilePreview
          type={type}
          options={draft.options}
          readOnly={readOnly}
          onChange={(options) => onChange({ options })}
        />
      )}
      {readOnly ? (
        <Facts>
          <Fact label={t`Description`}>{draft.description}</Fact>
          <Fact label={t`Tags`}>{draft.tags.join(", ")}</Fact>
        </Facts>
      ) : (
        <>
          <Textarea
            label={t`Description`}
            autosize
            minRows={1}
            maxRows={6}
            value={draft.description ?? ""}
            error={errors["description"]}
            onChange={(event) => onChange({ description: event.currentTarget.value })}
          />
          <TagsField
            label={t`Tags`}
            value={draft.tags}
            error={errors["tags"]}
            maxTags={20}
            onChange={(tags) => onChange({ tags })}
          />
        </>
      )}
    </Stack>
  );
}
