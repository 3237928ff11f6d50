// The ports that abandoning a run uses, noting what is asked of them: for tests of when it happens. What it does to real
// servers is tested with the whole pipeline.
import type { Platform, Role } from "../../contracts/platform.ts";

export interface RecordingPorts {
  /** In order: `cancel NAME`, SQL on the replica, `remove OBJECT`. */
  readonly calls: string[];
  readonly platform: Pick<Platform, "databases" | "sql" | "objects">;
}

/** @param objects names of the objects in the bucket. */
export function recordingPorts(objects: readonly string[] = []): RecordingPorts {
  const calls: string[] = [];
  const session = (role: Role) => ({
    ...{ role, server: role },
    query: async () => [{ taken: 1, tables: 0, marks: 0 }],
    run: async (sql: string) => {
      if (sql.startsWith("DROP")) calls.push(sql);
      return { affectedRows: 0 };
    },
    close: async () => undefined,
  });
  const platform = {
    databases: {
      readable: ["production", "replica", "staging"],
      identify: async (role: Role) => role,
      read: async (role: Role) => session(role),
      write: async (role: Role) => session(role),
    },
    sql: { cancel: async (name: string) => void calls.push(`cancel ${name}`) },
    objects: {
      locate: ({ name }: { readonly name: string }) => name,
      stat: async (name: string) => (objects.includes(name) ? { name } : undefined),
      list: async (prefix: string) => objects.filter((name) => name.startsWith(prefix)).map((name) => ({ name })),
      remove: async (name: string) => void calls.push(`remove ${name}`),
    },
  };
  return { calls, platform: platform as unknown as RecordingPorts["platform"] };
}
