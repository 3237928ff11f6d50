// `npm run schema`: writes deploy/gcp/terraform/schemas/<event>.avsc, which Terraform gives to the topics.
import { mkdir, writeFile } from "node:fs/promises";
import { avroSchemaOf, eventsWithSchema } from "./avro.ts";

export const SCHEMAS_DIRECTORY = new URL("terraform/schemas/", import.meta.url);

/** File names, and what is in each. */
export function avroFiles(): ReadonlyMap<string, string> {
  return new Map(
    eventsWithSchema.map((event) => [`${event.name}.avsc`, `${JSON.stringify(avroSchemaOf(event), null, 2)}\n`]),
  );
}

if (import.meta.main) {
  await mkdir(SCHEMAS_DIRECTORY, { recursive: true });
  for (const [name, text] of avroFiles()) await writeFile(new URL(name, SCHEMAS_DIRECTORY), text);
}
