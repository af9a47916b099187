import { t } from "@lingui/core/macro";
import { Combobox, Textarea, useCombobox, type TextareaProps } from "@mantine/core";
import { useLayoutEffect, useRef, useState } from "react";
import { completed, matching, openExpression, type Suggestion } from "../expressions";
import classes from "./fields.module.css";
import { useNodeForm } from "./node-form-context";

interface ExpressionInputProps extends Omit<TextareaProps, "value" | "onChange"> {
  value: string;
  onChange: (text: string) => void;
  /** The whole text is an expression; braces are optional. */
  bare?: boolean;
}

/** Edits a text with `{{ expressions }}`, with completion. */
export function ExpressionInput({ value, onChange, bare = false, ...props }: ExpressionInputProps) {
  const { suggestions } = useNodeForm();
  const input = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState<number | null>(null);
  const [moveTo, setMoveTo] = useState<number | null>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const open = caret === null ? null : openExpression(value, caret, bare);
  const options = open ? matching(suggestions, open.word) : [];

  useLayoutEffect(() => {
    if (moveTo !== null) input.current?.setSelectionRange(moveTo, moveTo);
  }, [moveTo, value]);

  const track = () => {
    setMoveTo(null);
    setCaret(input.current?.selectionStart ?? null);
    combobox.openDropdown();
    combobox.resetSelectedOption();
  };
  const choose = (path: string) => {
    if (!open || caret === null) return;
    const next = completed(value, caret, open, path);
    onChange(next.text);
    setCaret(next.caret);
    setMoveTo(next.caret);
    combobox.closeDropdown();
  };

  return (
    <Combobox
      store={combobox}
      onOptionSubmit={choose}
      position="bottom-start"
      width={320}
      shadow="md"
      withinPortal
    >
      <Combobox.DropdownTarget>
        <div>
          <Combobox.EventsTarget>
            <Textarea
              autosize
              minRows={1}
              maxRows={10}
              spellCheck={false}
              autoComplete="off"
              {...props}
              ref={input}
              value={value}
              classNames={{ input: classes.mono ?? "" }}
              onChange={(event) => {
                onChange(event.currentTarget.value);
                track();
              }}
              onClick={track}
              onBlur={() => {
                setCaret(null);
                combobox.closeDropdown();
              }}
              onKeyDown={(event) => {
                if (event.key === "Escape" && combobox.dropdownOpened && options.length)
                  event.stopPropagation();
              }}
            />
          </Combobox.EventsTarget>
        </div>
      </Combobox.DropdownTarget>
      <Suggestions options={options} />
    </Combobox>
  );
}

function Suggestions({ options }: { options: Suggestion[] }) {
  return (
    <Combobox.Dropdown hidden={options.length === 0}>
      <Combobox.Options mah={240} style={{ overflowY: "auto" }} aria-label={t`Expressions`}>
        {options.map(({ path, detail }) => (
          <Combobox.Option key={path} value={path} className={classes.option ?? ""}>
            <span className={classes.path}>{path}</span>
            <span className={classes.detail}>{detail}</span>
          </Combobox.Option>
        ))}
      </Combobox.Options>
    </Combobox.Dropdown>
  );
}
