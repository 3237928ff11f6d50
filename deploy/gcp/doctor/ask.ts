// Questions to Google's APIs, each asked once, and what it means when one is not answered.
import type { z } from "zod";
import { summarizeError } from "../../../contracts/errors.ts";
import { failed, unknown, type Verdict } from "../../../contracts/examination.ts";
import { apiFailure, sharedError } from "../api-error.ts";
import type { CloudAuth } from "../auth.ts";

const REQUEST_TIMEOUT_MS = 20_000;

/** A document of an API, and what the operator needs to see it. */
export interface Question<Document> {
  readonly url: string;
  /** Makes it a POST: some methods that only read are one. */
  readonly body?: object;
  /** `the instance `shop-replica``: the subject of a sentence. */
  readonly what: string;
  /** The service's name, for `gcloud services enable`: `sqladmin.googleapis.com`. */
  readonly service: string;
  /** Where the permission is to be granted. */
  readonly project: string;
  readonly permission: string;
  /** A predefined role that has the permission. */
  readonly role: string;
  /** What to do where there is no such thing. */
  readonly missing: string;
  readonly schema: z.ZodType<Document>;
}

export type Ask = <Document>(question: Question<Document>) => Promise<Document>;

/** A question that was not answered. Thrown to all who asked it, so that the first of them tells it. */
export class Unanswered extends Error {
  readonly verdict: Verdict;
  constructor(verdict: Verdict, cause: unknown) {
    super(verdict.detail, { cause });
    this.name = "Unanswered";
    this.verdict = verdict;
  }
}

/** What an error that a check threw means. */
export function explain(error: unknown): Verdict {
  if (error instanceof Unanswered) return error.verdict;
  const { code, message } = summarizeError(error);
  return unknown(message, `Report it with \`${code}\`: the doctor should not fail.`);
}

/** Asks as whoever runs: Application Default Credentials. `ask` throws Unanswered. */
export function openAsk(auth: CloudAuth): Ask {
  const answers = new Map<string, Promise<unknown>>();
  // A role that the operator lacks is lacked by every question that needs it: one error, told once.
  const refusals = new Map<string, Unanswered>();

  async function request<Document>(question: Question<Document>): Promise<unknown> {
    const { url, body } = question;
    try {
      const { data } = await auth.google.request<unknown>({
        ...{ url, timeout: REQUEST_TIMEOUT_MS, retry: true },
        ...(body ? { method: "POST", data: body } : {}),
      });
      return data;
    } catch (error) {
      const verdict = judgeRefusal(error, question, await callerOf(auth));
      const refusal = refusals.get(verdict.detail) ?? new Unanswered(verdict, error);
      refusals.set(verdict.detail, refusal);
      throw refusal;
    }
  }

  return async (question) => {
    const { url, what, schema, service } = question;
    const answer = answers.get(url) ?? request(question);
    answers.set(url, answer);
    const parsed = schema.safeParse(await answer);
    if (parsed.success) return parsed.data;
    const detail = `${service} describes ${what} otherwise than its reference does`;
    throw new Unanswered(unknown(detail, "Report it: the doctor reads another version of that API."), parsed.error);
  };
}

interface Caller {
  readonly email: string;
  /** As IAM writes it: `user:…`, `serviceAccount:…`. */
  readonly member: string;
}

async function callerOf(auth: CloudAuth): Promise<Caller> {
  const email = await auth.email().catch(() => undefined);
  if (email === undefined) return { email: "the operator", member: "user:EMAIL" };
  return { email, member: memberOf(email) };
}

export function memberOf(email: string): string {
  return `${email.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user"}:${email}`;
}

/** What an error of a request means for a check that needs the answer. */
export function judgeRefusal(error: unknown, question: Question<unknown>, { email, member }: Caller): Verdict {
  const { what, service, project, permission, role, missing } = question;
  const failure = apiFailure(error);
  if (isOneOf(failure?.reason, ["SERVICE_DISABLED", "accessNotConfigured"])) {
    return failed(`the API \`${service}\` is not enabled`, `gcloud services enable ${service} --project=${project}`);
  }
  const shared = sharedError(error, service, service);
  if (isOneOf(shared?.code, ["CREDENTIALS_MISSING", "CREDENTIALS_REFUSED"])) {
    return unknown("nobody is logged in here, or the login has ended", "gcloud auth application-default login");
  }
  if (shared) return unknown(shared.message, "Mend that, or wait a minute, and ask again.");
  if (failure?.status === 403) {
    const remedy = `gcloud projects add-iam-policy-binding ${project} --member=${member} --role=${role}`;
    return unknown(`${email} lacks \`${permission}\` in project \`${project}\``, remedy);
  }
  if (failure?.status === 404) return failed(`there is no ${what.replace(/^the /, "")}`, missing);
  const { message } = summarizeError(error);
  const said = failure ? `${service} answered ${failure.status} ${failure.reason}` : message;
  return unknown(`${what} could not be looked at: ${said}`, "Ask again; report it where it stays so.");
}

function isOneOf(word: string | undefined, words: readonly string[]): boolean {
  return word !== undefined && words.includes(word);
}

/** One of our own sentences, `The fact. Run `command`, then …`, as a verdict: the command is the remedy. */
export function judgeSentence(sentence: string): Verdict {
  const [, fact = sentence, command] = /^(.*?[.)])\s+Run `([^`]+)`/s.exec(sentence) ?? [];
  return { status: "failed", detail: fact, ...(command === undefined ? {} : { remedy: command }) };
}
