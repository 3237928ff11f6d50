// The preview of preserving: counts and names, before anything is done.
export { previewPreserve, type PreservePreview, type PreviewedTable, type PreviewOptions } from "./preview.ts";
export type { Refusal } from "./refusals.ts";
