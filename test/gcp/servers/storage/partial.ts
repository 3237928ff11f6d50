// Partial responses: the query parameter `fields` says what of a JSON answer is sent.
// https://cloud.google.com/storage/docs/json_api#partial-response
import type { Handler, Routes } from "../http.ts";
import { invalid } from "./errors.ts";

/** A field, and what of its value is wanted: all where there is nothing. */
type Selection = Map<string, Selection>;

/** The same routes; each answers in full where `fields` is left out. */
export function withPartialResponses(routes: Routes): Routes {
  const partially =
    (handle: Handler): Handler =>
    async (call) => {
      const reply = await handle(call);
      const fields = call.query("fields");
      if (!fields || reply.json === undefined) return reply;
      return { ...reply, json: select(reply.json, parseSelection(fields)) };
    };
  return Object.fromEntries(Object.entries(routes).map(([route, handle]) => [route, partially(handle)]));
}

/** For example `items(name,generation),prefixes` or `owner/entity`. Throws ApiError 400 for another form. */
function parseSelection(fields: string): Selection {
  const selection: Selection = new Map();
  for (const part of splitAtCommas(fields)) {
    const [, name, path, group] = /^([\w*-]+)(?:\/(.+)|\((.+)\))?$/.exec(part) ?? [];
    if (name === undefined) throw invalid(`Invalid field selection ${fields}`);
    const below = path ?? group;
    selection.set(name, below === undefined ? new Map() : parseSelection(below));
  }
  return selection;
}

/** At those that stand in no parentheses. */
function splitAtCommas(fields: string): string[] {
  let depth = 0;
  const parts = [""];
  for (const character of fields) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth === 0) parts.push("");
    else parts.push(`${parts.pop()}${character}`);
  }
  return parts;
}

function select(json: unknown, selection: Selection): unknown {
  if (Array.isArray(json)) return json.map((element) => select(element, selection));
  if (selection.size === 0 || typeof json !== "object" || json === null) return json;
  const wanted = Object.entries(json).flatMap(([name, value]) => {
    const below = selection.get(name) ?? selection.get("*");
    return below ? [[name, select(value, below)]] : [];
  });
  return Object.fromEntries(wanted);
}
