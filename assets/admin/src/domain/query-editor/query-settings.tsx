import { t } from "@lingui/core/macro";
import { NumberInput, Select, Stack, Switch, Textarea } from "@mantine/core";
import type { DataQueryDraft } from "@/lib/api/model";
import { useQueryEffect } from "@/lib/api/subjects/data-queries";
import { formatNumber, numberSeparators } from "@/lib/format/format";
import type { FieldErrors } from "@/lib/schema/paths";
import { Fact, Facts } from "@/ui/facts/facts";

const MS = 1000;
const separators = numberSeparators();

interface QuerySettingsProps {
  draft: DataQueryDraft;
  set: (change: Partial<DataQueryDraft>) => void;
  errors: FieldErrors;
  readOnly: boolean;
}

const AUTOMATIC = "automatic";

const effects = (changesByItself: boolean | undefined) => [
  {
    value: AUTOMATIC,
    label:
      changesByItself === undefined
        ? t`Automatic`
        : changesByItself
          ? t`Automatic: changes data`
          : t`Automatic: only reads`,
  },
  { value: "reads", label: t`Only reads` },
  { value: "changes", label: t`Changes data` },
];

export function QuerySettings({ draft, set, errors, readOnly }: QuerySettingsProps) {
  const byItself = useQueryEffect({ ...draft, effect: null });
  const changesByItself = byItself?.changesData;
  const isCertain = byItself?.certain === true;
  if (readOnly) return <SettingsFacts draft={draft} />;
  const number = (name: "cacheSeconds" | "timeoutMs" | "maxRows", min: number, max: number, unit = 1) => ({
    value: draft[name] / unit,
    min,
    max,
    error: errors[name],
    allowDecimal: unit !== 1,
    ...separators,
    onChange: (next: number | string) => typeof next === "number" && set({ [name]: Math.round(next * unit) }),
  });
  return (
    <Stack gap="md" component="section" aria-label={t`Settings`}>
      <NumberInput
        label={t`Cache`}
        description={t`How long a result is reused. Enter 0 to disable caching.`}
        suffix=" s"
        {...number("cacheSeconds", 0, 86_400)}
      />
      <NumberInput
        label={t`Timeout`}
        description={t`The query is cancelled after this time.`}
        suffix=" s"
        {...number("timeoutMs", 0.001, 600, MS)}
      />
      <NumberInput
        label={t`Row limit`}
        description={t`Additional rows are cut off, and the result is marked as truncated.`}
        suffix={` ${t`rows`}`}
        step={1000}
        {...number("maxRows", 1, 100_000)}
      />
      <Switch
        label={t`Run when this page opens`}
        checked={draft.runOnLoad}
        onChange={(event) => set({ runOnLoad: event.currentTarget.checked })}
      />
      <Select
        label={t`Effect on data`}
        description={
          isCertain
            ? t`This query changes data: it runs only when someone executes it, and in actions and workflows.`
            : t`A query that changes data runs only when someone executes it, and in actions and workflows.`
        }
        data={effects(changesByItself)}
        value={draft.effect ?? AUTOMATIC}
        disabled={readOnly || (isCertain && !draft.effect)}
        error={errors["effect"]}
        onChange={(next) =>
          next && set({ effect: next === AUTOMATIC ? null : (next as "reads" | "changes") })
        }
      />
      <Textarea
        label={t`Description`}
        autosize
        minRows={2}
        maxRows={8}
        error={errors["description"]}
        value={draft.description ?? ""}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
    </Stack>
  );
}

/** The settings of a query, to read. */
function SettingsFacts({ draft }: Pick<QuerySettingsProps, "draft">) {
  const { cacheSeconds, timeoutMs, maxRows, runOnLoad, description } = draft;
  return (
    <section aria-label={t`Settings`}>
      <Facts>
        <Fact label={t`Description`}>{description}</Fact>
        <Fact label={t`Cache`}>{cacheSeconds > 0 ? `${formatNumber(cacheSeconds)} s` : t`off`}</Fact>
        <Fact label={t`Timeout`}>{`${formatNumber(timeoutMs / MS)} s`}</Fact>
        <Fact label={t`Row limit`}>{`${formatNumber(maxRows)} ${t`rows`}`}</Fact>
        <Fact label={t`Run when this page opens`}>{runOnLoad ? t`yes` : t`no`}</Fact>
      </Facts>
    </section>
  );
}
