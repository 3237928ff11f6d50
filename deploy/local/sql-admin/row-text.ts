// A row's values as the text of an INSERT, from the bytes that the server sends in its text protocol.

/** How values of a column are written. */
export type Form = "number" | "hex" | "text";

const NUMBERS = /^(?:(?:tiny|small|medium|big)?int|integer|decimal|numeric|float|double|year)$/;
/** Bytes that are no text; `--hex-blob` is about these. */
const BYTES =
  /^(?:bit|(?:var)?binary|(?:tiny|medium|long)?blob|geometry|point|linestring|polygon|multi\w+|geom\w*collection|vector)$/;

/** @param type as information_schema.COLUMNS.DATA_TYPE has it */
export function formOf(type: string): Form {
  if (NUMBERS.test(type)) return "number";
  return BYTES.test(type) ? "hex" : "text";
}

/** `(1,'it\'s',0xFF,NULL)` */
export function rowText(values: readonly (Buffer | null)[], forms: readonly Form[]): string {
  return `(${values.map((value, index) => (value === null ? "NULL" : valueText(value, forms[index]))).join(",")})`;
}

function valueText(value: Buffer, form: Form | undefined): string {
  if (form === "number") return value.toString("latin1");
  if (form === "hex") return value.length === 0 ? "''" : `0x${value.toString("hex").toUpperCase()}`;
  return quoteText(value.toString("utf8"));
}

const ESCAPES: Readonly<Record<string, string>> = { "\0": "\\0", "\n": "\\n", "\r": "\\r", "\u001A": "\\Z" };

/** Escaped as mysqldump does it; the dump's sql_mode lets a backslash escape. */
export function quoteText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters that need it
  return `'${text.replaceAll(/[\0\n\r\u001A\\'"]/g, (character) => ESCAPES[character] ?? `\\${character}`)}'`;
}
