// Personal data by its form: what is found, what is not, and what passes a check digit by chance.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PATTERNS, type Pattern } from "../../../contracts/patterns.ts";
import { addTallies, findPatterns, isBeyondChance } from "../../../handlers/masking/patterns/index.ts";
import { hasMyNumberCheckDigit, isIban, luhn } from "../../../handlers/masking/patterns/numbers.ts";

const FOUND: { readonly [Name in Pattern]: readonly string[] } = {
  email: [
    "ann@corp.com",
    "<Ann.Lee+x@mail.corp.co.uk>",
    "ａｎｎ＠ｃｏｒｐ．ｃｏｍ",
    "宛先:taro@会社.jp",
    "a_b@xn--fsq.xn--p1ai",
    '{"m":"o\'neil@corp.ie"}',
  ],
  phone: [
    ...[
      "090-1234-5678",
      "電話０９０－１２３４－５６７８まで",
      "09012345678",
      "03-1234-5678",
      "03(1234)5678",
      "(03) 1234-5678",
      "0120-123-456",
    ],
    ...[
      "+81 90-1234-5678",
      "+819012345678",
      "tel:+44 (0)20 7946 0958",
      "020 7946 0958",
      "(415) 555-2671",
      "415-555-2671",
      "1-415-555-2671",
      "+33 1 42 68 53 00",
    ],
  ],
  card: [
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "5555555555554444",
    "378282246310005",
    "3782 822463 10005",
    "3530111333300000",
    "番号4242424242424242。",
  ],
  my_number: ["123456789018", "1234-5678-9018", "１２３４ ５６７８ ９０１８"],
  iban: ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "FR1420041010050500013M02606 BIC X"],
  ip: ["8.8.8.8", "from 203.0.114.9:443", "2001:4860:4860::8888"],
  url_credentials: ["https://ann:s3cret@db.corp.com/x", "mysql://root:pw@10.0.0.1:3306/shop"],
  jwt: [`Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl`],
  api_key: [
    `sk_live_${"a1B2".repeat(6)}`,
    `AKIA${"ABCD".repeat(4)}`,
    `token=ghp_${"a1B2".repeat(9)}`,
    `AIza${"a1B2_".repeat(7)}`,
    `xoxb-${"12345-".repeat(3)}abc`,
    "-----BEGIN RSA PRIVATE KEY-----",
  ],
};

/** Nobody's, or something else. */
const HARMLESS: readonly string[] = [
  ...["ann@example.com", "u3f9a@example.com", "x@shop.test", "a@b", "@ann", "user@localhost"],
  ...[
    "2024-01-02 03:04:05",
    "2024-01-02T03:04:05.123456Z",
    "1700000000000",
    "20240102-030405",
    "12:30:45",
    "00:1A:2B:3C:4D:5E",
  ],
  ...[
    "550e8400-e29b-41d4-a716-446655440000",
    "0.1234567890123",
    "v1.2.3.4",
    "1.2.3",
    "10.0.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "192.0.2.7",
    "::1",
    "fe80::1",
    "2001:db8::1",
  ],
  ...[
    "4111 1111 1111 1112",
    "123456789012",
    "1111-1111-1111",
    "DE88 3704 0044 0532 0130 00",
    "(415) 555-0123",
    "SKU-0120-123-456-7",
  ],
  ...[
    "https://corp.com/a@b",
    "https://ann:pw@db.example.com",
    "eyJub3QiOiJhIHRva2VuIn0",
    "sk_live_",
    "key-value",
    "日本語の文章です。",
    "",
  ],
];

for (const pattern of PATTERNS) {
  test(`${pattern} is found in each of its forms`, () => {
    for (const text of FOUND[pattern]) {
      for (const around of [text, `see ${text}.`, `x\u001e${text}\u001ey`, `「${text}」`]) {
        assert.equal(findPatterns(around)[pattern]?.found, 1, around);
      }
    }
  });
}

test("what is nobody's, or something else, is not found", () => {
  for (const text of HARMLESS) {
    for (const around of [text, `see ${text}.`]) {
      const found = Object.entries(findPatterns(around)).filter(([, tally]) => tally.found > 0);
      assert.deepEqual(found, [], around);
    }
  }
});

test("values that are read together are counted each, and never joined", () => {
  const text = ["ann@corp.com", "bob@corp.com", "4111 1111", "1111 1111"].join("\u001e");
  assert.deepEqual(findPatterns(text), { email: { found: 2, tried: 2 } });
  assert.deepEqual(addTallies(findPatterns(text), findPatterns("x@corp.com y@example.com")), {
    email: { found: 3, tried: 4 },
  });
});

test("check digits are computed as their standards say", () => {
  assert.ok(luhn("79927398713") && !luhn("79927398710"));
  assert.ok(hasMyNumberCheckDigit("123456789018") && !hasMyNumberCheckDigit("123456789017"));
  assert.ok(isIban("NO9386011117947") && !isIban("NO9386011117948") && !isIban("ZZ9386011117947"));
});

test("order numbers of which a tenth passes the check digit are no cards, and cards among few numbers are", () => {
  assert.equal(isBeyondChance("card", { found: 105, tried: 1000 }), false);
  assert.equal(isBeyondChance("card", { found: 300, tried: 1000 }), true);
  assert.equal(isBeyondChance("card", { found: 1, tried: 3 }), true);
  assert.equal(isBeyondChance("email", { found: 1, tried: 100_000 }), true);
  assert.equal(isBeyondChance("email", { found: 0, tried: 100_000 }), false);
});

test("a text made to be slow is read in time", () => {
  const started = performance.now();
  for (const piece of ["a@", "1-", "a.b@c.", "0123 ", "(0)", "+1 ", "a:", "://a:", "eyJ.", "AA00 "]) {
    findPatterns(piece.repeat(100_000 / piece.length));
  }
  assert.ok(performance.now() - started < 5_000, `${performance.now() - started} ms`);
});
