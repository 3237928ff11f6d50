// `ip`: an address of the same version, where nobody is.
import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { servers } from "../../../support/servers.ts";
import { createCopy } from "../support.ts";
import { columnOf, hostileText, planned } from "./made-up-support.ts";
import { assertSound, hashOf, maskedOf, maskValues } from "./values-support.ts";

const V4 = "81.2.69.160";
const V4_NUMBER = 0x510245a0;
const madeDigits = hashOf("ip", V4).slice(0, 6);
const MADE_V4 = `10.${Buffer.from(madeDigits, "hex").join(".")}`;
const V6 = "2a00:1450:4001:830::200e";
const V6_BYTES = "2A00145040010830000000000000200E";
const MADE_V6 = `20010db8${hashOf("ip", V6).slice(0, 24)}`.toUpperCase();

for (const server of servers()) {
  test(`one address becomes the same one of its version in every form, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const text = await maskValues(copy, "VARCHAR(45)", "ip", [V4, V6, V6.toUpperCase(), "::ffff:1.2.3.4", "localhost"]);
    assertSound(text);
    assert.equal(maskedOf(text, V4), MADE_V4);
    assert.equal(maskedOf(text, V6.toUpperCase()), maskedOf(text, V6));
    const [row] = await copy.rows(`SELECT HEX(INET6_ATON('${maskedOf(text, V6)}')) AS bytes`);
    assert.equal(row?.["bytes"], MADE_V6);
    assert.ok(isIPv6(maskedOf(text, "::ffff:1.2.3.4") ?? ""));
    assert.match(maskedOf(text, "localhost") ?? "", /^10\./);

    const [v4Bytes, v6Bytes] = [Buffer.from(V4_NUMBER.toString(16), "hex"), Buffer.from(V6_BYTES, "hex")];
    const either = await maskValues(copy, "VARBINARY(16)", "ip", [v4Bytes, v6Bytes, "", "odd"]);
    assertSound(either);
    assert.equal(maskedOf(either, "510245A0"), `0A${madeDigits.toUpperCase()}`);
    assert.equal(maskedOf(either, V6_BYTES), MADE_V6);
    assert.equal(
      maskedOf(await maskValues(copy, "BINARY(4)", "ip", [v4Bytes]), "510245A0"),
      `0A${madeDigits.toUpperCase()}`,
    );
    assert.equal(maskedOf(await maskValues(copy, "BINARY(16)", "ip", [v6Bytes]), V6_BYTES), MADE_V6);

    const number = String(Number.parseInt(`0a${madeDigits}`, 16));
    for (const type of ["INT UNSIGNED", "INT", "BIGINT"]) {
      const masked = await maskValues(copy, type, "ip", [
        V4_NUMBER,
        "-1",
        "0",
        "-9223372036854775808",
        "9223372036854775807",
      ]);
      assertSound(masked);
      assert.equal(maskedOf(masked, String(V4_NUMBER)), number);
    }
    const upper = await maskValues(copy, "INT", "ip", [0xc0a80101 - 2 ** 32]);
    assert.equal(upper.rows[0]?.masked, String(Number.parseInt(`0a${hashOf("ip", "192.168.1.1").slice(0, 6)}`, 16)));
  });

  test(`whatever stands in the column becomes an address that fits, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const value = fc.oneof(fc.ipV4(), fc.ipV6(), hostileText(45), fc.stringMatching(/^[0-9a-f:.]{1,45}$/));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(value, { minLength: 100, maxLength: 150 }), async (values) => {
        for (const type of ["VARCHAR(45)", "VARCHAR(15) CHARACTER SET latin1", "CHAR(39) CHARACTER SET ucs2"]) {
          const masked = await maskValues(copy, type, "ip", values);
          assertSound(masked);
          for (const { original, masked: made } of masked.rows) {
            if (!original || made === null) continue;
            const isV6 = (original.match(/:/g)?.length ?? 0) > 1;
            assert.ok(
              isV6 ? isIPv6(made) && made.startsWith("2001:db8:") : isIPv4(made) && made.startsWith("10."),
              made,
            );
          }
        }
        const bytes = values.map((each) => Buffer.from(each));
        for (const type of ["VARBINARY(16)", "BINARY(16)", "BINARY(4)", "VARBINARY(4)"]) {
          assertSound(await maskValues(copy, type, "ip", bytes));
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
}

for (const server of servers().filter(({ flavour }) => flavour === "mariadb")) {
  test(`MariaDB's own types are masked, too, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    assert.equal(maskedOf(await maskValues(copy, "INET4", "ip", [V4]), V4), MADE_V4);
    const masked = await maskValues(copy, "INET6", "ip", [V6, "::", "fe80::1"]);
    assertSound(masked);
    assert.match(maskedOf(masked, V6) ?? "", /^2001:db8:/);
  });
}

test("a column that no address fits is refused", () => {
  for (const type of [
    { maxCharacters: 14, maxBytes: 56 },
    { dataType: "smallint", maxCharacters: null, maxBytes: null },
    { dataType: "varbinary", maxCharacters: null, maxBytes: 20 },
  ]) {
    const { column, table } = columnOf(type);
    assert.equal(planned("ip", column, table).fits, false);
  }
});
