import { expect, it } from "vitest";
import { renderMarkdown } from "./markdown";

it("shows HTML as text", () => {
  expect(renderMarkdown('<img src=x onerror="alert(1)"> <script>alert(1)</script>')).not.toMatch(
    /<(img|script)/,
  );
});

it("disables links that run code", () => {
  for (const url of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//evil.example",
  ]) {
    expect(renderMarkdown(`[x](${url})`), url).not.toContain("href");
    expect(renderMarkdown(`![x](${url})`), url).not.toContain("src");
  }
});

it("opens other sites in a new tab, and this one in place", () => {
  expect(renderMarkdown("[x](https://example.com)")).toContain(
    'href="https://example.com" target="_blank" rel="noopener noreferrer"',
  );
  expect(renderMarkdown("[x](/t/1/dashboards)")).toContain('<a href="/t/1/dashboards">');
});

it("reserves the first-level heading for the page", () => {
  expect(renderMarkdown("# A\n\n###### F")).toBe("<h2>A</h2>\n<h6>F</h6>\n");
});
