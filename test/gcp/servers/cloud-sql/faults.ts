// What a test lets go wrong: requests that are refused or lost, operations that fail or do not end.
import type { ApiError } from "../http.ts";
import { ApiError as Refusal } from "../http.ts";
import { type Interference, type NewOperation, OperationFailure, type OperationType } from "./operations.ts";

interface Times {
  /** Default: any. */
  readonly instance?: string;
  /** Default: once. */
  readonly times?: number;
}

/** `method` is the API's own name for it: `instances.export`. */
export type RequestFault = Times & { readonly method: string } & (
    | { readonly refuse: ApiError }
    /** The connection ends without an answer: before anything is done, or after the request was accepted and done. */
    | { readonly drop: "before" | "after" }
  );

export interface OperationFault extends Times {
  readonly type: OperationType;
  /** Before its work, or when all of it is done. Default: before. */
  readonly moment?: "before" | "after";
}

/** An operation that stays RUNNING. */
export interface Hold {
  /** Resolves when an operation has come there. */
  readonly reached: Promise<void>;
  release(): void;
}

export interface Faults {
  request(fault: RequestFault): void;
  /** Ends an operation with an error; without a message it is one that tells nothing. */
  fail(fault: OperationFault, code: string, message?: string): void;
  /** Lets an operation wait; it can be cancelled there. */
  hold(fault: OperationFault): Hold;
  /** What is to go wrong with this request, now. */
  takeRequest(method: string, instance: string | undefined): RequestFault | undefined;
  readonly interfere: Interference;
}

/** Refusals as Cloud SQL words them: https://cloud.google.com/sql/docs/mysql/admin-api/error-messages */
export const REFUSALS = {
  notAuthorized: () =>
    new Refusal(403, "The client is not authorized to make this request.", { reason: "notAuthorized" }),
  instanceDoesNotExist: () =>
    new Refusal(404, "The Cloud SQL instance does not exist.", { reason: "instanceDoesNotExist" }),
  rateLimitExceeded: () =>
    new Refusal(
      429,
      "Quota exceeded for quota metric 'Mutate requests' and limit 'Mutate requests per minute per user' of service 'sqladmin.googleapis.com'.",
      { reason: "rateLimitExceeded", status: "RESOURCE_EXHAUSTED" },
    ),
  backendError: () => new Refusal(503, "The service is currently unavailable.", { reason: "backendError" }),
  /** Some requests are refused for what is otherwise the operation's error. */
  bucketPermission: () =>
    new Refusal(403, "The service account does not have the required permissions for the bucket.", {
      reason: "notAuthorized",
    }),
} as const;

export function openFaults(): Faults {
  const requests = stock<RequestFault>();
  const operations = stock<OperationFault & { readonly act: (signal: AbortSignal) => Promise<void> }>();
  return {
    request: (fault) => requests.add(fault),
    fail(fault, code, message) {
      const act = () => Promise.reject(new OperationFailure(code, message));
      operations.add({ ...fault, act });
    },
    hold(fault) {
      const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      operations.add({
        ...fault,
        async act(signal) {
          reached.resolve();
          await Promise.race([released.promise, aborted(signal)]);
        },
      });
      return { reached: reached.promise, release: () => released.resolve() };
    },
    takeRequest: (method, instance) => requests.take((fault) => fault.method === method, instance),
    async interfere({ type, instance }: NewOperation, moment, signal) {
      const isHere = (fault: OperationFault) => fault.type === type && (fault.moment ?? "before") === moment;
      await operations.take(isHere, instance.name)?.act(signal);
    },
  };
}

/** Faults that are used up. */
function stock<Fault extends Times>() {
  const left: { fault: Fault; times: number }[] = [];
  return {
    add: (fault: Fault) => void left.push({ fault, times: fault.times ?? 1 }),
    take(matches: (fault: Fault) => boolean, instance: string | undefined): Fault | undefined {
      const found = left.find(
        ({ fault, times }) => times > 0 && matches(fault) && (fault.instance ?? instance) === instance,
      );
      if (found) found.times--;
      return found?.fault;
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
