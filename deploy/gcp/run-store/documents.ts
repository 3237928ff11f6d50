// Runs, locks and dead letters as Firestore documents: maps that the console shows field by field.
// Firestore's own limits: https://cloud.google.com/firestore/quotas#collections_documents_and_fields
import { createHash } from "node:crypto";
import type { z } from "zod";
import { FatalError } from "../../../contracts/errors.ts";
import { DeadLetter, Lock, Run, type StageState } from "../../../contracts/run.ts";

/** What a document's fields are, for the client: JSON, and a Date where a timestamp is meant. */
export type Fields = Record<string, unknown>;

/** The TTL policy deletes a document when this long has passed since its last change. */
const KEEP_DAYS = 90;

/** Firestore's limit; what is left in an id takes one byte a character. */
const ID_BYTES = 1_500;

/** What the store adds to a document for itself. */
const OWN_FIELDS = ["revision", "expireAt"];

/** A run as it is stored; throws a ZodError for one that is in an impossible state. */
export function fieldsOfRun(run: Run): Fields {
  const { stages, ...facts } = Run.parse(run);
  const stored = Object.entries(stages).map(([id, state]) => [id, fieldsOfStage(state)]);
  return { ...plain({ ...facts, stages: Object.fromEntries(stored) }), expireAt: expiry() };
}

export function fieldsOfLock(lock: Lock): Fields {
  return Lock.parse(lock);
}

export function fieldsOfDeadLetter(letter: DeadLetter): Fields {
  return { ...plain(DeadLetter.parse(letter)), expireAt: expiry() };
}

/**
 * What a stored document says.
 *
 * @param name for the error: `runs/…`
 * @throws FatalError STATE_UNREADABLE; it names the field and quotes nothing.
 */
export function readRun(fields: Fields, name: string): Run {
  return check(Run, name, () => {
    const { stages, ...facts } = fields;
    if (!isMap(stages)) return { ...facts, stages };
    // Firestore keeps a map's keys in their own order.
    const ids = Object.keys(stages).toSorted((a, b) => startOf(stages[a]).localeCompare(startOf(stages[b])));
    return { ...facts, stages: Object.fromEntries(ids.map((id) => [id, readStage(stages[id])])) };
  });
}

export function readLock(fields: Fields, name: string): Lock {
  return check(Lock, name, () => fields);
}

export function readDeadLetter(fields: Fields, name: string): DeadLetter {
  return check(DeadLetter, name, () => fields);
}

/**
 * A document's id for any text: a `/` would divide it, and ids of the form `__x__` or `.` are Firestore's own. One that
 * would be too long (a letter about an object with a name in Cyrillic) ends in its digest.
 */
export function documentId(text: string): string {
  const id = encodeURIComponent(text.toWellFormed()).replaceAll(".", "%2E").replaceAll("_", "%5F");
  if (id.length <= ID_BYTES) return id;
  const digest = createHash("sha256").update(text).digest("hex");
  return `${id.slice(0, ID_BYTES - digest.length - 1)}-${digest}`;
}

function fieldsOfStage(state: StageState): Fields {
  return {
    ...state,
    event: fieldsOfEvent(state.event),
    ...(state.checkpoint === undefined ? {} : { checkpoint: hold(state.checkpoint) }),
    ...(state.status === "done"
      ? { outputs: state.outputs.map((output) => fieldsOfEvent(output)), summary: hold(state.summary) }
      : {}),
  };
}

function readStage(stored: unknown): unknown {
  if (!isMap(stored)) return stored;
  const { event, outputs } = stored;
  return {
    ...stored,
    event: readEvent(event),
    ...("checkpoint" in stored ? { checkpoint: release(stored["checkpoint"]) } : {}),
    ...("summary" in stored ? { summary: release(stored["summary"]) } : {}),
    ...(Array.isArray(outputs) ? { outputs: outputs.map(readEvent) } : {}),
  };
}

function fieldsOfEvent(event: StageState["event"]): Fields {
  return { ...event, data: hold(event.data) };
}

function readEvent(stored: unknown): unknown {
  return isMap(stored) ? { ...stored, data: release(stored["data"]) } : stored;
}

/** What a stage or an event keeps in a shape of its own: a map where Firestore can hold it, else its JSON as text. */
function hold(value: unknown): unknown {
  return isMap(value) && isStorable(value, NESTED_LEVELS) ? value : JSON.stringify(value);
}

function release(stored: unknown): unknown {
  return typeof stored === "string" ? JSON.parse(stored) : stored;
}

/** Firestore allows 20 levels; `stages`, a stage, its outputs, one of them and `data` are above. */
const NESTED_LEVELS = 15;
const KEY_BYTES = 1_500;

/** Whether Firestore takes it as it is: no array in an array, no key that it reserves, not too deep. */
function isStorable(value: unknown, levels: number): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((item) => !Array.isArray(item) && isStorable(item, levels - 1));
  return Object.entries(value).every(([key, item]) => isKey(key) && isStorable(item, levels - 1));
}

function isKey(key: string): boolean {
  return key !== "" && !/^__.*__$/s.test(key) && key.isWellFormed() && Buffer.byteLength(key) <= KEY_BYTES;
}

function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function startOf(stage: unknown): string {
  return isMap(stage) ? String(stage["startedAt"]) : "";
}

/** JSON in UTF-8: nothing is undefined, and half a character (of a message that was cut) is the sign for one. */
function plain(fields: Fields): Fields {
  const text = JSON.stringify(fields, (_key, value) => (typeof value === "string" ? value.toWellFormed() : value));
  return JSON.parse(text) as Fields;
}

function expiry(): Date {
  return new Date(Date.now() + KEEP_DAYS * 86_400_000);
}

function check<Document>(schema: z.ZodType<Document>, name: string, read: () => unknown): Document {
  let where = "";
  try {
    const document = read();
    const own = isMap(document) ? Object.entries(document).filter(([field]) => !OWN_FIELDS.includes(field)) : [];
    const parsed = schema.safeParse(Object.fromEntries(own));
    if (parsed.success) return parsed.data;
    where = parsed.error.issues[0]?.path.join(".") ?? "";
  } catch {
    where = "a JSON text";
  }
  throw new FatalError(
    "STATE_UNREADABLE",
    `The document \`${name}\` in Firestore is not as this code knows it, at \`${where}\`. Run the code that wrote it, or delete the document to go on without it.`,
  );
}
