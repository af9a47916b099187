import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** Colors that are readable in both schemes, from the style sheet's variables. */
export const highlighting = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--jet-code-keyword)" },
    { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--jet-code-string)" },
    { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--jet-code-number)" },
    { tag: [tags.propertyName, tags.attributeName], color: "var(--jet-code-property)" },
    {
      tag: [tags.typeName, tags.className, tags.function(tags.variableName), tags.standard(tags.name)],
      color: "var(--jet-code-type)",
    },
    { tag: tags.comment, color: "var(--jet-muted)", fontStyle: "italic" },
  ]),
);

export const look = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "transparent", color: "var(--mantine-color-text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--mantine-font-family-monospace)",
    fontVariantLigatures: "none",
    lineHeight: "1.55",
    overflow: "auto",
  },
  ".cm-content": { padding: "8px 0", caretColor: "var(--mantine-color-text)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--jet-muted)", border: "none" },
  ".cm-activeLine": { backgroundColor: "var(--jet-hover)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--jet-selected)",
  },
  ".cm-placeholder": { color: "var(--jet-muted)" },
  ".cm-tooltip": {
    backgroundColor: "var(--mantine-color-body)",
    border: "1px solid var(--mantine-color-default-border)",
    borderRadius: "6px",
    boxShadow: "var(--mantine-shadow-md)",
    overflow: "hidden",
  },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px !important" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--jet-selected) !important",
    color: "var(--mantine-color-text) !important",
  },
  ".cm-completionDetail": { color: "var(--jet-muted)", fontStyle: "normal" },
  ".cm-panels": { backgroundColor: "var(--jet-rail)", color: "var(--mantine-color-text)" },
});
