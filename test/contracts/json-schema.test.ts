// contracts/sync.schema.json: generated, current, and of use in an editor.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { isMap } from "../../contracts/plain-data.ts";
import { JSON_SCHEMA_FILE, jsonSchemaText } from "../../contracts/write-json-schema.ts";

test("sync.schema.json is what `npm run schema` writes", async () => {
  assert.equal(await readFile(JSON_SCHEMA_FILE, "utf8"), jsonSchemaText(), "Run `npm run schema`.");
});

test("every key of the contract has a description for editors to show", () => {
  const undescribed: string[] = [];
  const visit = (schema: unknown, path: string) => {
    if (!isMap(schema)) return;
    for (const [name, child] of Object.entries(isMap(schema["properties"]) ? schema["properties"] : {})) {
      if (!isMap(child) || typeof child["description"] !== "string") undescribed.push(`${path}.${name}`);
      visit(child, `${path}.${name}`);
    }
    visit(schema["items"], `${path}[]`);
    visit(schema["additionalProperties"], `${path}.*`);
    for (const alternative of Array.isArray(schema["anyOf"]) ? schema["anyOf"] : []) visit(alternative, path);
  };
  visit(JSON.parse(jsonSchemaText()), "");
  assert.deepEqual(undescribed, []);
});

test("editors refuse unknown keys as the parser does", () => {
  const schema: unknown = JSON.parse(jsonSchemaText());
  assert.ok(isMap(schema) && Array.isArray(schema["anyOf"]));
  assert.equal(schema["anyOf"].length, 2); // three servers, or three instances of Cloud SQL
  for (const form of schema["anyOf"]) {
    assert.ok(isMap(form));
    assert.equal(form["additionalProperties"], false);
    const whole = ["pipeline", "production", "replica", "staging", "dumps", "masking"];
    assert.deepEqual(form["anyOf"], [{ required: whole }, { required: ["extends"] }]);
  }
});
