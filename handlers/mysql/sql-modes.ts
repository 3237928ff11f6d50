// Names of SQL modes that not every server knows.

/** What MySQL 8 and later lack and stored objects do without: about accounts, and how tables are shown. */
export const MODES_OF_NO_EFFECT: readonly string[] = [
  "NO_AUTO_CREATE_USER",
  "NO_FIELD_OPTIONS",
  "NO_KEY_OPTIONS",
  "NO_TABLE_OPTIONS",
];
