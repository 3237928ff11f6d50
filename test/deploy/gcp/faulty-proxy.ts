// Between a client and a test's server: lets answers get lost, cut off, delayed or replaced.
import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { afterTest } from "../../support/cleanup.ts";

export type Fault =
  /** The answer that is given instead; the request does not arrive. */
  | { readonly status: number; readonly json?: unknown }
  /** The connection ends after so many bytes of the answer's body; 0: before any of the answer. */
  | { readonly cutAfter: number }
  /** One byte of the answer's body is another. */
  | { readonly damaged: true };

export interface FaultyProxy {
  readonly url: string;
  /** Every request so far: `GET /storage/v1/…`. */
  readonly requests: readonly { readonly line: string; readonly headers: IncomingMessage["headers"] }[];
  /** Asked for each request; undefined lets it pass. */
  fault: (line: string) => Fault | undefined;
}

export async function startFaultyProxy(t: TestContext, target: string): Promise<FaultyProxy> {
  const requests: { line: string; headers: IncomingMessage["headers"] }[] = [];
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push({ line, headers: request.headers });
    const fault = proxy.fault(line);
    if (fault && "status" in fault) {
      request.resume();
      response.writeHead(fault.status, { "content-type": "application/json" }).end(JSON.stringify(fault.json ?? {}));
    } else forward(target, request, response, fault);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  afterTest(t, async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fault: () => undefined,
  };
  return proxy;
}

function forward(target: string, request: IncomingMessage, response: ServerResponse, fault: Fault | undefined): void {
  const { method, url = "/", headers } = request;
  const onward = send(new URL(url, target), { method, headers }, (answer) => {
    if (fault && "cutAfter" in fault && fault.cutAfter === 0) {
      answer.resume();
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    let passed = 0;
    answer.on("data", (chunk: Buffer) => {
      if (fault && "damaged" in fault && passed === 0) chunk[0] = (chunk[0] ?? 0) ^ 1;
      passed += chunk.length;
      if (fault && "cutAfter" in fault && passed >= fault.cutAfter) {
        response.write(chunk.subarray(0, chunk.length - (passed - fault.cutAfter)), () => request.socket.destroy());
        answer.destroy();
      } else if (!response.write(chunk)) {
        answer.pause();
        response.once("drain", () => answer.resume());
      }
    });
    answer.on("end", () => response.end());
    answer.on("error", () => response.destroy());
    response.on("close", () => answer.destroy());
  });
  onward.on("error", () => response.destroy());
  request.on("error", () => onward.destroy());
  request.on("close", () => request.complete || onward.destroy());
  request.pipe(onward);
}
