// The client of one Firestore database: loaded with the first request, and every request's failure as one of ours.
import type { Firestore } from "@google-cloud/firestore";
import type { CloudAuth } from "../auth.ts";
import { type Place, runStoreError, unreachable } from "./errors.ts";

export interface ConnectionOptions extends Place {
  /** Tells who asks, for an error's sentence. */
  readonly auth?: Pick<CloudAuth, "email">;
  /** Another client than the one that is made for `project` and `database`. */
  readonly client?: Firestore;
}

export interface Connection {
  /**
   * Makes a request of its own time limit, or what is left until `deadline` (of `performance.now()`).
   *
   * @param handle tells whether an error is the caller's to deal with: it is then thrown as it is
   */
  request<Answer>(
    work: (firestore: Firestore) => Promise<Answer>,
    options?: { readonly deadline?: number; readonly handle?: (error: unknown) => boolean },
  ): Promise<Answer>;
  readonly place: Place;
  close(): Promise<void>;
}

/**
 * The client alone tries for ten minutes. A lease ends after 90 s, and its holder has to hear before. A write that the
 * client makes after we gave up does no harm: it is conditional on what was read.
 */
export const REQUEST_MS = 20_000;

export function openConnection({ project, database, auth, client }: ConnectionOptions): Connection {
  const place = { project, database };
  let opening: Promise<Firestore> | undefined = client && Promise.resolve(client);
  const open = () => (opening ??= openClient(place));

  return {
    place,
    async request(work, { deadline = performance.now() + REQUEST_MS, handle } = {}) {
      try {
        const firestore = await open();
        return await before(deadline, work(firestore), () => unreachable(place));
      } catch (error) {
        if (handle?.(error)) throw error;
        throw runStoreError(error, place, await auth?.email().catch(() => undefined));
      }
    },
    async close() {
      const firestore = await opening;
      await firestore?.terminate();
    },
  };
}

async function openClient({ project, database }: Place): Promise<Firestore> {
  const { Firestore } = await import("@google-cloud/firestore");
  return new Firestore({ projectId: project, databaseId: database });
}

async function before<Answer>(deadline: number, answer: Promise<Answer>, overdue: () => Error): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(overdue()), Math.max(0, deadline - performance.now()));
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
