import { expect, it } from "vitest";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { reads, serve, show } from "@/ui/testing";
import { SchemaForm } from "../schema-form";

const schema: JsonSchema = {
  type: "object",
  properties: {
    host: { type: "string", title: "Host" },
    port: { type: "integer", title: "Port" },
    mode: {
      title: "TLS",
      oneOf: [
        { const: "off", title: "No encryption" },
        { const: "verify", title: "Verify the certificate" },
      ],
    },
    password: { type: "string", writeOnly: true, title: "Password" },
    token: { type: "string", writeOnly: true, title: "Token" },
    readOnly: { type: "boolean", title: "Only reads", default: false },
    sql: { type: "string", format: "sql", title: "Statement" },
    queryID: { type: "string" },
    headers: {
      type: "array",
      title: "Headers",
      items: {
        type: "object",
        properties: {
          name: { type: "string", title: "Header" },
          value: { type: "string", title: "Content" },
        },
      },
    },
    retries: { type: "integer", title: "Retries", "x-group": "Advanced", default: 3 },
    unset: { type: "string", title: "Never set" },
  },
};

it("shows what is set as text, without a single field", async () => {
  serve({ "GET data-queries/q1": () => ({ id: "q1", name: "Open orders" }) });
  show(
    <SchemaForm
      readOnly
      schema={schema}
      path="options"
      value={{
        host: "db.example.com",
        port: 5432,
        mode: "verify",
        readOnly: false,
        queryID: "q1",
        headers: [{ name: "accept", value: "text/csv" }],
        retries: 3,
      }}
      secrets={["password"]}
      onChange={() => undefined}
    />,
  );
  await reads("Open orders");
  const facts = Object.fromEntries(
    [...document.querySelectorAll("dl dl, dl")].flatMap((list) =>
      [...list.children].map((fact) => [
        fact.querySelector("dt")?.textContent,
        fact.querySelector("dd")?.textContent,
      ]),
    ),
  );
  expect(facts).toMatchObject({
    Host: "db.example.com",
    Port: "5432",
    TLS: "Verify the certificate",
    Password: "Set, never shown",
    Query: "Open orders",
    Header: "accept",
    Content: "text/csv",
  });
  const text = document.body.textContent ?? "";
  for (const absent of ["Token", "Only reads", "Retries", "Never set"]) expect(text).not.toContain(absent);
  expect(document.querySelectorAll("input, textarea, select, button")).toHaveLength(0);
});
