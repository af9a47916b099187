import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  type CompletionSource,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder as placeholderText,
} from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef } from "react";
import classes from "./editor.module.css";
import type { CodeLanguage } from "./language";
import { languageSupport, type SqlNames } from "./languages";
import { highlighting, look } from "./look";
import { phrases } from "./phrases";
import { useLatest } from "@/lib/stable";

export interface EditorProps {
  value: string;
  onChange?: (value: string) => void;
  language: CodeLanguage;
  ariaLabel: string;
  /** Fixed height; without it the editor grows with its text. */
  height?: number | string;
  minHeight?: number;
  maxHeight?: number | string;
  readOnly?: boolean;
  placeholder?: string;
  invalid?: boolean;
  /** Names for SQL completion. */
  names?: SqlNames;
  /** Further completion sources, for example for `{{ … }}` expressions. */
  complete?: CompletionSource | readonly CompletionSource[] | undefined;
  diagnostics?: Diagnostic[];
  /** Lets the caller insert text at the cursor. */
  controls?: React.Ref<EditorControls>;
}

export interface EditorControls {
  /** Replaces the selection with a text and focuses the editor. */
  insert: (text: string) => void;
  /** Moves the cursor to an index of the text. */
  goTo: (index: number) => void;
}

function closeList(view: EditorView): true {
  closeCompletion(view);
  return true;
}

/** Tab indents once the editor was used, until Escape or until it loses the focus; else it leads on, as everywhere. */
function indentWhenUsed(): Extension {
  let isUsed = false;
  const begin = () => {
    isUsed = true;
  };
  const leave = () => {
    isUsed = false;
  };
  const onKey = ({ key }: KeyboardEvent) => {
    if (key === "Escape") leave();
    else if (key !== "Tab" && key !== "Shift") begin();
  };
  return [
    // Before a list of completions, which keeps Escape for itself.
    Prec.highest(
      EditorView.domEventHandlers({ keydown: onKey, mousedown: begin, input: begin, blur: leave }),
    ),
    keymap.of([
      {
        key: "Tab",
        run: (view) => isUsed && indentMore(view),
        shift: (view) => isUsed && indentLess(view),
      },
    ]),
  ];
}

/** The extensions that never change while an editor exists. */
function fixedExtensions(onDocument: (text: string) => void): Extension {
  return [
    lineNumbers(),
    foldGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ icons: false }),
    highlightActiveLine(),
    highlightSelectionMatches(),
    highlighting,
    look,
    keymap.of([
      // The page handles Mod+Enter: it must not insert a line.
      { key: "Mod-Enter", run: closeList, shift: closeList },
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...completionKeymap,
    ]),
    indentWhenUsed(),
    EditorView.lineWrapping,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onDocument(update.state.doc.toString());
    }),
  ];
}

function changingExtensions({
  language,
  ariaLabel,
  readOnly = false,
  placeholder = "",
  names,
  complete,
}: EditorProps): Extension {
  return [
    languageSupport(language, names),
    EditorState.languageData.of(() => [complete ?? []].flat().map((source) => ({ autocomplete: source }))),
    EditorState.phrases.of(phrases),
    EditorState.readOnly.of(readOnly),
    EditorView.editable.of(!readOnly),
    EditorView.contentAttributes.of({ "aria-label": ariaLabel, tabindex: "0" }),
    placeholder ? placeholderText(placeholder) : [],
  ];
}

export function Editor(props: EditorProps) {
  const {
    value,
    height,
    minHeight = 96,
    maxHeight,
    invalid,
    diagnostics,
    language,
    ariaLabel,
    readOnly,
    placeholder,
    names,
    complete,
  } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changing = useRef(new Compartment());
  const latest = useLatest(props);

  useImperativeHandle(props.controls, () => ({
    insert: (text) => {
      const current = view.current;
      current?.dispatch(current.state.replaceSelection(text), { scrollIntoView: true });
      current?.focus();
    },
    goTo: (index) => {
      const current = view.current;
      current?.dispatch({
        selection: { anchor: Math.min(index, current.state.doc.length) },
        scrollIntoView: true,
      });
      current?.focus();
    },
  }));

  useEffect(() => {
    if (!host.current) return;
    const created = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          changing.current.of(changingExtensions(latest.current)),
          latest.current.diagnostics ? lintGutter() : [],
          fixedExtensions((text) => latest.current.onChange?.(text)),
        ],
      }),
    });
    view.current = created;
    return () => created.destroy();
  }, [latest]);

  useEffect(() => {
    view.current?.dispatch({ effects: changing.current.reconfigure(changingExtensions(latest.current)) });
  }, [language, ariaLabel, readOnly, placeholder, names, complete, latest]);

  useEffect(() => {
    const current = view.current;
    if (!current || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const current = view.current;
    if (current && diagnostics)
      current.dispatch(
        setDiagnostics(
          current.state,
          diagnostics.filter(({ to }) => to <= current.state.doc.length),
        ),
      );
  }, [diagnostics]);

  return (
    <div
      ref={host}
      className={classes.editor}
      data-invalid={invalid || undefined}
      data-fixed={height !== undefined || undefined}
      style={{ height, minHeight: height === undefined ? minHeight : undefined, maxHeight }}
    />
  );
}
