// `blob`: bytes that still are what they were, an image or so many bytes, and show nothing.
import { quoteName } from "../../mysql/identifiers.ts";
import { bytesLiteral } from "../../mysql/literals.ts";
import type { Column } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import type { Masked, Misfit, Named } from "./transform.ts";

/** Images of one pixel, each by the bytes that its format begins with. */
const IMAGES: readonly { readonly begins: string; readonly pixel: string }[] = [
  {
    // PNG: https://www.w3.org/TR/png-3/#5PNG-file-signature
    begins: "89504e470d0a1a0a",
    pixel:
      "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a4944415478da6368000000820081da45083b0000000049454e44ae426082",
  },
  {
    // JPEG: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B
    begins: "ffd8ff",
    // One quantization table of ones, two Huffman tables of one code each, and a block of nothing.
    pixel: [
      "ffd8",
      `ffdb004300${"01".repeat(64)}`,
      "ffc0000b080001000101011100",
      `ffc400140001${"00".repeat(16)}`,
      `ffc400141001${"00".repeat(16)}`,
      "ffda0008010100003f003f",
      "ffd9",
    ].join(""),
  },
  {
    // GIF: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    begins: "474946383961",
    pixel: "47494638396101000100800000000000ffffff2c00000000010001000002024401003b",
  },
  {
    begins: "474946383761",
    pixel: "47494638376101000100800000000000ffffff2c00000000010001000002024401003b",
  },
];

/** An image becomes one of a single pixel of its format, where that fits; anything else as many zero bytes. */
export function blob(_transform: Named<"blob">, column: Column): Masked | Misfit {
  if (kindOf(column) !== "bytes") return { fits: false, reason: "`blob` is for binary strings" };
  const name = quoteName(column.name);
  const zeros = `REPEAT(x'00', LENGTH(${name}))`;
  // BINARY(n) would fill a pixel up, and what follows an image's end is no part of it.
  const images = IMAGES.filter(({ pixel }) => pixel.length / 2 <= (column.maxBytes ?? 0));
  const cases = images.map(
    ({ begins, pixel }) =>
      `WHEN LEFT(${name}, ${begins.length / 2}) = ${bytesLiteral(begins)} THEN ${bytesLiteral(pixel)}`,
  );
  const pixels = images.map(({ pixel }) => bytesLiteral(pixel));
  return {
    fits: true,
    sql: cases.length === 0 ? zeros : `CASE ${cases.join(" ")} ELSE ${zeros} END`,
    // An original may have been a pixel, or nothing, already.
    unchanged: [`${name} = ${zeros}`, ...(pixels.length > 0 ? [`${name} IN (${pixels.join(", ")})`] : [])].join(" OR "),
  };
}
