import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Loader, Text } from "@mantine/core";
import { asDate } from "@/lib/format/figures";
import { formatTime } from "@/lib/format/format";
import { cellText } from "@/lib/rows/cells";
import { useChoices } from "./choice-field";
import type { FieldSource, FormField } from "./form-fields";
import type { Entered } from "./use-entered";
import classes from "../actions.module.css";

/** Says that the row of a form is loading. */
export function LoadingRow() {
  return (
    <Group gap={8} role="status">
      <Loader size={14} />
      <Text size="xs" c="var(--jet-muted)">
        <Trans>Loading the row…</Trans>
      </Text>
    </Group>
  );
}

interface RowNoticeProps {
  /** The key of the form's item on a dashboard. */
  item: string | undefined;
  entered: Entered;
  isDisabled: boolean;
  /** Saves what was entered, also over what someone else has changed. */
  onSave: () => void;
  /** Called when the person has taken the other values. */
  onDropped: () => void;
}

/** Says that the row was changed or deleted while something was entered for it, and lets the person decide. */
export function RowNotice(props: RowNoticeProps) {
  const { state, conflicts, updated, discard } = props.entered;
  if (state === "same") return null;
  if (conflicts.length) return <Conflicts {...props} />;
  if (state === "changed") {
    const labels = updated.map(({ label }) => label).join(", ");
    return labels ? (
      <Text size="sm" role="status">
        <Trans>
          Someone else changed these fields: {labels}. They show the new values, and your input is kept.
        </Trans>
      </Text>
    ) : null;
  }
  return (
    <div className={classes.conflict} role="alert">
      <Text size="sm">
        {state === "gone"
          ? t`This row does not exist anymore, so it cannot be saved. What you entered is still here.`
          : t`There is another row here now. What you entered belongs to the row before: save it, or discard it.`}
      </Text>
      <div>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            discard();
            props.onDropped();
          }}
        >
          <Trans>Discard</Trans>
        </Button>
      </div>
    </div>
  );
}

/** Shows the fields that both have changed, to choose whose values to keep. */
function Conflicts({ item, entered, isDisabled, onSave, onDropped }: RowNoticeProps) {
  const { conflicts, takeTheirs } = entered;
  return (
    <section className={classes.conflict} aria-label={t`Changed by someone else`} data-conflict tabIndex={-1}>
      <Text size="sm" fw={600} role="alert">
        {plural(conflicts.length, {
          one: "Someone else changed this row. Your input is kept. Choose the value of this field:",
          other: "Someone else changed this row. Your input is kept. Choose the values of these fields:",
        })}
      </Text>
      <table className={classes.versions}>
        <thead>
          <tr>
            <th scope="col">{t`Field`}</th>
            <th scope="col">{t`Theirs`}</th>
            <th scope="col">{t`Yours`}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {conflicts.map(({ field, theirs, mine }) => (
            <tr key={field.name}>
              <th scope="row">{field.label}</th>
              <td>
                <FieldText item={item} field={field} value={theirs} />
              </td>
              <td>
                <FieldText item={item} field={field} value={mine} />
              </td>
              <td>
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={t`Use theirs for ${field.label}`}
                  onClick={() => {
                    takeTheirs([field.name]);
                    onDropped();
                  }}
                >
                  <Trans>Use theirs</Trans>
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div>
        <Button size="xs" variant="default" disabled={isDisabled} onClick={onSave}>
          <Trans>Overwrite with mine</Trans>
        </Button>
      </div>
    </section>
  );
}

interface FieldTextProps {
  item: string | undefined;
  field: FormField;
  value: unknown;
}

/** The value of a field as text: its label where it is one of the choices. */
function FieldText({ item, field, value }: FieldTextProps) {
  if (value === null || value === undefined || value === "")
    return (
      <Text span inherit c="var(--jet-muted)">
        <Trans>empty</Trans>
      </Text>
    );
  if (field.choices) return <ChoiceText {...{ item, field, value }} source={field.choices} />;
  if (typeof value === "boolean") return value ? t`Yes` : t`No`;
  return field.type === "moment" && asDate(value) ? formatTime(cellText(value)) : cellText(value);
}

function ChoiceText({ item, field, value, source }: FieldTextProps & { source: FieldSource }) {
  const { data } = useChoices(item, source, { field: field.name, search: "", value });
  const known = data?.choices.find((choice) => cellText(choice.value) === cellText(value));
  return known?.label ?? cellText(value);
}
