import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { JsonObject } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import { render } from "@/lib/render.setup";
import { NumberWidget } from "./number";

const thresholds = [
  { from: 50, color: "green", label: "On track" },
  { from: 0, color: "red" },
];

function show(config: JsonObject, row: object) {
  const result = { data: [row], columns: [], rowCount: 1, truncated: false, durationMs: 1 };
  render(
    <NumberWidget config={{ field: "n", ...config }} result={result as unknown as WidgetData} label="N" />,
  );
}

const toneOf = (text: string) => screen.getByText(text).getAttribute("data-tone");

it("a number has the color of the highest threshold that it reaches, and says what that means", () => {
  show({ thresholds }, { n: 60 });
  expect([toneOf("60"), toneOf("On track")]).toEqual(["green", "green"]);
  show({ thresholds }, { n: 10 });
  expect(toneOf("10")).toBe("red");
  show({ thresholds }, { n: -3 });
  expect(toneOf("-3")).toBeNull();
});

it("a number says how much of its goal is reached, in its own format", () => {
  show({ goal: 200, unit: "kg" }, { n: 50 });
  expect(screen.getByText("25% of the goal of 200 kg")).toBeTruthy();
  show({ goalField: "goal", goal: 1 }, { n: 3, goal: 2 });
  expect(screen.getByText("150% of the goal of 2")).toBeTruthy();
  show({ goal: 9 }, { n: -5 });
  expect(screen.getByText("Goal: 9")).toBeTruthy();
});
