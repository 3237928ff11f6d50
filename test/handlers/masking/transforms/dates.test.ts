// `year_only` and `date_shift`.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mainServer, servers } from "../../../support/servers.ts";
import { createCopy } from "../support.ts";
import { columnOf, maskTable, planned } from "./made-up-support.ts";
import { assertSound, hashOf, maskedOf, maskValues } from "./values-support.ts";

const DAY_MS = 24 * 3600 * 1000;
const dayAfter = (date: string, days: number) =>
  new Date(Date.parse(date.slice(0, 10)) + days * DAY_MS).toISOString().slice(0, 10) + date.slice(10);

/** As the transform draws it. */
function shiftOf(days: number, value: string): number {
  const drawn = Number.parseInt(hashOf("date_shift", value).slice(0, 12), 16) % (2 * days);
  return drawn < days ? drawn - days : drawn - days + 1;
}

/** Zero, impossible, and what stands for no day. */
const NO_DAYS = ["0000-00-00", "2000-02-31", "1900-02-29", "2001-02-29", "2000-04-31", "2000-00-00", "2000-05-00"];
const ENDS = ["0001-01-01", "9999-12-31"];
const DAYS = ["1990-05-17", "2024-02-29", "2000-02-29", "0001-01-02", "9999-12-30", "0999-07-01", "1970-01-01"];

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 999_999 }))
  .map(([h, m, us]) =>
    `${h}:${m}:07.${us}`
      .replaceAll(/\b(\d)\b(?=[:.])/g, "0$1")
      .replace(/\.(\d+)$/, (_, all: string) => `.${all.padStart(6, "0")}`),
  );
const day = fc.date({ min: new Date("0001-01-02"), max: new Date("9999-12-30"), noInvalidDate: true });
const dateText = day.map((date) => date.toISOString().slice(0, 10));

for (const server of servers()) {
  test(`a date becomes the first of its year, and a zero date stays, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const dates = [...NO_DAYS, ...ENDS, ...DAYS, "1990-01-01", "0000-05-17"];
    const firstOf = (date: string) => (date === "0000-00-00" ? date : `${date.slice(0, 4)}-01-01`);
    const masked = await maskValues(copy, "DATE", "year_only", dates);
    assertSound(masked);
    for (const date of dates) assert.equal(maskedOf(masked, date), firstOf(date));
    const times = await maskValues(copy, "DATETIME(6)", "year_only", [
      ...dates.map((date) => `${date} 00:00:00.000000`),
      ...DAYS.map((date) => `${date} 23:59:59.999999`),
      "1990-01-01 00:00:00.000001",
    ]);
    assertSound(times);
    for (const { original, masked: made } of times.rows) {
      if (original !== null) assert.equal(made, `${firstOf(original.slice(0, 10))} 00:00:00.000000`);
    }
    const stamps = await maskValues(copy, "TIMESTAMP(3)", "year_only", [
      ...["0000-00-00 00:00:00", "1970-01-01 00:00:01", "1970-12-31 23:59:59", "2038-01-19 03:14:07.999", "2000-01-01"],
    ]);
    assertSound(stamps);
    const made = new Set(stamps.rows.map((row) => row.masked?.replace(" 00:00:00.000", "")));
    assert.deepEqual([...made], ["0000-00-00", "1970-01-01 00:00:01.000", "2038-01-01", "2000-01-01", undefined]);
  });

  test(`a date is shifted by its own value, and keeps the time of day, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    await fc.assert(
      fc.asyncProperty(
        fc.array(dateText, { minLength: 80, maxLength: 100 }),
        fc.array(time, { minLength: 100, maxLength: 100 }),
        fc.constantFrom(1, 30, 3650),
        async (dates, times, days) => {
          const shift = { date_shift: { days } };
          const masked = await maskValues(copy, "DATE", shift, dates);
          assertSound(masked);
          for (const date of dates) assert.equal(maskedOf(masked, date), shifted(date, days));
          const moments = dates.map((date, i) => `${date} ${times[i]}`);
          const timed = await maskValues(copy, "DATETIME(6)", shift, moments);
          assertSound(timed);
          for (const moment of moments) assert.equal(maskedOf(timed, moment), shifted(moment, days));
        },
      ),
      { numRuns: 3, endOnFailure: true },
    );
  });

  test(`no shift crosses or reaches the end of the type's range; what is no day stays, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    for (const days of [1, 30, 3650]) {
      const kept = [...NO_DAYS, ...ENDS];
      const near = Array.from({ length: 40 }, (_, i) => [dayAfter("0001-01-02", i), dayAfter("9999-12-30", -i)]).flat();
      const masked = await maskValues(copy, "DATE", { date_shift: { days } }, [...kept, ...near]);
      assertSound(masked);
      for (const { original, masked: made, unchanged } of masked.rows) {
        if (original === null || made === null) continue;
        assert.equal(unchanged, kept.includes(original), original);
        if (unchanged) assert.equal(made, original);
        else assert.ok(made > "0001-01-01" && made < "9999-12-31" && made !== original, `${original} ${made}`);
      }
      const stamps = Array.from({ length: 40 }, (_, i) => [
        dayAfter("1970-01-02 00:00:00", i),
        dayAfter("2038-01-18 23:59:59", -i),
      ]).flat();
      const ends = ["0000-00-00 00:00:00", "1970-01-01 00:00:01", "2038-01-19 03:14:07"];
      const stamped = await maskValues(copy, "TIMESTAMP", { date_shift: { days } }, [...stamps, ...ends]);
      assertSound(stamped);
      for (const end of ends) assert.equal(maskedOf(stamped, end), end);
    }
  });

  test(`a day of no year stays one, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const days = Array.from({ length: 366 }, (_, i) => dayAfter("2000-01-01", i).replace("2000", "0000"));
    for (const type of ["DATE", "DATETIME"]) {
      const masked = await maskValues(copy, type, { date_shift: { days: 3650 } }, days);
      assertSound(masked);
      for (const { original, masked: made, unchanged } of masked.rows) {
        if (original === null) continue;
        assert.equal(unchanged, false);
        // Half a year at most, or the same day of another year could come up.
        const moved = dayAfter(original.replace("0000", "2000"), shiftOf(182, original.slice(0, 10)));
        assert.equal(made, moved.replace(/^\d{4}/, "0000"));
      }
    }
  });

  test(`dates with the same value in another column keep their order and distance, in every table, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE people (id INT PRIMARY KEY, mail VARCHAR(50) CHARACTER SET latin1, born DATE, seen DATETIME)",
      "CREATE TABLE visits (id INT PRIMARY KEY, person BIGINT UNSIGNED, mail VARCHAR(90), at TIMESTAMP NULL) DEFAULT CHARSET utf8mb4",
      `INSERT INTO people VALUES (7, 'é@corp.com', '1990-05-17', '2020-01-01 10:00:00'),
        (8, 'bo@corp.com', '1990-05-17', '2020-01-02 10:00:00'), (9, NULL, '1990-05-17', '2020-01-03 10:00:00')`,
      `INSERT INTO visits VALUES (1, 7, 'é@corp.com', '2020-01-01 10:00:00'), (2, 7, 'é@corp.com', '2021-12-31 23:59:59'),
        (3, 8, 'bo@corp.com', '2020-01-01 10:00:00')`,
    ]);
    const byMail = { date_shift: { by: "MAIL" } } as const;
    const [born] = await maskTable(copy, "people", { born: byMail, seen: byMail });
    assert.deepEqual(born?.reads, ["mail"]);
    await maskTable(copy, "visits", { at: byMail });
    const people = await copy.rows("SELECT CAST(born AS CHAR) AS born, CAST(seen AS CHAR) AS seen FROM people");
    const visits = await copy.rows("SELECT CAST(at AS CHAR) AS at FROM visits");
    const [ann, bo] = [shiftOf(30, "é@corp.com"), shiftOf(30, "bo@corp.com")];
    assert.notEqual(ann, bo);
    assert.deepEqual(
      people.map((row) => [row["born"] as string, row["seen"] as string]),
      [
        [dayAfter("1990-05-17", ann), dayAfter("2020-01-01 10:00:00", ann)],
        [dayAfter("1990-05-17", bo), dayAfter("2020-01-02 10:00:00", bo)],
        // Nobody's: by its own value.
        [shifted("1990-05-17", 30), shifted("2020-01-03 10:00:00", 30)],
      ],
    );
    assert.deepEqual(
      visits.map((row) => row["at"] as string),
      [dayAfter("2020-01-01 10:00:00", ann), dayAfter("2021-12-31 23:59:59", ann), dayAfter("2020-01-01 10:00:00", bo)],
    );
    await copy.connection.query("UPDATE people SET born = '1990-05-17'");
    await maskTable(copy, "people", { born: { date_shift: { by: "id" } } });
    await copy.connection.query("UPDATE visits SET at = '1990-05-17'");
    await maskTable(copy, "visits", { at: { date_shift: { by: "person" } } });
    const [own] = await copy.rows("SELECT CAST(born AS CHAR) AS day FROM people WHERE id = 7");
    const [theirs] = await copy.rows("SELECT CAST(DATE(at) AS CHAR) AS day FROM visits WHERE person = 7");
    assert.equal(own?.["day"], dayAfter("1990-05-17", shiftOf(30, "7")));
    assert.equal(theirs?.["day"], own["day"]);
  });
}

/** By its own day, away from the ends. */
function shifted(date: string, days: number): string {
  const shift = shiftOf(days, date.slice(0, 10));
  if (date >= dayAfter("9999-12-31", -days)) return dayAfter(date, -Math.abs(shift));
  return dayAfter(date, date < dayAfter("0001-01-01", days + 1) ? Math.abs(shift) : shift);
}

test("every number of days is drawn about as often, and 0 never", async (t) => {
  const copy = await createCopy(t, mainServer(), []);
  const dates = Array.from({ length: 3000 }, (_, i) => dayAfter("1990-01-01", i));
  const { rows } = await maskValues(copy, "DATE", { date_shift: { days: 5 } }, dates);
  const drawn = Map.groupBy(
    rows.filter(({ original }) => original !== null),
    ({ original, masked }) => (Date.parse(masked ?? "") - Date.parse(original ?? "")) / DAY_MS,
  );
  assert.deepEqual(
    [...drawn.keys()].toSorted((a, b) => a - b),
    [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5],
  );
  for (const [days, each] of drawn) assert.ok(each.length > 480 && each.length < 720, `${days}: ${each.length}`);
});

test("what is no date, and a column that is not there to shift by, are refused", () => {
  const text = columnOf({});
  assert.equal(planned("year_only", text.column, text.table).fits, false);
  assert.equal(planned("date_shift", text.column, text.table).fits, false);
  const { column, table } = columnOf({ dataType: "date", columnType: "date", maxCharacters: null, maxBytes: null });
  assert.deepEqual(planned({ date_shift: { by: "user_id" } }, column, table), {
    fits: false,
    reason: "there is no column `user_id` to shift dates by",
  });
  const generated = { ...column, name: "full", generated: true };
  assert.deepEqual(planned({ date_shift: { by: "FULL" } }, column, { ...table, columns: [column, generated] }), {
    fits: false,
    reason: "the column `full` to shift dates by is generated",
  });
  const year = columnOf({ dataType: "year", columnType: "year(4)" });
  assert.equal(planned("year_only", year.column, year.table).fits, false);
});
