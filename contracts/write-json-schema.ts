// `npm run schema`: writes contracts/sync.schema.json, by which editors complete and check sync.yaml.
import { writeFile } from "node:fs/promises";
import { z } from "zod";
import { CloudContractFile, ServersContractFile } from "./sync-contract-schema.ts";

export const JSON_SCHEMA_FILE = new URL("sync.schema.json", import.meta.url);

/** The file's content. Draft 7 is what yaml-language-server understands in full. */
export function jsonSchemaText(): string {
  const either = z.union([ServersContractFile, CloudContractFile]).meta({ title: "Understudy sync contract" });
  const schema = z.toJSONSchema(either, { io: "input", target: "draft-7", override: mayExtend });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** What a file does not say, the one that it extends may; the parser sees the two together. */
function mayExtend({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const { properties = {}, required } = jsonSchema;
  if ("extends" in properties && required) {
    jsonSchema.anyOf = [{ required }, { required: ["extends"] }];
    delete jsonSchema.required;
  }
  if ("tables" in properties) delete jsonSchema.required;
}

if (import.meta.main) await writeFile(JSON_SCHEMA_FILE, jsonSchemaText());
