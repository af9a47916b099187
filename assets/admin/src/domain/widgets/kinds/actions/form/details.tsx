import { t } from "@lingui/core/macro";
import { Text } from "@mantine/core";
import { isTrue } from "@/lib/format/columns";
import { formatFigure } from "@/lib/format/figures";
import { cellText, type Row } from "@/lib/rows/cells";
import classes from "../../data/lists.module.css";
import { useChoices } from "./choice-field";
import type { FieldSource, FormField } from "./form-fields";

interface DetailsProps {
  item: string | undefined;
  label: string;
  fields: readonly FormField[];
  row: Row;
  /** Why they cannot be changed. */
  reason: string;
}

/** The row of a form that the reader may not send. */
export function Details({ item, label, fields, row, reason }: DetailsProps) {
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={label}>
      <dl className={classes.details}>
        {fields.map((field) => (
          <div key={field.name}>
            <dt>{field.label}</dt>
            <dd data-tone={field.format.isStatus ? field.format.tone(row[field.name]) : undefined}>
              {field.choices ? (
                <Chosen item={item} name={field.name} source={field.choices} value={row[field.name]} />
              ) : (
                wordsOf(field, row[field.name])
              )}
            </dd>
          </div>
        ))}
      </dl>
      <Text size="xs" c="var(--jet-muted)" mt="sm" px={12} role="note">
        {reason}
      </Text>
    </div>
  );
}

/** How values are shown that inputs of a type take. */
const formats = { date: "date", dateTime: "datetime", moment: "datetime" } as const;

function wordsOf({ type, format }: FormField, value: unknown): string {
  const isNothing = value === null || value === undefined || value === "";
  if (isNothing || format.isDeclared) return format.text(value);
  if (type === "boolean" || type === "optionalBoolean") return isTrue(value) ? t`Yes` : t`No`;
  if (type === "date" || type === "dateTime" || type === "moment")
    return formatFigure(value, { format: formats[type] });
  return format.text(value);
}

interface ChosenProps {
  item: string | undefined;
  name: string;
  source: FieldSource;
  value: unknown;
}

/** The label of the row that a field refers to; its key until that is known. */
function Chosen({ item, name, source, value }: ChosenProps) {
  const asked = useChoices(item, source, { field: name, search: "", value: value ?? null });
  if (value === null || value === undefined || value === "") return "–";
  const found = asked.data?.choices.find((choice) => String(choice.value) === cellText(value));
  return found?.label ?? cellText(value);
}
