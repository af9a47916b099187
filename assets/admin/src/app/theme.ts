import { t } from "@lingui/core/macro";
import {
  type ActionIconProps,
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core";
import { replaceText } from "@/ui/input/replace-text";

const accent: MantineColorsTuple = [
  "#f3f3fe",
  "#e6e6fc",
  "#cfcff8",
  "#adadf4",
  "#8b8bf0",
  "#7272e4",
  "#5b5bd6",
  "#4b4bbd",
  "#3d3d9b",
  "#2e2e74",
];
const slate: MantineColorsTuple = [
  "#f8f9fb",
  "#f1f3f6",
  "#e6e9ee",
  "#d9dde4",
  "#c2c8d2",
  "#969fae",
  "#5f6879",
  "#4a5262",
  "#2f3644",
  "#191e29",
];
const night: MantineColorsTuple = [
  "#dce0e8",
  "#b9bfcb",
  "#99a1b0",
  "#6d7585",
  "#3a414f",
  "#272c37",
  "#1b1f27",
  "#14171d",
  "#101318",
  "#0b0d11",
];

const red: MantineColorsTuple = [
  "#fff1f1",
  "#ffe1e1",
  "#ffc7c7",
  "#ffa3a3",
  "#ff8a8a",
  "#f26d6d",
  "#cf3338",
  "#b3262a",
  "#8f1f22",
  "#6b1719",
];

/** Filled components are dark in the light scheme and light in the dark one: the text on them follows. */
const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  return input.variant === "filled" ? { ...colors, color: "var(--jet-on-filled)" } : colors;
};

export const theme = createTheme({
  colors: { accent, red, gray: slate, dark: night },
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 4 },
  variantColorResolver: variantColors,
  black: "#191e29",
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono Variable", ui-monospace, monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "3px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "md",
  headings: {
    fontFamily: '"Inter Variable", system-ui, sans-serif',
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "20px", lineHeight: "28px" },
      h2: { fontSize: "16px", lineHeight: "24px" },
      h3: { fontSize: "14px", lineHeight: "20px" },
      h4: { fontSize: "14px", lineHeight: "20px" },
      h5: { fontSize: "13px", lineHeight: "20px" },
      h6: { fontSize: "13px", lineHeight: "20px" },
    },
  },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm", fw: 500 } },
    // No target is smaller than 24 px.
    ActionIcon: {
      defaultProps: { variant: "subtle", color: "gray" },
      vars: (_: unknown, { size }: ActionIconProps) => ({
        root: size === "xs" || size === "sm" ? { "--ai-size": "24px" } : {},
      }),
    },
    // A header would be a landmark, of which a page has one.
    ModalHeader: { defaultProps: { component: "div" } },
    DrawerHeader: { defaultProps: { component: "div" } },
    Modal: { defaultProps: { transitionProps: { duration: 140 }, radius: "lg" } },
    Tooltip: {
      defaultProps: {
        openDelay: 300,
        withArrow: false,
        multiline: true,
        maw: "min(320px, 100vw - 24px)",
        // The names of buttons with icons are for people without a mouse, too. A tap presses the button.
        events: { hover: true, focus: true, touch: false },
      },
    },
    // Selecting the current option again keeps it; optional fields are cleared by their button. Enter selects the first
    // match of a search.
    Select: { defaultProps: { allowDeselect: false, selectFirstOptionOnChange: true, ...replaceText } },
    Menu: { defaultProps: { transitionProps: { duration: 120 }, shadow: "md" } },
    Tabs: { defaultProps: { keepMounted: false } },
    PasswordInput: {
      defaultProps: { visibilityToggleButtonProps: { "aria-label": t`Show or hide password` } },
    },
  },
});

/** Colors by purpose, in both schemes; the style sheets use the `--jet-*` variables. */
export const cssVariables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-placeholder": colors.gray[5] ?? "",
    "--mantine-color-error": "#c92a2a",
    "--mantine-color-red-light": "#fdf0f0",
    "--mantine-color-red-light-hover": "#fbe3e3",
    "--mantine-color-red-light-color": "#b3262a",
    "--mantine-color-green-light-color": "#1b7a3d",
    "--mantine-color-yellow-light-color": "#8a5200",
    "--jet-rail": colors.gray[0] ?? "",
    "--jet-hairline": colors.gray[2] ?? "",
    "--jet-hover": "rgba(25, 30, 41, 0.045)",
    "--jet-selected": "rgba(91, 91, 214, 0.09)",
    "--jet-focus": "#5b5bd6",
    "--jet-on-filled": "#ffffff",
    "--jet-muted": colors.gray[6] ?? "",
    "--jet-code-keyword": "#7a3fb0",
    "--jet-code-string": "#1d7a43",
    "--jet-code-number": "#a64b00",
    "--jet-code-property": "#1763a6",
    "--jet-code-type": "#0f6f7c",
  },
  dark: {
    "--mantine-color-placeholder": colors.dark[3] ?? "",
    "--mantine-color-error": "#ff8787",
    "--mantine-color-red-light": "#2b1c20",
    "--mantine-color-red-light-hover": "#3a2327",
    "--mantine-color-red-light-color": "#ff8a8a",
    "--mantine-color-green-light-color": "#5fd18a",
    "--mantine-color-yellow-light-color": "#f0b95a",
    "--jet-rail": colors.dark[8] ?? "",
    "--jet-hairline": colors.dark[5] ?? "",
    "--jet-hover": "rgba(255, 255, 255, 0.05)",
    "--jet-selected": "rgba(139, 139, 240, 0.16)",
    "--jet-focus": "#8b8bf0",
    "--jet-on-filled": "#101318",
    "--jet-muted": colors.dark[2] ?? "",
    "--jet-code-keyword": "#c79bf0",
    "--jet-code-string": "#86d6a0",
    "--jet-code-number": "#f0b27a",
    "--jet-code-property": "#8ec5f5",
    "--jet-code-type": "#7fd3de",
  },
});
