import { expect, test, vi } from "vitest";
import { focusRefused } from "./focus-refused";
import { find, testPage } from "./test-page";

testPage(
  `
    <form><input id="name" /><div id="wrapper"><input id="number" /></div><button>Save</button></form>
    <input id="elsewhere" />`,
  focusRefused,
);

function send() {
  find("button").focus();
  find("form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
}
const refuse = (id: string) => find(id).setAttribute("aria-invalid", "true");
const frames = async () => {
  for (let count = 0; count < 3; count += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
};

test("the first field that is refused gets the focus, however late the server refuses it", async () => {
  send();
  await frames();
  expect(document.activeElement).toBe(find("button"));
  refuse("#number");
  await vi.waitFor(() => expect(document.activeElement).toBe(find("#number")));
});

test("a field that was refused before gets it again", async () => {
  refuse("#name");
  refuse("#number");
  send();
  await vi.waitFor(() => expect(document.activeElement).toBe(find("#name")));
});

test("a field whose wrapper has the attribute is found", async () => {
  send();
  find("#wrapper").setAttribute("data-error", "true");
  await vi.waitFor(() => expect(document.activeElement).toBe(find("#number")));
});

test("people who have gone on keep their place", async () => {
  send();
  find("#elsewhere").focus();
  refuse("#name");
  await frames();
  expect(document.activeElement).toBe(find("#elsewhere"));
});
