import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { TagsField } from "./tags-field";

afterEach(cleanup);

function Fields({ onSave }: { onSave: (tags: string[]) => void }) {
  const [tags, setTags] = useState(["one"]);
  return (
    <MantineProvider env="test">
      <TagsField label="Tags" value={tags} onChange={setTags} />
      <button onClick={() => onSave(tags)}>Save</button>
    </MantineProvider>
  );
}

function type(text: string) {
  const field = screen.getByRole<HTMLInputElement>("combobox", { name: "Tags" });
  field.focus();
  fireEvent.change(field, { target: { value: text } });
  return field;
}

it("keeps its size until a press elsewhere ends, and then the press knows the last text", () => {
  const saved = vi.fn();
  render(<Fields onSave={saved} />);
  const field = type(" two, One,three ");
  const save = screen.getByRole("button", { name: "Save" });
  fireEvent.pointerDown(save);
  fireEvent.blur(field);
  expect(screen.queryByText("two")).toBeNull();
  fireEvent.pointerUp(save);
  fireEvent.click(save);
  expect(saved).toHaveBeenCalledWith(["one", "two", "three"]);
});

it("takes the last text when the Tab key leaves it", () => {
  const saved = vi.fn();
  render(<Fields onSave={saved} />);
  fireEvent.blur(type("two"));
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(saved).toHaveBeenCalledWith(["one", "two"]);
});
