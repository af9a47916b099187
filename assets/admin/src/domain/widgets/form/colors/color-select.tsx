import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  Anchor,
  ColorInput,
  ColorSwatch,
  Group,
  Select,
  Stack,
  Text,
  useComputedColorScheme,
} from "@mantine/core";
import { isHex, problemOfColor, visibleColor } from "@/domain/widgets/kinds/charts/chart-colors";
import { palette, seriesColors, type SeriesColor } from "@/domain/widgets/kinds/charts/chart-theme";
import { useDraft } from "@/lib/draft";

const AUTO = "auto";
const OTHER = "other";
/** Where choosing another color starts. */
const START = "#2f7fc1";

const nameOf: Record<SeriesColor, string> = {
  blue: t`Blue`,
  orange: t`Orange`,
  teal: t`Teal`,
  pink: t`Pink`,
  sky: t`Sky blue`,
  red: t`Red`,
  olive: t`Olive`,
  grey: t`Grey`,
};

interface ColorSelectProps {
  /** The label; with `bare` only for screen readers. */
  label: string;
  bare?: boolean;
  description?: React.ReactNode;
  value: unknown;
  error?: React.ReactNode;
  onChange: (value: string | undefined) => void;
}

/** Selects a color of the palette, or any other that is visible on light and dark pages. */
export function ColorSelect({ label, bare = false, description, value, error, onChange }: ColorSelectProps) {
  const colors = palette[useComputedColorScheme("light")];
  const named = seriesColors.findIndex((name) => name === value);
  const isOther = typeof value === "string" && value.startsWith("#");
  const swatch = (name: string) => {
    const at = seriesColors.findIndex((known) => known === name);
    return at >= 0 ? <ColorSwatch size={14} color={colors[at] ?? ""} aria-hidden /> : null;
  };
  return (
    <Stack gap={6}>
      <Select
        {...(bare ? { "aria-label": label } : { label, description })}
        data={[
          { value: AUTO, label: t`Automatic` },
          ...seriesColors.map((name) => ({ value: name, label: nameOf[name] })),
          { value: OTHER, label: t`Another color` },
        ]}
        value={named >= 0 ? String(value) : isOther ? OTHER : AUTO}
        error={isOther ? undefined : error}
        leftSection={named >= 0 ? swatch(String(value)) : undefined}
        renderOption={({ option }) => (
          <Group gap={8} wrap="nowrap">
            {swatch(option.value)}
            <span>{option.label}</span>
          </Group>
        )}
        onChange={(next) =>
          onChange(next === AUTO ? undefined : next === OTHER ? START : (next ?? undefined))
        }
      />
      {isOther && <OtherColor label={label} value={value} error={error} onChange={onChange} />}
    </Stack>
  );
}

interface OtherColorProps extends Pick<ColorSelectProps, "label" | "error" | "onChange"> {
  value: string;
}

/** Edits a color as `#rrggbb`. One that a page hides is not used; a visible one of the same hue is offered. */
function OtherColor({ label, value, error, onChange }: OtherColorProps) {
  const { draft, broken, change } = useDraft<string>({
    value,
    print: (color) => color,
    parse: (text) => {
      const problem = problemOfColor(text.trim());
      return problem === null ? { value: text.trim().toLowerCase() } : { broken: problem };
    },
    onChange,
  });
  const offered = broken !== null && isHex(draft) ? visibleColor(draft) : null;
  return (
    <div>
      <ColorInput
        size="xs"
        aria-label={t`Other color of ${label}`}
        format="hex"
        fixOnBlur={false}
        value={draft}
        error={broken ?? error}
        popoverProps={{ withinPortal: true }}
        eyeDropperButtonProps={{ "aria-label": t`Pick a color from the screen` }}
        onChange={change}
      />
      {offered && (
        <Text size="xs" mt={2}>
          <Anchor component="button" type="button" size="xs" onClick={() => change(offered)}>
            <Trans>Use {offered} instead</Trans>
          </Anchor>
        </Text>
      )}
    </div>
  );
}
