// The errors of the rewriter. They tell names of databases, lines and offsets; never a statement's text, which may hold values.
import { FatalError } from "../../contracts/errors.ts";
import type { Place } from "./cursor.ts";

const at = ({ line, offset }: Place): string => `at line ${line} (byte ${offset} of the uncompressed dump)`;

export function notADump(bytes: number): FatalError {
  return new FatalError(
    "DUMP_NOT_RECOGNISED",
    `In bytes 0 to ${bytes} the file has no line such as \`-- MySQL dump 10.13\`, with which mysqldump and mariadb-dump begin. ` +
      "Export again as SQL, with comments.",
  );
}

export function incomplete(place: Place): FatalError {
  return new FatalError(
    "DUMP_INCOMPLETE",
    `The dump ends ${at(place)} without the line \`-- Dump completed\`: a part of it is missing. Export again.`,
  );
}

export function cutOff(place: Place): FatalError {
  return new FatalError(
    "DUMP_INCOMPLETE",
    `The dump ends within what begins ${at(place)}: the rest of it is missing. Export again.`,
  );
}

export function foreignDatabase(name: string, known: string, kind: string, place: Place): FatalError {
  return new FatalError(
    "DUMP_FOREIGN_DATABASE",
    `The dump names database \`${name}\` in a ${kind} statement ${at(place)}. Only \`${known}\` is expected: ` +
      `export that database alone, and take out what refers to others.`,
  );
}

export function unsupported(what: string, place: Place): FatalError {
  return new FatalError(
    "DUMP_UNSUPPORTED_STATEMENT",
    `The dump has ${what} ${at(place)}. Dump tools do not write that; export again with mysqldump or mariadb-dump.`,
  );
}

export function sequence(place: Place): FatalError {
  return new FatalError(
    "DUMP_HAS_SEQUENCE",
    `The dump has a sequence ${at(place)}. It is not brought over: a column's default would go on to count in the database that it was loaded into. ` +
      "Use AUTO_INCREMENT in its place, or leave it out of the dump.",
  );
}

export function zoneUnknown(column: readonly string[], place: Place): FatalError {
  return new FatalError(
    "DUMP_TIME_ZONE_UNKNOWN",
    `The dump does not say in which time zone the TIMESTAMP values of \`${column.join(".")}\` are, a table ${at(place)}: whoever loads it would move them. ` +
      "Export again without `--skip-tz-utc`, or put the source's zone on top of the dump, such as `SET TIME_ZONE='+09:00';`.",
  );
}

export function statementTooLong(limitBytes: number, place: Place): FatalError {
  return new FatalError(
    "DUMP_STATEMENT_TOO_LONG",
    `The statement ${at(place)} is no INSERT and is longer than ${limitBytes} bytes. The dump is probably damaged: export again.`,
  );
}

export function corruptGzip(cause: unknown, compressedBytes: number, bytes: number): FatalError {
  return new FatalError(
    "DUMP_GZIP_CORRUPT",
    `The dump's gzip data is damaged or cut off: after ${compressedBytes} compressed bytes were read, ${bytes} bytes came out. ` +
      "Export again.",
    { cause },
  );
}
