import { expect, it } from "vitest";
import { ApiError, messageOf } from "@/lib/api/errors";
import { errorText } from "@/lib/api/texts/error-texts";
import { diagnosticsOf, errorPlaceOf, scriptDiagnostics, withPlace } from "./error-place";

const refused = (position?: number) =>
  new ApiError(502, "DATASOURCE_ERROR", "syntax error", [], null, position === undefined ? {} : { position });

it("converts the database's position to line and column", () => {
  const sql = "select 1\nfrom ordrs";
  expect(errorPlaceOf(refused(1), sql)).toEqual({ line: 1, column: 1 });
  expect(errorPlaceOf(refused(15), sql)).toEqual({ line: 2, column: 6 });
  expect([
    errorPlaceOf(refused(), sql),
    errorPlaceOf(refused(0), sql),
    errorPlaceOf(refused(99), sql),
    errorPlaceOf(new Error("x"), sql),
  ]).toEqual([null, null, null, null]);
});

it("marks the wrong word", () => {
  const sql = "select 1\nfrom ordrs";
  const [mark] = diagnosticsOf(refused(15), sql, sql);
  expect(mark && sql.slice(mark.from, mark.to)).toBe("ordrs");
});

it("counts code points, not UTF-16 units", () => {
  const sql = "select '😀', nme";
  const [mark] = diagnosticsOf(refused(13), sql, sql);
  expect(mark && sql.slice(mark.from, mark.to)).toBe("nme");
});

it("marks nothing once the text has changed", () => {
  expect(diagnosticsOf(refused(1), "selec 1", "select 1")).toEqual([]);
});

it("marks the line of a transformer that failed, and no other text", () => {
  const failed = new ApiError(422, "VALIDATION_ERROR", "no", [
    { path: "transformer", message: "TypeError: not a function (line 2, column 8)" },
  ]);
  expect(scriptDiagnostics(failed, "transformer", "const a = 1;\nreturn a();")).toMatchObject([
    { from: 20, to: 24 },
  ]);
  expect(scriptDiagnostics(failed, "transformer", "return 1")).toMatchObject([{ from: 7, to: 8 }]);
  expect(
    scriptDiagnostics(
      new ApiError(422, "VALIDATION_ERROR", "no", [{ path: "parameters.a", message: "x (line 1)" }]),
      "transformer",
      "a",
    ),
  ).toEqual([]);
});

it("shows what the server says about a query plainly, and where", () => {
  const sql = "select 1\nfrom orders\nwhere id = {{ params.x }}";
  const why = "`x` is not a parameter of this query: declare it first (at character 33)";
  const error = new ApiError(
    400,
    "INVALID_REQUEST",
    `options.sql: ${why}`,
    [],
    null,
    {},
    errorText("INVALID_REQUEST", `options.sql: ${why}`),
  );
  expect(messageOf(error)).toBe("`x` is not a parameter of this query: declare it first");
  expect(errorPlaceOf(error, sql)).toEqual({ line: 3, column: 12 });
  expect(diagnosticsOf(error, sql, sql)[0]?.message).toBe(messageOf(error));
  expect(withPlace(why, sql)).toBe(
    "`x` is not a parameter of this query: declare it first (line 3, column 12)",
  );
});
