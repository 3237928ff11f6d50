// Where a test finds Google's emulators. test/run.ts starts them for the test files that import this one.

/** `HOST:PORT` of an emulator; throws an Error that says how to get one. */
export function emulatorHost(service: "pubsub" | "firestore"): string {
  const variable = `${service.toUpperCase()}_EMULATOR_HOST`;
  const host = process.env[variable];
  if (!host) throw new Error(`No ${variable}. Run the test through \`npm test -- FILE\`, which starts the emulator.`);
  return host;
}
