// A bucket in memory, for tests of what a stage leaves in it.
import type { ObjectStore } from "../../contracts/platform.ts";

export interface MemoryObjects {
  /** By name. */
  readonly held: Map<string, Buffer>;
  readonly objects: ObjectStore;
}

export function memoryObjects(first: Readonly<Record<string, Buffer>>): MemoryObjects {
  const held = new Map(Object.entries(first));
  const stored = (name: string) => ({ name, generation: "1", bytes: held.get(name)?.byteLength ?? 0 });
  const objects: ObjectStore = {
    isNear: true,
    locate: ({ name }) => name,
    stat: async (name) => (held.has(name) ? stored(name) : undefined),
    async *read(name) {
      yield held.get(name) ?? Buffer.alloc(0);
    },
    async write(name, source) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of source) chunks.push(chunk);
      held.set(name, Buffer.concat(chunks));
      return stored(name);
    },
    async compose(name, parts) {
      held.set(name, Buffer.concat(parts.map((part) => held.get(part) ?? Buffer.alloc(0))));
      return stored(name);
    },
    remove: async (name) => void held.delete(name),
    list: async (prefix) => [...held.keys()].filter((name) => name.startsWith(prefix)).map(stored),
  };
  return { held, objects };
}
