// Cloud Storage keeps what contracts/platform.ts promises of an object store.
import type { IncomingMessage } from "../../events/message.ts";
import { openStorageObjects } from "../deploy/gcp/open-objects.ts";
import { describeObjectStore } from "./object-store-suite.ts";

const notifications = [{ topic: "projects/understudy/topics/dump-finalized" }];

for (const prefix of ["", "/team/understudy"]) {
  describeObjectStore(`gcp${prefix}`, async (t) => {
    const world = await openStorageObjects(t, { prefix, notifications });
    const handlers: ((message: IncomingMessage) => Promise<void>)[] = [];
    world.onPublish(({ attributes, data }) =>
      handlers.forEach((handle, i) => {
        const message = {
          topic: "dump-finalized",
          attributes,
          data,
          id: String(i),
          attempt: 1,
          publishedAt: new Date(),
        };
        void handle(message);
      }),
    );
    return {
      platform: { objects: world.objects },
      subscribe: ({ handler }) => void handlers.push(handler),
      start: async () => undefined,
    };
  });
}
