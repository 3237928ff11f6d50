// The local world keeps what contracts/platform.ts promises.
import { openQueue } from "../../deploy/local/queue.ts";
import { openState } from "../../deploy/local/state.ts";
import { MAX_ATTEMPTS, newFolder, openLocal } from "./open-local.ts";
import { describePlatform } from "./suite.ts";

describePlatform("local", async (t, instances) => {
  const folder = await newFolder(t);
  const platform = await openLocal(t, folder, instances ? { instances } : {});
  return {
    platform,
    maxAttempts: MAX_ATTEMPTS,
    publishMessage: (message) => platform.bus.publishMessage(message),
    async declare(subscription) {
      const state = openState(`${folder}/.understudy/shop/state.sqlite`);
      openQueue(state).declare(subscription);
      state.close();
    },
    subscribe: (subscription) => platform.bus.subscribe(subscription),
    start: async () => platform.start(),
  };
});
