// `url`: an address on the web where nobody is.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { servers } from "../../../support/servers.ts";
import { createCopy } from "../support.ts";
import { columnOf, hostileText, planned } from "./made-up-support.ts";
import { assertSound, hashOf, maskedOf, maskValues } from "./values-support.ts";

const hash = (url: string) => hashOf("url", url).slice(0, 24);
const query = (url: string) => `${hash(url).slice(0, 16)}?q=${hash(url).slice(16)}`;

const URLS: readonly (readonly [string, (url: string) => string])[] = [
  ["https://ann:secret@corp.com:8443/u/ann?mail=ann@corp.com#top", (url) => `https://example.com/${query(url)}`],
  ["http://corp.com", (url) => `http://example.com/${hash(url)}`],
  ["FTP://corp.com/山", (url) => `FTP://example.com/${hash(url)}`],
  ["shop+app1://user/5", (url) => `shop+app1://example.com/${hash(url)}`],
  ["/u/ann", (url) => `/${hash(url)}`],
  ["/u/ann?x", (url) => `/${query(url)}`],
  // No scheme, or one that may say more.
  ["//cdn.corp.com/a.js", (url) => `https://example.com/${hash(url)}`],
  ["www.corp.com/ann", (url) => `https://example.com/${hash(url)}`],
  ["mailto:ann@corp.com", (url) => `https://example.com/${hash(url)}`],
  ["ann.lee@corp://x", (url) => `https://example.com/${hash(url)}`],
  ["com.corp.ann-lee://x", (url) => `https://example.com/${hash(url)}`],
  ["abcdefghijklmnopq://x", (url) => `https://example.com/${hash(url)}`],
  [" ", (url) => `https://example.com/${hash(url)}`],
  ["", () => ""],
];

for (const server of servers()) {
  test(`of a URL its scheme is kept, and nothing else that says anything, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    for (const type of ["VARCHAR(255)", "TEXT CHARACTER SET utf8", "LONGTEXT CHARACTER SET utf16"]) {
      const masked = await maskValues(
        copy,
        type,
        "url",
        URLS.map(([url]) => url),
      );
      assertSound(masked);
      for (const [url, made] of URLS) assert.equal(maskedOf(masked, url), made(url), url);
    }
  });

  test(`whatever stands in the column becomes a URL that fits, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const value = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }).map((url) => url.slice(0, 60)),
      fc.stringMatching(/^[a-z0-9+]{1,20}:\/\/[a-z]{0,9}$/),
      hostileText(36),
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(value, { minLength: 80, maxLength: 120 }), async (values) => {
        for (const type of ["VARCHAR(60) COLLATE utf8mb4_bin", "CHAR(36) CHARACTER SET latin1 COLLATE latin1_bin"]) {
          const masked = await maskValues(copy, type, "url", values);
          assertSound(masked);
          for (const { masked: made } of masked.rows) {
            if (made)
              assert.match(
                made,
                /^(?:\/|[a-zA-Z][a-zA-Z0-9+]{0,15}:\/\/example\.com\/)[0-9a-f]{16,24}(?:\?q=[0-9a-f]{8})?$/,
              );
          }
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
}

test("a column without room for a URL of its own is refused", () => {
  const { column, table } = columnOf({ maxCharacters: 35, maxBytes: 140 });
  assert.equal(planned("url", column, table).fits, false);
});
